"""The tables of tasks on the real encoder, from the records of docs/records/tasks*.

A row is a task, the language that was fine-tuned on, and the script that the model was given; its
figures are means over the other languages. `make_real_encoder.py` puts the table on its page.
"""

from __future__ import annotations

from pathlib import Path

from make_factor_table import difference_told

from translit_ppa import Scores, load_scores
from translit_ppa.hub_cards import Table
from translit_ppa.hub_cards.scores.comparing.evidence import Comparison, judge
from translit_ppa.hub_cards.tables.task_tables import fine_tuning

FROZEN = Path(__file__).resolve().parent / "records" / "tasks"
TUNED = FROZEN.with_name("tasks-tuned")
BASE = "e5-small"
INPUTS = {"original": "original", "latin": "romanised"}
"""Script of the input, as records name it -> as the table does."""


def task_table(records: Path) -> Table:
    """Make the table: each task with each source and input, a column for each model.

    Args:
        records: Of the base and of others.
    """
    scores = load_scores(records)
    models = [model.model for model in scores.models]
    models.sort(key=lambda name: (name != BASE, name))
    parts = {
        (benchmark, script): part
        for benchmark in scores.benchmarks
        for script in INPUTS
        if (part := scores.of_benchmark(benchmark).where(input=script)).records
    }
    lines = [(*key, source) for key, part in parts.items() for source in part.sources]
    against = judge(
        {
            (line, model): compared
            for line in lines
            for model in models
            if model != BASE and (compared := _compared(parts[line[:2]], model, line[2]))
        }
    )
    rows = []
    for line in lines:
        benchmark, script, source = line
        part = parts[line[:2]]
        targets = [target for origin, target in part.pairs if origin == source]
        means = [_mean(part, model, source) for model in models]
        told = [_told(against.get((line, model))) for model in models if model != BASE]
        name = benchmark.partition("@")[0]
        row = (
            name,
            source,
            INPUTS[script],
            str(len(targets)),
            *means,
            *told,
            _chance(against, line),
        )
        rows.append(row)
    others = [model for model in models if model != BASE]
    header = ("task", "learned from", "input", "languages", *models,
              *(f"{model} less {BASE}" for model in others), "chance")  # fmt: skip
    notes = (
        *(f"signature: `{part.signature()}`" for part in parts.values()),
        fine_tuning(record for part in parts.values() for record in part.records),
        "[a to b]: 95% interval over test items and seeds; **bold**: shown, all "
        f"{len(against)} comparisons of this table judged together by Holm's method",
        "chance: the higher of uniform guessing and the majority label",
    )
    return Table("Tasks: mean over the other languages, %", header, tuple(rows), notes=notes)


def _compared(part: Scores, model: str, source: str) -> Comparison | None:
    rows = part.only_row_of(BASE), part.only_row_of(model)
    pairs = [pair for pair in part.pairs if pair[0] == source]
    return None if None in rows else part.compare(*map(str, rows), pairs=pairs)


def _mean(part: Scores, model: str, source: str) -> str:
    row = part.only_row_of(model)
    return "-" if row is None else str(part.mean(row, source))


def _told(compared: Comparison | None) -> str:
    if compared is None:
        return "-"
    if compared.verdict in ("at chance", "one seed, not judged"):
        return compared.verdict
    return difference_told(compared)


def _chance(
    against: dict[tuple[tuple[str, str, str], str], Comparison], line: tuple[str, str, str]
) -> str:
    levels = {
        max(compared.chance.values()) for (other, _), compared in against.items() if other == line
    }
    return " / ".join(f"{level:.1f}" for level in sorted(levels)) or "-"
