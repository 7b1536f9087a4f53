"""Sentences that two languages of a group have in common, such as a verse as `ara` and as `arb`.

In: the finished shards of all languages. Out: for each, the places of those sentences that a
language before it has too. A place is a hash of the text, 64 bits: of 16 million different texts
two have one place by chance in a few of a million builds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ..schema import PLACE
from .splits import count_rows, read_columns

__all__ = ["shared_places"]

_MOST_PLACES = 1 << 22
"""Places that are compared at a time: 32 MiB, and a few times that for grouping them."""


def shared_places(shards: Mapping[str, Sequence[Path]]) -> dict[str, pa.Array]:
    """Find the sentences that an earlier language has too.

    Args:
        shards: Finished shards by language code; the first language keeps what is shared.

    Returns:
        Places by language code, uint64.
    """
    rows = sum(count_rows(str(path)) for paths in shards.values() for path in paths)
    parts = -(-rows // _MOST_PLACES)
    found: list[list[pa.Array]] = [[pa.array([], pa.uint64())] for _ in shards]
    for part in range(parts if len(shards) > 1 else 0):
        low, high = (part << 64) // parts, ((part + 1) << 64) // parts - 1
        places = [_places(paths, low, high) for paths in shards.values()]
        for some, shared in zip(found, _in_earlier(places), strict=True):
            some.append(shared)
    return {code: pa.concat_arrays(some) for code, some in zip(shards, found, strict=True)}


def _in_earlier(places: Sequence[pa.Array]) -> Iterator[pa.Array]:
    """Of each array give what stands in one before it too, in order."""
    numbers = [pa.repeat(number, len(one)) for number, one in enumerate(places)]
    every = pa.table({PLACE: pa.concat_arrays(places), "array": pa.concat_arrays(numbers)})
    met = every.group_by(PLACE).aggregate([("array", "min"), ("array", "max")])
    met = met.filter(pc.less(met["array_min"], met["array_max"]))
    for number, one in enumerate(places):
        earlier = met.filter(pc.less(met["array_min"], number))[PLACE]
        yield one.filter(pc.is_in(one, value_set=earlier.combine_chunks()))


def _places(paths: Sequence[Path], low: int, high: int) -> pa.Array:
    """Read those places of a language that lie in a range."""
    chunks = [pa.array([], pa.uint64())]
    for path in paths:
        column = read_columns(str(path), [PLACE])[PLACE]
        inside = pc.and_(
            pc.greater_equal(column, pa.scalar(low, pa.uint64())),
            pc.less_equal(column, pa.scalar(high, pa.uint64())),
        )
        chunks += column.filter(inside).chunks
    return pa.concat_arrays(chunks)
