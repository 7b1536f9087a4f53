"""The map of sentences before and after alignment: one panel a model, one colour a language.

Input: a map record. Output: a PNG. Each panel has axes of its own: what counts is whether
languages lie apart or together, not where.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..records.figure_records import MapRecord
from ..records.files import write_atomically
from . import drawing
from .saving import png_path

# One marker a script, so that the picture can be read without colours.
_MARKERS = "os^DvPX*<>hp"


def sentence_map(record: MapRecord, path: str | os.PathLike[str]) -> Path:
    """Draw the sentences of each model.

    Args:
        record: The coordinates.
        path: The PNG to write.

    Returns:
        The path.

    Raises:
        RecordError: The path is no PNG, or matplotlib is missing.
    """
    path = png_path(path)
    return write_atomically(path, _draw(record))


@drawing.plain_style()
def _draw(record: MapRecord) -> bytes:
    from matplotlib import colormaps

    languages = list(dict.fromkeys(code for mapped in record.models for code in mapped.points))
    scripts = list(dict.fromkeys(drawing.script_of(code) for code in languages))
    colours = colormaps["tab20"].colors  # type: ignore[attr-defined]
    figure = drawing.new_figure(1.2 + 4.4 * len(record.models), 5.4)
    axes = figure.subplots(1, len(record.models), squeeze=False)[0]
    for axis, mapped in zip(axes, record.models, strict=True):
        for number, code in enumerate(languages):
            points = mapped.points.get(code, [])
            axis.scatter(
                [x for x, _ in points],
                [y for _, y in points],
                s=14,
                linewidths=0,
                alpha=0.75,
                color=colours[number % len(colours)],
                marker=_MARKERS[scripts.index(drawing.script_of(code)) % len(_MARKERS)],
                label=code,
            )
        share = " + ".join(f"{value:.0f}" for value in mapped.explained)
        axis.set_title(
            f"{mapped.model}\nnearest is of the same language: {mapped.same_language:.0f} %\n"
            f"variance shown: {share} %",
            fontsize=9,
            color=drawing.INK,
        )
        axis.set_xticks([])
        axis.set_yticks([])
        axis.spines[:].set_color(drawing.EMPTY)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside right center", frameon=False, markerscale=2)
    figure.supxlabel(f"signature: {record.signature()}", x=0.012, ha="left", fontsize=6.5)
    return drawing.png_bytes(figure)
