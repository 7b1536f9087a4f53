"""The pens: matplotlib drawings as PNG bytes. Knows colours and layout, nothing of records.

Drawn with the Agg backend through the object interface, so no window, no global state, and the
same input gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..records.schema_check import RecordError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 160
_CELL = 0.46  # inches; a printed value such as 100.0 just fits
INK, GREY, EMPTY = "#1f2933", "#66707c", "#eceff2"
COLOURS = ("#0b6e99", "#d9730d", "#448361", "#9065b0", "#c14c8a", "#a88a00")

Pair = tuple[str, str]


@dataclass(frozen=True)
class Heatmaps:
    """What stands in a before/after picture; values in percent by (source, target).

    A pair without a key is no direction of the benchmark (blank), one with None is a gap (`-`).
    `sources` and `targets` are (code, name to print).
    """

    title: str
    subtitle: str
    caption: str
    sources: Sequence[Pair]
    targets: Sequence[Pair]
    panels: Sequence[tuple[str, Mapping[Pair, float | None]]]
    unit: str


def script_of(code: str) -> str:
    """Give the script of a language code: `Ethi` of `amh_Ethi`, empty if there is none."""
    return code.rpartition("_")[2] if "_" in code else ""


@contextmanager
def plain_style() -> Iterator[None]:
    """Draw with matplotlib's own defaults, whatever the user's matplotlibrc says."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise RecordError(
            "matplotlib is not installed; run: pip install 'translit-ppa[figures]'"
        ) from error
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["font.size"] = 9
        yield


@plain_style()
def draw_heatmaps(content: Heatmaps) -> bytes:
    """Draw two panels on one colour scale, and their difference.

    Args:
        content: Texts and values; exactly two panels.

    Returns:
        The PNG.

    Raises:
        RecordError: If matplotlib is missing.
    """
    (_, old), (_, new) = content.panels
    differences = {
        pair: None if before is None or (after := new.get(pair)) is None else after - before
        for pair, before in old.items()
    }
    known = [value for value in differences.values() if value is not None]
    mean = sum(known) / len(known) if known else 0.0
    up = sum(value > 0 for value in known)
    values = [v for _, panel in content.panels for v in panel.values() if v is not None]
    top = max([*values, 1.0])
    reach = max([*(abs(value) for value in known), 1.0])
    # Below six languages the titles, not the cells, decide how much room there must be.
    width, height = (max(len(x), 6) * _CELL for x in (content.targets, content.sources))
    figure = new_figure(3 * width + 3.6, height + 2.7)
    axes = figure.subplots(1, 3, sharey=True)
    panels = [
        (*content.panels[0], "YlGnBu", 0.0, top, "{:.1f}"),
        (*content.panels[1], "YlGnBu", 0.0, top, "{:.1f}"),
        (
            f"difference, mean {mean:+.1f} ({up} of {len(known)} up)",
            differences,
            "RdBu",
            -reach,
            reach,
            "{:+.1f}",
        ),
    ]
    images = []
    for axis, (title, grid, colours, low, high, form) in zip(axes, panels, strict=True):
        images.append(_draw_panel(axis, content, grid, (colours, low, high), form))
        axis.set_title(title, fontsize=10.5, color=INK, pad=8)
    axes[0].set_ylabel("source (query)", color=GREY)
    for axis, image, unit in (
        (axes[1], images[1], content.unit),
        (axes[2], images[2], "percentage points"),
    ):
        bar = figure.colorbar(image, ax=axis, fraction=0.05, pad=0.03, aspect=20, shrink=0.83)
        bar.set_label(unit, color=GREY)
        bar.outline.set_visible(False)
        bar.ax.tick_params(length=0, labelcolor=GREY)
    figure.suptitle(
        content.title, x=0.012, y=0.975, ha="left", fontsize=15, weight="bold", color=INK
    )
    figure.text(0.012, 1 - 0.55 / (height + 2.7), content.subtitle, va="top", color=GREY)
    figure.supxlabel(content.caption, x=0.012, ha="left", fontsize=6.5, color=GREY)
    return png_bytes(figure)


@plain_style()
def draw_curves(
    curves: Mapping[str, Sequence[tuple[float, float]]],
    title: str,
    caption: str,
    *,
    x_label: str = "step",
    y_label: str = "loss, nats",
) -> bytes:
    """Draw named curves, by default over training steps; one named `loss` is the bold total.

    Args:
        curves: Points (x, y) by name.
        title: The headline.
        caption: The small print.
        x_label: What x counts.
        y_label: What y measures.

    Returns:
        The PNG.

    Raises:
        RecordError: If matplotlib is missing.
    """
    figure = new_figure(8.0, 4.6)
    axis = figure.subplots()
    colours = iter(COLOURS * len(curves))
    for name, points in curves.items():
        total = name == "loss"
        axis.plot(
            [step for step, _ in points],
            [value for _, value in points],
            label="total" if total else name.replace("_", " "),
            color=INK if total else next(colours),
            linewidth=2.4 if total else 1.5,
            # A single point has no line.
            marker="o" if len(points) == 1 else None,
        )
    axis.set_xlabel(x_label, color=GREY)
    axis.set_ylabel(y_label, color=GREY)
    axis.set_ylim(bottom=0)
    axis.grid(axis="y", color=EMPTY)
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(colors=GREY)
    axis.legend(frameon=False, ncols=len(curves), loc="lower left", bbox_to_anchor=(0, 1))
    figure.suptitle(title, x=0.012, ha="left", fontsize=12, weight="bold", color=INK)
    figure.text(0.99, 0.012, caption, ha="right", fontsize=6.5, color=GREY)
    return png_bytes(figure)


def _draw_panel(
    axis: Any,
    content: Heatmaps,
    grid: Mapping[Pair, float | None],
    scale: tuple[str, float, float],
    form: str,
) -> Any:
    """Draw one heatmap with its values and script borders."""
    from matplotlib import colormaps
    from matplotlib.colors import Normalize

    colours, low, high = scale
    values = [
        [_or_nan(grid.get((source, target))) for target, _ in content.targets]
        for source, _ in content.sources
    ]
    palette = colormaps[colours].with_extremes(bad=EMPTY)
    norm = Normalize(low, high)
    image = axis.imshow(values, cmap=palette, norm=norm, aspect="equal")
    for y, (source, _) in enumerate(content.sources):
        for x, (target, _) in enumerate(content.targets):
            if (source, target) not in grid:
                continue
            value = grid[source, target]
            text, ink = "-", GREY
            if value is not None:
                red, green, blue, _ = palette(norm(value))
                # Perceived lightness (ITU-R BT.601) decides between dark and white digits.
                ink = INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else "white"
                text = form.format(value)
            axis.text(x, y, text, ha="center", va="center", fontsize=7.5, color=ink)
    axis.set_xticks(
        range(len(content.targets)),
        [name for _, name in content.targets],
        rotation=45,
        ha="right",
        rotation_mode="anchor",
    )
    axis.set_yticks(range(len(content.sources)), [name for _, name in content.sources])
    axis.set_xlabel("target", color=GREY)
    axis.tick_params(length=0, labelcolor=INK)
    axis.spines[:].set_visible(False)
    for place in _borders(content.targets):
        axis.axvline(place, color="white", linewidth=3)
    for place in _borders(content.sources):
        axis.axhline(place, color="white", linewidth=3)
    return image


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _borders(languages: Sequence[Pair]) -> list[float]:
    """Places between neighbours of different scripts."""
    scripts = [script_of(code) for code, _ in languages]
    return [i - 0.5 for i in range(1, len(scripts)) if scripts[i] != scripts[i - 1]]


def new_figure(width: float, height: float) -> Figure:
    """Make a figure of a size in inches that needs no display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)  # type: ignore[union-attr, call-arg]
    FigureCanvasAgg(figure)
    return figure


def png_bytes(figure: Figure) -> bytes:
    """Draw a figure; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    # Without the default Software entry, whose version would make equal pictures differ.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
