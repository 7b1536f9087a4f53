"""What a build was asked for, and the digest of all that decides its rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from ..languages.groups import Language, LanguageGroup
from ..sentences.filters import FilterOptions
from ..sentences.forms import forms_signature
from ..sentences.sampling import SamplingOptions, SelectedRow
from ..sentences.split.splitter import Splitter
from ..sources.registry import Source
from ..transliterators import Transliterator
from .selection import Sampler, Selection

__all__ = ["ROWS_VERSION", "Drawing", "Job"]

ROWS_VERSION = 4
"""Raised whenever the same text becomes other rows: a build that was begun before starts anew.

tests/data_builders/test_rows_version.py holds golden rows of this version.
"""


class Drawing(Protocol):
    """The sentences of one language, which are given out once."""

    @property
    def exhausted(self) -> bool:
        """Whether there are no more."""
        ...

    def draw(self, count: int) -> Iterator[tuple[SelectedRow, ...]]:
        """Yield chunks of so many sentences more; fewer where there are no more."""
        ...


@dataclass(frozen=True)
class Job:
    """What a build was asked for.

    Attributes:
        group: The group of languages.
        languages: Those of them that the source has, in the order of the rows.
        source: Where sentences come from.
        romaniser: Specification for `get_transliterator`.
        language_code: Whether the romaniser gets the language code.
        transliterator: The romaniser itself.
        ready: Whether the source brings its own romanisation.
        seed: Of the sample and of the split.
        sampling: How many.
        filters: Limits of a sentence.
        excluded: Folded sentences of benchmarks.
        benchmarks: Signatures of these benchmarks.
        shard_rows: Sentences per shard.
        dedup_memory: MiB for finding duplicates.
        splitter: What makes sentences of documents; None where rows are sentences.
        started: `time.monotonic()` at the start.
    """

    group: LanguageGroup
    languages: tuple[Language, ...]
    source: Source
    romaniser: str
    language_code: bool
    transliterator: Transliterator
    ready: bool
    seed: int
    sampling: SamplingOptions
    filters: FilterOptions
    excluded: frozenset[str]
    benchmarks: tuple[str, ...]
    shard_rows: int
    dedup_memory: int
    splitter: Splitter | None
    started: float

    def digest(self, language: Language, selection: Selection) -> str:
        """Digest all that decides the shards of one language.

        Args:
            language: The language.
            selection: Its available and target counts.

        Returns:
            Hexadecimal SHA-256.
        """
        user_code = getattr(self.transliterator, "code_digest", str)()
        parts = [
            ROWS_VERSION,
            language.code,
            self.source.digest(language),
            selection.rate,
            self.seed,
            asdict(self.filters),
            forms_signature(language.iso639_3) if self.filters.fold_forms else None,
            self.transliterator.signature(),
            user_code,
            self.benchmarks,
            hashlib.sha256("\n".join(sorted(self.excluded)).encode()).hexdigest(),
            self.shard_rows,
            self.splitter.signature() if self.splitter else None,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def drawing(
        self, language: Language, selection: Selection, folder: Path, tick: Callable[[int], None]
    ) -> Drawing:
        """Begin to choose the sentences of one language.

        Args:
            language: The language.
            selection: Its available and target counts; the other counts are filled in.
            folder: Where scratch files go.
            tick: Called now and then with the number of rows read.

        Returns:
            What draws them.
        """
        return Sampler(
            language,
            self.source,
            selection,
            folder,
            self.seed,
            self.filters,
            self.excluded,
            self.shard_rows,
            tick,
            self.dedup_memory,
            self.splitter,
        )
