"""Says what a file is taken for. Add a format: a function that gives a `Layout`, and a case."""

from __future__ import annotations

from glob import escape
from pathlib import Path

from ..errors import DataError
from ..text_file import name_of
from .arrow import is_saved, parquet, saved
from .corpora.lexicons import two_columns
from .corpora.released import plain_lines, released
from .corpora.segments import segments
from .corpora.strangers import has_columns, refuse_formats, refuse_strangers
from .corpora.tmx import tmx
from .json_lines import json_lines
from .lines import Head, read_head
from .names import MOSES, file_format, unpacked_stem
from .rows import Columns, Layout
from .tables import csv_dialect, table, tsv_dialect

__all__ = ["recognise", "why_stray"]

_MARKED_UP = (".xml", ".sgm")


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
    if form in _MARKED_UP:
        return segments(path, sgml=form == ".sgm")
    head = read_head(path)
    if form in (".jsonl", ".ndjson"):
        return json_lines(path, head, columns)
    if form == MOSES:
        refuse_strangers(path, head, columns)
        return plain_lines(path, head, columns)
    found = released(path, head, columns)
    if found:
        return found
    if form == ".csv":
        dialect = csv_dialect(path, head, columns)
        lexicon = two_columns(path, head, columns, dialect)
        return lexicon or table(path, head, columns, dialect)
    if form == ".tsv" or _is_table(head, columns):
        if columns.text is None:
            refuse_formats(path, [line.strip() for line in head.filled], head.whole)
        return table(path, head, columns, tsv_dialect(head))
    refuse_strangers(path, head, columns)
    return plain_lines(path, head, columns)


def _is_table(head: Head, columns: Columns) -> bool:
    """Tell whether a file whose name tells lines of text is a table, as somebody says it is."""
    if columns.text is not None or columns.with_id:
        return bool(head.filled) and has_columns(head.filled)
    return columns.ids_if_any and {line.count("\t") for line in head.filled} == {1}


def why_stray(path: Path) -> str | None:
    """Say why XML or SGML in a folder of text is none of it: anything may be called `de.xml`.

    Args:
        path: A file.

    Returns:
        A sentence, where it holds no segments, or text of its name lies beside it; None otherwise.
    """
    if file_format(path) not in _MARKED_UP or not path.is_file():
        return None
    stem = unpacked_stem(path)
    for other in sorted(path.parent.glob(f"{escape(stem)}.*")):
        if file_format(other) not in (None, *_MARKED_UP) and unpacked_stem(other) == stem:
            return f"{name_of(other)} beside it is read; leave one of them"
    try:
        recognise(path)
    except DataError as problem:
        return str(problem)
    return None
