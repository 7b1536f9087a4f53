"""`translit-ppa eval`: score models on benchmarks, side by side."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path

from translit_ppa.commands.options import Options, Parser, given, modern, points, whole_numbers
from translit_ppa.commands.pairs.build import add_forms
from translit_ppa.data_builders.benchmarks import LABELLED
from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards.scores.comparing.gate import target_changes
from translit_ppa.hub_cards.scores.directions import DIRECTIONS
from translit_ppa.hub_cards.tables.comparison_table import gate_table
from translit_ppa.scoring.models import expanded
from translit_ppa.scoring.processes import joined
from translit_ppa.scoring.report import judged_against_base, named_parts, terminal_tables
from translit_ppa.scoring.score import INPUTS, PAPER_SEEDS, score
from translit_ppa.scoring.scores import Scores
from translit_ppa.scoring.sides import ALL

MOVED = ("map", "recommend-source", "results", "vocabulary")
"""Commands of their own that were subcommands of this one."""


def main(words: Sequence[str]) -> int:
    """Run one evaluation.

    Returns:
        0; 1 if --gate found a fall.
    """
    if words and words[0] in MOVED:
        from translit_ppa.command_line import run

        told = f"notice: eval {words[0]} is now translit-ppa {words[0]}; the old spelling goes with"
        print(f"{told} the next release", file=sys.stderr)
        return run(words[0], words[1:])
    options = given(_parser().parse_args(modern(words)))
    allowed = options.pop("gate", None)
    if "label_map" in options:
        options["label_map"] = dict(options["label_map"])
    if options.get("directions") == []:
        options["directions"] = ALL
    models, benchmarks = expanded(options.pop("model")), options.pop("benchmark")
    if allowed is not None and len(models) < 2:
        raise DataError("--gate compares with the first --model; give the base model and another")
    tasks = any(spec.partition(":")[0] in LABELLED for spec in benchmarks)
    if allowed is not None and tasks and len(set(options.get("seeds", PAPER_SEEDS))) < 2:
        raise DataError("--gate judges fine-tuned tasks over seeds; give at least two --seeds")
    scores = score(models, benchmarks, **options)
    if not joined().first:
        return 0  # the first of several processes speaks for all
    parts = named_parts(scores)
    judged = judged_against_base(parts)
    for name, part in parts.items():
        for table in terminal_tables(name, part, judged):
            print(table)
    if "out" in options:
        page = Path(options["out"]) / "results.md"
        print(f"wrote {page}, more tables and figures beside it, and {len(scores)} records")
    return 0 if allowed is None else _gate(scores, allowed)


def _gate(scores: Scores, points: float) -> int:
    """Show what the gate judges; 1 if a target language falls."""
    parts = named_parts(scores)
    changes = target_changes(parts, scores.models[0].model)
    if not changes:
        print("gate: no model has a cell in common with the first; nothing judged", file=sys.stderr)
        return 1
    print(gate_table(changes, points, {name: part.signature() for name, part in parts.items()}))
    found = [change for change in changes if change.falls(points)]
    for change in found:
        print(f"gate: {change}", file=sys.stderr)
    return 1 if found else 0


def _label(word: str) -> tuple[str, str]:
    kind, equals, label = word.partition("=")
    if not (kind and equals and label):
        raise ArgumentTypeError(f"{word!r}; legal is KIND=LABEL, such as DATE=O")
    return kind, label


def _parser() -> Parser:
    parser = Parser(
        "translit-ppa eval",
        "Score models on sentence retrieval (each source sentence ranks all target sentences by "
        "cosine; top-1, 5, 10 in percent; every ordered pair of languages that the benchmark has: "
        "of Tatoeba, English with each, both ways) and on tasks (fine-tune on a source language, "
        "test on the others), beside the figures of arXiv 2406.19759.",
    )
    add = Options(parser, score)
    several = {"nargs": "+", "action": "extend"}
    add(
        "--model",
        "--models",
        required=True,
        help="Hub ids, folders, or 'RUN/checkpoint-*'; the first is the base",
        **several,
    )
    add(
        "--benchmark",
        "--benchmarks",
        required=True,
        help="cldr, flores, bouquet, ntrex, xnli, belebele, srb, tatoeba, parallel:DIR "
        "(retrieval); sib200, taxi1500, ner, pos (tasks); each with :DIR for a local folder",
        **several,
    )
    add("--group", help="mediterranean, sea, or a group's TSV")
    add("--out", help="folder for records, results.md and CSV; continues a run")
    add(
        "--languages",
        metavar="CODE",
        help="only these languages of the group, and its evaluation sources",
        **several,
    )
    add("--input", choices=list(INPUTS), help="script given to the model")
    add(
        "--directions",
        choices=[ALL, *DIRECTIONS],
        help="retrieval, instead of --input: romanised text in English, in its own original, in "
        "other originals, in romanised text; alone: all",
        nargs="*",
        action="extend",
    )
    add(
        "--transliterator",
        help="romaniser of queries: uroman, informal, informal:TABLE, ...",
    )
    add_forms(add)
    add("--split", help="split of the benchmark")
    add("--benchmark-dir", help="folder of the benchmark's files")
    add("--revision", help="commit, tag or branch on the Hub, for every model")
    add(
        "--gate",
        type=points,
        metavar="POINTS",
        help="exit 1 if a target language is shown to be worse than the first model, and by more "
        "than this",
    )

    add = Options(parser.add_argument_group("retrieval"), score)
    add("--layer", type=int, help="hidden_states index (default: the checkpoint's, else 2/3)")
    add("--layers", help="several layers: all, or numbers", **several)
    add("--pooling", help="attended, content or cls (default: the checkpoint's, else attended)")
    add(
        "--prompt",
        help="put before every text: a sentence model's prompt by name, or the words; two: before "
        "queries, and before what is searched",
        **several,
    )
    add("--batch-size", type=int, help="sentences encoded at a time")

    add = Options(parser.add_argument_group("tasks"), score)
    add("--seeds", type=whole_numbers(0), help="one fine-tuning each", **several)
    add("--sources", metavar="CODE", help="languages instead of the paper's sources", **several)
    add("--epochs", type=int, help="at most this many (default: the paper's)")
    add("--learning-rate", type=float, help="peak (default: the paper's)")
    add(
        "--paper-compat",
        action="store_true",
        help="best of all epochs, as the authors' code, instead of early stopping",
    )
    add("--max-train-rows", type=whole_numbers(1), help="learn from at most this many (all)")
    add("--max-eval-rows", type=whole_numbers(1), help="at most this many of a dev or test set")
    add(
        "--label-map",
        type=_label,
        metavar="KIND=LABEL",
        help="ner: what becomes of other kinds: DATE=O drops them, LOCderiv=LOC counts them",
        **several,
    )
    add("--max-length", type=whole_numbers(4), help="subwords of an example (default: the paper's)")
    add("--bf16", action="store_true", help="fine-tune and test in bfloat16")
    add(
        "--frozen",
        action="store_true",
        help="tasks: no fine-tuning; labels from the model's own vectors by logistic regression, "
        "on 8 texts of each label (MTEB's protocol), or on 1,000 sentences of tagged words",
    )
    add("--save-predictions", action="store_true", help="write answers to OUT/predictions")
    add("--keep-models", action="store_true", help="keep fine-tuned models in OUT/models")
    add("--shots", type=whole_numbers(0), help="labelled target examples")
    return parser
