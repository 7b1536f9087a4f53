"""What every task of a build in stages knows, and where the stages leave their files.

Files lie in one folder that all tasks see. Each is written aside and moved into place; of a part of
the source (a file, say) there are

    counts/<code>/<part>.json         what it holds; written when it was read to its end
    candidates/<code>/<part>.*        its sentences that may be drawn, and their hashes
    pairs/<code>/<part>/              finished shards
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from ...errors import DataError
from ...json_file import read_object
from ...languages.groups import Language
from ...sentences.filters import FilterOptions
from ...sentences.sampling import SamplingOptions, target_counts
from ...sentences.split.splitter import Splitter
from ..build_record import write_json
from ..selection import Selection
from ..work import marker_digest

__all__ = ["Part", "Plan", "PlannedStep", "aside", "by_part", "keep_marker", "known_marker"]


class Part(NamedTuple):
    """What a part of the source holds of one language.

    Attributes:
        name: Parts follow one another in the order of their names.
        documents: Rows.
        sentences: Sentences, before any filter.
        cut: Places where one was too long and was cut.
        limit: Every sentence whose hash lies below it is among the candidates; 128 bits.
    """

    name: str
    documents: int
    sentences: int
    cut: int
    limit: int


@dataclass(frozen=True)
class Plan:
    """What every task knows; it travels to other processes and other machines.

    Attributes:
        folder: Where the stages leave their files.
        languages: In the order of the rows.
        sampling: How many sentences.
        filters: Limits of a sentence.
        splitter: What makes sentences of documents; None where rows are sentences.
        seed: Of the sample and of the split into train and validation.
        romaniser: Specification for `get_transliterator`.
        language_code: Whether the romaniser gets the language code.
        ready: Whether the source brings its own romanisation.
        shard_rows: Sentences per shard.
        dedup_memory: MiB for finding duplicates, of one task.
        told: Sentences by language code, where the source says it without being read.
        spare: Candidates for each sentence wanted: what filters and duplicates take is made up
            for from them.
    """

    folder: Path
    languages: tuple[Language, ...]
    sampling: SamplingOptions
    filters: FilterOptions
    splitter: Splitter | None
    seed: int
    romaniser: str
    language_code: bool
    ready: bool
    shard_rows: int
    dedup_memory: int
    told: Mapping[str, int]
    spare: float

    def language(self, code: object) -> Language:
        """Find a language by what a document says of itself.

        Raises:
            DataError: It is none of the build.
        """
        for language in self.languages:
            if language.code == code:
                return language
        codes = ", ".join(language.code for language in self.languages)
        raise DataError(
            f"a document says code {str(code)[:40]!r}; legal: {codes}: give the reader "
            'default_metadata={"code": CODE}'
        )

    def place(self, stage: str, code: str, part: str) -> Path:
        """Name the files of a part, without their ends."""
        return self.folder / stage / code / hashlib.sha256(part.encode()).hexdigest()[:24]

    def parts(self, code: str) -> list[Part]:
        """List the parts of a language that were read, in the order of the rows.

        Raises:
            DataError: What a task wrote was damaged.
        """
        found = []
        for path in (self.folder / "counts" / code).glob("*.json"):
            known = known_marker(path)
            if known is None:
                raise DataError(
                    f"{path} was damaged: remove {self.folder}, and give the command again"
                )
            found.append(Part(**known))
        return sorted(found)

    def selections(self) -> dict[str, Selection]:
        """Say how much of each language there is and how much is to be drawn."""
        parts = {language.code: self.parts(language.code) for language in self.languages}
        counts = {
            code: self.told.get(code, sum(part.sentences for part in some))
            for code, some in parts.items()
        }
        targets = target_counts(counts, self.sampling)
        return {
            code: Selection(
                counts[code],
                targets[code],
                sum(part.documents for part in some) if self.splitter else None,
                sum(part.cut for part in some),
            )
            for code, some in parts.items()
        }


class PlannedStep(PipelineStep):
    """A step that knows the build.

    Args:
        plan: The build.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


def by_part(
    sentences: Iterable[Document],
) -> Iterator[tuple[tuple[str, str], Iterator[Document]]]:
    """Part sentences by language and part of the source; those of a part follow one another."""
    return groupby(sentences, lambda one: (one.metadata["code"], one.metadata["part"]))


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Give a path to write to, and move it into place when all went well.

    Its name is always the same: what a task that was killed left there is written over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    other = path.with_name(f".{path.name}.aside")
    try:
        yield other
        os.replace(other, path)
    finally:
        other.unlink(missing_ok=True)


def keep_marker(path: Path, content: dict[str, Any]) -> None:
    """Write a marker that says when it was damaged."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {**content, "digest": marker_digest(content)})


def known_marker(path: Path) -> dict[str, Any] | None:
    """Read a marker; None where there is none, or it was damaged."""
    if not path.exists():
        return None
    try:
        content = read_object(path)
    except DataError:
        return None
    digest = content.pop("digest", None)
    return content if digest == marker_digest(content) else None
