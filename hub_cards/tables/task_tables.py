"""Tables of fine-tuned scores, and any scores beside the paper's, made from records alone.

Numbers are percent: mean over targets, ± standard deviation over seeds. A source's own test score
stands in the column `on itself`. What was not measured is `-` and is named under the table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from ..paper.results import BASE, paper_mean, paper_score
from ..records.files import RecordError, TaskRecord, common_signature
from ..scores.cells import Pair
from ..scores.grid import Grid, row_labels, task_grid
from .tables import Table


def task_table(records: Sequence[TaskRecord], pairs: Sequence[Pair] | None = None) -> Table:
    """Compare models: one row each, a column per source, then all cells.

    Args:
        records: Of one benchmark and split.
        pairs: The (source, target) cells that each model should have; by default all found.

    Returns:
        The table, with the sources' own scores as last columns.

    Raises:
        RecordError: If the records do not belong into one table.
    """
    grid = task_grid(records, pairs)
    header = ["model", *grid.sources, "all cells", *(f"{s} on itself" for s in grid.sources)]
    rows = []
    for row in grid.rows:
        means = [grid.mean(row, source) for source in grid.sources]
        own = [grid.cell(row, (source, source)) for source in grid.sources]
        rows.append((row, *map(str, [*means, grid.mean(row), *own])))
    rows += _chance_rows(records, grid)
    title = f"{records[0].benchmark} {records[0].main_score}, by source: mean over targets, %"
    return Table(title, tuple(header), tuple(rows), _signature(records), _notes(grid))


def task_matrix(
    records: Sequence[TaskRecord], row: str, pairs: Sequence[Pair] | None = None
) -> Table:
    """Show one model in full: a row per source, a column per target.

    Args:
        records: As for `task_table`.
        row: A row label of it.
        pairs: As for `task_table`.

    Raises:
        RecordError: If there is no such row.
    """
    grid = task_grid(records, pairs)
    if row not in grid.rows:
        raise RecordError(f"model: came {row!r}; legal: {', '.join(grid.rows)}")
    rows = []
    for source in grid.sources:
        cells = [
            str(grid.cell(row, (source, target))) if (source, target) in grid.pairs else ""
            for target in grid.targets
        ]
        own = str(grid.cell(row, (source, source)))
        rows.append((source, *(_plain(c) for c in cells), str(grid.mean(row, source)), _plain(own)))
    mine = [r for r, label in zip(records, row_labels(records), strict=True) if label == row]
    title = f"{row}: {mine[0].benchmark} {mine[0].main_score}, source (row) to target, %"
    header = ("source", *grid.targets, "mean", "on itself")
    notes = _notes(Grid({row: grid.rows[row]}, grid.pairs))
    return Table(title, header, tuple(rows), _signature(mine), notes)


def paper_table(
    grid: Grid, group: str, task: str, models: Mapping[str, str], name: str = ""
) -> Table | None:
    """Set our means beside the paper's over the same targets.

    Args:
        grid: Our scores.
        group: `mediterranean` or `sea`.
        task: The benchmark's name.
        models: Row label -> its counterpart in the paper.
        name: What to call the benchmark in the title; by default the task.

    Returns:
        The table; None if the paper has none of these cells.
    """
    rows = []
    for row, printed in models.items():
        for source in grid.sources:
            pairs = [
                (s, t)
                for s, t in grid.pairs
                if s == source
                and (s, t) in grid.rows[row]
                and paper_score(group, task, printed, s, t) is not None
            ]
            ours = Grid(grid.rows, tuple(pairs)).mean(row)
            theirs = paper_mean(group, task, printed, source, [target for _, target in pairs])
            if ours.value is None or theirs is None:
                continue
            difference = f"{ours.value - theirs:+.1f}"
            rows.append(
                (row, source, str(len(pairs)), str(ours), printed, f"{theirs:.1f}", difference)
            )
    if not rows:
        return None
    header = ("model", "source", "targets", "ours", "paper's counterpart", "paper", "difference")
    note = (
        "the counterpart is the paper's model of the same role (the base, or the same objectives); "
        f"the paper's begin with {BASE}, ours with what their records name. Its means are computed "
        "from its cells, over our targets. Data, seeds and training text differ: see the signatures"
    )
    return Table(f"{name or task} beside the paper ({group}), %", header, tuple(rows), "", (note,))


def task_cells(records: Sequence[TaskRecord], group: str, models: Mapping[str, str]) -> Table:
    """List every record as one row: the table behind the others.

    Args:
        records: Of any number of benchmarks.
        group: For the paper's figure.
        models: Model name -> its counterpart in the paper.
    """
    facts = ("task", "source", "target", "seed", "shots", "n", "train_rows", "best_epoch")
    header = (
        *("model", *facts, "score", "value", "dev"),
        *("paper's counterpart", "paper", "difference", "other scores", "signature"),
    )
    rows = []
    for record in records:
        printed = models.get(record.model, "")
        figure = paper_score(group, record.task, printed, record.source, record.target)
        others = {k: v for k, v in record.scores.items() if k != record.main_score}
        rows.append(
            (
                *(record.model, *(f"{getattr(record, name)}" for name in facts)),
                *(record.main_score, f"{record.score:.2f}", f"{record.dev_score:.2f}", printed),
                "" if figure is None else f"{figure:.1f}",
                "" if figure is None else f"{record.score - figure:+.1f}",
                " ".join(f"{name}={value:.2f}" for name, value in others.items()),
                record.signature(),
            )
        )
    return Table("all fine-tuned cells", header, tuple(rows))


def _chance_rows(records: Sequence[TaskRecord], grid: Grid) -> list[tuple[str, ...]]:
    """What answers score that never saw the text, over the same cells."""
    by_kind: dict[str, dict[Pair, dict[int, float]]] = {}
    for record in records:
        for kind, value in record.chance.items():
            by_kind.setdefault(kind, {})[record.source, record.target] = {0: value}
    rows = []
    for kind, cells in by_kind.items():
        chance = Grid({kind: cells}, tuple(pair for pair in grid.pairs if pair in cells))
        found = [chance.mean(kind, source) for source in grid.sources]
        own = [chance.cell(kind, (source, source)) for source in grid.sources]
        rows.append((f"chance: {kind}", *map(str, [*found, chance.mean(kind), *own])))
    return rows


def _plain(text: str) -> str:
    """A single cell has no count of cells."""
    return text.partition(" (")[0]


def _signature(records: Iterable[TaskRecord]) -> str:
    return common_signature(record.signature_parts() for record in records)


def _notes(grid: Grid) -> tuple[str, ...]:
    cells = [cell for row in grid.rows.values() for cell in row.values()]
    counts = sorted({len(cell) for cell in cells})
    seeds = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    notes = [f"seeds per cell: {seeds}; ± is the standard deviation over seeds"]
    missing = {row: grid.gaps(row) for row in grid.rows}
    if any(missing.values()):
        # What no model has is said once.
        common = set.intersection(*map(set, missing.values())) if len(missing) > 1 else set()
        own = {row: [p for p in pairs if p not in common] for row, pairs in missing.items()}
        told = "; ".join(
            f"{row}, {', '.join(f'{s} -> {t}' for s, t in pairs)}"
            for row, pairs in {"no model": [p for p in grid.pairs if p in common], **own}.items()
            if pairs
        )
        notes.append(f"not measured ({math.fsum(map(len, missing.values())):.0f}): {told}")
    return tuple(notes)
