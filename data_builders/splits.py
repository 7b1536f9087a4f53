"""Train and validation: which finished rows belong to which split, by a hash of their text.

A sentence keeps its split whatever the other sentences are, up to the limit of its language.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest

import pyarrow as pa
import pyarrow.parquet as pq

from data_builders.sampling import TextHash
from data_builders.schema import TEXT, VALIDATION

__all__ = ["LanguageShards", "tables_of", "validation_limit"]

_TABLE_ROWS = 1000


@dataclass(frozen=True)
class LanguageShards:
    """The finished shards of one language.

    Attributes:
        code: language code.
        paths: shard files, in order.
        limit: rows whose validation hash is at most this are validation, -1 for none.
    """

    code: str
    paths: tuple[str, ...]
    limit: int


def validation_limit(paths: Sequence[str], *, seed: int, share: float, cap: int) -> tuple[int, int]:
    """Finds the hash up to which the sentences of a language are validation.

    Args:
        paths: finished shards of the language.
        seed: of the split.
        share: share of the sentences, 0 to 1.
        cap: most sentences.

    Returns:
        The limit and the number of sentences up to it: min(share, cap), but at least one where
        there are two or more; (-1, 0) for none.
    """
    total = sum(pq.read_metadata(path).num_rows for path in paths)
    if share <= 0 or cap <= 0 or total < 2:
        return -1, 0
    position_of = TextHash(seed, VALIDATION)
    count = min(cap, max(1, int(share * total)), total - 1)
    texts = (text for path in paths for text in _texts(path))
    return nsmallest(count, (position_of.number(text) for text in texts))[-1], count


def _texts(path: str) -> list[str]:
    return pq.read_table(path, columns=[TEXT])[TEXT].to_pylist()


def tables_of(
    shards: Sequence[LanguageShards], split: str, seed: int, columns: Sequence[str]
) -> Iterator[pa.Table]:
    """Reads the rows of a split.

    Args:
        shards: finished shards, in the order of the rows.
        split: ``train`` or ``validation``.
        seed: of the split.
        columns: columns wanted, ``text`` among them.

    Yields:
        Tables of 1000 rows, the last one of fewer: the files made of them are the same byte for
        byte, whatever the size of the shards.
    """
    rest = None
    for table in _filtered(shards, split, seed, columns):
        whole = table if rest is None else pa.concat_tables([rest, table])
        full = whole.num_rows // _TABLE_ROWS * _TABLE_ROWS
        for start in range(0, full, _TABLE_ROWS):
            yield whole.slice(start, _TABLE_ROWS).combine_chunks()
        rest = whole.slice(full)
    if rest is not None and rest.num_rows:
        yield rest.combine_chunks()


def _filtered(
    shards: Sequence[LanguageShards], split: str, seed: int, columns: Sequence[str]
) -> Iterator[pa.Table]:
    position_of = TextHash(seed, VALIDATION)
    for language in shards:
        for path in language.paths:
            # Metadata of the shard belongs to the stage, not to the dataset.
            table = pq.read_table(path, columns=list(columns)).replace_schema_metadata(None)
            held_out = [
                language.limit >= 0 and position_of.number(text) <= language.limit
                for text in table[TEXT].to_pylist()
            ]
            yield table.filter(pa.array([x == (split == VALIDATION) for x in held_out]))
