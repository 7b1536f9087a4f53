"""LaTeX: any table, as text for `booktabs`, and `graphicx` where it is wide."""

from __future__ import annotations

from ..table import Table

WIDE = 9
"""Columns from which on a table is shrunk to the width of the page; this takes `graphicx`."""

_ESCAPES = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
}


def to_latex(table: Table) -> str:
    """Write a table for LaTeX.

    Args:
        table: The table.

    Returns:
        A `table*` with `booktabs` rules, title and notes in the caption; ends with a newline. From
        `WIDE` columns on it is shrunk to the width of the page.
    """

    def line(texts: tuple[str, ...]) -> str:
        return " & ".join(map(_escape, texts)) + r" \\"

    caption = ". ".join([table.title, *table.notes])
    if table.signature:
        caption += f". Signature: {table.signature}"
    columns = "l" + "r" * (len(table.header) - 1)
    wide = len(table.header) >= WIDE
    return "\n".join(
        [
            r"\begin{table*}",
            r"\centering\small",
            *([r"\resizebox{\textwidth}{!}{%"] if wide else []),
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            line(table.header),
            r"\midrule",
            *map(line, table.rows),
            r"\bottomrule",
            r"\end{tabular}" + ("}" if wide else ""),
            rf"\caption{{{_escape(caption)}.}}",
            r"\end{table*}",
            "",
        ]
    )


def _escape(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)
