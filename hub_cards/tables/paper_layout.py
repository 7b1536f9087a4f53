"""Scores in the layout of the paper's tables, ours and the paper's and their difference.

In tables 2, 3 and 7 to 12 a row is a target language and a column a source within a task; `src`
marks the cell where both are the same. Tables 4 and 5 have the averages, a row per model.

Input: Scores by task. Output: Tables. A cell that the paper has and ours lack is `-`, and each mean
says how many of the paper's cells it has. A difference is taken over the cells that both have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import fsum

from ..paper.results import TASKS, paper_notes, paper_pairs, paper_score
from ..scores.average import Mean
from ..scores.cells import Pair
from ..scores.scores import Scores
from ..table import Table

ENGLISH = "eng_Latn"
_NAMES = {task: printed for printed, task in TASKS.items()}
Score = Callable[[str, Pair], float | None]


def cell_tables(
    grids: Mapping[str, Scores], row: str, group: str, printed: str | None = None
) -> list[Table]:
    """Arrange one model as tables 2, 3 and 7 to 12 do: targets down, sources by task across.

    Args:
        grids: Scores by task (`srb`, `taxi1500`, `sib200`, `ner`, `pos`); others are passed over.
        row: The model's row label.
        group: `mediterranean` or `sea`: sources and targets are the paper's. Any other: all found.
        printed: The model's counterpart in the paper.

    Returns:
        Our scores; with a counterpart also the paper's, and the difference. None of them if the
        model has none of the tasks.
    """
    grids = {task: grid for task, grid in grids.items() if row in grid.rows}
    columns = _columns(grids, group)

    def ours(task: str, pair: Pair) -> float | None:
        return grids[task].value(row, pair)

    def paper(task: str, pair: Pair) -> float | None:
        return paper_score(group, task, printed or "", *pair)

    def difference(task: str, pair: Pair) -> float | None:
        return _minus(ours(task, pair), paper(task, pair))

    kinds: dict[str, tuple[Score, str]] = {row: (ours, ".1f")}
    if any(paper(task, p) is not None for (task, _), pairs in columns.items() for p in pairs):
        kinds[f"{printed} in the paper"] = (paper, ".1f")
        kinds[f"{row} minus {printed} in the paper"] = (difference, "+.1f")
    if not columns:
        return []
    notes = _misprints(columns, group, [printed])
    return [
        Table(
            f"{title}, %",
            _header("target", columns),
            _cells(columns, score, form),
            notes=() if score is ours else notes,
        )
        for title, (score, form) in kinds.items()
    ]


def average_table(
    grids: Mapping[str, Scores], rows: Mapping[str, str | None], group: str
) -> Table | None:
    """Arrange models as tables 4 and 5 do: a row per model, the average of each source's targets.

    Args:
        grids: As for `cell_tables`.
        rows: Row label -> the model's counterpart in the paper, None without one.
        group: As for `cell_tables`.

    Returns:
        A row per model; below one with a counterpart, the paper's average over the same cells and
        the difference. None if there is none of the tasks.
    """
    grids = {task: grid for task, grid in grids.items() if any(row in grid.rows for row in rows)}
    columns = _columns(grids, group)
    if not columns:
        return None
    lines = []
    for row, printed in rows.items():
        texts: list[tuple[str, str, str]] = []
        for (task, _), pairs in columns.items():
            grid = grids[task]
            common = [
                (value, figure)
                for pair in pairs
                if (value := grid.value(row, pair)) is not None
                and (figure := paper_score(group, task, printed or "", *pair)) is not None
            ]
            theirs = fsum(figure for _, figure in common) / len(common) if common else None
            change = fsum(v - f for v, f in common) / len(common) if common else None
            mean = str(grid.mean(row, pairs=pairs)).replace(" ± ", " ±")
            texts.append((mean, _text(theirs, ".1f"), _text(change, "+.1f")))
        mine, paper, difference = zip(*texts, strict=True)
        lines.append((row, *mine))
        if printed is not None:
            lines += [(f"{printed} in the paper", *paper), ("difference", *difference)]
    note = (
        "the paper's averages are computed from its cells, over those that ours have; "
        "± is the standard deviation over seeds"
    )
    title = "Average over targets, by task and source, %"
    notes = (note, *_misprints(columns, group, rows.values()))
    return Table(title, _header("model", columns), tuple(lines), "", notes)


def paper_cells_table(
    grids: Mapping[str, Scores], rows: Mapping[str, str | None], group: str
) -> Table | None:
    """List our mean over seeds, the paper's figure and the difference, a line per cell.

    Args:
        grids: As for `cell_tables`.
        rows: As for `average_table`.
        group: As for `cell_tables`.

    Returns:
        The table; None if there is none of the tasks.
    """
    lines = []
    for (task, _), pairs in _columns(grids, group).items():
        for row, printed in rows.items():
            for pair in pairs:
                cell = grids[task].mean(row, pairs=[pair])
                if cell.value is None:
                    continue
                figure = paper_score(group, task, printed or "", *pair)
                change = _minus(cell.value, figure)
                facts = (row, task, *pair, _text(cell.value, ".2f", ""), _text(cell.std, ".2f", ""))
                beside = (printed or "", _text(figure, ".1f", ""), _text(change, "+.1f", ""))
                lines.append((*facts, str(cell.seeds), *beside))
    header = (
        *("model", "task", "source", "target", "ours", "std", "seeds"),
        *("paper's counterpart", "paper", "difference"),
    )
    return Table("our cells beside the paper's", header, tuple(lines)) if lines else None


def _misprints(
    columns: Mapping[tuple[str, str], list[Pair]], group: str, printed: Iterable[str | None]
) -> tuple[str, ...]:
    """Name the likely misprints among the paper's figures of some tasks and models."""
    tasks = dict.fromkeys(task for task, _ in columns)
    models = [model for model in printed if model is not None]
    return tuple(note for t in tasks for m in models for note in paper_notes(group, t, m))


def _columns(grids: Mapping[str, Scores], group: str) -> dict[tuple[str, str], list[Pair]]:
    """Cells by (task, source): the paper's, or those found in a group that it does not have."""
    columns: dict[tuple[str, str], list[Pair]] = {}
    for task in (task for task in _NAMES if task in grids):
        # English is a target only of our retrieval, never in the paper's tables.
        found = [pair for pair in grids[task].pairs if pair[1] != ENGLISH]
        for pair in paper_pairs(group, task) or found:
            columns.setdefault((task, pair[0]), []).append(pair)
    return columns


def _cells(
    columns: Mapping[tuple[str, str], list[Pair]], score: Score, form: str
) -> tuple[tuple[str, ...], ...]:
    targets = dict.fromkeys(target for pairs in columns.values() for _, target in pairs)
    rows = []
    for target in targets:
        texts = []
        for (task, source), pairs in columns.items():
            text = "src" if source == target else ""
            if (source, target) in pairs:
                text = _text(score(task, (source, target)), form)
            texts.append(text)
        rows.append((target, *texts))
    means = []
    for (task, _), pairs in columns.items():
        found = [value for pair in pairs if (value := score(task, pair)) is not None]
        mean = fsum(found) / len(found) if found else None
        gap = "" if mean is None else Mean(mean, {}, len(found), len(pairs)).gap
        means.append(f"{_text(mean, form)} {gap}".strip())
    return (*rows, ("Average", *means))


def _header(first: str, columns: Mapping[tuple[str, str], list[Pair]]) -> tuple[str, ...]:
    return (first, *(f"{_NAMES[task]} {source}" for task, source in columns))


def _minus(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _text(value: float | None, form: str, missing: str = "-") -> str:
    return missing if value is None else format(value, form)
