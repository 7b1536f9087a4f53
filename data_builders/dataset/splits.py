"""Train and validation: which finished rows belong to which split, by a hash of their text.

A sentence keeps its split whatever the other sentences are, up to the limit of its language.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..errors import DamagedShard
from ..schema import PLACE

__all__ = ["LanguageShards", "count_rows", "kept_rows", "read_columns", "validation_limit"]


@dataclass(frozen=True)
class LanguageShards:
    """The finished shards of one language.

    Attributes:
        code: Language code.
        paths: Shard files, in order.
        limit: Rows whose place is at most this are validation, None for no row.
        dropped: Places of rows that do not count, None for none.
    """

    code: str
    paths: tuple[str, ...]
    limit: int | None
    dropped: pa.Array | None = None


def validation_limit(
    paths: Sequence[str], *, share: float, cap: int, dropped: pa.Array | None = None
) -> tuple[int | None, int]:
    """Find the place up to which the sentences of a language are validation.

    Args:
        paths: Finished shards of the language.
        share: Share of the sentences, 0 to 1.
        cap: Most sentences.
        dropped: Places of rows that do not count, None for none.

    Returns:
        The limit and the number of sentences up to it: min(share, cap), but at least one text where
        there are two or more; (None, 0) for none.
    """
    total = sum(map(count_rows, paths))
    total -= 0 if dropped is None else len(dropped)
    if share <= 0 or cap <= 0 or total < 2:
        return None, 0
    count = min(cap, max(1, int(share * total)), total - 1)

    def places() -> Iterator[int]:
        for path in paths:
            yield from kept_rows(read_columns(path, [PLACE]), dropped)[PLACE].to_pylist()

    first = nsmallest(count + 1, places())
    # A text in several romanisations has several rows, which stay together.
    inside = [place for place in first if place < first[count]]
    inside = inside or [place for place in places() if place == first[0]]
    return (inside[-1], len(inside)) if len(inside) < total else (None, 0)


def kept_rows(table: pa.Table, dropped: pa.Array | None) -> pa.Table:
    """Leave out rows whose place is among those dropped."""
    if dropped is None or not len(dropped):
        return table
    return table.filter(pc.invert(pc.is_in(table[PLACE], value_set=dropped)))


def count_rows(path: str) -> int:
    """Count the rows of a shard.

    Raises:
        DamagedShard: It cannot be read.
    """
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise DamagedShard(path) from error


def read_columns(path: str, columns: Sequence[str]) -> pa.Table:
    """Read columns of a shard, whose pages carry checksums.

    Raises:
        DamagedShard: It cannot be read.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as shard:
            # A shard is so small that threads cost more than they bring.
            return shard.read(columns=list(columns), use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise DamagedShard(path) from error
