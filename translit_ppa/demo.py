"""The whole method on real text, in minutes: base, MLM only and full alignment side by side.

    python demo.py [--group mediterranean] [--seed 42] [--out runs/demo]

Builds the embedded CLDR pairs, trains a small stand-in base, post-trains it twice with the same
data and steps, and scores all three on held-out names. Out: a table, `summary.json`,
`retrieval.png`, the records behind both, and the checkpoints.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from translit_ppa.data_builders import get_benchmark, load_group
from translit_ppa.data_builders.errors import DataError
from translit_ppa.errors import user_errors_exit_2
from translit_ppa.hub_cards import (
    EvalRecord,
    TrainRecord,
    to_markdown,
    to_terminal,
)
from translit_ppa.hub_cards.figures.figures import loss_curves, retrieval_heatmap
from translit_ppa.hub_cards.records.files import load_records, write_atomically
from translit_ppa.hub_cards.tables.retrieval_tables import retrieval_table
from translit_ppa.modeling import SentenceEncoder
from translit_ppa.modeling.training.arguments import parse_arguments
from translit_ppa.scoring.retrieval import evaluate_model
from translit_ppa.scoring.scores import Scores
from translit_ppa.scoring.store import open_models
from translit_ppa.training.ablation import post_train
from translit_ppa.training.inputs import PAIRS_NAME, prepare
from translit_ppa.training.outputs import RECORD_NAME
from translit_ppa.training.run import main as train

RUNS = {"mlm": ["mlm"], "mlm+seq+tlm": ["mlm", "seq", "tlm"]}


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; see the module's text for the command line."""
    args = _parser().parse_args(argv)
    started = time.monotonic()
    seconds: dict[str, float] = {}
    common = ["--recipe", "embedded", "--dataset_config", args.group, "--seed", str(args.seed)]
    common += args.train_option

    begun = time.monotonic()
    inputs, _, stand_in, training = parse_arguments([*common, "--output_dir", str(args.out)])
    _, base = prepare(inputs, stand_in, training)
    seconds["pairs and base"] = round(time.monotonic() - begun, 1)
    folders = {"base": Path(base)}
    common += ["--model_name_or_path", base, "--dataset_name", str(args.out / PAIRS_NAME)]
    for label, objectives in RUNS.items():
        begun = time.monotonic()
        folders[label] = args.out / label
        words = [*common, "--objectives", *objectives]
        status = post_train(train, folders[label], words, base)
        if status:
            return status
        seconds[label] = round(time.monotonic() - begun, 1)
    begun = time.monotonic()
    records = [
        record for label, folder in folders.items() for record in _score(args, label, folder)
    ]
    seconds["scores"] = round(time.monotonic() - begun, 1)
    seconds["total"] = round(time.monotonic() - started, 1)
    _report(args, records, seconds)
    return 0


def _score(args: argparse.Namespace, label: str, folder: Path) -> list[EvalRecord]:
    """Score one model on the test names: every ordered pair of the group and its sources."""
    benchmark = get_benchmark("cldr")
    group = load_group(args.group)
    directions = benchmark.directions(group.scored_codes)
    if not directions:
        raise DataError(f"the embedded names cover no two languages of {args.group}.")
    encoder = SentenceEncoder.from_pretrained(str(folder))
    (opened,) = open_models([str(folder)], None)
    model = replace(opened, name=label)
    return list(evaluate_model(encoder, model, benchmark, directions, seed=args.seed))


def _report(args: argparse.Namespace, records: list[EvalRecord], seconds: dict[str, float]) -> None:
    """Write records, summary, table and figures; print the table."""
    scores = Scores(tuple(records))
    table = retrieval_table(scores)
    scores.save(args.out / "records")
    summary: dict[str, object] = {
        row: {
            metric: round(scores.mean(row, metric=metric).value or 0.0, 2)
            for metric in ("top1", "top10")
        }
        for row in scores.rows
    }
    summary |= {"seed": args.seed, "seconds": seconds}
    write_atomically(args.out / "summary.json", json.dumps(summary, indent=2).encode())
    write_atomically(args.out / "retrieval.md", (to_markdown(table) + "\n").encode())
    group = load_group(args.group)
    names = {
        language.code: language.name.partition(" (")[0]
        for language in (*group.languages, *group.evaluation_sources)
    }
    retrieval_heatmap(
        scores,
        "base",
        "mlm+seq+tlm",
        args.out / "retrieval.png",
        names=names,
        labels={"base": "before: base", "mlm+seq+tlm": "after: MLM+SEQ+TLM"},
    )
    print(to_terminal(table))
    (run,) = load_records(args.out / "mlm+seq+tlm" / RECORD_NAME, kind="train")
    assert isinstance(run, TrainRecord)
    loss_curves(run, args.out / "losses.png")
    print(
        f"{seconds['total']:.0f} s in all. Wrote summary.json, retrieval.md, retrieval.png, "
        f"losses.png and the records under {args.out}; the aligned checkpoint is "
        f"{args.out / 'mlm+seq+tlm'}."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="demo.py",
        description="Post-training alignment on embedded real text, before and after, in minutes.",
    )
    add = parser.add_argument
    add("--group", default="mediterranean", help="mediterranean or sea (default: mediterranean)")
    add("--seed", type=int, default=42, help="of text, base and training (default: 42)")
    add("--out", type=Path, default=Path("runs/demo"), help="folder (default: runs/demo)")
    add(
        "--train_option",
        action="extend",
        nargs="+",
        default=[],
        metavar="WORD",
        help="more words for train.py, e.g. --train_option=--max_steps --train_option=100",
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
