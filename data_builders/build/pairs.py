"""Builds a dataset of romanised pairs: source -> sample -> filters -> romaniser -> Parquet.

In: a group of languages and a source. Out: a folder that `load_dataset(FOLDER, GROUP)` opens,
and the record of the build.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..errors import DamagedShard, DataError
from ..languages.groups import LanguageGroup
from ..processes import Workers
from ..sentences.filters import FilterOptions
from ..sentences.sampling import SamplingOptions
from ..sentences.seen import DEDUP_MEMORY
from ..sentences.split.decision import SPLITTING
from ..sources.files import FilesSource
from ..sources.registry import Source
from . import shards, stretches
from .build_record import environment, languages_table
from .door.look import look_at_source
from .estimate import announce, count_available, voice
from .finish import finish
from .job import Job, Prepared, prepare
from .joining import Joining
from .shard_writer import require_work
from .work import LanguageRun, plan, romanise

__all__ = [
    "ENGINES",
    "VALIDATION_CAP",
    "VALIDATION_SHARE",
    "build_pairs",
    "conclude",
]

VALIDATION_SHARE = 0.01
VALIDATION_CAP = 2000
ENGINES = ("local", "datatrove")
_PRELOADED = ("pandas", "pyarrow.parquet", shards.__name__, stretches.__name__)
"""What every worker needs; Arrow asks for pandas when it makes its first array."""


def build_pairs(
    group: str | Path | LanguageGroup,
    source: str | Source = "cldr",
    out: str | Path = "pairs",
    *,
    languages: Sequence[str] | None = None,
    transliterator: str = "uroman",
    paper_compat: bool = False,
    seed: int = 42,
    fraction: float | None = None,
    floor: int = SamplingOptions.floor,
    cap: int | None = None,
    temperature: float | None = None,
    filters: FilterOptions | None = None,
    validation: float = VALIDATION_SHARE,
    validation_cap: int = VALIDATION_CAP,
    exclude_benchmarks: Sequence[Any] = (),
    drop_shared: bool = False,
    num_proc: int = 1,
    shard_rows: int = 1000,
    dedup_memory: int = DEDUP_MEMORY,
    split_sentences: str = SPLITTING[0],
    progress: bool = True,
    engine: str = ENGINES[0],
    tasks: int | None = None,
    workers: int | None = None,
    **source_options: Any,
) -> dict[str, Any]:
    """Build pairs of original and romanised text for a group of languages.

    A build that was killed goes on where it was when it is called again with the same arguments.
    The same seed gives the same rows for any `num_proc`, `shard_rows`, `dedup_memory`, `engine`,
    `tasks` and `workers`.

    Args:
        group: `mediterranean`, `sea`, the path of a TSV, or a group.
        source: `cldr`, `hub`, `hub:org/name`, `files:DIR`, or a source.
        out: Dataset folder; other groups in it stay.
        languages: Codes or aliases to build; None builds all of the group.
        transliterator: `uroman`, `identity` or `module:function`.
        paper_compat: No language code for the romaniser, as the paper's authors did.
        seed: Of the sample, of the validation split and of the `cldr` phrases.
        fraction: Share of the available sentences; None is 0.1, and 1 for ready pairs.
        floor: Least sentences per language, as far as there are so many.
        cap: Most sentences per language.
        temperature: See `SamplingOptions`.
        filters: Limits of length and script.
        validation: Share of each language's pairs that becomes the split `validation`.
        validation_cap: Most validation pairs per language.
        exclude_benchmarks: Benchmarks, or their names, whose sentences are dropped.
        drop_shared: Drop sentences that an earlier language of the group has too.
        num_proc: Processes that read and romanise; above 1 a script needs its `__main__` guard.
        shard_rows: Sentences per shard of work; what a kill loses at most, per process.
        dedup_memory: MiB for finding duplicates; what does not fit is looked up on the disk.
        split_sentences: Whether rows are split into sentences: `yes`, `no`, or `auto`, which asks
            the source and looks at its first rows.
        progress: Print the plan, a progress bar and the counts to stderr.
        engine: `local`, or `datatrove`, which parts all of the work into tasks.
        tasks: datatrove: into how many; None is one for each worker.
        workers: datatrove: how many tasks at a time; None is 1.
        **source_options: See `data_builders.sources.parse_source`.

    Returns:
        The build record, also at `out/<group>/build_record.json`.

    Raises:
        DataError: A wrong option, nothing to build, or a source or a romaniser that fails.
    """
    require_work(num_proc, shard_rows, dedup_memory)
    _require_engine(engine, num_proc, tasks, workers)
    say = voice(progress)
    prepared = prepare(
        group,
        source,
        out,
        say,
        languages=languages,
        transliterator=transliterator,
        paper_compat=paper_compat,
        seed=seed,
        fraction=fraction,
        sampling={"floor": floor, "cap": cap, "temperature": temperature},
        filters=filters or FilterOptions(),
        validation=validation,
        validation_cap=validation_cap,
        exclude_benchmarks=exclude_benchmarks,
        drop_shared=drop_shared,
        shard_rows=shard_rows,
        dedup_memory=dedup_memory,
        split_sentences=split_sentences,
        **source_options,
    )
    runs: Sequence[LanguageRun]
    joining: Joining | None = None
    staged, job = engine == "datatrove", prepared.job
    count, option = (workers or 1, "--workers") if staged else (num_proc, "--num-proc")
    modules = (*job.preload, *_PRELOADED, *([_scale().__name__] if staged else []))
    with Workers(count, modules, option) as processes:
        if not (job.ready or prepared.work.exists()):
            processes.start()
        # They load the romaniser meanwhile.
        _look(job, say)
        if staged:
            runs = _scale().build_here(prepared, tasks or count, processes, say, progress)
        else:
            runs, joining = _build_locally(prepared, processes, say, progress)
    try:
        return conclude(prepared.facts, prepared.out, prepared.job.started, runs, say, joining)
    except DamagedShard as error:
        if staged:
            _scale().forget(error.path)
        raise


def _scale() -> Any:
    try:
        from .scale import local
    except ModuleNotFoundError as error:
        raise DataError(
            f"the engine datatrove needs packages that are not here ({error.name}): "
            "pip install 'translit-ppa[scale]'"
        ) from error
    return local


def _require_engine(engine: str, num_proc: int, tasks: int | None, workers: int | None) -> None:
    if engine not in ENGINES:
        raise DataError(f"engine {engine!r}; legal are {', '.join(ENGINES)}")
    if engine == "local" and (tasks, workers) != (None, None):
        raise DataError(
            f"tasks {tasks}, workers {workers}: for engine datatrove; the engine local has num_proc"
        )
    if engine == "datatrove":
        _scale()
        if num_proc != 1:
            raise DataError(
                f"num_proc {num_proc}: for engine local; datatrove has tasks and workers"
            )
    for name, count in (("tasks", tasks), ("workers", workers)):
        if count is not None and not 1 <= count <= 100_000:
            raise DataError(f"{name} {count}; legal is 1 to 100,000")


def _look(job: Job, say: Callable[[str], None]) -> None:
    """Say what the files are taken for."""
    if isinstance(job.source, FilesSource):
        codes = [language.code for language in job.languages]
        for line in look_at_source(
            job.source, codes, fold=job.filters.fold_forms, splitter=job.splitter
        ):
            say(line)


def _build_locally(
    prepared: Prepared, workers: Workers, say: Callable[[str], None], progress: bool
) -> tuple[Sequence[LanguageRun], Joining]:
    """Let workers read and romanise, and draw and join in this process."""
    job = prepared.job
    available = count_available(job, prepared.work, say, workers, progress)
    runs = plan(job, available, prepared.work)
    announce(job, runs, prepared.out, workers.count, say)
    filters = prepared.facts["filters"]
    joining = Joining(job.group.name, runs, prepared.work, filters)
    # Which rows of a language count is known when all are there, where what they share is dropped.
    with joining.beside(workers.count > 1 and not filters["drop_shared"]):
        romanise(job, runs, workers, progress, joining.add)
    return runs, joining


def conclude(
    facts: dict[str, Any],
    out: Path,
    started: float,
    runs: Sequence[LanguageRun],
    say: Callable[[str], None],
    joining: Joining | None = None,
) -> dict[str, Any]:
    """Make the dataset of what was romanised, and its record.

    Args:
        facts: Those of a prepared build.
        out: Dataset folder.
        started: `time.monotonic()` at the start.
        runs: Its languages, all finished.
        say: Prints a line.
        joining: What joins the languages already, if anything does.

    Returns:
        The record.

    Raises:
        DataError: No sentence was kept.
    """
    record = {"kind": "build", **environment(), **facts}
    group = facts["group"]
    finish(group, started, runs, out, record, joining=joining)
    say(languages_table(record["languages"]))
    rows = ", ".join(f"{count:,} {split}" for split, count in record["splits"].items())
    say(f"{out / group}: {rows} pairs in {record['seconds']:.0f} s")
    return record
