"""Figures of fine-tuned scores: sources x targets before and after, and the ablation as bars.

Input: Scores. Output: a PNG and, beside it, a CSV of the numbers drawn.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..records.files import RecordError
from ..scores.scores import Scores
from . import drawing
from .saving import by_script, plain, png_path, save


def task_heatmap(
    scores: Scores,
    before: str,
    after: str,
    path: str | os.PathLike[str],
    *,
    title: str,
    score: str,
    caption: str = "",
) -> Path:
    """Draw two models and their difference, a row per source, a column per target.

    Args:
        scores: Of one task.
        before: Row label of the left panel.
        after: Row label of the middle panel.
        path: The PNG to write; the numbers go to a CSV of the same name.
        title: The headline.
        score: What the numbers are.
        caption: The small print.

    Returns:
        The path of the PNG.

    Raises:
        RecordError: If a model is unknown, the path is no PNG, or matplotlib is missing.
    """
    path = png_path(path)
    rows = (before, after)
    scores.require_row(*rows)
    values = {row: {p: scores.value(row, p) for p in scores.pairs} for row in rows}
    content = drawing.Heatmaps(
        title=title,
        subtitle=f"{score} in %, fine-tuned on the row's language, tested on the column's; "
        "mean over seeds",
        caption=caption,
        sources=[(code, code) for code in by_script(scores.sources)],
        targets=[(code, code) for code in by_script(scores.targets)],
        panels=[(f"{row}, mean {scores.mean(row)}", values[row]) for row in rows],
        unit=f"{score}, %",
    )
    lines = [["source", "target", before, after]]
    lines += [[*pair, *(plain(values[row][pair]) for row in rows)] for pair in scores.pairs]
    return save(path, drawing.draw_heatmaps(content), lines)


def ablation_bars(
    grids: Mapping[str, Scores],
    rows: Sequence[str],
    path: str | os.PathLike[str],
    *,
    title: str,
    caption: str = "",
) -> Path:
    """Draw each benchmark's mean over all cells, a bar per model, with its spread over seeds.

    Args:
        grids: By the benchmark's name.
        rows: Models in the order of the bars; one that a benchmark lacks has no bar there.
        path: The PNG to write; the numbers go to a CSV of the same name.
        title: The headline.
        caption: The small print.

    Returns:
        The path of the PNG.

    Raises:
        RecordError: If there is nothing to draw, the path is no PNG, or matplotlib is missing.
    """
    path = png_path(path)
    lines = [["benchmark", "model", "mean", "std over seeds", "seeds"]]
    bars: dict[str, dict[str, tuple[float, float | None]]] = {}
    for name, grid in grids.items():
        for row in rows:
            # Where its input stands in the label, a model is found by its name.
            label = row if row in grid.rows else grid.only_row_of(row)
            mean = None if label is None else grid.mean(label)
            if mean is not None and mean.value is not None:
                bars.setdefault(row, {})[name] = (mean.value, mean.std)
                std = plain(mean.std)
                lines.append([name, row, plain(mean.value), std, str(mean.seeds)])
    if not bars:
        raise RecordError(f"model: came {', '.join(rows)}; none of them has a score")
    return save(path, _draw_bars(bars, list(grids), title, caption), lines)


@drawing.plain_style()
def _draw_bars(
    bars: Mapping[str, Mapping[str, tuple[float, float | None]]],
    names: Sequence[str],
    title: str,
    caption: str,
) -> bytes:
    figure = drawing.new_figure(4.5 + 1.5 * len(names), 4.2)
    axis = figure.subplots()
    width = 0.84 / len(bars)
    for number, (row, found) in enumerate(bars.items()):
        places = [names.index(name) - 0.42 + (number + 0.5) * width for name in found]
        axis.bar(
            places,
            [value for value, _ in found.values()],
            width * 0.92,
            yerr=[std or 0.0 for _, std in found.values()],
            error_kw={"elinewidth": 1, "capsize": 2, "ecolor": drawing.INK},
            color=drawing.GREY
            if number == 0
            else drawing.COLOURS[(number - 1) % len(drawing.COLOURS)],
            label=row,
        )
        for place, (value, _) in zip(places, found.values(), strict=True):
            axis.text(place, 0.4, f"{value:.1f}", ha="center", fontsize=6.5, color="white")
    axis.set_xticks(range(len(names)), names)
    axis.set_ylabel("main score, %, mean over cells", color=drawing.GREY)
    axis.grid(axis="y", color=drawing.EMPTY)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(length=0, labelcolor=drawing.INK)
    figure.legend(loc="outside right upper", frameon=False)
    figure.suptitle(title, x=0.012, ha="left", fontsize=12, weight="bold", color=drawing.INK)
    figure.supxlabel(caption, x=0.012, ha="left", fontsize=6.5, color=drawing.GREY)
    return drawing.png_bytes(figure)
