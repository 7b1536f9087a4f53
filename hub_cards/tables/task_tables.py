"""Tables of fine-tuned scores, and any scores beside the paper's, made from records alone.

Numbers are percent: mean over targets, ± standard deviation over seeds. A source's own test score
stands in the column `on itself`. What was not measured is `-` and is named under the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..paper.results import BASE, paper_mean, paper_notes, paper_score
from ..records.files import EvalRecord, TaskRecord
from ..scores.average import average
from ..scores.cells import Pair
from ..scores.labels import head
from ..scores.scores import Scores
from ..table import Table

FROZEN = "frozen"
"""The setting `selection` of labels that were read from the vectors of a model as it is."""


def task_table(scores: Scores) -> Table:
    """Compare models: one row each, a column per source, then all cells.

    Args:
        scores: Of one benchmark and split.

    Returns:
        The table, with the sources' own scores as last columns.

    Raises:
        RecordError: If the records do not belong into one table.
    """
    scores.require_one("main_score")
    sources = scores.sources
    header = ["model", *sources, "all cells", *(f"{source} on itself" for source in sources)]
    rows = []
    for row in scores.rows:
        means = [*(scores.mean(row, source) for source in sources), scores.mean(row)]
        own = [scores.mean(row, pairs=[(source, source)]) for source in sources]
        rows.append((row, *map(str, [*means, *own])))
    rows += _chance_rows(scores)
    first: Any = scores.records[0]
    title = f"{first.benchmark} {first.main_score}, by source: mean over targets, %"
    notes = _notes(scores, scores.rows)
    return Table(title, tuple(header), tuple(rows), scores.signature(), notes)


def task_matrix(scores: Scores, row: str) -> Table:
    """Show one model in full: a row per source, a column per target.

    Args:
        scores: Of one benchmark and split.
        row: A row of `task_table`.

    Raises:
        RecordError: If there is no such row.
    """
    scores.require_row(row)
    pairs = scores.pairs
    rows = []
    for source in scores.sources:
        cells = [
            str(scores.mean(row, pairs=[(source, target)])) if (source, target) in pairs else ""
            for target in scores.targets
        ]
        own = scores.mean(row, pairs=[(source, source)])
        rows.append((source, *cells, str(scores.mean(row, source)), str(own)))
    first: Any = scores.records[0]
    title = f"{row}: {first.benchmark} {first.main_score}, source (row) to target, %"
    header = ("source", *scores.targets, "mean", "on itself")
    return Table(title, header, tuple(rows), scores.signature([row]), _notes(scores, [row]))


def paper_table(scores: Scores, group: str, task: str, models: Mapping[str, str]) -> Table | None:
    """Set our means beside the paper's over the same targets.

    Args:
        scores: Of one benchmark.
        group: `mediterranean` or `sea`.
        task: The benchmark's name.
        models: Row label -> its counterpart in the paper.

    Returns:
        The table; None if the paper has none of these cells.
    """
    rows = []
    for row, printed in models.items():
        for source in scores.sources:
            pairs = [
                (s, t)
                for s, t in scores.pairs
                if s == source
                and (s, t) in scores.cells(row)
                and paper_score(group, task, printed, s, t) is not None
            ]
            ours = scores.mean(row, pairs=pairs)
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
    notes = (
        note,
        *(n for m in dict.fromkeys(models.values()) for n in paper_notes(group, task, m)),
    )
    return Table(f"{task} beside the paper ({group}), %", header, tuple(rows), "", notes)


def task_cells(scores: Scores, group: str, models: Mapping[str, str]) -> Table:
    """List every record as one row: the table behind the others.

    Args:
        scores: Of any number of tasks; other scores are passed over.
        group: For the paper's figure.
        models: Model name -> its counterpart in the paper, which reads the original script.
    """
    facts = ("task", "source", "target", "seed", "shots", "n", "train_rows", "best_epoch")
    header = (
        *("model", *facts, "score", "value", "dev"),
        *("paper's counterpart", "paper", "difference", "other scores", "signature"),
    )
    rows = []
    for record in (record for record in scores.records if isinstance(record, TaskRecord)):
        printed = models.get(record.model, "") if record.input == "original" else ""
        figure = paper_score(group, record.task, printed, record.source, record.target)
        others = {k: v for k, v in record.scores.items() if k != record.main_score}
        rows.append(
            (
                *(head(record.cell()), *(f"{getattr(record, name)}" for name in facts)),
                *(record.main_score, f"{record.score:.2f}", f"{record.dev_score:.2f}", printed),
                "" if figure is None else f"{figure:.1f}",
                "" if figure is None else f"{record.score - figure:+.1f}",
                " ".join(f"{name}={value:.2f}" for name, value in others.items()),
                record.signature(),
            )
        )
    return Table("all fine-tuned cells", header, tuple(rows))


def fine_tuning(records: Iterable[EvalRecord | TaskRecord]) -> str:
    """Say how models were fine-tuned: every setting that the records name, rows, epochs and seeds.

    Args:
        records: Of one task; what differs among them is told by all its values, or its range.
    """
    tasks = [record for record in records if isinstance(record, TaskRecord)]
    values: dict[str, list[Any]] = {}
    for record in tasks:
        for name, value in record.settings.items():
            if value is not None:
                values.setdefault(name, []).append(value)
    frozen = values.get("selection") == [FROZEN] * len(tasks)
    told = [
        f"{name.replace('_', ' ')} {_among(found)}"
        for name, found in values.items()
        if not (frozen and name == "selection")
    ]
    rows = _span([record.train_rows for record in tasks])
    told.append(f"drawn from {rows} rows" if frozen else f"rows learned from {rows}")
    if not frozen:
        told.append(f"epochs run {_span([record.epochs for record in tasks])}")
    told.append(f"seeds {', '.join(map(str, sorted({record.seed for record in tasks})))}")
    how = "not fine-tuned: logistic regression on frozen vectors" if frozen else "fine-tuned"
    return f"{how} with {', '.join(told)}"


def _among(values: Iterable[Any]) -> str:
    return " or ".join(dict.fromkeys(str(value) for value in values))


def _span(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _chance_rows(scores: Scores) -> list[tuple[str, ...]]:
    """What answers score that never saw the text, over the same cells."""
    by_kind: dict[str, dict[Pair, dict[int, float]]] = {}
    for record in scores.records:
        for kind, value in getattr(record, "chance", {}).items():
            by_kind.setdefault(kind, {})[record.source, record.target] = {0: value}
    rows = []
    for kind, cells in by_kind.items():
        pairs = [pair for pair in scores.pairs if pair in cells]
        means = [average([cells[p] for p in pairs if p[0] == source]) for source in scores.sources]
        own = [average([cells[s, s]] if (s, s) in cells else []) for s in scores.sources]
        whole = average([cells[pair] for pair in pairs])
        rows.append((f"chance: {kind}", *map(str, [*means, whole, *own])))
    return rows


def _notes(scores: Scores, rows: Iterable[str]) -> tuple[str, ...]:
    counts = sorted({len(cell) for row in rows for cell in scores.cells(row).values()})
    seeds = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    notes = [f"seeds per cell: {seeds}; ± is the standard deviation over seeds"]
    notes += [fine_tuning(scores.records_of(rows))]
    missing = {row: scores.gaps(row) for row in rows}
    if any(missing.values()):
        # What no model has is said once.
        common = set.intersection(*map(set, missing.values())) if len(missing) > 1 else set()
        own = {row: [p for p in pairs if p not in common] for row, pairs in missing.items()}
        told = "; ".join(
            f"{row}, {', '.join(f'{s} -> {t}' for s, t in pairs)}"
            for row, pairs in {"no model": [p for p in scores.pairs if p in common], **own}.items()
            if pairs
        )
        notes.append(f"not measured ({sum(map(len, missing.values()))}): {told}")
    return tuple(notes)
