"""Romanisation lexicons: a word comes once for each way in which people were seen to write it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import accumulate

from ..reading.rows import Row

__all__ = ["ROMANISATIONS", "one_each"]

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
