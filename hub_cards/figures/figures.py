"""Figures made from records: retrieval before and after, accuracy by layer, losses by step.

Input: records. Output: a PNG and, beside it, a CSV of the numbers drawn. The same records give
the same bytes with the same matplotlib.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..records.files import RecordError, TrainRecord
from ..scores.labels import METRICS, require_metrics
from ..scores.layers import by_layer
from ..scores.scores import Scores
from . import drawing
from .saving import by_script, plain, png_path, save

# What the Trainer logs besides losses; all else in a history is a part of the loss.
_NO_LOSS = ("step", "epoch", "learning_rate", "grad_norm", "total_flos", "train_", "eval_")


def retrieval_heatmap(
    scores: Scores,
    before: str,
    after: str,
    path: str | os.PathLike[str],
    *,
    metric: str = "top10",
    names: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Path:
    """Draw two models and their difference as source x target heatmaps.

    Languages of one script stand together. Both models share one colour scale; the difference has
    its own, with white at zero.

    Args:
        scores: Retrieval on one benchmark and split, of both models.
        before: Row (usually the model's name) of the left panel.
        after: Row of the middle panel.
        path: The PNG to write; the numbers go to a CSV of the same name.
        metric: The score drawn.
        names: What to call a language, by code (`{"amh_Ethi": "Amharic"}`); codes by default.
        labels: What to call a model, by row.
        title: The headline; one is made from the benchmark by default.

    Returns:
        The path of the PNG.

    Raises:
        RecordError: If a model or score is unknown, or the path is no PNG.
    """
    path = png_path(path)
    rows = (before, after)
    scores.require_row(*rows)
    require_metrics(metric)
    k = int(metric.removeprefix("top"))
    records: Any = scores.records_of(rows)
    pools = sorted({record.pool for record in records})
    pool = str(pools[0]) if len(pools) == 1 else f"{pools[0]} to {pools[-1]}"
    values = {row: {p: scores.value(row, p, metric) for p in scores.pairs} for row in rows}
    codes = by_script(dict.fromkeys([*scores.sources, *scores.targets]))
    called = {code: (code, (names or {}).get(code, code)) for code in codes}
    content = drawing.Heatmaps(
        title=title or f"Retrieval across languages and scripts ({records[0].benchmark})",
        subtitle=f"Queries in % whose counterpart is {_nearest(k)} of {pool} candidates; "
        f"guessing gives {scores.chance(k, rows):.1f}",
        caption=f"signature: {scores.signature(rows)}",
        sources=[called[code] for code in codes if code in scores.sources],
        targets=[called[code] for code in codes if code in scores.targets],
        panels=[
            (
                f"{(labels or {}).get(row, row)}, mean {scores.mean(row, metric=metric)}",
                values[row],
            )
            for row in rows
        ],
        unit=f"{METRICS[metric]}, %",
    )
    lines = [["source", "target", "metric", before, after, "difference"]]
    for pair in scores.pairs:
        old, new = (values[row][pair] for row in rows)
        both = "" if old is None or new is None else f"{new - old:.1f}"
        one = ["" if value is None else f"{value:.1f}" for value in (old, new)]
        lines.append([*pair, metric, *one, both])
    return save(path, drawing.draw_heatmaps(content), lines)


def layer_figure(scores: Scores, path: str | os.PathLike[str], metric: str = "top10") -> Path:
    """Draw accuracy by layer, a curve per model; the numbers go to a CSV of the same name.

    Args:
        scores: Retrieval on one benchmark and split, at several layers.
        path: The PNG to write.
        metric: The score drawn.

    Returns:
        The path of the PNG.

    Raises:
        RecordError: If the score is unknown or the records do not belong together, or matplotlib
            is missing.
    """
    path = png_path(path)
    means = by_layer(scores, metric)
    # What is drawn is what the CSV says.
    curves = {
        model: [(layer, round(m.value, 1)) for layer, m in found.items() if m.value is not None]
        for model, found in means.items()
    }
    picture = drawing.draw_curves(
        curves,
        f"{scores.records[0].benchmark} {METRICS[metric]} by layer, mean over all pairs, %",
        "0 is the embedding output",
        x_label="layer",
        y_label=f"{METRICS[metric]}, %",
    )
    layers = sorted({layer for found in means.values() for layer in found})
    lines = [["layer", *means]]
    lines += [[str(n), *(str(found.get(n, "-")) for found in means.values())] for n in layers]
    return save(path, picture, lines)


def loss_curves(
    record: TrainRecord,
    path: str | os.PathLike[str],
    parts: Sequence[str] | None = None,
    *,
    title: str | None = None,
) -> Path:
    """Draw the loss and its parts over the steps of a training.

    Args:
        record: The train record.
        path: The PNG to write; the numbers go to a CSV of the same name.
        parts: Names in the record's history; by default `loss`, then the record's objectives.
        title: The headline; one is made from the record by default.

    Returns:
        The path of the PNG.

    Raises:
        RecordError: If the history has none of the parts, or the path is no PNG.
    """
    path = png_path(path)
    present = dict.fromkeys(name for entry in record.history for name in entry)
    if parts is None:
        parts = [name for name in present if _is_loss_part(name)]
    unknown = [name for name in parts if name not in present]
    if unknown or not parts:
        raise RecordError(
            f"history: no loss {', '.join(unknown) or 'at all'}; it has: {', '.join(present)}"
        )
    # The total first, so that it is drawn below its parts.
    parts = sorted(parts, key=lambda name: name != "loss")
    entries = [e for e in record.history if any(e.get(name) is not None for name in parts)]
    curves = {
        name: [(e["step"] or 0.0, value) for e in entries if (value := e.get(name)) is not None]
        for name in parts
    }
    headline = title or f"Loss and its parts over {record.steps} steps, from {record.base}"
    caption = f"data: {record.data.name}, seed {record.seed}, translit-ppa {record.version}"
    # A step or a loss is printed in full here, unlike scores, which have a precision of their own.
    rows = [[f"{e['step']:g}", *(plain(e.get(name)) for name in parts)] for e in entries]
    return save(path, drawing.draw_curves(curves, headline, caption), [["step", *parts], *rows])


def _nearest(k: int) -> str:
    return "the nearest" if k == 1 else f"among the {k} nearest"


def _is_loss_part(name: str) -> bool:
    return not name.startswith(_NO_LOSS)
