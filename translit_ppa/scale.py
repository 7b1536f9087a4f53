"""Building on datatrove: the stages of a build, for any of its executors, and the steps in them.

    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import ParquetReader
    from translit_ppa.scale import pair_stages

    reader = ParquetReader("hf://datasets/ORG/NAME/data", default_metadata={"code": "ell_Grek"})
    for stage in pair_stages([reader], "ORG/NAME", group="my_group.tsv", tasks=100):
        LocalPipelineExecutor(
            stage.pipeline, stage.tasks, workers=16, logging_dir=stage.logs
        ).run()

Needs the extra `scale`. `build_pairs(engine="datatrove")` runs the same stages on this machine.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from translit_ppa.building import VALIDATION_CAP, VALIDATION_SHARE
from translit_ppa.data_builders.build.estimate import voice
from translit_ppa.data_builders.build.job import prepare
from translit_ppa.data_builders.sentences.filters import FilterOptions
from translit_ppa.data_builders.sentences.sampling import SamplingOptions
from translit_ppa.data_builders.sentences.seen import DEDUP_MEMORY
from translit_ppa.data_builders.sentences.split.decision import SPLITTING
from translit_ppa.data_builders.sentences.split.splitter import Splitter
from translit_ppa.errors import TranslitError, raises_translit_error

try:
    from translit_ppa.data_builders.build.scale.filtering import FilterSentences
    from translit_ppa.data_builders.build.scale.reading import SplitSentences
    from translit_ppa.data_builders.build.scale.romanising import SCHEMA, Romanise, pair_of
    from translit_ppa.data_builders.build.scale.stages import (
        SPARE,
        GivenReading,
        Stage,
        plan_of,
        stages_of,
        told,
    )
except ModuleNotFoundError as error:
    raise TranslitError(
        f"translit_ppa.scale needs packages that are not here ({error.name}): "
        "pip install 'translit-ppa[scale]'"
    ) from error

__all__ = [
    "SCHEMA",
    "FilterOptions",
    "FilterSentences",
    "Romanise",
    "SplitSentences",
    "Splitter",
    "Stage",
    "pair_of",
    "pair_stages",
]


@raises_translit_error
def pair_stages(
    reading: Sequence[Any],
    source: str,
    *,
    group: str = "mediterranean",
    out: str | os.PathLike[str] = "runs/pairs",
    tasks: int = 1,
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
    split_sentences: str = SPLITTING[0],
    exclude_benchmark: Sequence[Any] = (),
    drop_shared: bool = False,
    shard_rows: int = 1000,
    dedup_memory: int = DEDUP_MEMORY,
    spare: float = SPARE,
    show_progress: bool = True,
) -> list[Stage]:
    """Lay out the stages of a build; nothing runs yet, and every pipeline may be changed.

    The rows do not depend on the number of tasks.

    Args:
        reading: Steps of datatrove that bring in documents, each with its language as `code` in its
            metadata (`default_metadata={"code": "ell_Grek"}`). What is changed within a function
            that they hold is not noticed: give another `out` then.
        source: What the record and the column `source` say of the corpus, such as
            `HuggingFaceFW/fineweb-2@COMMIT`.
        group: `mediterranean`, `sea`, or the path of a TSV that lists languages.
        out: Dataset folder, which all tasks see; other groups in it stay.
        tasks: Into how many tasks the long stages are parted.
        languages: Codes of the languages to build; None is all of the group.
        transliterator: `uroman`, `identity` or `module:function` of your own.
        paper_compat: Give uroman no language code, as the paper's authors did.
        seed: Of the sample and of the validation split.
        fraction: Share of the sentences; None is 0.1.
        floor: Least number of sentences of a language, as far as there are so many.
        cap: Most sentences of a language.
        temperature: T, which makes the languages' numbers proportional to n^(1/T); all sentences
            are kept until they are counted then.
        filters: Limits of a sentence.
        validation: Share of each language's pairs for the split `validation`.
        validation_cap: Most validation pairs of a language.
        split_sentences: `yes` (as `auto` here): rows are documents; `no`: they are sentences.
        exclude_benchmark: Benchmarks whose sentences are dropped, or their names.
        drop_shared: Drop sentences that an earlier language of the group has too.
        shard_rows: Sentences per file of a task.
        dedup_memory: MiB that a task takes for finding duplicates.
        spare: Sentences kept for each one that is wanted when the corpus is read; where more than
            the rest is dropped, the stage `choose` says that a greater number is needed.
        show_progress: Say what was decided on standard error.

    Returns:
        Stages with `name`, `pipeline`, `tasks` and `logs` (for `logging_dir`), in their order.

    Raises:
        TranslitError: A wrong option.
    """
    prepared = prepare(
        group,
        GivenReading(source, told(reading)),
        Path(out),
        voice(show_progress),
        languages=languages,
        transliterator=transliterator,
        paper_compat=paper_compat,
        seed=seed,
        fraction=fraction,
        sampling={"floor": floor, "cap": cap, "temperature": temperature},
        filters=filters or FilterOptions(),
        validation=validation,
        validation_cap=validation_cap,
        exclude_benchmarks=exclude_benchmark,
        drop_shared=drop_shared,
        shard_rows=shard_rows,
        dedup_memory=dedup_memory,
        split_sentences=split_sentences,
    )
    return stages_of(prepared, plan_of(prepared, spare), tasks, reading)
