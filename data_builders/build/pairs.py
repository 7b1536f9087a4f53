"""Builds a dataset of romanised pairs: source -> sample -> filters -> romaniser -> Parquet.

In: a group of languages and a source. Out: a folder that `load_dataset(FOLDER, GROUP)` opens,
and the record of the build.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..languages.groups import Language, LanguageGroup, load_group
from ..sentences.filters import FilterOptions, SentenceFilter, normalise
from ..sentences.forms import fold_forms
from ..sentences.sampling import SamplingOptions
from ..sentences.seen import DEDUP_MEMORY
from ..sentences.split.decision import SPLITTING, choose_splitter
from ..sources.files import MIXED, FilesSource
from ..sources.folder import code_or_none
from ..sources.hub.source import HubSource
from ..sources.registry import Source, parse_source
from ..transliterators import get_transliterator
from .build_record import environment, languages_table, refuse_to_discard
from .door import first_texts, look_at_source
from .estimate import announce, count_available, voice
from .finish import finish
from .job import Job
from .shard_writer import ShardWriter, require_work
from .work import plan, romanise

__all__ = ["VALIDATION_CAP", "VALIDATION_SHARE", "build_pairs"]

VALIDATION_SHARE = 0.01
VALIDATION_CAP = 2000


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
    **source_options: Any,
) -> dict[str, Any]:
    """Build pairs of original and romanised text for a group of languages.

    A build that was killed goes on where it was when it is called again with the same arguments.
    The same seed gives the same rows for any `num_proc`, `shard_rows` and
    `dedup_memory`.

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
        num_proc: Processes that romanise; above 1 a script needs its `__main__` guard.
        shard_rows: Sentences per shard of work; what a kill loses at most, per process.
        dedup_memory: MiB for finding duplicates; what does not fit is looked up on the disk.
        split_sentences: Whether rows are split into sentences: `yes`, `no`, or `auto`, which asks
            the source and looks at its first rows.
        progress: Print the plan, a progress bar and the counts to stderr.
        **source_options: See `data_builders.sources.parse_source`.

    Returns:
        The build record, also at `out/<group>/build_record.json`.

    Raises:
        DataError: A wrong option, nothing to build, or a source or a romaniser that fails.
    """
    started = time.monotonic()
    if not 0 <= validation < 1 or validation_cap < 0:
        raise DataError(
            f"validation {validation}, at most {validation_cap} rows; legal is a share from 0 to "
            "below 1 and a cap of 0 or more"
        )
    require_work(num_proc, shard_rows, dedup_memory)
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
    sampling = SamplingOptions(fraction, floor, cap, temperature)
    romaniser = get_transliterator(transliterator, language_code=not paper_compat)
    found, missing = _covered(group, source)
    out = Path(out)
    refuse_to_discard(out, group.name, [language.code for language in found])
    filters = filters or FilterOptions()
    excluded, benchmarks = _leaks(exclude_benchmarks, filters.fold_forms)
    say = voice(progress)
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
        romaniser=transliterator,
        language_code=not paper_compat,
        transliterator=romaniser,
        ready=ready,
        seed=seed,
        sampling=sampling,
        filters=filters,
        excluded=excluded,
        benchmarks=benchmarks,
        shard_rows=shard_rows,
        dedup_memory=dedup_memory,
        splitter=splitter,
        started=started,
    )
    work = out / ".work" / group.name
    skipped = source.skipped([language.code for language in found])
    for code, why in missing.items():
        say(f"missing {code}: {why}")
    if isinstance(source, HubSource):
        for line in source.told(found):
            say(line)
    if isinstance(source, FilesSource):
        for line in look_at_source(
            source,
            [language.code for language in found],
            fold=filters.fold_forms,
            splitter=splitter,
        ):
            say(line)
    told = getattr(romaniser, "rules_told", None)
    if told and not ready:
        say(told([language.code for language in found]))
    with ShardWriter(num_proc, None if ready else transliterator) as writer:
        if not (ready or work.exists()):
            writer.warm_up()
        runs = plan(job, count_available(job, work, say), work)
        announce(job, runs, out, num_proc, say)
        romanise(job, runs, writer, progress)
    record = {
        "kind": "build",
        **environment(),
        "group": group.name,
        "source": source.signature(),
        "source_options": source.options(),
        "transliterator": "ready pairs" if ready else romaniser.signature(),
        "seed": seed,
        "sampling": asdict(sampling),
        "filters": {
            **asdict(job.filters),
            "exclude_benchmarks": list(benchmarks),
            "drop_shared": drop_shared,
            "validation": validation,
            "validation_cap": validation_cap,
            "split_sentences": splitter.signature() if splitter else None,
        },
        "missing_languages": missing,
        "skipped_files": skipped,
    }
    finish(job, runs, out, record)
    say(languages_table(record["languages"]))
    rows = ", ".join(f"{count:,} {split}" for split, count in record["splits"].items())
    say(f"{out / group.name}: {rows} pairs in {record['seconds']:.0f} s")
    return record


def _covered(group: LanguageGroup, source: Source) -> tuple[tuple[Language, ...], dict[str, str]]:
    if isinstance(source, FilesSource) and source.mixed:
        return (MIXED,), {}
    found = tuple(language for language in group.languages if source.covers(language))
    missing = {
        language.code: source.why_missing(language)
        for language in group.languages
        if language not in found
    }
    if isinstance(source, HubSource):
        _require_own_config(source, found)
    if not found:
        reasons = "; ".join(f"{code}: {why}" for code, why in missing.items())
        raise DataError(f"the source has no language of {group.name} ({reasons})")
    return found, missing


def _require_own_config(source: HubSource, languages: Sequence[Language]) -> None:
    """Refuse to read one config for several languages, or that of another language."""
    readers: dict[str, list[str]] = {}
    for language in languages:
        readers.setdefault(source.config_of(language), []).append(language.code)
    for config, codes in readers.items():
        if len(codes) > 1:
            raise DataError(
                f"the config {config} would be read for all of {', '.join(codes)}; legal is "
                "--hub-config with {code} or {iso3}, or one of --languages"
            )
        named = code_or_none(config)
        if "{" not in source.config and named not in (None, codes[0]):
            raise DataError(
                f"the config {config} is {named}, and {codes[0]} is asked for; give --hub-config "
                "of its own, or other --languages"
            )


def _leaks(benchmarks: Sequence[Any], fold: bool) -> tuple[frozenset[str], tuple[str, ...]]:
    """Collect every sentence of the benchmarks, in all their languages and splits.

    Args:
        benchmarks: Benchmarks, or their names.
        fold: Whether other forms of letters are folded, as they are in the pairs then.
    """
    if not benchmarks:
        return frozenset(), ()
    from ..benchmarks import open_benchmark

    opened = [open_benchmark(item) if isinstance(item, str) else item for item in benchmarks]
    texts = frozenset(
        SentenceFilter.fold(
            fold_forms(normalise(text), language.partition("_")[0])[0] if fold else text
        )
        for benchmark in opened
        for split in benchmark.splits
        for language in benchmark.languages()
        for text in benchmark.texts(language, split)
    )
    return texts, tuple(benchmark.signature() for benchmark in opened)
