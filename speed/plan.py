"""What fine-tuning at full size costs on one GPU: counted work, and the rate of a measured step.

    python -m speed.plan [--share 0.2] [--step-ms 30]    print the table
    python -m speed.plan --write                         put it into docs/scale.md
    python -m speed.plan --measure                       time a step here first, and keep its record

Counted are the fine-tunings of the paper's design, with all epochs and every training set as large
as the English one: early stopping and smaller sets cost less. The record's rate gives the hours of
the machine that it was measured on. Where that is no H100, those of an H100 are reckoned from two
assumptions, which are named: the share of its peak that it reaches, and the least time of a step,
which small batches are bound by.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from speed.training.gpu import PEAKS
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.hub_cards.tables.fill_markers import fill
from translit_ppa.modeling.tasks.settings import TASK_SETTINGS

DOCS = Path(__file__).resolve().parents[1] / "docs"
RATE = DOCS / "records" / "plan_rate.json"
MODELS, SOURCES, SEEDS, GROUPS = 5, 4, 5, 2
GPU = "H100"
LAYERS, WIDTH = 12, 768
WEIGHTS = LAYERS * 12 * WIDTH**2
"""Of the layers of Glot500 and XLM-R base; its pieces are in the measured rate alone."""
TARGETS = 8
"""At most, in the paper's groups."""


@dataclass(frozen=True)
class Rows:
    """Sizes of the English sets: trained on, looked at after each epoch, tested in a language."""

    train: int
    dev: int
    test: int


ROWS = {
    # SIB-200 and Taxi1500 as published; WikiANN's splits for NER; UD English EWT for POS.
    "sib200": Rows(701, 99, 204),
    "taxi1500": Rows(860, 106, 111),
    "ner": Rows(20_000, 10_000, 10_000),
    "pos": Rows(12_544, 2_001, 2_077),
}


def table(share: float, step_seconds: float, measured: Mapping[str, Any]) -> str:
    """Count the work of each task, and the hours that a measured rate and assumptions make of it.

    Args:
        share: Of the GPU's peak that is reached, 0 to 1.
        step_seconds: The least time of a step forward and back.
        measured: Record of a fine-tuning step. If it is of such a GPU, its rate is the one.
    """
    tokens = tokens_of_a_text()
    of_gpu = GPU in measured["device"]
    where = measured["device"].partition(",")[0]
    rate = share * PEAKS[GPU]
    lines = [
        f"| task | fine-tunings | steps of each | PFLOP of each | hours, all: {where} "
        f"|{'' if of_gpu else f' hours, all: one {GPU}, reckoned |'}",
        f"| --- | ---: | ---: | ---: | ---: |{'' if of_gpu else ' ---: |'}",
    ]
    count, total, there = MODELS * SOURCES * SEEDS * GROUPS, 0.0, 0.0
    for task, rows in ROWS.items():
        settings = TASK_SETTINGS[task]
        batches = settings.epochs * -(-rows.train // settings.batch_size)
        steps = batches // settings.gradient_accumulation
        looked = settings.epochs * rows.dev + (TARGETS + 1) * rows.test
        # Two operations for each weight and token forward, four more back.
        trained = 6 * WEIGHTS * tokens * settings.epochs * rows.train
        asked = 2 * WEIGHTS * tokens * looked
        seconds = max(trained / rate, batches * step_seconds)
        seconds += max(asked / rate, looked / settings.eval_batch_size * step_seconds / 3)
        total += count * seconds / 3600
        hours = count * (trained + asked) / measured["rate"] / 3600
        there += hours
        lines.append(
            f"| {task} | {count} | {steps:,} | {(trained + asked) / 1e15:,.1f} | {hours:,.1f} |"
            + ("" if of_gpu else f" {count * seconds / 3600:,.1f} |")
        )
    lines += [
        f"| all | {count * len(ROWS)} | | | {there:,.1f} |{'' if of_gpu else f' {total:,.1f} |'}",
        "",
        f"- counted: {MODELS} models, {SOURCES} sources, {SEEDS} seeds, {len(ROWS)} tasks, "
        f"{GROUPS} groups; all epochs, sets as large as the English ones, {tokens} tokens a text "
        f"(measured on NTREX), {WEIGHTS / 1e6:.0f} million weights in {LAYERS} layers",
        f"- measured: {_told(measured)}; its hours are the counted work at that rate, the texts "
        "that are only looked at included, which is assumed",
    ]
    if not of_gpu:
        lines.append(
            f"- no {GPU} was measured: its hours are the same work at {share:.0%} of the "
            f"{PEAKS[GPU] / 1e12:.0f} TFLOP/s of its data sheet in bf16, "
            f"{rate / measured['rate']:,.0f} times the measured rate, and no step in less than "
            f"{1000 * step_seconds:g} ms; both are assumed"
        )
    return "\n".join(lines)


def tokens_of_a_text() -> float:
    """Give the mean length of a text, as it was measured on NTREX."""
    record = json.loads((DOCS / "performance" / "step-12x768-fp32.json").read_text("utf-8"))
    return float(record["text"]["tokens_per_original"])


def _told(measured: Mapping[str, Any]) -> str:
    return (
        f"a step of fine-tuning, {measured['shape']}, {measured['texts']} texts of "
        f"{measured['tokens']} tokens, {measured['precision']}, on {measured['device']}: "
        f"{median(measured['seconds']):.3g} s, {measured['rate'] / 1e9:,.0f} GFLOP/s "
        f"(median of {len(measured['seconds'])}; torch {measured['libraries']['torch']})"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, or write it; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m speed.plan")
    parser.add_argument("--share", type=float, default=0.2, help="of the peak (default: 0.2)")
    parser.add_argument("--step-ms", type=float, default=30, help="least of a step (default: 30)")
    parser.add_argument("--measure", action="store_true", help="time a step here, keep its record")
    parser.add_argument("--write", action="store_true", help="put the table into docs/scale.md")
    args = parser.parse_args(sys.argv[1:] if argv is None else argv)
    if args.measure:
        from speed.training.fine_tuning import measure_step

        found = measure_step(LAYERS, WIDTH, round(tokens_of_a_text()))
        write_atomically(RATE, (json.dumps(found, indent=1) + "\n").encode())
    made = table(args.share, args.step_ms / 1000, json.loads(RATE.read_text(encoding="utf-8")))
    if args.write:
        page = DOCS / "scale.md"
        write_atomically(page, fill(page.read_text(encoding="utf-8"), "plan", made).encode())
    print(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
