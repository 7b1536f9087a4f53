"""Reads the rows of one text file: .txt, .tsv, .csv or .parquet, each also gzipped.

In: a path and the columns wanted. Out: rows of (id, text, transliteration), nothing filtered.
No pandas and no `splitlines`: `NA` and `null` stay text, and only a line feed ends a line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import DataError
from ..schema import TEXT, TRANSLITERATION
from ..text_file import MOST_LINE, name_of, open_text

__all__ = [
    "SUFFIXES",
    "Columns",
    "Row",
    "file_format",
    "is_pairs_file",
    "open_rows",
    "read_rows",
    "strings",
]

SUFFIXES = (".txt", ".tsv", ".csv", ".parquet")
_BATCH = 2048
_POSITION = re.compile("[0-9]{1,9}")


class Row(NamedTuple):
    """One row of a file; None where the cell is null, `missing` where there is no such cell."""

    id: str | None
    text: str | None
    transliteration: str | None = None
    missing: bool = False


@dataclass(frozen=True)
class Columns:
    """Which columns are wanted, by name or by position from 0.

    Attributes:
        text: The sentence; None means the column `text`, or the only column.
        transliteration: Its ready romanisation; None means the column `transliteration` where
            the file has it and `text` is not given, otherwise none.
        with_id: Also read the column `id`, or else the first one.
    """

    text: str | None = None
    transliteration: str | None = None
    with_id: bool = False


def file_format(path: Path) -> str | None:
    """Name the format of a file by its name.

    Args:
        path: A path, `.gz` allowed after the format.

    Returns:
        One of `SUFFIXES`, or None for any other file.
    """
    name = path.name.lower().removesuffix(".gz")
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), None)


def open_rows(path: Path) -> Iterator[list[str | None]]:
    """Read the cells of every line or record, the header included.

    Args:
        path: A .txt, .tsv or .csv file.

    Yields:
        Cells. Bytes that are no UTF-8 become lone surrogates, which a filter drops and counts.

    Raises:
        DataError: UTF-16, broken gzip or broken CSV.
    """
    form = file_format(path)
    with open_text(path) as raw:
        start = raw.read(3)
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise DataError(f"{name_of(path)} is UTF-16; save it as UTF-8")
        raw.seek(3 if start == b"\xef\xbb\xbf" else 0)
        if form == ".csv":
            csv.field_size_limit(MOST_LINE)
            lines = io.TextIOWrapper(raw, "utf-8", "surrogateescape", newline="")
            try:
                yield from csv.reader(lines)
            except csv.Error as error:
                raise _unreadable(path, error) from error
            return
        for line in raw:
            text = line.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
            yield list(text.split("\t")) if form == ".tsv" else [text]


def _unreadable(path: Path, error: Exception) -> DataError:
    reason = " ".join(str(error).split())
    return DataError(f"cannot read {name_of(path)}: {reason}; replace or remove the file")


def read_rows(path: Path, columns: Columns) -> Iterator[Row]:
    """Read the wanted columns of a file.

    A first row is a header when one of its cells is the name of the text column (`text` unless
    another name is given).

    Args:
        path: A file whose name ends as in `SUFFIXES`.
        columns: What to read.

    Yields:
        Rows, header left out.

    Raises:
        DataError: A column that is not there, or a file that cannot be read.
    """
    form = file_format(path)
    if form is None:
        raise DataError(f"{name_of(path)}: legal are {', '.join(SUFFIXES)}, each optionally .gz")
    if form == ".parquet":
        yield from _parquet_rows(path, columns)
    else:
        with closing(open_rows(path)) as cells:  # type: ignore[type-var]
            yield from _cell_rows(cells, path, columns)


def is_pairs_file(path: Path, columns: Columns) -> bool:
    """Tell whether a file brings its own romanisation.

    Args:
        path: A file.
        columns: What is asked for.

    Returns:
        True when a transliteration column is asked for, or the header has both `text` and
        `transliteration` and no column is asked for.
    """
    if columns.transliteration is not None:
        return True
    if columns.text is not None or file_format(path) in (None, ".txt"):
        return False
    if file_format(path) == ".parquet":
        with _parquet_file(path) as file:
            names = file.schema_arrow.names
    else:
        with closing(open_rows(path)) as cells:  # type: ignore[type-var]
            names = next(cells, [])
    return {TEXT, TRANSLITERATION} <= {_name(cell) for cell in names}


def _name(cell: str | None) -> str:
    return (cell or "").strip().casefold()


def _position(wanted: str, names: Sequence[str], path: Path, header: bool) -> int:
    if header and _name(wanted) in names:
        return _only(_name(wanted), names, path)
    if _POSITION.fullmatch(wanted):
        if int(wanted) < len(names):
            return int(wanted)
        raise DataError(
            f"{name_of(path)}: column {wanted} of {len(names)}; legal are 0 to {len(names) - 1}"
        )
    shown = ", ".join(name[:40] for name in names)
    raise DataError(
        f"{name_of(path)}: no column {wanted!r}; the first row is: {shown}. "
        "Give the position, counted from 0"
    )


def _only(name: str, names: Sequence[str], path: Path) -> int:
    """Find the one column of a name; of two, nobody could say which is meant."""
    if names.count(name) > 1:
        raise DataError(
            f"{name_of(path)}: {names.count(name)} columns are named {name!r}; rename all but one, "
            "or give the position of the text, counted from 0"
        )
    return names.index(name)


def _layout(
    names: Sequence[str], path: Path, columns: Columns, header: bool
) -> tuple[int, int | None, int | None]:
    """Find the positions of text, transliteration and id."""
    if columns.text is not None:
        text = _position(columns.text, names, path, header)
    elif TEXT in names:
        text = _only(TEXT, names, path) if header else names.index(TEXT)
    elif len(names) == 1:
        text = 0
    else:
        raise DataError(
            f"{name_of(path)} has {len(names)} columns and none is named {TEXT!r}; "
            "say which one holds the text: --text-column NAME or INDEX (from 0)"
        )
    latin = None
    if columns.transliteration is not None:
        latin = _position(columns.transliteration, names, path, header)
    elif columns.text is None and TRANSLITERATION in names and header:
        latin = _only(TRANSLITERATION, names, path)
    row_id = None
    if columns.with_id:
        row_id = _only("id", names, path) if header and "id" in names else 0
        if row_id == text:
            raise DataError(
                f"{name_of(path)} has no id column (its first column is the text); ids can only be "
                "left out of files with a column 'id', or with the id first"
            )
    return text, latin, row_id


def _cell_rows(cells: Iterator[list[str | None]], path: Path, columns: Columns) -> Iterator[Row]:
    first = next(cells, None)
    if first is None:
        return
    names = [_name(cell) for cell in first]
    by_name = columns.text is not None and not _POSITION.fullmatch(columns.text)
    header = file_format(path) != ".txt" and (_name(columns.text) if by_name else TEXT) in names
    text, latin, row_id = _layout(names, path, columns, header)
    last = max(text, latin or 0)
    if not header:
        yield _pick(first, text, latin, row_id, last)
    for row in cells:
        yield _pick(row, text, latin, row_id, last)


def _pick(
    row: list[str | None], text: int, latin: int | None, row_id: int | None, last: int
) -> Row:
    if len(row) <= last:
        blank = not any(row)
        return Row(None, "" if blank else None, None, missing=not blank)
    return Row(
        None if row_id is None else row[row_id],
        row[text],
        None if latin is None else row[latin],
    )


@contextmanager
def _parquet_file(path: Path) -> Iterator[Any]:
    """Open a Parquet file; whatever Arrow trips over, then or in the block, is one line."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Through the door also where it is not packed: a pipe would hang.
        with open_text(path, lines=False) as raw:
            packed = path.name.lower().endswith(".gz")
            with pq.ParquetFile(io.BytesIO(raw.read()) if packed else path) as file:
                yield file
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def _parquet_rows(path: Path, columns: Columns) -> Iterator[Row]:
    with _parquet_file(path) as file:
        names = file.schema_arrow.names
        text, latin, row_id = _layout([_name(name) for name in names], path, columns, True)
        wanted = [names[i] for i in dict.fromkeys((text, latin, row_id)) if i is not None]
        for name in wanted:
            _only(name, names, path)
            _require_text(file.schema_arrow.field(name), path, names.index(name) == row_id)
        for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
            lists = {name: strings(batch.column(name)) for name in wanted}
            empty: list[str | None] = [None] * batch.num_rows
            yield from map(
                Row,
                empty if row_id is None else lists[names[row_id]],
                lists[names[text]],
                empty if latin is None else lists[names[latin]],
            )


def _require_text(field: Any, path: Path, is_id: bool) -> None:
    import pyarrow as pa

    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return
    if is_id and pa.types.is_integer(kind):
        return
    legal = "string or a whole number" if is_id else "string"
    raise DataError(f"{name_of(path)}: column {field.name!r} is {kind}; legal is {legal}")


def strings(column: Any) -> list[str | None]:
    """Read a column of Arrow, whatever kind of strings or numbers it holds.

    Args:
        column: An array.

    Returns:
        Strings, with lone surrogates for bytes that are no UTF-8; None for nulls.
    """
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        column = column.cast(pa.string())
    # Through bytes: a string column may hold invalid UTF-8, and one bad row must not end the file.
    binary = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
    return [
        None if value is None else value.decode("utf-8", "surrogateescape")
        for value in column.cast(binary).to_pylist()
    ]
