"""Tables of text: cells split by tabs, or in a dialect of CSV; as many cells in every row.

Cells of a TSV are quoted or not, which nobody writes down: quotation marks are taken off where
they cannot be text, otherwise they are text. Source of the dialects: RFC 4180 and `csv`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ..errors import DataError
from ..text_file import MOST_LINE, name_of, open_text
from .lines import Head, iter_lines
from .positions import fold, has_header, use_of
from .rows import Columns, Layout, Row, Use

__all__ = ["Dialect", "csv_dialect", "iter_cells", "pick", "table", "tsv_dialect"]

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,30}")


@dataclass(frozen=True)
class Dialect:
    """How the cells of a row are split.

    Attributes:
        separator: The sign between cells.
        quoted: Whether cells may be in quotation marks, and then hold separators and line ends.
    """

    separator: str
    quoted: bool

    @property
    def form(self) -> str:
        """The dialect in words."""
        if self.separator != "\t":
            return f"CSV, cells split by {_SEPARATORS[self.separator]}"
        return f"TSV, {'marks around cells taken off' if self.quoted else 'cells as they stand'}"


def iter_cells(path: Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Read the cells of every row, the header included.

    Args:
        path: A text file, plain or packed.
        dialect: How it is split.

    Yields:
        The number of the row's last line, and its cells. Bytes that are no UTF-8 become lone
        surrogates, which a filter drops and counts.

    Raises:
        DataError: A broken file.
    """
    if not dialect.quoted:
        for number, line in enumerate(iter_lines(path), 1):
            yield number, line.split(dialect.separator)
        return
    csv.field_size_limit(MOST_LINE)
    with open_text(path) as raw:
        lines = io.TextIOWrapper(raw, "utf-8", "surrogateescape", newline="")
        reader = csv.reader(_unmarked(lines), delimiter=dialect.separator)
        try:
            for row in reader:
                yield reader.line_num, row
        except csv.Error as error:
            reason = " ".join(str(error).split())
            raise DataError(
                f"cannot read {name_of(path)}: {reason}; replace or remove the file"
            ) from error


def _unmarked(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield line.removeprefix("\ufeff") if number == 0 else line


def _sample(head: Head, separator: str) -> list[list[str]]:
    """Parse the head in one dialect; what its end may have cut is left out."""
    csv.field_size_limit(MOST_LINE)
    try:
        rows = list(csv.reader((f"{line}\n" for line in head.lines), delimiter=separator))
    except csv.Error:
        return []
    return [row for row in (rows if head.whole else rows[:-1]) if any(row)]


def _fits(rows: list[list[str]]) -> bool:
    """Tell whether all rows have the same number of cells, above one, and no column is empty."""
    widths = {len(row) for row in rows}
    return len(widths) == 1 and widths != {1} and all(map(any, zip(*rows, strict=True)))


def csv_dialect(path: Path, head: Head, columns: Columns) -> Dialect:
    """Find the separator of a CSV: the one that gives every row the same number of cells.

    Args:
        path: The file, for messages.
        head: Its start.
        columns: What is asked for: its name in a header decides.

    Returns:
        The dialect; commas where none of them fits.

    Raises:
        DataError: Two separators fit equally well.
    """
    samples = {separator: _sample(head, separator) for separator in _SEPARATORS}
    fitting = [separator for separator, rows in samples.items() if _fits(rows)]
    named = [s for s, rows in samples.items() if rows and has_header(rows[0], columns)]
    # A name beside others tells the separator, even where a row has it within its text.
    beside = [separator for separator in named if len(samples[separator][0]) > 1]
    found = (
        [s for s in fitting if s in named]
        or (beside if len(beside) == 1 else [])
        or (named if "," in named else [])
        or fitting
    )
    if len(found) > 1 and "," not in named:
        told = " or ".join(_SEPARATORS[separator] for separator in found)
        raise DataError(
            f"{name_of(path)} may be split by {told}; name the column of the text {columns.text!r} "
            "in its first row"
            if columns.text
            else f"{name_of(path)} may be split by {told}; give it a first row with the name 'text'"
        )
    if not found and columns.text is None:
        _refuse_uneven(path, samples)
    return Dialect(found[0] if found else ",", quoted=True)


def _refuse_uneven(path: Path, samples: Mapping[str, list[list[str]]]) -> None:
    """Refuse rows that all have a separator between cells, but no table: no single column."""
    for separator, rows in samples.items():
        if len(rows) < 2 or not all(_is_split(row, separator) for row in rows):
            continue
        least, most = min(map(len, rows)), max(map(len, rows))
        told = f"{name_of(path)}: every row has {_SEPARATORS[separator]}, and "
        if least < most:
            raise DataError(
                f"{told}its rows have {least} to {most} cells; put cells that hold a separator in "
                "quotation marks"
            )
        if separator != ",":
            raise DataError(
                f"{told}one of its {most} columns is empty; take it out, or, if each row is text, "
                "give --text-column 0"
            )


def _is_split(row: list[str], separator: str) -> bool:
    """Tell whether a sign parts cells; as a mark of a sentence it has blanks or nothing behind."""
    if separator == ",":
        return len(row) > 1
    return any(
        cell and (cell[0].isspace() <= before[-1:].isspace()) for before, cell in pairwise(row)
    )


def tsv_dialect(head: Head) -> Dialect:
    """Find out whether the quotation marks of a TSV are text.

    Args:
        head: Its start.

    Returns:
        The dialect. Marks are taken off where every cell with a mark is wholly in marks, with
        marks inside doubled, and some cell shows by a doubled mark, a tab or a line end within it
        that they are no text, or a whole column is in marks.
    """
    raw = [line.split("\t") for line in head.filled]
    marked = [cell for row in raw for cell in row if '"' in cell]
    if not marked:
        return Dialect("\t", quoted=False)
    parsed = _sample(head, "\t")
    one_width = len({len(row) for row in parsed}) == 1
    if len({len(row) for row in raw}) > 1:
        return Dialect("\t", quoted=one_width)
    whole = all(_is_quoted(cell) for cell in marked)
    doubled = any('""' in cell[1:-1] for cell in marked)
    column = len(raw) > 1 and any(
        all(_is_quoted(cell) for cell in cells) for cells in zip(*raw[1:], strict=True)
    )
    return Dialect("\t", quoted=whole and one_width and (doubled or column))


def _is_quoted(cell: str) -> bool:
    inside = cell[1:-1].replace('""', "")
    return len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inside


def table(path: Path, head: Head, columns: Columns, dialect: Dialect) -> Layout:
    """Lay out a table.

    Args:
        path: The file.
        head: Its start.
        columns: What is asked for.
        dialect: How it is split.

    Returns:
        The layout.

    Raises:
        DataError: A column that is not there, or of which nobody could say which it is.
    """
    with closing(iter_cells(path, dialect)) as cells:  # type: ignore[type-var]
        first = next((row for _, row in cells if any(row)), [""])
    header = has_header(first, columns)
    use = use_of(first, path, columns, header)
    if len(first) == 1 and columns.text is None and not header and _NAME.fullmatch(first[0]):
        raise DataError(
            f"{name_of(path)} begins with {first[0]!r}: if that names its only column, give "
            f"--text-column {first[0]!r}, and if it is text, --text-column 0"
        )
    names = tuple(fold(cell) for cell in first) if header else ()

    def read() -> Iterator[Row]:
        with closing(iter_cells(path, dialect)) as cells:  # type: ignore[type-var]
            yield from pick(cells, path, len(first), use, header)

    notes = ("the first row, which names the columns",) * header
    return Layout(path, dialect.form, head.encoding, names, len(first), use, read, notes)


def pick(
    cells: Iterator[tuple[int, list[str]]], path: Path, width: int, use: Use, header: bool
) -> Iterator[Row]:
    """Take the columns that are read out of rows of cells.

    Args:
        cells: Rows with their line numbers.
        path: The file, for messages.
        width: How many cells a row has; one with fewer has `missing` cells.
        use: The columns.
        header: Whether the first row that is not blank is left out.

    Yields:
        Rows.

    Raises:
        DataError: A row has more cells.
    """
    for number, row in cells:
        if not any(row):
            yield Row(None, "")
        elif header:
            header = False
        elif len(row) > width:
            raise DataError(
                f"{name_of(path)}, line {number}: {len(row)} cells, and the first row has {width}; "
                "every row needs as many"
            )
        elif len(row) < width:
            yield Row(None, None, missing=True)
        else:
            yield _row(row, use)


def _row(row: list[str], use: Use) -> Row:
    count = "" if use.attested is None else row[use.attested].strip()
    return Row(
        None if use.id is None else row[use.id],
        row[use.text],
        None if use.transliteration is None else row[use.transliteration],
        language=None if use.language is None else row[use.language],
        attested=int(count) if count.isascii() and count.isdigit() and len(count) < 10 else None,
    )
