"""What a run of scores leaves behind: Markdown, LaTeX, CSV and figures, from records alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from translit_ppa.hub_cards import Table, to_csv, to_markdown
from translit_ppa.hub_cards.figures.figures import layer_figure
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.hub_cards.scores.comparing.verdicts import Judged, compare_with_base
from translit_ppa.hub_cards.scores.directions import in_one_script
from translit_ppa.hub_cards.scores.layers import layers_of
from translit_ppa.hub_cards.tables.comparison_table import comparison_table
from translit_ppa.hub_cards.tables.latex import to_latex
from translit_ppa.hub_cards.tables.paper_layout import average_table, cell_tables, paper_cells_table
from translit_ppa.hub_cards.tables.retrieval_tables import retrieval_cells
from translit_ppa.hub_cards.tables.task_tables import paper_table, task_cells
from translit_ppa.hub_cards.together import appearing_together
from translit_ppa.scoring.scores import Scores


def named_parts(scores: Scores) -> dict[str, Scores]:
    """Part scores by the benchmark's word on the command line; several of one, by signature."""
    words = [re.split("[:@]", benchmark)[0] for benchmark in scores.benchmarks]
    return {
        word if words.count(word) == 1 else benchmark: scores.where(benchmark=benchmark)
        for word, benchmark in zip(words, scores.benchmarks, strict=True)
    }


def judged_against_base(parts: Mapping[str, Scores]) -> Judged:
    """Compare every row with that of the first model, all of a run judged together."""
    shown = {name: in_one_script(part) for name, part in parts.items()}
    return compare_with_base(shown, lambda part: part.against(part.models[0].model))


def terminal_tables(name: str, scores: Scores, judged: Judged) -> list[Table]:
    """Make what the terminal shows of one benchmark: means, the base beside them, the paper."""
    shown = scores.tables()
    scores = in_one_script(scores)
    if not scores.records:
        return shown
    # The paper gives original script to the model: rows of Latin input have no counterpart.
    rows = _printed(scores)
    paper = {row: printed for row, printed in rows.items() if printed is not None}
    count = sum(map(len, judged.values()))
    against = comparison_table(judged[name], name, count, scores.signature())
    beside = paper_table(scores, scores.group, name, paper)
    return [*shown, *(table for table in (against, beside) if table)]


def write_report(scores: Scores, out: Path) -> Sequence[str]:
    """Write `results.md`, `results.tex`, CSV files and figures; they appear together.

    Args:
        scores: With the models and the group.
        out: The folder; the records lie there already.

    Returns:
        The names of the files.
    """
    parts = named_parts(scores)
    judged = judged_against_base(parts)
    tables: list[Table] = []
    for name, part in parts.items():
        tables += terminal_tables(name, part, judged)
    every, parts = parts, {name: in_one_script(part) for name, part in parts.items()}
    parts = {name: part for name, part in parts.items() if part.records}
    for part in parts.values():
        # At several layers each row is a layer.
        tables += [part.table(model=row) for row in part.rows] if layers_of(part) < 2 else []
    # The paper's tables have no layers either.
    one = {name: part for name, part in parts.items() if layers_of(part) < 2}
    rows = {row: printed for part in one.values() for row, printed in _printed(part).items()}
    if (averages := average_table(one, rows, scores.group)) is not None:
        tables.append(averages)
    for row, counterpart in rows.items():
        tables += cell_tables(one, row, scores.group, counterpart)
    markdown = "\n\n".join(to_markdown(table) for table in tables)
    files = {"results.md": markdown + "\n", "results.tex": "\n".join(map(to_latex, tables))}
    if (beside := paper_cells_table(one, rows, scores.group)) is not None:
        files["paper.csv"] = to_csv(beside)
    retrieval = [to_csv(retrieval_cells(part)) for part in every.values() if not part.is_task]
    if retrieval:
        # One header for all benchmarks; the signature names each.
        more = "".join(text.partition("\n")[2] for text in retrieval[1:])
        files["results.csv"] = retrieval[0] + more
    if scores.is_task:
        files["tasks.csv"] = to_csv(task_cells(scores, scores.group, scores.counterparts))
    with appearing_together(out / "results.md") as aside:
        for name, text in files.items():
            write_atomically(aside / name, text.encode())
        figures = [
            layer_figure(part, aside / f"{re.sub('[:@]', '-', name)}-layers.png").name
            for name, part in parts.items()
            if layers_of(part) > 1
        ]
    return [*files, *figures]


def _printed(scores: Scores) -> dict[str, str | None]:
    """Give the paper's counterpart of each row, None for a row without one."""
    counterparts = scores.counterparts
    return {
        row: counterparts.get(model) if row in scores.rows_of(model) else None
        for row, model in scores.models_by_row().items()
    }
