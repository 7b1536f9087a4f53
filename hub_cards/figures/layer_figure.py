"""Retrieval accuracy by layer: which layer of a model aligns languages best.

Input: eval records of one benchmark at several layers. Output: a table, and a PNG with a CSV.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..records.files import EvalRecord, RecordError, write_atomically
from ..scores.cells import collect_cells
from ..tables.tables import METRICS, Table, to_csv
from . import drawing


def layer_table(records: Sequence[EvalRecord], metric: str = "top10") -> Table:
    """Average a score over all pairs by model and layer.

    Args:
        records: Eval records of one benchmark, split and input.
        metric: `top1`, `top5` or `top10`.

    Returns:
        A row per layer, a column per model.

    Raises:
        RecordError: If the score is unknown or the records do not belong together.
    """
    if metric not in METRICS:
        raise RecordError(f"score: came {metric!r}; legal: {', '.join(METRICS)}")
    models = list(dict.fromkeys(record.model for record in records))
    layers = sorted({record.layer for record in records})
    pairs = list(dict.fromkeys((record.source, record.target) for record in records))
    rows = []
    for layer in layers:
        texts = []
        for model in models:
            mine = [r for r in records if (r.model, r.layer) == (model, layer)]
            cells = collect_cells(mine, pairs) if mine else None
            texts.append("-" if cells is None else str(cells.mean(next(iter(cells.rows)), metric)))
        rows.append((str(layer), *texts))
    title = f"{records[0].benchmark} {METRICS[metric]} by layer, mean over all pairs, %"
    return Table(title, ("layer", *models), tuple(rows))


def layer_figure(
    records: Sequence[EvalRecord], path: str | os.PathLike[str], metric: str = "top10"
) -> Path:
    """Draw accuracy by layer, a curve per model; the numbers go to a CSV of the same name.

    Args:
        records: As for `layer_table`.
        path: The PNG to write.
        metric: The score drawn.

    Returns:
        The path of the PNG.

    Raises:
        RecordError: As `layer_table`, or matplotlib is missing.
    """
    table = layer_table(records, metric)
    curves: dict[str, list[tuple[float, float]]] = {
        model: [
            (float(row[0]), float(row[column].split(" ")[0]))
            for row in table.rows
            if row[column] != "-"
        ]
        for column, model in enumerate(table.header[1:], start=1)
    }
    path = Path(path)
    content = drawing.draw_curves(
        curves,
        table.title,
        "0 is the embedding output",
        x_label="layer",
        y_label=f"{METRICS[metric]}, %",
    )
    write_atomically(path, content)
    write_atomically(path.with_suffix(".csv"), to_csv(table).encode())
    return path
