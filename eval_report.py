"""What eval.py shows: tables in the terminal, Markdown, CSV and figures, from records alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hub_cards import (
    EvalRecord,
    Table,
    retrieval_cells,
    retrieval_matrix,
    retrieval_table,
    to_csv,
    to_markdown,
    to_terminal,
)
from hub_cards.bootstrap import comparison_table
from hub_cards.cells import collect_cells
from hub_cards.grid import Grid, retrieval_grid, row_labels, task_grid
from hub_cards.latex import paper_layout, to_latex
from hub_cards.layer_figure import layer_figure, layer_table
from hub_cards.model_record import paper_counterparts
from hub_cards.records import TaskRecord, write_atomically
from hub_cards.tables import METRICS
from hub_cards.task_tables import paper_table, task_cells, task_matrix, task_table
from matrix import Model, Pair


@dataclass
class Results:
    """The records of one benchmark, of retrieval or of a task.

    Attributes:
        name: The benchmark's word on the command line.
        pairs: Cells that a complete row of a task has.
    """

    name: str
    pairs: tuple[Pair, ...] = ()
    retrieval: list[EvalRecord] = field(default_factory=list)
    tasks: list[TaskRecord] = field(default_factory=list)

    def grid(self) -> Grid:
        """Give all main scores."""
        if self.tasks:
            return task_grid(self.tasks, self.pairs)
        return retrieval_grid(self.retrieval)

    def models_by_row(self) -> dict[str, str]:
        """Give the model name of each row label."""
        if self.tasks:
            labels = row_labels(self.tasks)
            return {label: r.model for label, r in zip(labels, self.tasks, strict=True)}
        rows = collect_cells(self.retrieval).rows
        return {row: next(iter(found.values())).model for row, found in rows.items()}

    def compared(self, models: Sequence[Model]) -> list[tuple[str, str]]:
        """Pair each row with the row of the first model under the same settings."""
        by_row = self.models_by_row()
        pairs = []
        for row, label in by_row.items():
            name = label.removesuffix(" [latin]")
            base = models[0].name + row[len(name) :]
            if name != models[0].name and base in by_row:
                pairs.append((base, row))
        return pairs


def report(
    results: Sequence[Results], group: str, models: Sequence[Model], out: Path | None
) -> None:
    """Print the comparisons; with a folder, write Markdown, CSV and figures there.

    Args:
        results: One per benchmark.
        group: The group, for the paper's figures.
        models: In the order of the command line.
        out: The folder; records lie there already.
    """
    printed = paper_counterparts(model.record() for model in models)
    tables: list[Table] = []
    for result in results:
        shown, matrices = _tables(result, group, models, printed)
        for table in shown:
            print(to_terminal(table))
        tables += [*shown, *matrices]
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    markdown = "\n\n".join(to_markdown(table) for table in tables)
    write_atomically(out / "results.md", (markdown + "\n").encode())
    grids = {result.name: result.grid() for result in results}
    rows = dict.fromkeys(row for grid in grids.values() for row in grid.rows)
    paged = [*tables, *(page for row in rows if (page := paper_layout(grids, row)))]
    write_atomically(out / "results.tex", "\n".join(map(to_latex, paged)).encode())
    written = ["results.md", "results.tex"]
    retrieval = [to_csv(retrieval_cells(r.retrieval)) for r in results if r.retrieval]
    if retrieval:
        # One header for all benchmarks; the signature names each.
        more = "".join(text.partition("\n")[2] for text in retrieval[1:])
        write_atomically(out / "results.csv", (retrieval[0] + more).encode())
        written.append("results.csv")
    tasks = [record for result in results for record in result.tasks]
    if tasks:
        text = to_csv(task_cells(tasks, group, _by_label(tasks, printed)))
        write_atomically(out / "tasks.csv", text.encode())
        written.append("tasks.csv")
    for result in results:
        if len({record.layer for record in result.retrieval}) > 1:
            written.append(layer_figure(_original(result), out / f"{result.name}-layers.png").name)
    count = sum(len(result.retrieval) + len(result.tasks) for result in results)
    print(f"wrote {out / written[0]}, {', '.join(written[1:])} and {count} records")


def _tables(
    result: Results, group: str, models: Sequence[Model], printed: dict[str, str]
) -> tuple[list[Table], list[Table]]:
    """Make the tables for the terminal, and the matrices that only the files have."""
    by_row = result.models_by_row()
    if result.tasks:
        shown = [task_table(result.tasks, result.pairs)]
        matrices = [task_matrix(result.tasks, row, result.pairs) for row in by_row]
    else:
        shown = [retrieval_table(result.retrieval, tuple(METRICS))]
        matrices = [retrieval_matrix(result.retrieval, row) for row in by_row]
        if len({record.layer for record in result.retrieval}) > 1:
            shown.append(layer_table(_original(result)))
            matrices = []
    paper = {
        row: printed[name]
        for row, name in by_row.items()
        # The paper gives original script to the model.
        if name in printed
    }
    beside = paper_table(result.grid(), group, result.name, paper)
    against = comparison_table(
        result.tasks or result.retrieval, result.compared(models), result.name
    )
    return [*shown, *(table for table in (against, beside) if table)], matrices


def _original(result: Results) -> list[EvalRecord]:
    """One curve per model: of several inputs, each label is its own model."""
    return result.retrieval


def _by_label(records: Sequence[TaskRecord], printed: dict[str, str]) -> dict[str, str]:
    return {r.model: printed[r.model] for r in records if r.model in printed}
