"""`score`: models side by side on benchmarks, resumed cell by cell."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from translit_ppa.data_builders import (
    get_benchmark,
    get_labelled_benchmark,
    get_transliterator,
    load_group,
)
from translit_ppa.data_builders.benchmarks import LABELLED
from translit_ppa.data_builders.errors import DataError
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import EvalRecord
from translit_ppa.hub_reading import reads_hub
from translit_ppa.scoring.door import tell_files
from translit_ppa.scoring.models import Model, names_of, open_models, opener, resolved_layers
from translit_ppa.scoring.processes import Job, Prepared, joined, measured
from translit_ppa.scoring.report import write_report
from translit_ppa.scoring.retrieval import score_retrieval
from translit_ppa.scoring.scores import Scores
from translit_ppa.scoring.sides import Sides, Written, chosen_sides
from translit_ppa.scoring.store import Store
from translit_ppa.scoring.tasks.frozen import require_frozen, vectors_of
from translit_ppa.scoring.tasks.jobs import task_jobs
from translit_ppa.scoring.tasks.plan import make_plan
from translit_ppa.scoring.tasks.task import Task

INPUTS = {"original": (False,), "latin": (True,), "both": (False, True)}
PAPER_SEEDS = (42, 43, 44, 45, 46)


@raises_translit_error
@reads_hub
def score(
    models: Any,
    benchmarks: str | Sequence[str],
    *,
    group: str = "mediterranean",
    languages: Sequence[str] | None = None,
    split: str = "test",
    layer: int | None = None,
    layers: Sequence[int | str] | str | None = None,
    pooling: str | None = None,
    prompt: str | Sequence[str] | None = None,
    input: str = "original",
    directions: str | Sequence[str] | None = None,
    transliterator: str = "uroman",
    fold_forms: bool = True,
    benchmark_dir: str | Path | None = None,
    revision: str | None = None,
    batch_size: int = 64,
    seeds: Sequence[int] = PAPER_SEEDS,
    sources: Sequence[str] | None = None,
    epochs: int | None = None,
    learning_rate: float | None = None,
    paper_compat: bool = False,
    max_train_rows: int | None = None,
    max_eval_rows: int | None = None,
    shots: int = 0,
    label_map: Mapping[str, str] | None = None,
    max_length: int | None = None,
    bf16: bool = False,
    frozen: bool = False,
    save_predictions: bool = False,
    keep_models: bool = False,
    out: str | os.PathLike[str] | None = None,
    show_progress: bool | None = None,
) -> Scores:
    """Score models on sentence retrieval and on tasks.

    Retrieval: each source sentence ranks all target sentences by cosine, for every ordered pair of
    languages that the benchmark has (of Tatoeba, English with each language, both ways); top-1, 5
    and 10 in percent. Tasks: a model is fine-tuned on a source language and
    tested on the others.

    Args:
        models: Hub ids, folders, patterns such as `runs/train/checkpoint-*`, or runs of `align`
            and `ablate`; one or several. The first is the base.
        benchmarks: `cldr`, `flores`, `bouquet`, `ntrex`, `xnli`, `belebele`, `srb`, `tatoeba`,
            `parallel:DIR` (retrieval), `sib200`, `taxi1500`, `ner`, `pos` (tasks), each with `:DIR`
            for a local folder; one or several.
        group: `mediterranean`, `sea`, or a group's TSV.
        languages: Only these languages of the group, and its evaluation sources.
        split: Split of the benchmarks.
        layer: Retrieval: index into `hidden_states`; by default the checkpoint's, else 2/3.
        layers: Retrieval: several layers, or `all`.
        pooling: Retrieval: `attended`, `content` or `cls`; by default the checkpoint's.
        prompt: Retrieval: what stands before every text, a prompt of the sentence model by name or
            the words; two: before queries, and before what is searched. By default the model's.
        input: Script given to the models: `original`, `latin` or `both`.
        directions: Retrieval: which script is asked for in which, instead of `input`: `original`
            (in original), `english` (romanised -> English), `own` (romanised -> its own original),
            `others` (romanised -> originals of the other languages), `romanised` (in romanised);
            one, several or `all`. Languages in Latin script are searched, never romanised.
        transliterator: Romaniser for Latin input.
        fold_forms: Before text is romanised, bring it into the letters that Unicode has for it, as
            a build does: Zawgyi, letters shaped by a font and so on. A record names what changed.
        benchmark_dir: Folder of the benchmark's files, where there is one benchmark.
        revision: Commit, tag or branch on the Hub, for every model.
        batch_size: Sentences encoded at a time.
        seeds: Tasks: one fine-tuning each; the paper's by default.
        sources: Tasks: languages to fine-tune on, instead of the paper's.
        epochs: Tasks: at most this many; by default the paper's.
        learning_rate: Tasks: the peak; by default the paper's.
        paper_compat: Tasks: the best of all epochs, as the authors' code, instead of early
            stopping.
        max_train_rows: Tasks: learn from at most this many rows.
        max_eval_rows: Tasks: at most this many rows of a dev or test set.
        shots: Tasks: labelled target examples.
        label_map: `ner`: what becomes of kinds of entities other than `PER`, `ORG` and `LOC`, such
            as `{"DATE": "O"}`; `O` is no entity.
        max_length: Tasks: subwords of an example; by default the paper's. Never more than a model
            has positions for.
        bf16: Tasks: fine-tune and test in bfloat16; the weights stay in full.
        frozen: Tasks: read labels from the vectors of the model as it is, instead of fine-tuning,
            by a logistic regression on eight texts of each label (MTEB's protocol), or on the words
            of 1,000 sentences; `layer`, for texts `pooling` and `prompt` too, counts as in
            retrieval, and a seed draws what is learned from.
        save_predictions: Tasks: write what models answer below `out/predictions`.
        keep_models: Tasks: keep the fine-tuned models below `out/models`.
        out: Folder for records, tables and figures; the same call continues a run that was killed.
        show_progress: Whether progress is shown; by default on a terminal.

    Returns:
        The scores.

    Raises:
        TranslitError: Something named does not exist, or is not legal.
    """
    specs = [benchmarks] if isinstance(benchmarks, str) else list(benchmarks)
    if len(specs) > 1 and benchmark_dir:
        raise DataError("--benchmark-dir is the folder of one benchmark; with several, NAME:DIR")
    if input not in INPUTS:
        raise DataError(f"input: came {input!r}; legal: {', '.join(INPUTS)}")
    if directions is not None and input != "original":
        raise DataError(f"directions say which scripts are scored; leave input {input} out")
    if (save_predictions or keep_models) and not out:
        raise DataError("--save-predictions and --keep-models need a folder to write to: --out DIR")
    chosen = load_group(group, languages)
    if frozen:
        tuning = epochs, learning_rate, max_length, bf16, paper_compat
        require_frozen(specs, shots, keep_models, layers, tuning, (pooling, prompt))
    vectors = vectors_of(layer, pooling, revision, batch_size, prompt) if frozen else None
    if label_map and all(spec.partition(":")[0] != "ner" for spec in specs):
        raise DataError("--label-map is for the entities of ner, which is not among the benchmarks")
    romaniser = get_transliterator(transliterator)
    written = Written(romaniser, fold_forms)
    scripts = [romaniser if latin else None for latin in INPUTS[input]]
    disable = None if show_progress is None else not show_progress

    def retrieval(spec: str) -> Prepared:
        benchmark = get_benchmark(spec, directory=benchmark_dir)
        benchmark.check_split(split)
        pairs = benchmark.directions(chosen.scored_codes)
        missing = sorted(set(chosen.scored_codes) - {code for pair in pairs for code in pair})
        if show_progress is not False:
            tell_files(benchmark, pairs, split)
        if missing:
            print(f"{spec} lacks {', '.join(missing)}", file=sys.stderr)
        if not pairs:
            raise DataError(
                f"{spec} covers no two languages of {chosen.name} "
                f"({', '.join(chosen.scored_codes)}); it has {', '.join(benchmark.languages())}."
            )
        if directions is None:
            wanted = [Sides(*pair, latin, latin) for latin in INPUTS[input] for pair in pairs]
        else:
            wanted = chosen_sides(benchmark, chosen.scored_codes, directions)

        def run(model: Model, store: Store) -> Iterator[EvalRecord]:
            places = resolved_layers(model, layer, layers, pooling, revision, prompt)
            encoder = opener(model, revision, pooling, batch_size, prompt)
            for number, pooled in places:
                yield from score_retrieval(
                    model,
                    benchmark,
                    wanted,
                    store,
                    encoder,
                    number,
                    pooled,
                    split=split,
                    written=written,
                    show_progress=show_progress,
                )

        def jobs(opened: Sequence[Model], store: Store) -> Iterator[Job]:
            for model in opened:
                # Here already, so that a wrong one is said before anything is measured.
                resolved_layers(model, layer, layers, pooling, revision, prompt)
                yield Job(partial(run, model, store))

        return Prepared(spec, benchmark.signature(), jobs, missing=tuple(missing))

    def task(spec: str) -> Prepared:
        benchmark = get_labelled_benchmark(spec, directory=benchmark_dir, label_map=label_map)
        plan = make_plan(benchmark, chosen, sources, split)
        if show_progress is not False:
            tell_files(benchmark, plan.cells, split)
        for code, why in plan.missing.items():
            print(f"{spec} lacks {code}: {why}", file=sys.stderr)
        if shots > (max_train_rows or shots):
            raise DataError(f"--shots {shots} is more than --max-train-rows; give fewer")
        benchmark.require_rows({target for _, target in plan.cells}, "train", shots)
        # Not above: this loads torch, which whoever asks for help does not need.
        from translit_ppa.modeling.tasks.settings import task_settings

        settings = task_settings(
            benchmark.name,
            paper_compat=paper_compat,
            epochs=epochs,
            learning_rate=learning_rate,
            max_length=max_length,
            bf16=bf16,
        )
        tasks = [
            Task(
                benchmark,
                settings,
                list(dict.fromkeys(seeds)),
                split,
                script,
                shots,
                fold_forms=fold_forms,
                revision=revision,
                max_train_rows=max_train_rows,
                max_eval_rows=max_eval_rows,
                predictions=Path(out) / "predictions" if out and save_predictions else None,
                models=Path(out) / "models" if out and keep_models else None,
                frozen=vectors,
            )
            for script in scripts
        ]

        def jobs(opened: Sequence[Model], store: Store) -> Iterator[Job]:
            for model in opened:
                for one in tasks:
                    yield from task_jobs(model, one, plan, store)

        return Prepared(benchmark.name, benchmark.signature(), jobs, expected=plan.pairs)

    # All that can be checked is checked before a model is opened, and before processes wait for
    # one another.
    prepared = [
        (task if spec.partition(":")[0] in LABELLED else retrieval)(spec)
        for spec in dict.fromkeys(specs)
    ]
    processes = joined()
    opened = open_models(names_of(models), revision)
    store = Store(Path(out) / "records" if out else None)
    found = [
        record
        for one in prepared
        for records in processes.gather(measured(one, opened, store, processes, disable))
        for record in records
    ]
    described = [model.record() for model in opened]
    if processes.first:
        store.finish(described)
    scores = Scores(
        tuple(found),
        tuple(described),
        {one.benchmark: one.expected for one in prepared if one.expected is not None},
        {one.benchmark: one.missing for one in prepared},
        chosen.name,
    )
    if out and processes.first:
        write_report(scores, Path(out))
    return scores
