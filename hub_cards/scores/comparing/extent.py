"""How much there is to compare two models by: items that tell something, and those that differ.

Input: what became of the items, as records have it. A query that is left out tells nothing, and
neither does a sentence without an entity in which none was found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Extent", "extent_of"]

_SILENT = ("-", "0/0/0")
_HITS = dict.fromkeys(("1", "5", "10"), "hit")
"""What counts alike for the main score of retrieval."""


@dataclass(frozen=True)
class Extent:
    """What a comparison of two models rests on.

    Attributes:
        smallest: Items of the smallest cell that tell something of either model.
        largest: Those of the largest cell.
        lists: How many lists of items the difference is a mean of: cells, seeds, trainings.
        differing: Items on which the models differ in any list; translations of one are one.
    """

    smallest: int
    largest: int
    lists: int
    differing: int


def extent_of(lines: Iterable[tuple[str, str]]) -> Extent:
    """Count what two models can be compared by.

    Args:
        lines: Items of the base and of the other, of each cell, seed and training.

    Returns:
        The counts.
    """
    told = [_told(*pair) for pair in lines]
    differing: defaultdict[int, set[int]] = defaultdict(set)
    for _, number, places in told:
        # Lists of one length are of the same items: they are drawn together.
        differing[number].update(places)
    counts = [telling for telling, *_ in told]
    return Extent(min(counts), max(counts), len(told), sum(map(len, differing.values())))


# A page tells each comparison twice.
@lru_cache(maxsize=4096)
def _told(before: str, after: str) -> tuple[int, int, tuple[int, ...]]:
    """Count the items that tell something, and all; give the places where two models differ."""
    pairs = list(zip(before.split(), after.split(), strict=True))
    telling = sum(not (old in _SILENT and new in _SILENT) for old, new in pairs)
    differ = (_HITS.get(old, old) != _HITS.get(new, new) for old, new in pairs)
    return telling, len(pairs), tuple(place for place, other in enumerate(differ) if other)
