"""Side files `rows-<split>.parquet`: which characters of which row of its source each pair was.

Line i of a side file belongs to pair i of that split. A row is counted from 0 among all rows that
the source has of the pair's language, before any filter; characters from 0 in its text as it came,
before normalisation. The published columns do not hold it.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import DataError
from ..schema import WHERE

__all__ = ["RowIndexWriter", "read_rows_of"]

_SCHEMA = pa.schema([(name, pa.int64()) for name in WHERE])


def _path(folder: Path, split: str) -> Path:
    return folder / f"rows-{split}.parquet"


class RowIndexWriter:
    """Writes the side file of a split.

    Args:
        folder: Where it goes.
        split: Name of the split.

    Attributes:
        path: The file.
    """

    def __init__(self, folder: Path, split: str) -> None:
        self.path = _path(folder, split)
        self._writer = pq.ParquetWriter(self.path, _SCHEMA, compression="zstd")

    def __enter__(self) -> RowIndexWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def add(self, table: pa.Table) -> None:
        """Write the columns of `WHERE` for the next pairs."""
        self._writer.write_table(table)


def read_rows_of(folder: Path, split: str) -> pa.Table:
    """Read the side file of a split.

    Args:
        folder: Folder of a group.
        split: Name of the split.

    Returns:
        `row`, `start` and `end`, int64, one line per pair; no characters (null) where rows are
        sentences, which become pairs whole.

    Raises:
        DataError: There is none, or it cannot be read.
    """
    path = _path(folder, split)
    try:
        return pq.read_table(path, schema=_SCHEMA)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be read: build {folder.name} again") from error
