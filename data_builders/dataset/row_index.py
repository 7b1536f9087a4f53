"""Side files `rows-<split>.parquet`: which characters of which row of its source each pair was.

Line i of a side file belongs to pair i of that split. A row is counted from 0 among all rows that
the source has of the pair's language, before any filter; characters from 0 in its text as it came,
before normalisation. The published columns do not hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import DataError
from ..schema import WHERE
from .splits import LanguageShards, tables_of

__all__ = ["read_rows_of", "write_rows"]

_SCHEMA = pa.schema([(name, pa.int64()) for name in WHERE])


def _path(folder: Path, split: str) -> Path:
    return folder / f"rows-{split}.parquet"


def write_rows(
    shards: Sequence[LanguageShards], folder: Path, *, splits: Sequence[str]
) -> list[Path]:
    """Write the side files of a group, in the order of its pairs.

    Args:
        shards: Finished shards, in the order of the rows.
        folder: Where they go; made when it is not there.
        splits: Names of the splits.

    Returns:
        The files.

    Raises:
        DamagedShard: A shard is not what was written.
    """
    folder.mkdir(exist_ok=True)
    for split in splits:
        with pq.ParquetWriter(_path(folder, split), _SCHEMA, compression="zstd") as writer:
            for table in tables_of(shards, split, WHERE):
                writer.write_table(table)
    return [_path(folder, split) for split in splits]


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
