"""Figures made from records: retrieval before and after as heatmaps, losses as curves.

Input: records. Output: a PNG and, beside it, a CSV of the numbers drawn. The same records give
the same bytes with the same matplotlib.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..records.files import EvalRecord, RecordError, TrainRecord, write_atomically
from ..scores.cells import Cells, collect_cells
from ..tables.tables import METRICS
from . import drawing

# What the Trainer logs besides losses; all else in a history is a part of the loss.
_NO_LOSS = ("step", "epoch", "learning_rate", "grad_norm", "total_flos", "train_", "eval_")


def retrieval_heatmap(
    records: Iterable[EvalRecord],
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
        records: Eval records of one benchmark and split that hold both models.
        before: Row label (usually the model name) of the left panel.
        after: Row label of the middle panel.
        path: The PNG to write; the numbers go to a CSV of the same name.
        metric: The score drawn.
        names: What to call a language, by code (`{"amh_Ethi": "Amharic"}`); codes by default.
        labels: What to call a model, by row label.
        title: The headline; one is made from the benchmark by default.

    Returns:
        The path of the PNG.

    Raises:
        RecordError: If a model or score is unknown, or the path is no PNG.
    """
    path = _png(path)
    cells = collect_cells(records)
    for model in (before, after):
        if model not in cells.rows:
            raise RecordError(f"model: came {model!r}; legal: {', '.join(cells.rows)}")
    if metric not in METRICS:
        raise RecordError(f"score: came {metric!r}; legal: {', '.join(METRICS)}")
    rows = {model: cells.rows[model] for model in (before, after)}
    cells = Cells(rows, cells.pairs, _by_script(cells.languages))
    k = int(metric.removeprefix("top"))
    pools = sorted({record.pool for record in cells.records})
    pool = str(pools[0]) if len(pools) == 1 else f"{pools[0]} to {pools[-1]}"
    content = drawing.Heatmaps(
        title=title or f"Retrieval across languages and scripts ({cells.records[0].benchmark})",
        subtitle=f"Queries in % whose counterpart is {_nearest(k)} of {pool} candidates; "
        f"guessing gives {cells.chance(k):.1f}",
        caption=f"signature: {cells.signature()}",
        sources=[(code, (names or {}).get(code, code)) for code in cells.sources],
        targets=[(code, (names or {}).get(code, code)) for code in cells.targets],
        panels=[
            (
                f"{(labels or {}).get(model, model)}, mean {cells.mean(model, metric)}",
                {pair: cells.score(model, pair, metric) for pair in cells.pairs},
            )
            for model in (before, after)
        ],
        unit=f"{METRICS[metric]}, %",
    )
    write_atomically(path, drawing.draw_heatmaps(content))
    write_atomically(path.with_suffix(".csv"), _heatmap_csv(cells, before, after, metric).encode())
    return path


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
    path = _png(path)
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
    write_atomically(path, drawing.draw_curves(curves, headline, caption))
    # A step or a loss is printed in full here, unlike scores, which have a precision of their own.
    rows = [[f"{e['step']:g}", *(_plain(e.get(name)) for name in parts)] for e in entries]
    write_atomically(path.with_suffix(".csv"), _csv([["step", *parts], *rows]).encode())
    return path


def _png(path: str | os.PathLike[str]) -> Path:
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise RecordError(f"figure: came {path.name!r}; legal: a file name ending in .png")
    return path


def _by_script(languages: Iterable[str]) -> tuple[str, ...]:
    """Bring languages of one script together, otherwise keeping the order."""
    scripts: dict[str, list[str]] = {}
    for code in languages:
        scripts.setdefault(drawing.script_of(code), []).append(code)
    return tuple(code for codes in scripts.values() for code in codes)


def _nearest(k: int) -> str:
    return "the nearest" if k == 1 else f"among the {k} nearest"


def _is_loss_part(name: str) -> bool:
    return not name.startswith(_NO_LOSS)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _heatmap_csv(cells: Cells, before: str, after: str, metric: str) -> str:
    """List the drawn numbers, one pair a line; what was not measured is empty."""
    lines = [["source", "target", "metric", before, after, "difference"]]
    for pair in cells.pairs:
        old, new = (cells.score(model, pair, metric) for model in (before, after))
        both = "" if old is None or new is None else f"{new - old:.1f}"
        one = ["" if value is None else f"{value:.1f}" for value in (old, new)]
        lines.append([*pair, metric, *one, both])
    return _csv(lines)


def _csv(lines: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(lines)
    return buffer.getvalue()
