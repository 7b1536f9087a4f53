"""The step that ends the first stage: the candidates of each part go to disk.

Their hashes lie apart from them, sorted, so that the next stage reads those of one range alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from datatrove.data import Document

from ..stretches import utf8
from .plan import PlannedStep, aside, by_part, keep_marker

__all__ = ["HASHES", "ROWS", "WriteCandidates"]

_KEY = [("high", pa.uint64()), ("low", pa.uint64())]
ROWS = pa.schema(
    [
        *_KEY,
        ("text", pa.string()),
        ("latin", pa.string()),
        ("origin", pa.string()),
        ("row", pa.int64()),
        ("start", pa.int64()),
        ("end", pa.int64()),
    ]
)
"""Sentences that may become pairs, in the order of the source; their place here names them."""
HASHES = pa.schema(
    [
        *_KEY,
        ("row", pa.int64()),
        ("start", pa.int64()),
        ("place", pa.int64()),
        ("reason", pa.string()),
        ("steps", pa.string()),
    ]
)
"""All sentences that may be drawn; `place` is null for one that is dropped, which has a reason."""
_ROW_GROUP = 4_000
_SORTED = 250_000
"""Hashes that are sorted at a time: some 30 MB."""
_HASH_GROUP = 16_000


class WriteCandidates(PlannedStep):
    """Writes the candidates of each part.

    Args:
        plan: The build.
    """

    type = "WRITER"
    name = "candidates"

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Write all that comes; nothing goes on from here."""
        for place, sentences in by_part(data):
            path = self.plan.place("candidates", *place)
            with (
                aside(path.with_suffix(".rows.parquet")) as rows,
                aside(path.with_suffix(".hashes.parquet")) as hashes,
                _Writer(rows, ROWS, _ROW_GROUP, _ROW_GROUP) as candidates,
                _Writer(hashes, HASHES, _SORTED, _HASH_GROUP, ordered=True) as keys,
            ):
                for sentence in sentences:
                    _put(sentence, candidates, keys)
            keep_marker(path.with_suffix(".json"), {"rows": candidates.rows, "hashes": keys.rows})
            self.stat_update("candidates", value=candidates.rows, unit="part")
        yield from ()


def _put(sentence: Document, candidates: _Writer, keys: _Writer) -> None:
    facts = sentence.metadata
    key = int.from_bytes(facts["key"][:8], "big"), int.from_bytes(facts["key"][8:], "big")
    reason = facts.get("reason")
    where = facts["row"], facts["start"]
    place = candidates.rows if reason is None else None
    keys.add((*key, *where, place, reason, " ".join(facts["steps"])))
    if reason is None:
        latin = utf8(facts.get("latin"))
        candidates.add((*key, sentence.text, latin, facts["origin"], *where, facts["end"]))


class _Writer:
    """Writes rows to a Parquet file, so many at a time, sorted by their hash if need be."""

    def __init__(
        self, path: Any, schema: pa.Schema, most: int, group: int, *, ordered: bool = False
    ) -> None:
        self.rows = 0
        self._schema = schema
        self._most = most
        self._group = group
        self._ordered = ordered
        self._waiting: list[tuple[Any, ...]] = []
        self._file = pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True)

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self._flush()
        self._file.close()

    def add(self, row: tuple[Any, ...]) -> None:
        self.rows += 1
        self._waiting.append(row)
        if len(self._waiting) == self._most:
            self._flush()

    def _flush(self) -> None:
        if self._ordered:
            self._waiting.sort(key=lambda row: row[:2])
        columns = zip(*self._waiting, strict=True) if self._waiting else [()] * len(self._schema)
        cells = [pa.array(*column) for column in zip(columns, self._schema.types, strict=True)]
        self._file.write_table(pa.table(cells, self._schema), row_group_size=self._group)
        self._waiting.clear()
