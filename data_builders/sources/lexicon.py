"""Romanisation lexicons: a word comes once for each way in which people were seen to write it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from ..errors import DataError
from ..reading.rows import Columns, Layout, Row
from ..text_file import name_of
from .folder import TextFiles

__all__ = ["ROMANISATIONS", "one_each", "word_pairs"]

ROMANISATIONS = ("first", "all", "by-count")
"""Which romanisations of a word become pairs."""


def one_each(rows: Iterator[Row], seed: int) -> Iterator[Row]:
    """Draw one romanisation of each word, as often as it was attested.

    Args:
        rows: Of a lexicon; a row without a count counts once.
        seed: Of the draw.

    Yields:
        One row a word, in the order in which words come first.
    """
    words: dict[str | None, list[Row]] = {}
    for row in rows:
        words.setdefault(row.text, []).append(row)
    for word, known in words.items():
        weights = [1 if row.attested is None else row.attested for row in known]
        key = hashlib.sha256(f"{seed}|{word}".encode(errors="replace")).digest()
        place = int.from_bytes(key[:8], "big") % max(1, sum(weights))
        reached = accumulate(weights)
        yield next(
            (row for row, upto in zip(known, reached, strict=True) if place < upto), known[0]
        )


def word_pairs(path: Path, columns: Columns) -> Iterator[tuple[str, str, int]]:
    """Read words, their romanisations, and how often these were attested.

    Args:
        path: A file, or a folder of files.
        columns: Where the words and their romanisations are.

    Yields:
        Words as they come; of a sentence that has as many words in Latin letters, each of them.

    Raises:
        DataError: A file is no file of pairs.
    """
    for layout in _layouts(path, columns):
        for row in layout.read():
            words, latin = (row.text or "").split(), (row.transliteration or "").split()
            if row.drop is None and len(words) == len(latin):
                count = 1 if row.attested is None else row.attested
                yield from ((word, new, count) for word, new in zip(words, latin, strict=True))


def _layouts(path: Path, columns: Columns) -> list[Layout]:
    """See how the files are read; where none says it, the words come first."""
    try:
        files = TextFiles(path, columns)
        layouts = [files.layout(one, columns) for one in files.all()]
        if other := next((layout for layout in layouts if not layout.is_pairs), None):
            raise DataError(
                f"{name_of(other.path)} has no romanisations beside its text; legal are rows of a "
                "word, a tab and its romanisation, or --text-column and --transliteration-column"
            )
    except DataError:
        first = Columns("0", "1")
        if columns != Columns() or not path.is_file():
            raise
        try:
            files = TextFiles(path, first)
            layouts = [files.layout(path, first)]
        except DataError:
            layouts = []
        if not layouts:
            raise
    return layouts
