"""The map: an SVG of the sentences, drawn on the spot; colour and shape say the script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from nearest import Hit, Index
from page import Languages, shorten

WIDTH, HEIGHT, MARGIN = 420, 320, 16
MOST = 420
COLOURS, SHAPES = 8, 4
# A circle, a square, a triangle, a diamond of about the same area, around the origin.
_PATHS = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-3.5-3.5h7v7h-7z",
    "M0-4.8L4.6 3.4H-4.6z",
    "M0-5L5 0L0 5L-5 0z",
)


def drawn(index: Index) -> list[int]:
    """Choose the sentences that are drawn: whole rows, evenly over the corpus."""
    sentences = index.corpus.sentences
    rows = sorted({s.row for s in sentences})
    step = -(-len(sentences) // MOST)
    kept = set(rows[::step])
    return [i for i, s in enumerate(sentences) if s.row in kept]


def legend(scripts: Sequence[str]) -> str:
    """Write which mark stands for which script."""
    items = "".join(
        f'<li><svg viewBox="-6 -6 12 12" width="14" height="14" aria-hidden="true">'
        f"{_mark(i, 0, 0)}</svg>{escape(script)}</li>"
        for i, script in enumerate(scripts)
    )
    return f'<ul class="legend" aria-label="Scripts">{items}</ul>'


def scatter(
    title: str,
    index: Index,
    languages: Languages,
    query: np.ndarray | None = None,
    hits: Sequence[Hit] = (),
    same: Sequence[int] = (),
) -> str:
    """Draw the map of one model.

    Args:
        title: `before` or `after`.
        index: The corpus as the model sees it.
        languages: Names for the tooltips.
        query: Embedding of the query, if there is one. *Shape:* (hidden,).
        hits: Its nearest sentences; they get a ring.
        same: Indices of sentences that mean the same; a line joins each with the query.
    """
    sentences, scripts = index.corpus.sentences, index.corpus.scripts
    ringed = [hit.index for hit in hits]
    shown = list(dict.fromkeys([*drawn(index), *same, *ringed]))
    places = index.place(index.vectors[shown])
    if query is not None:
        places = np.vstack([places, index.place(query[None])])
    xy = _fit(places)
    at = dict(zip(shown, xy[: len(shown)], strict=True))
    marks = [
        f"<g><title>{escape(shorten(s.text))} ({escape(languages.name(s.language))})</title>"
        f"{_mark(scripts.index(s.script), *at[i])}</g>"
        for i, s in ((i, sentences[i]) for i in shown)
    ]
    lines, star = "", ""
    if query is not None:
        x, y = xy[-1]
        lines = "".join(
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{at[i][0]:.1f}" y2="{at[i][1]:.1f}"/>'
            for i in same
        )
        star = "".join(
            f'<circle class="ring" cx="{at[i][0]:.1f}" cy="{at[i][1]:.1f}" r="7"/>' for i in ringed
        )
        star += f'<path class="you" transform="translate({x:.1f} {y:.1f})" d="{_STAR}"/>'
    count = len({s.script for s in sentences})
    label = (
        f"{title}: {len(shown)} of {len(sentences)} sentences in {count} scripts, first two "
        f"principal components, {index.share:.0%} of the variance"
    )
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f'<g class="links">{lines}</g>{"".join(marks)}{star}</svg>'
        f"<figcaption><strong>{escape(title)}</strong> · {index.share:.0%} of the variance"
        "</figcaption></figure>"
    )


_STAR = "M0-11L2.6-3.6L10.5-3.4L4.2 1.4L6.5 8.9L0 4.4L-6.5 8.9L-4.2 1.4L-10.5-3.4L-2.6-3.6z"


def _fit(places: np.ndarray) -> np.ndarray:
    """Stretch each axis over the picture. *Shape:* (n, 2) -> (n, 2)."""
    low, high = places.min(axis=0), places.max(axis=0)
    extent = np.where(high > low, high - low, 1.0)
    inner = np.array([WIDTH, HEIGHT]) - 2 * MARGIN
    return MARGIN + (places - low) / extent * inner


def _mark(script: int, x: float, y: float) -> str:
    colour = script % COLOURS
    # The ninth script has the first one's colour, and must not have its shape.
    shape = _PATHS[(script + script // COLOURS) % SHAPES]
    return f'<path class="s{colour}" transform="translate({x:.1f} {y:.1f})" d="{shape}"/>'
