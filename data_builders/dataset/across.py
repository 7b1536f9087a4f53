"""Sentences that two languages of a group have in common, such as a verse as `ara` and as `arb`.

In: the finished shards of all languages. Out: for each, the places of those sentences that a
language before it has too. A place is a hash of the text, 64 bits: of 16 million different texts
two have one place by chance in a few of a million builds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..schema import PLACE
from .splits import read_columns

__all__ = ["shared_places"]

_MOST_PLACES = 1 << 22
"""Places that are compared at a time: 32 MiB, and a few times that for sorting them."""


def shared_places(shards: Mapping[str, Sequence[str]]) -> dict[str, pa.Array]:
    """Find the sentences that an earlier language has too.

    Args:
        shards: Finished shards by language code; the first language keeps what is shared.

    Returns:
        Places by language code, uint64.
    """
    rows = sum(pq.read_metadata(path).num_rows for paths in shards.values() for path in paths)
    parts = -(-rows // _MOST_PLACES)
    found: list[list[np.ndarray]] = [[np.array([], np.uint64)] for _ in shards]
    for part in range(parts if len(shards) > 1 else 0):
        low, high = (part << 64) // parts, ((part + 1) << 64) // parts - 1
        places = [_places(paths, low, high) for paths in shards.values()]
        for some, shared in zip(found, _in_earlier(places), strict=True):
            some.append(shared)
    return {
        code: pa.array(np.concatenate(some), pa.uint64())
        for code, some in zip(shards, found, strict=True)
    }


def _in_earlier(places: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Of each array give what stands in one before it too, in order."""
    every = np.concatenate(places)
    order = np.argsort(every, kind="stable")
    arrays = np.repeat(np.arange(len(places)), [len(one) for one in places])[order]
    sorted_places = every[order]
    # Equal ones stand together, that of the earliest array first.
    first = np.flatnonzero(np.append(True, sorted_places[1:] != sorted_places[:-1]))[: len(every)]
    earliest = np.repeat(arrays[first], np.diff(np.append(first, len(every))))
    return [
        every[np.sort(order[(arrays == number) & (arrays != earliest)])]
        for number in range(len(places))
    ]


def _places(paths: Sequence[str], low: int, high: int) -> np.ndarray:
    """Read those places of a language that lie in a range."""
    chunks = [np.array([], np.uint64)]
    for path in paths:
        column = read_columns(path, [PLACE])[PLACE].to_numpy()
        chunks.append(column[(column >= np.uint64(low)) & (column <= np.uint64(high))])
    return np.concatenate(chunks)
