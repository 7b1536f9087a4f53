"""A table as text, and how it is written: for a terminal, as Markdown, CSV or HTML.

Numbers are formatted by whoever makes a table; none is ever read back from one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape


@dataclass(frozen=True)
class Table:
    """A table as text: cells are formatted; signature and notes are the lines below it."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    signature: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return to_terminal(self)

    def _repr_html_(self) -> str:
        return to_html(self)


def with_gaps(table: Table, codes: Sequence[str]) -> Table:
    """Name under a table the languages of the group that its benchmark lacks, if there are any."""
    if not codes:
        return table
    note = f"no text in this benchmark, and in no mean: {', '.join(codes)}"
    return replace(table, notes=(*table.notes, note))


def to_terminal(table: Table) -> str:
    """Write a table for people at a terminal.

    Args:
        table: The table.

    Returns:
        Aligned text: title, table, notes; ends with a newline.
    """
    lines = [table.header, *table.rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.header))]
    aligned = []
    for line in lines:
        first = line[0].ljust(widths[0])
        others = [text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)]
        aligned.append("  ".join([first, *others]).rstrip())
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    notes = [f"signature: {table.signature}"] if table.signature else []
    return (
        "\n".join([table.title, "", aligned[0], rule, *aligned[1:], "", *notes, *table.notes])
        + "\n"
    )


def to_markdown(table: Table) -> str:
    """Write a table as GitHub Markdown.

    Args:
        table: The table.

    Returns:
        Bold title, pipe table, notes as a list; ends with a newline.
    """

    def line(texts: Iterable[str]) -> str:
        return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"

    rule = line(["---", *["---:"] * (len(table.header) - 1)])
    parts = [f"**{table.title}**", "", line(table.header), rule, *map(line, table.rows)]
    # In backticks: the stars of a common signature would otherwise be emphasis.
    notes = [f"signature: `{table.signature}`"] if table.signature else []
    notes += table.notes
    if notes:
        parts += ["", *(f"- {note}" for note in notes)]
    return "\n".join(parts) + "\n"


def to_csv(table: Table) -> str:
    """Write a table's header and rows as CSV, without title and notes.

    Args:
        table: The table.

    Returns:
        Comma separated text, a line feed after each row.
    """
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([table.header, *table.rows])
    return buffer.getvalue()


def to_html(table: Table) -> str:
    """Write a table as HTML; whatever stands in it is escaped.

    Args:
        table: The table.

    Returns:
        A `table` with its title as caption, and the notes below it.
    """

    def line(texts: Iterable[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts) + "</tr>"

    notes = [f"signature: {table.signature}"] if table.signature else []
    told = "".join(f"<li><small>{escape(note)}</small></li>" for note in [*notes, *table.notes])
    body = "\n".join(line(row, "td") for row in table.rows)
    return (
        f"<table>\n<caption>{escape(table.title)}</caption>\n"
        f"<thead>{line(table.header, 'th')}</thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
        + (f"<ul>{told}</ul>\n" if told else "")
    )
