"""Tells a romanisation lexicon by its cells: one column in another script, one in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ..lines import Head
from ..rows import Columns, Layout, Row, Use
from ..tables import Dialect, iter_cells, pick

__all__ = ["two_columns", "word_column"]

_SAMPLED = re.compile(r"[a-z]{3}_(train|valid|test)\.csv.*")
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


def two_columns(path: Path, head: Head, columns: Columns, dialect: Dialect) -> Layout | None:
    """Lay out Aksharantar in two columns without names, `hin_train.csv`, as courses hand it out.

    Args:
        path: The file.
        head: Its start.
        columns: What is asked for; named columns are a statement of one's own about the file.
        dialect: How it is split.

    Returns:
        The layout, or None for any other table.
    """
    asked = columns.text is not None or columns.transliteration is not None or columns.with_id
    if asked or not _SAMPLED.fullmatch(path.name):
        return None
    cells = [line.split(dialect.separator) for line in head.filled]
    word = word_column(cells) if all(len(row) == 2 for row in cells) else None
    if word is None:
        return None
    use = Use(text=word, transliteration=1 - word)

    def read() -> Iterator[Row]:
        with closing(iter_cells(path, dialect)) as rows:  # type: ignore[type-var]
            yield from pick(rows, path, 2, use, False)

    order = ("word, romanisation", "romanisation, word")[word]
    return Layout(path, f"a romanisation lexicon: {order}", head.encoding, (), 2, use, read)
