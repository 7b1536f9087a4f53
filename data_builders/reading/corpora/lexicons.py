"""Tells a romanisation lexicon by its cells: one column in another script, one in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["word_column"]

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def word_column(cells: Sequence[Sequence[str]]) -> int | None:
    """Say which of the first two columns holds the words in their own script.

    Args:
        cells: Rows of at least two cells.

    Returns:
        0 or 1, where nine rows in ten have the romanisation in the other column; otherwise None.
        Copies of Dakshina's lexicons go about whose first two columns are exchanged.
    """
    for word in (0, 1):
        words = sum(not _LATIN.search(row[word]) for row in cells)
        roman = sum(bool(_LATIN.search(row[1 - word])) for row in cells)
        if cells and min(words, roman) * 10 >= len(cells) * 9:
            return word
    return None
