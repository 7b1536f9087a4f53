"""The digest of a group's rows: of their cells in order, independent of the layout of files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..schema import COLUMNS

__all__ = ["RowDigest", "digest_rows"]


class RowDigest:
    """SHA-256 over all cells of rows that come bit by bit."""

    def __init__(self) -> None:
        self._state = hashlib.sha256()

    def add(self, table: pa.Table) -> None:
        """Take rows, with the columns of pairs.

        Raises:
            TypeError: A cell is missing.
        """
        for batch in table.to_batches():
            rows = pc.binary_join_element_wise(*batch.columns, "\x1f")
            # Joined to nothing, a row ends as if another followed.
            ended = pc.binary_join_element_wise(rows, "", "\x1e")
            if ended.null_count:
                raise TypeError("a cell is missing")
            self._state.update(ended.buffers()[2][: pc.sum(pc.binary_length(ended)).as_py()])

    def hexdigest(self) -> str:
        """Give the digest of what came so far."""
        return self._state.hexdigest()


def digest_rows(folder: Path) -> str:
    """Digest the rows of a group.

    Args:
        folder: The group's folder.

    Returns:
        SHA-256 over all cells in order, split by split.
    """
    rows = RowDigest()
    for path in sorted(folder.glob("translit-*.parquet")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=list(COLUMNS)):
                rows.add(pa.Table.from_batches([batch]))
    return rows.hexdigest()
