"""Where sentences end besides the marks that `sentencex` knows, and where long ones may be cut.

Sources: The Unicode Standard 16.0, chapters 13 (Tibetan shad), 16 (Thai, Lao, Khmer) and 19
(Ethiopic: two word separators typed in place of the full stop).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

__all__ = ["LEAST", "best_cut", "further_ends", "lines"]

LEAST = 40
"""Characters of Thai, Lao or Khmer after which a space counts as an end: without full stops, spaces
part sentences, and phrases too. About half of a sentence of news."""

_LINE = regex.compile("[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
"""What stands between the line and paragraph ends of Unicode."""
_MARKS = regex.compile(
    r"[\u0f0d-\u0f12\u0f14](?:\s*[\u0f0d-\u0f12\u0f14])*"  # Tibetan shads, however many
    r"|(?:\u17d4(?!\u179b\u17d4)|[\u17d5\u17da])+"  # Khmer khan, but not within lo, `et cetera`
    r"|(?<=[\u1200-\u135a])\s*(?:\u1361\u1361|::)"  # Ethiopic word separators, twice
    r"|[\u3002\uff01\uff1f](?=[0-9\uff10-\uff19])"  # ideographic stops before a number
)
_SPACES = regex.compile(
    # Between letters: a number or a word in Latin letters stands between spaces in mid-sentence.
    r"(?<=[\u0e01-\u0e2e\u0e30-\u0e3a\u0e40-\u0e4e])\s+(?=[\u0e01-\u0e2e\u0e40-\u0e44])"
    r"|(?<=[\u0e80-\u0ecf\u0edc-\u0edf])\s+(?=[\u0e80-\u0ec5\u0edc-\u0edf])"
    r"|(?<=[\u1780-\u17d3])\s+(?=[\u1780-\u17b3])"
)
_NEXT_BEST = (
    regex.compile(r"[;:\u00b7\u037e\u061b\u104a\u1363-\u1366\uff1b\uff1a\u2014](?=\P{N})"),
    regex.compile(r"[,\u055d\u060c\u3001\uff0c\u0f0b\u0f0c](?=\P{N})"),
    regex.compile(r"\s+"),
)
"""Marks between clauses, then commas (and the Tibetan tsheg), then spaces."""


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each line begins and ends."""
    for found in _LINE.finditer(text):
        yield found.span()


def further_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Find where sentences end within what `sentencex` takes for one.

    Args:
        text: A document.
        start: Where that begins.
        end: Where it ends.

    Yields:
        Ends, in order, each after start and before end.
    """
    marks = {found.end() for found in _MARKS.finditer(text, start, end)}
    last = start
    for place in sorted(marks | {found.start() for found in _SPACES.finditer(text, start, end)}):
        long_enough = place - last >= LEAST and end - place >= LEAST
        if start < place < end and (place in marks or long_enough):
            yield place
            last = place


def best_cut(text: str, start: int, limit: int) -> int:
    """Find where a sentence that is too long is cut.

    Args:
        text: A document.
        start: Where the sentence begins.
        limit: Where the piece has to end at the latest.

    Returns:
        The last mark between clauses in the second half, or else the last comma, or space, or a
        place that parts no letter from its marks; after start.
    """
    middle = (start + limit) // 2
    for pattern in _NEXT_BEST:
        ends = [found.end() for found in pattern.finditer(text, middle, limit)]
        if ends:
            return ends[-1]
    for place in range(limit, middle, -1):
        if place >= len(text) or not _joins(text[place - 1], text[place]):
            return place
    return limit


def _joins(before: str, after: str) -> bool:
    """Tell whether two characters belong together: a mark, a joiner, a sign of a variant."""
    joiner = "\u200d"
    return after == joiner or before == joiner or unicodedata.category(after).startswith("M")
