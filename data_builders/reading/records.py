"""Rows by the names of their columns, for data whose columns are known beforehand.

In: Parquet or JSON lines. Out: the cells of the columns asked for, as strings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import DataError
from ..text_file import name_of
from .arrow import parquet_cells
from .json_lines import objects
from .names import file_format

__all__ = ["read_records"]


def read_records(path: Path, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Read some columns of a file.

    Args:
        path: `.parquet`, `.jsonl` or `.ndjson`, plain or packed.
        names: Columns; numbers are read as their digits.

    Yields:
        The cells of a row, empty for a null.

    Raises:
        DataError: It cannot be read, is another format, or a row lacks a column.
    """
    if file_format(path) == ".parquet":
        for cells in parquet_cells(path, names):
            yield tuple(cell or "" for cell in cells)
        return
    if file_format(path) not in (".jsonl", ".ndjson"):
        raise DataError(f"{name_of(path)}: legal are .parquet, .jsonl and .ndjson")
    for number, found in objects(path):
        if missing := [name for name in names if name not in found]:
            raise DataError(
                f"{name_of(path)}, line {number}: no {', '.join(missing)}; it has "
                f"{', '.join(found)}"
            )
        values = (found[name] for name in names)
        yield tuple("" if value is None else str(value) for value in values)
