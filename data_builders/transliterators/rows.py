"""Romanises selected sentences, and says what the romaniser's memo and its numbers did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from ..sentences.filters import normalise
from ..sentences.sampling import SelectedRow
from . import Transliterator, get_transliterator
from .base import romanise_each

__all__ = ["Romanised", "romanise_rows"]


class Romanised(NamedTuple):
    """What a romaniser made of some sentences.

    Attributes:
        latin: One string per sentence, None where it could not.
        unreadable: Sentences with a number that it could not read.
        looked_up: How often it consulted its memo.
        missed: How often in vain.
    """

    latin: list[str | None]
    unreadable: int
    looked_up: int
    missed: int


def romanise_rows(
    code: str, rows: Sequence[SelectedRow], romaniser: str, language_code: bool
) -> Romanised:
    """Romanise sentences; those that bring a romanisation keep it, normalised.

    Args:
        code: Language code; that of several languages is none for the romaniser.
        rows: The sentences.
        romaniser: Specification for `get_transliterator`.
        language_code: Whether the romaniser gets the language code.

    Returns:
        What came of them.

    Raises:
        DataError: The romaniser failed.
    """
    missing = [row.text for row in rows if row.transliteration is None]
    made = _romaniser(romaniser, language_code) if missing else None
    counts_before = _memo_counts(made)
    unreadable_before = _unreadable_count(made)
    known_code = None if code.startswith("mul_") else code
    fresh = iter(romanise_each(made, missing, known_code) if made else ())
    latin = [
        next(fresh) if row.transliteration is None else normalise(row.transliteration)
        for row in rows
    ]
    looked_up, missed = (
        now - before for now, before in zip(_memo_counts(made), counts_before, strict=True)
    )
    return Romanised(latin, _unreadable_count(made) - unreadable_before, looked_up, missed)


@cache
def _romaniser(spec: str, language_code: bool) -> Transliterator:
    return get_transliterator(spec, language_code=language_code)


def _memo_counts(romaniser: Transliterator | None) -> tuple[int, int]:
    """Ask a romaniser that keeps a memo; the contract does not ask for one."""
    counts: Callable[[], tuple[int, int]] | None = getattr(romaniser, "memo_counts", None)
    return counts() if counts else (0, 0)


def _unreadable_count(romaniser: Transliterator | None) -> int:
    """Ask a romaniser that counts numbers which it cannot read; the contract does not ask."""
    count: Callable[[], int] | None = getattr(romaniser, "unreadable_count", None)
    return count() if count else 0
