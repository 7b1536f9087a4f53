"""Says what a file is taken for. Add a format: a function that gives a `Layout`, and a case."""

from __future__ import annotations

from pathlib import Path

from ..errors import DataError
from ..text_file import name_of
from .arrow import is_saved, parquet, saved
from .json_lines import json_lines
from .lines import Head, read_head
from .names import MOSES, file_format
from .released import plain_lines, released
from .rows import Columns, Layout
from .tables import csv_dialect, table, tsv_dialect
from .tmx import tmx

__all__ = ["recognise"]


def recognise(path: Path, columns: Columns | None = None) -> Layout:
    """Find out what a file is, by its name and its first lines.

    Args:
        path: A file, or a folder that `save_to_disk` wrote.
        columns: What is to be read; None is the column of text.

    Returns:
        Its layout.

    Raises:
        DataError: It is neither one format nor another, is in another encoding than UTF-8, or has
            no such column.
    """
    columns = columns or Columns()
    if path.is_dir() and is_saved(path):
        return saved(path, columns)
    form = file_format(path)
    if form == ".parquet":
        return parquet(path, columns)
    if form == ".tmx":
        return tmx(path)
    head = read_head(path)
    if form in (".jsonl", ".ndjson"):
        return json_lines(path, head, columns)
    if form == MOSES:
        return plain_lines(path, head, columns)
    found = released(path, head, columns)
    if found:
        return found
    if form == ".csv":
        return table(path, head, columns, csv_dialect(path, head, columns))
    if form == ".tsv" or _is_table(path, head, columns):
        return table(path, head, columns, tsv_dialect(head))
    return plain_lines(path, head, columns)


def _is_table(path: Path, head: Head, columns: Columns) -> bool:
    """Tell whether a file that should hold lines of text holds a table instead."""
    tabs = {line.count("\t") for line in head.filled}
    if tabs in ({0}, set()) or 0 in tabs:
        return False
    asked = columns.text is not None or columns.with_id
    if asked or (columns.ids_if_any and tabs == {1}):
        return True
    raise DataError(
        f"{name_of(path)} should hold one sentence a line, and all its lines have tabs; if it is a "
        "table, say which column is the text: --text-column INDEX (from 0)"
    )
