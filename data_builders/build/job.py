"""What a build was asked for, and the digest of all that decides its rows."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from ..errors import DataError
from ..languages.groups import Language, LanguageGroup, load_group
from ..processes import Workers
from ..sentences.filters import FilterOptions
from ..sentences.forms import forms_signature
from ..sentences.kept_rows import KeptRow
from ..sentences.sampling import SamplingOptions, SelectedRow
from ..sentences.split.decision import choose_splitter
from ..sentences.split.splitter import Splitter
from ..sources.files import FilesSource
from ..sources.hub.source import HubSource
from ..sources.registry import Source, covered, parse_source
from ..transliterators import Transliterator, get_transliterator, loaded_by
from .build_record import refuse_to_discard
from .door.look import first_texts
from .selection import Sampler, Selection
from .stretches import StretchReader

__all__ = ["ROWS_VERSION", "Drawing", "Job", "Prepared", "prepare"]

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

    def read_ahead(self, count: int, workers: Workers, own: int) -> Sequence[Future[None]]:
        """Let workers read what so many sentences need, all but the first stretches of it."""
        ...

    def draw(self, count: int) -> Iterator[tuple[SelectedRow | KeptRow, ...]]:
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

    @property
    def streams(self) -> bool:
        """Whether the source is fetched, part by part, so that reading costs more than keeping."""
        return isinstance(self.source, HubSource)

    @property
    def preload(self) -> tuple[str, ...]:
        """Modules that workers hold before they start."""
        loaded = None if self.ready else loaded_by(self.romaniser)
        return (loaded,) if loaded else ()

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
        reader, memory = self.reader(language), self.dedup_memory
        return Sampler(reader, selection, folder, self.shard_rows, tick, memory, self.streams)

    def reader(self, language: Language) -> StretchReader:
        """Give what reads the source of one language, in this process or in another."""
        given = self.source, self.seed, self.filters, self.excluded, self.splitter
        return StretchReader(language, *given)


@dataclass(frozen=True)
class Prepared:
    """A build before its first row is drawn.

    Attributes:
        job: What is asked for.
        out: Dataset folder.
        facts: The record of the build, without what only its end can tell.
        exclude: The benchmarks whose sentences are dropped, or their names.
    """

    job: Job
    out: Path
    facts: dict[str, Any]
    exclude: tuple[Any, ...]

    @property
    def work(self) -> Path:
        """Folder of the group's work."""
        return self.out / ".work" / self.job.group.name


def prepare(
    group: str | Path | LanguageGroup,
    source: str | Source,
    out: str | Path,
    say: Callable[[str], None],
    *,
    languages: Sequence[str] | None,
    transliterator: str,
    paper_compat: bool,
    seed: int,
    fraction: float | None,
    sampling: dict[str, Any],
    filters: FilterOptions,
    validation: float,
    validation_cap: int,
    exclude_benchmarks: Sequence[Any],
    drop_shared: bool,
    shard_rows: int,
    dedup_memory: int,
    split_sentences: str,
    **source_options: Any,
) -> Prepared:
    """See that a build can be done, and say what was decided; the arguments are those of a build.

    Returns:
        The build.

    Raises:
        DataError: A wrong option, or nothing to build.
    """
    started = time.monotonic()
    if not 0 <= validation < 1 or validation_cap < 0:
        raise DataError(
            f"validation {validation}, at most {validation_cap} rows; legal is a share from 0 to "
            "below 1 and a cap of 0 or more"
        )
    if not isinstance(group, LanguageGroup):
        group = load_group(group, languages)
    elif languages is not None:
        kept = load_group(group.path, languages).codes
        group = replace(group, languages=tuple(x for x in group.languages if x.code in kept))
    if isinstance(source, str):
        source = parse_source(source, seed=seed, **source_options)
    elif source_options:
        raise DataError(f"{', '.join(source_options)}: only for a source given by its name")
    ready = isinstance(source, FilesSource) and source.ready_pairs
    if fraction is None:
        fraction = 1.0 if ready else 0.1
    chosen = SamplingOptions(fraction, **sampling)
    romaniser = get_transliterator(transliterator, language_code=not paper_compat)
    found, missing = covered(group, source)
    out = Path(out)
    refuse_to_discard(out, group.name, [language.code for language in found])
    excluded, benchmarks = _excluded(exclude_benchmarks, filters.fold_forms)
    splitter = choose_splitter(
        split_sentences,
        source.name,
        source.documents,
        first_texts(source, found),
        ready=ready,
        longest=filters.max_chars,
        say=say,
    )
    job = Job(
        group=group,
        languages=found,
        source=source,
        romaniser=getattr(romaniser, "pinned", None) or transliterator,
        language_code=not paper_compat,
        transliterator=romaniser,
        ready=ready,
        seed=seed,
        sampling=chosen,
        filters=filters,
        excluded=excluded,
        benchmarks=benchmarks,
        shard_rows=shard_rows,
        dedup_memory=dedup_memory,
        splitter=splitter,
        started=started,
    )
    skipped = source.skipped([language.code for language in found])
    for code, why in missing.items():
        say(f"missing {code}: {why}")
    if isinstance(source, HubSource):
        for line in source.told(found):
            say(line)
    told = getattr(romaniser, "rules_told", None)
    if told and not ready:
        say(told([language.code for language in found]))
    facts = {
        "group": group.name,
        "source": source.signature(),
        "source_options": source.options(),
        "transliterator": "ready pairs" if ready else romaniser.signature(),
        "seed": seed,
        "sampling": asdict(chosen),
        "filters": {
            **asdict(filters),
            "exclude_benchmarks": list(benchmarks),
            "drop_shared": drop_shared,
            "validation": validation,
            "validation_cap": validation_cap,
            "split_sentences": splitter.signature() if splitter else None,
        },
        "missing_languages": missing,
        "skipped_files": skipped,
    }
    return Prepared(job, out, facts, tuple(exclude_benchmarks))


def _excluded(benchmarks: Sequence[Any], fold: bool) -> tuple[frozenset[str], tuple[str, ...]]:
    if not benchmarks:
        return frozenset(), ()
    from ..benchmarks import all_texts

    return all_texts(benchmarks, fold)
