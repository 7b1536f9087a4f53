"""From text to pairs: build them, build them again from a recipe, or see what a romaniser does."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from translit_ppa.data_builders.build.pairs import ENGINES, VALIDATION_CAP, VALIDATION_SHARE
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sentences.filters import FilterOptions
from translit_ppa.data_builders.sentences.sampling import SamplingOptions
from translit_ppa.data_builders.sentences.seen import DEDUP_MEMORY
from translit_ppa.data_builders.sentences.split.decision import SPLITTING
from translit_ppa.errors import raises_translit_error
from translit_ppa.given_sentences import write_sentences
from translit_ppa.hub_reading import reads_hub
from translit_ppa.pairs import Pairs

if TYPE_CHECKING:
    from translit_ppa.data_builders.build.door.check import CheckReport

__all__ = ["build_pairs", "check_text", "rebuild_pairs"]

_SOURCES = ("cldr", "hub", "files")


@raises_translit_error
@reads_hub
def build_pairs(
    source: str | os.PathLike[str] | Iterable[str] = "cldr",
    *,
    group: str = "mediterranean",
    out: str | os.PathLike[str] = "runs/pairs",
    languages: Sequence[str] | None = None,
    language: str | None = None,
    transliterator: str = "uroman",
    paper_compat: bool = False,
    seed: int = 42,
    fraction: float | None = None,
    floor: int = SamplingOptions.floor,
    cap: int | None = None,
    temperature: float | None = None,
    validation: float = VALIDATION_SHARE,
    validation_cap: int = VALIDATION_CAP,
    min_chars: int = FilterOptions.min_chars,
    max_chars: int = FilterOptions.max_chars,
    min_script_share: float = FilterOptions.min_script_share,
    split_sentences: str = SPLITTING[0],
    fold_forms: bool = FilterOptions.fold_forms,
    exclude_benchmark: Sequence[str] = (),
    drop_shared: bool = False,
    text_column: str | None = None,
    transliteration_column: str | None = None,
    exclude_ids: str | os.PathLike[str] | None = None,
    include_ids: str | os.PathLike[str] | None = None,
    romanisations: str | None = None,
    revision: str | None = None,
    hub_config: str | None = None,
    split: str | None = None,
    origin_column: str | None = None,
    count: int | None = None,
    num_proc: int = 1,
    shard_rows: int = 1000,
    dedup_memory: int = DEDUP_MEMORY,
    engine: str = ENGINES[0],
    tasks: int | None = None,
    workers: int | None = None,
    show_progress: bool = True,
) -> Pairs:
    """Build pairs of original and romanised text for a group of languages.

    A build that was stopped goes on where it was when it is called again with the same arguments.
    The same seed gives the same rows for any `num_proc`, `shard_rows`, `dedup_memory`, `engine`,
    `tasks` and `workers`.

    Args:
        source: Where sentences come from. `cldr` is text that comes along; `hub` is Glot500 and
            `hub:ORG/NAME` another dataset of the Hub; a path, or `files:PATH`, is a folder with a
            file for each language (`amh_Ethi.txt`, `pes_Arab.tsv.gz`) or a file of ready pairs;
            anything else that gives strings is the sentences themselves, of one `language`.
        group: `mediterranean`, `sea`, or the path of a TSV that lists languages.
        out: Dataset folder; other groups in it stay.
        languages: Codes of the languages to build (aliases are understood); None is all.
        language: Code of the language of sentences that are given themselves.
        transliterator: `uroman`, `identity` or `module:function` of your own.
        paper_compat: Give uroman no language code, as the paper's authors did.
        seed: Of the sample, of the validation split and of the phrases of `cldr`.
        fraction: Share of the sentences; n = max(fraction * available, floor), at most `cap`.
            None is 0.1, and 1 for ready pairs.
        floor: Least number of sentences of a language, as far as there are so many.
        cap: Most sentences of a language.
        temperature: T, which makes the languages' numbers proportional to n^(1/T).
        validation: Share of each language's pairs, chosen by hash, for the split `validation`.
        validation_cap: Most validation pairs of a language.
        min_chars: Fewest characters of a sentence.
        max_chars: Most characters of a sentence.
        min_script_share: Least share of letters that are of the language's script.
        split_sentences: Whether rows are split into sentences: `yes`, `no`, or `auto`, which splits
            where the source has documents, by what is known of it or its first rows, and says so. A
            sentence above `max_chars` is cut at the next best mark.
        fold_forms: Fold other forms of the same letters first, such as Zawgyi, and count them.
        exclude_benchmark: Benchmarks whose sentences are dropped, such as `cldr` or `srb:DIR`.
        drop_shared: Drop sentences that an earlier language of the group has too.
        text_column: Column of the text, by name or by position from 0.
        transliteration_column: Files: column of a ready romanisation, taken as it is.
        exclude_ids: Files: a file of row ids to leave out, one a line.
        include_ids: Files: a file of row ids; rows without one of them are left out.
        romanisations: Files of ready pairs: which romanisations of one text become pairs: the
            `first` (None), `all`, or one drawn `by-count`, with the file's counts as weights.
        revision: Hub: branch, tag or commit.
        hub_config: Hub: config of a language, or with a slash its files: a pattern with `{code}`,
            `{iso3}`, `{iso1}`, `{script}`, `{date}`; None is what is known of the dataset, or
            `{code}`.
        split: Hub: name of the split; None is `train`.
        origin_column: Hub: column that says where a sentence comes from, which `source` then
            tells; None is `dataset` for Glot500, else none.
        count: Cldr: phrases of a language, about; None is 10,000.
        num_proc: Processes that read and romanise; above 1 a script needs its `__main__` guard.
        shard_rows: Sentences per shard of work: what is lost at most, per process, by a stop.
        dedup_memory: MiB for finding duplicates; what does not fit is looked up on the disk.
        engine: `local`, or `datatrove`, which parts the work into tasks; `translit_ppa.scale` has
            the same for Slurm, Ray and readers of your own.
        tasks: Datatrove: into how many; they share out the files. None is as many as workers.
        workers: Datatrove: how many tasks run at a time; None is 1.
        show_progress: Print the plan, a progress bar and the counts on standard error.

    Returns:
        The pairs: their rows, their folder and the report of the build.

    Raises:
        TranslitError: A wrong option, nothing to build, or a source or a romaniser that fails.
    """
    from translit_ppa.data_builders.build.pairs import build_pairs as build

    out = Path(out)
    if isinstance(source, (str, os.PathLike)):
        if language is not None:
            raise DataError(
                f"language {language!r} is for sentences given themselves; a file says its "
                "language by its name (amh_Ethi.txt), and `languages` chooses among several"
            )
        origin = _named(source)
    else:
        origin, languages = write_sentences(source, language, group, out)
    build(
        group,
        origin,
        out,
        languages=languages,
        transliterator=transliterator,
        paper_compat=paper_compat,
        seed=seed,
        fraction=fraction,
        floor=floor,
        cap=cap,
        temperature=temperature,
        filters=FilterOptions(min_chars, max_chars, min_script_share, fold_forms),
        validation=validation,
        validation_cap=validation_cap,
        exclude_benchmarks=exclude_benchmark,
        drop_shared=drop_shared,
        num_proc=num_proc,
        shard_rows=shard_rows,
        dedup_memory=dedup_memory,
        split_sentences=split_sentences,
        engine=engine,
        tasks=tasks,
        workers=workers,
        progress=show_progress,
        text_column=text_column,
        transliteration_column=transliteration_column,
        exclude_ids=exclude_ids,
        include_ids=include_ids,
        romanisations=romanisations,
        revision=revision,
        hub_config=hub_config,
        split=split,
        origin_column=origin_column,
        count=count,
    )
    return Pairs(out, group)


@raises_translit_error
@reads_hub
def rebuild_pairs(
    recipe: str | os.PathLike[str],
    config: str,
    out: str | os.PathLike[str],
    *,
    revision: str | None = None,
    source: str | os.PathLike[str] | None = None,
    transliterator: str | None = None,
    text_column: str | None = None,
    transliteration_column: str | None = None,
    hub_config: str | None = None,
    num_proc: int = 1,
    shard_rows: int = 1000,
    show_progress: bool = True,
) -> Pairs:
    """Build the pairs of a recipe again from its corpus: the same rows in the same order.

    Args:
        recipe: Repository on the Hub (`ORG/NAME`), or a folder.
        config: Which recipe of it, such as `mediterranean`.
        out: Dataset folder; other groups in it stay.
        revision: Of the recipe: branch, tag or commit.
        source: Where the corpus is: a path, `files:PATH` or `hub:ORG/NAME`; None is as recorded.
        transliterator: `module:function`, needed where the recipe names a function of its author's:
            a recipe may come from anywhere, and never decides what code is run.
        text_column: Column of the text; None is as recorded.
        transliteration_column: Files: column of a ready romanisation; None is as recorded.
        hub_config: Hub: config of a language; None is as recorded.
        num_proc: Processes that romanise; above 1 a script needs its `__main__` guard.
        shard_rows: Sentences per shard of work.
        show_progress: Print the plan and a progress bar on standard error.

    Returns:
        The pairs.

    Raises:
        TranslitError: There is no such recipe, a row is missing or another text, or the romaniser
            is not the same; nothing takes the place of an earlier result.
    """
    from translit_ppa.data_builders.build.rebuild import rebuild

    rebuild(
        os.fspath(recipe),
        config,
        Path(out),
        revision=revision,
        source=None if source is None else _named(source),
        transliterator=transliterator,
        num_proc=num_proc,
        shard_rows=shard_rows,
        progress=show_progress,
        text_column=text_column,
        transliteration_column=transliteration_column,
        hub_config=hub_config,
    )
    return Pairs(out, config)


@raises_translit_error
def check_text(
    path: str | os.PathLike[str],
    *,
    language: str | None = None,
    transliterator: str = "uroman",
    paper_compat: bool = False,
    text_column: str | None = None,
    limit: int = 1000,
    examples: int = 3,
    fold_forms: bool = True,
    split_sentences: str = SPLITTING[0],
) -> list[CheckReport]:
    """See what a file, or every file of a folder, is taken for, and what a romaniser does to it.

    Args:
        path: A file of text, or a folder of them; docs/formats.md lists the formats.
        language: Code of the language; None reads it from the file name.
        transliterator: `uroman`, `identity` or `module:function` of your own.
        paper_compat: Give uroman no language code, as the paper's authors did.
        text_column: Column of the text, by name or by position from 0.
        limit: Sentences per file; 0 is all.
        examples: Examples per file.
        fold_forms: Fold other forms of the same letters first, as a build does.
        split_sentences: Whether rows are split into sentences, as for `build_pairs`.

    Returns:
        A report for each file; `print` lays it out.

    Raises:
        TranslitError: There is nothing to read, or a wrong option.
    """
    from translit_ppa.data_builders.build.door.check import check

    reports = check(
        os.fspath(path),
        language=language,
        transliterator=transliterator,
        paper_compat=paper_compat,
        text_column=text_column,
        limit=limit,
        examples=examples,
        fold_forms=fold_forms,
        split_sentences=split_sentences,
    )
    return list(reports)


def _named(source: str | os.PathLike[str]) -> str:
    """Return the source in the form that records and error lines use; a path is `files:PATH`."""
    name = os.fspath(source)
    known = name.partition(":")[0] in _SOURCES
    if isinstance(source, str) and (known or not Path(name).exists()):
        return name
    return f"files:{name}"
