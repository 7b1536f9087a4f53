"""What a build was asked for, and the digest of all that decides its rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ..sentences.filters import FilterOptions
from ..sentences.forms import forms_signature
from ..languages.groups import Language, LanguageGroup
from ..sentences.sampling import SamplingOptions
from .selection import Selection, select
from .shards import SelectedRow
from ..sources.registry import Source
from ..transliterators import Transliterator

__all__ = ["ROWS_VERSION", "Job"]

ROWS_VERSION = 3
"""Raised whenever the same text becomes other rows: a build that was begun before starts anew.

tests/data_builders/test_rows_version.py holds golden rows of this version.
"""


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
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def chunks(
        self, language: Language, selection: Selection, tick: Callable[[int], None]
    ) -> Iterator[tuple[SelectedRow, ...]]:
        """Choose the sentences of one language.

        Args:
            language: The language.
            selection: Its available and target counts; the other counts are filled in.
            tick: Called now and then with the number of rows read.

        Returns:
            Chunks of rows, see `select`.
        """
        return select(
            language,
            self.source,
            selection,
            seed=self.seed,
            filters=self.filters,
            excluded=self.excluded,
            chunk_rows=self.shard_rows,
            tick=tick,
        )
