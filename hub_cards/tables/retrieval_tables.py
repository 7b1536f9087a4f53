"""Tables of retrieval scores.

Numbers are percent with one decimal; means are unweighted over cells. A cell that was not measured
is `-`, is named under the table, and every mean that lacks it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..scores.labels import METRICS, require_metrics
from ..scores.layers import by_layer
from ..scores.scores import Scores
from ..table import Table


def retrieval_table(
    scores: Scores,
    columns: Sequence[str] = ("top1", "top10"),
    by_source: Sequence[str] = ("top10",),
) -> Table:
    """Compare models: one row each, means over all ordered pairs and by source.

    Args:
        scores: Of one benchmark and split.
        columns: Scores averaged over all pairs.
        by_source: Scores averaged over the pairs of each source; may be empty.

    Returns:
        The table, with signature, pool sizes, chance level, identical strings and gaps as notes.

    Raises:
        RecordError: If a score is unknown, or the records do not belong into one table.
    """
    require_metrics(*columns, *by_source)
    # With one score by source, its name stands in the title and the columns stay narrow.
    short = len(by_source) == 1
    header = ["model", *(METRICS[metric] for metric in columns)]
    rows = []
    for row in scores.rows:
        means = [scores.mean(row, metric=metric) for metric in columns]
        means += [scores.mean(row, s, metric=m) for s in scores.sources for m in by_source]
        rows.append((row, *map(str, means)))
    for source in scores.sources:
        header += [source if short else f"{source} {METRICS[metric]}" for metric in by_source]
    benchmark = scores.records[0].benchmark
    title = f"{benchmark} retrieval, mean over {len(scores.pairs)} ordered pairs, %"
    if by_source and short:
        title += f"; by source: {METRICS[by_source[0]]}"
    notes = _notes(scores, list(scores.rows), tuple(dict.fromkeys([*columns, *by_source])))
    return Table(title, tuple(header), tuple(rows), scores.signature(), notes)


def retrieval_matrix(scores: Scores, row: str, metric: str = "top10") -> Table:
    """Show one model in full: a row per source, a column per target.

    Args:
        scores: Of one benchmark and split.
        row: A row of `retrieval_table`: the model, with its settings if they vary.
        metric: The score shown.

    Returns:
        The matrix with a column of means. An empty cell is no direction of the benchmark.

    Raises:
        RecordError: If the score or the row is unknown, or the records do not belong together.
    """
    require_metrics(metric)
    scores.require_row(row)
    rows = []
    for source in scores.sources:
        texts = [
            _number(scores.value(row, (source, target), metric))
            if (source, target) in scores.pairs
            else ""
            for target in scores.targets
        ]
        rows.append((source, *texts, str(scores.mean(row, source, metric=metric))))
    title = f"{row}: {scores.records[0].benchmark} {METRICS[metric]}, source (row) to target, %"
    header = ("source", *scores.targets, "mean")
    return Table(
        title, header, tuple(rows), scores.signature([row]), _notes(scores, [row], (metric,))
    )


def retrieval_cells(scores: Scores) -> Table:
    """List every record as one row with all its scores: the table behind all other tables.

    Args:
        scores: Of one benchmark and split.

    Returns:
        The table; `_all` marks scores that include identical strings.

    Raises:
        RecordError: If the records do not belong into one table.
    """
    facts = ("source", "target", "n", "pool", "identical")
    header = ("model", *facts, *METRICS, *(f"{metric}_all" for metric in METRICS), "signature")
    rows = []
    for label, cells in scores.rows.items():
        for record in (record for cell in cells.values() for record in cell.values()):
            values = [record.scores[metric] for metric in METRICS]
            values += [record.scores_all[metric] for metric in METRICS]
            texts = [*(str(getattr(record, name)) for name in facts), *map(_number, values)]
            rows.append((label, *texts, record.signature()))
    return Table(f"{scores.records[0].benchmark}, all cells", header, tuple(rows))


def layer_table(scores: Scores, metric: str = "top10") -> Table:
    """Average a score over all pairs by model and layer.

    Args:
        scores: Of one benchmark and split, at several layers.
        metric: `top1`, `top5` or `top10`.

    Returns:
        A row per layer, a column per model.

    Raises:
        RecordError: If the score is unknown or the records do not belong together.
    """
    means = by_layer(scores, metric)
    layers = sorted({layer for found in means.values() for layer in found})
    rows = [
        (str(layer), *(str(found[layer]) if layer in found else "-" for found in means.values()))
        for layer in layers
    ]
    title = f"{scores.records[0].benchmark} {METRICS[metric]} by layer, mean over all pairs, %"
    return Table(title, ("layer", *means), tuple(rows))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _notes(scores: Scores, rows: Sequence[str], metrics: Sequence[str]) -> tuple[str, ...]:
    """Say below a table what its numbers rest on, and what is missing from them."""
    records: Any = scores.records_of(rows)
    chance = ", ".join(
        f"{METRICS[metric]} {scores.chance(int(metric.removeprefix('top')), rows):.1f}"
        for metric in metrics
    )
    counts = [
        f"queries {_range(record.n for record in records)}",
        f"pool {_range(record.pool for record in records)}",
        f"chance {chance}",
    ]
    notes = ["a pair has " + ", ".join(counts)]
    identical = sum(record.identical for record in records)
    if identical:
        total = identical + sum(record.n for record in records)
        beside = "; ".join(
            f"{row} "
            + " / ".join(str(scores.mean(row, metric=m, everything=True)) for m in metrics)
            for row in rows
        )
        names = " / ".join(METRICS[metric] for metric in metrics)
        notes.append(
            f"identical source and target strings left out: {identical} of {total} queries; "
            f"{names} with them: {beside}"
        )
    gaps: dict[str, list[str]] = {}
    for row in rows:
        for source, target in scores.gaps(row):
            gaps.setdefault(f"{row}, {source} ->", []).append(target)
    if gaps:
        named = "; ".join(f"{place} {', '.join(targets)}" for place, targets in gaps.items())
        notes.append(f"not measured ({sum(map(len, gaps.values()))}): {named}")
    return tuple(notes)


def _range(values: Iterable[int]) -> str:
    numbers = sorted(values)
    return f"{numbers[0]}" if numbers[0] == numbers[-1] else f"{numbers[0]}-{numbers[-1]}"
