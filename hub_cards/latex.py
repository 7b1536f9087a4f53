"""LaTeX: any table, and the layout of the paper's tables 2, 3 and 7 to 12.

Input: a Table, or Grids by task. Output: text for `booktabs`. In the paper a row is a target
language and a column a source within a task; `src` marks the cell where both are the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from hub_cards.grid import Grid
from hub_cards.paper_results import TASKS
from hub_cards.tables import Table

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
        A `table*` with `booktabs` rules, title and notes in the caption; ends with a newline.
    """

    def line(texts: tuple[str, ...]) -> str:
        return " & ".join(map(_escape, texts)) + r" \\"

    caption = ". ".join([table.title, *table.notes])
    if table.signature:
        caption += f". Signature: {table.signature}"
    columns = "l" + "r" * (len(table.header) - 1)
    return "\n".join(
        [
            r"\begin{table*}",
            r"\centering\small",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            line(table.header),
            r"\midrule",
            *map(line, table.rows),
            r"\bottomrule",
            r"\end{tabular}",
            rf"\caption{{{_escape(caption)}.}}",
            r"\end{table*}",
            "",
        ]
    )


def paper_layout(grids: Mapping[str, Grid], row: str) -> Table | None:
    """Arrange one model as the paper does: targets down, sources by task across.

    Args:
        grids: Grid by task (`srb`, `taxi1500`, `sib200`, `ner`, `pos`).
        row: The model's row label.

    Returns:
        The table with the averages as last row; None if the model has none of the tasks.
    """
    names = {task: printed for printed, task in TASKS.items()}
    columns = [
        (task, grids[task], source)
        for task in names
        if task in grids and row in grids[task].rows
        for source in grids[task].sources
    ]
    if not columns:
        return None
    # English is a target only of retrieval here, never in the paper's tables.
    targets = dict.fromkeys(t for _, g, _ in columns for t in g.targets if t != "eng_Latn")
    rows = []
    for target in targets:
        texts = []
        for _, grid, source in columns:
            cell = grid.cell(row, (source, target)).value
            missing = "-" if (source, target) in grid.pairs else ""
            own = source == target
            texts.append("src" if own else missing if cell is None else f"{cell:.1f}")
        rows.append((target, *texts))
    means = []
    for _, grid, source in columns:
        pairs = tuple((s, t) for s, t in grid.pairs if s == source and t != "eng_Latn")
        means.append(str(Grid(grid.rows, pairs).mean(row)).replace(" ± ", " ±"))
    header = ("target", *(f"{names[task]} {source}" for task, _, source in columns))
    return Table(row, header, (*rows, ("Average", *means)))


def _escape(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)
