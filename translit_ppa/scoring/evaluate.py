"""Score models side by side: parse, benchmarks, the matrix of cells, records, tables.

    python eval.py --model runs/train cis-lmu/glot500-base --benchmark cldr --group mediterranean
    python eval.py --model BASE OURS --benchmark sib200 pos --group sea --out runs/eval --gate 2
    python eval.py vocabulary (recommend-source, map, results) --help

Out: one JSON record per cell under --out, tables in the terminal and as Markdown. The same command
continues a run that was killed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tqdm import tqdm

from translit_ppa.commands.options import points, whole_numbers
from translit_ppa.data_builders import (
    get_benchmark,
    get_labelled_benchmark,
    get_transliterator,
    load_group,
)
from translit_ppa.data_builders.benchmarks import LABELLED
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import LanguageGroup
from translit_ppa.errors import user_errors_exit_2
from translit_ppa.hub_cards.scores.gate import falls
from translit_ppa.modeling import SentenceEncoder
from translit_ppa.modeling.aligned.alignment_config import (
    POOLING_NAMES,
    AlignmentConfig,
    AlignmentError,
    resolve_layer,
)
from translit_ppa.modeling.tasks.settings import task_settings
from translit_ppa.scoring.report import Results, report
from translit_ppa.scoring.store import Model, Store, open_models, score_retrieval
from translit_ppa.scoring.tasks import Task, make_plan, score_task

INPUTS = {"original": (False,), "latin": (True,), "both": (False, True)}
PAPER_SEEDS = (42, 43, 44, 45, 46)
COMMANDS = {
    "map": "translit_ppa.commands.sentence_map",
    "recommend-source": "translit_ppa.commands.recommend_source",
    "results": "translit_ppa.scoring.page",
    "vocabulary": "translit_ppa.commands.vocabulary",
}
"""First word of the command line -> the program that takes the others."""


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Run one evaluation; see the module's text for the command line.

    Returns:
        0; 1 if --gate found a fall.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in COMMANDS:
        command: Callable[[Sequence[str]], int] = import_module(COMMANDS[words[0]]).main
        return command(words[1:])
    args = _parser().parse_args(words)
    if len(args.benchmark) > 1 and args.benchmark_dir:
        raise DataError("--benchmark_dir is the folder of one benchmark; with several, NAME:DIR")
    group = load_group(args.group, args.languages)
    runs = [_prepare(args, spec, group) for spec in dict.fromkeys(args.benchmark)]
    models = open_models(args.model, args.revision)
    if args.gate is not None and len(models) < 2:
        raise DataError("--gate compares with the first --model; give the base model and another")
    store = Store(args.out / "records" if args.out else None)
    results = [run(models, store) for run in runs]
    store.add_models(models)
    report(results, group.name, models, args.out)
    if args.gate is None:
        return 0
    found = [
        fall
        for result in results
        for base, row in result.compared(models)
        for fall in falls(result.grid(), base, row, args.gate)
    ]
    for fall in found:
        print(f"gate: {fall}", file=sys.stderr)
    return 1 if found else 0


Run = Callable[[Sequence[Model], Store], Results]


def _prepare(args: argparse.Namespace, spec: str, group: LanguageGroup) -> Run:
    """Check all that can be checked before a model is opened."""
    if spec.partition(":")[0] in LABELLED:
        return _prepare_task(args, spec, group)
    benchmark = get_benchmark(spec, directory=args.benchmark_dir)
    benchmark.check_split(args.split)
    directions = benchmark.directions(group.scored_codes)
    missing = sorted(set(group.scored_codes) - {code for pair in directions for code in pair})
    if missing:
        print(f"{spec} lacks {', '.join(missing)}", file=sys.stderr)
    if not directions:
        raise DataError(
            f"{spec} covers no two languages of {group.name} "
            f"({', '.join(group.scored_codes)}); it has {', '.join(benchmark.languages())}."
        )
    romaniser = get_transliterator(args.transliterator)

    def run(models: Sequence[Model], store: Store) -> Results:
        results = Results(benchmark.name, missing=tuple(missing))
        layers = [_layers(args, model) for model in models]
        steps = sum(map(len, layers)) * len(INPUTS[args.input]) * len(directions)
        with tqdm(total=steps, desc=benchmark.name, disable=None) as bar:
            for model, wanted in zip(models, layers, strict=True):
                encoder = _opener(args, model)
                for layer, pooling in wanted:
                    for latin in INPUTS[args.input]:
                        for record in score_retrieval(
                            model,
                            benchmark,
                            directions,
                            store,
                            encoder,
                            layer,
                            pooling,
                            label=f"{model.name} [latin]" if latin else model.name,
                            split=args.split,
                            transliterator=romaniser if latin else None,
                        ):
                            results.retrieval.append(record)
                            bar.update()
        return results

    return run


def _prepare_task(args: argparse.Namespace, spec: str, group: LanguageGroup) -> Run:
    benchmark = get_labelled_benchmark(spec, directory=args.benchmark_dir)
    plan = make_plan(benchmark, group, args.sources, args.split)
    for code, why in plan.missing.items():
        print(f"{spec} lacks {code}: {why}", file=sys.stderr)
    if args.shots > (args.max_train_rows or args.shots):
        raise DataError(f"--shots {args.shots} is more than --max_train_rows; give fewer")
    benchmark.require_rows({target for _, target in plan.cells}, "train", args.shots)
    romaniser = get_transliterator(args.transliterator)
    tasks = [
        Task(
            benchmark,
            task_settings(
                benchmark.name,
                paper_compat=args.paper_compat,
                epochs=args.epochs,
                learning_rate=args.learning_rate,
            ),
            list(dict.fromkeys(args.seeds)),
            args.split,
            romaniser if latin else None,
            args.shots,
            revision=args.revision,
            max_train_rows=args.max_train_rows,
            max_eval_rows=args.max_eval_rows,
        )
        for latin in INPUTS[args.input]
    ]

    def run(models: Sequence[Model], store: Store) -> Results:
        results = Results(benchmark.name, pairs=plan.pairs)
        steps = sum(len(task.cells(plan)) * len(task.seeds) for task in tasks) * len(models)
        with tqdm(total=steps, desc=benchmark.name, disable=None) as bar:
            for model in models:
                for task in tasks:
                    for record in score_task(model, task, plan, store):
                        results.tasks.append(record)
                        bar.update()
        return results

    return run


def _opener(args: argparse.Namespace, model: Model) -> Callable[[int], SentenceEncoder]:
    """Give what opens a model at its first use, once, and sets the layer."""

    @cache
    def opened() -> SentenceEncoder:
        return SentenceEncoder.from_pretrained(
            model.name,
            revision=args.revision,
            pooling=args.pooling,
            batch_size=args.batch_size,
        )

    def at(layer: int) -> SentenceEncoder:
        encoder = opened()
        encoder.layer = layer
        return encoder

    return at


def _layers(args: argparse.Namespace, model: Model) -> list[tuple[int, str]]:
    """Resolve which layers of a model are scored, with the pooling: options, else checkpoint."""
    from transformers import AutoConfig

    config: Any = AutoConfig.from_pretrained(model.name, revision=args.revision)
    alignment = AlignmentConfig.from_dict(getattr(config, "alignment", None))
    pooling = args.pooling or alignment.pooling
    if args.layers is None:
        wanted = [args.layer if args.layer is not None else alignment.layer]
    elif args.layers == ["all"]:
        wanted = list(range(model.layers + 1))
    else:
        try:
            wanted = [int(layer) for layer in args.layers]
        except ValueError as error:
            raise AlignmentError(
                f"--layers {' '.join(args.layers)}; legal: all, or numbers"
            ) from error
    resolved = dict.fromkeys(resolve_layer(layer, model.layers) for layer in wanted)
    return [(layer, pooling) for layer in resolved]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eval.py",
        description="Score models on sentence retrieval (each source sentence ranks all target "
        "sentences by cosine; top-1, 5, 10 in percent; every ordered pair of languages) and on "
        "tasks (fine-tune on a source language, test on the others), beside the figures of "
        "arXiv 2406.19759.",
        epilog=f"More commands, each with its own --help: {', '.join(COMMANDS)}.",
    )
    add = parser.add_argument
    add(
        *("--model",),
        nargs="+",
        required=True,
        help="Hub ids, folders, or 'RUN/checkpoint-*'; the first is the base",
    )
    add("--revision", help="commit, tag or branch on the Hub, for every model")
    add(
        *("--benchmark",),
        nargs="+",
        required=True,
        help="cldr, ntrex, srb, tatoeba, parallel:DIR (retrieval); sib200, taxi1500, ner, pos "
        "(tasks); each with :DIR for a local folder",
    )
    add("--benchmark_dir", type=Path, help="folder of the benchmark's files")
    add("--group", required=True, help="mediterranean, sea, or a group's TSV")
    add(
        "--languages",
        nargs="+",
        metavar="CODE",
        help="only these languages of the group, and its evaluation sources",
    )
    add("--split", default="test", help="split of the benchmark (default: test)")
    add("--layer", type=int, help="hidden_states index (default: the checkpoint's, else 2/3)")
    add("--layers", nargs="+", help="retrieval at several layers: all, or numbers")
    add("--pooling", choices=POOLING_NAMES, help="default: the checkpoint's, else attended")
    add("--input", choices=list(INPUTS), default="original", help="script given to the model")
    add("--transliterator", default="uroman", help="for --input latin (default: uroman)")
    add("--batch_size", type=int, default=64, help="sentences encoded at a time (default: 64)")
    add(
        *("--seeds",),
        nargs="+",
        type=whole_numbers(0),
        default=list(PAPER_SEEDS),
        help="tasks: one fine-tuning each (default: the paper's 42 to 46)",
    )
    add("--sources", nargs="+", metavar="CODE", help="tasks: instead of the paper's sources")
    add("--epochs", type=int, help="tasks: at most this many (default: the paper's)")
    add("--learning_rate", type=float, help="tasks: peak (default: the paper's)")
    add(
        "--paper_compat",
        action="store_true",
        help="tasks: best of all epochs, as the authors' code, instead of early stopping",
    )
    add("--max_train_rows", type=whole_numbers(1), help="tasks: learn from at most this many (all)")
    add(
        "--max_eval_rows",
        type=whole_numbers(1),
        help="tasks: at most this many of a dev or test set",
    )
    add(
        "--shots",
        type=whole_numbers(0),
        default=0,
        help="tasks: labelled target examples (default: 0)",
    )
    add(
        *("--gate",),
        type=points,
        metavar="POINTS",
        help="exit 1 if a target language falls more than this below the first model, and by "
        "more than the seeds spread",
    )
    add("--out", type=Path, help="folder for records, results.md and CSV; continues a run")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
