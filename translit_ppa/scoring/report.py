"""What eval.py shows: tables in the terminal, Markdown, CSV and figures, from records alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from translit_ppa.hub_cards import (
    EvalRecord,
    Table,
    retrieval_cells,
    retrieval_matrix,
    retrieval_table,
    to_csv,
    to_markdown,
    to_terminal,
)
from translit_ppa.hub_cards.figures.layer_figure import layer_figure, layer_table
from translit_ppa.hub_cards.records.files import TaskRecord, write_atomically
from translit_ppa.hub_cards.records.model_record import paper_counterparts
from translit_ppa.hub_cards.scores.bootstrap import comparison_table
from translit_ppa.hub_cards.scores.cells import collect_cells
from translit_ppa.hub_cards.scores.grid import Grid, retrieval_grid, row_labels, task_grid
from translit_ppa.hub_cards.tables.latex import to_latex
from translit_ppa.hub_cards.tables.paper_layout import average_table, cell_tables, paper_cells_table
from translit_ppa.hub_cards.tables.tables import METRICS, with_gaps
from translit_ppa.hub_cards.tables.task_tables import (
    paper_table,
    task_cells,
    task_matrix,
    task_table,
)
from translit_ppa.scoring.store import Model, Pair


@dataclass
class Results:
    """The records of one benchmark, of retrieval or of a task.

    Attributes:
        name: The benchmark's word on the command line.
        pairs: Cells that a complete row of a task has.
        missing: Languages of the group that a retrieval benchmark lacks.
    """

    name: str
    pairs: tuple[Pair, ...] = ()
    missing: tuple[str, ...] = ()
    retrieval: list[EvalRecord] = field(default_factory=list)
    tasks: list[TaskRecord] = field(default_factory=list)

    @property
    def signature(self) -> str:
        """Name and state of the benchmark."""
        return (self.tasks or self.retrieval)[0].benchmark

    @property
    def layers(self) -> int:
        """How many layers were scored."""
        return len({record.layer for record in self.retrieval})

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
    results = _told_apart(results)
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
    # At several layers each row is a layer, which the paper's tables do not have.
    one = [result for result in results if result.layers < 2]
    grids = {result.name: result.grid() for result in one}
    rows = {row: printed.get(name) for r in one for row, name in r.models_by_row().items()}
    if (averages := average_table(grids, rows, group)) is not None:
        tables.append(averages)
    for row, counterpart in rows.items():
        tables += cell_tables(grids, row, group, counterpart)
    markdown = "\n\n".join(to_markdown(table) for table in tables)
    write_atomically(out / "results.md", (markdown + "\n").encode())
    write_atomically(out / "results.tex", "\n".join(map(to_latex, tables)).encode())
    written = ["results.md", "results.tex"]
    if (beside := paper_cells_table(grids, rows, group)) is not None:
        write_atomically(out / "paper.csv", to_csv(beside).encode())
        written.append("paper.csv")
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
        if result.layers > 1:
            path = out / f"{result.name.replace(':', '-').replace('@', '-')}-layers.png"
            written.append(layer_figure(result.retrieval, path).name)
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
        if result.layers > 1:
            shown.append(layer_table(result.retrieval))
            matrices = []
        shown = [with_gaps(table, result.missing) for table in shown]
    # The paper gives original script to the model: rows called [latin] have no counterpart.
    paper = {row: printed[name] for row, name in by_row.items() if name in printed}
    beside = paper_table(result.grid(), group, result.name, paper)
    against = comparison_table(
        result.tasks or result.retrieval, result.compared(models), result.name
    )
    return [*shown, *(table for table in (against, beside) if table)], matrices


def _told_apart(results: Sequence[Results]) -> list[Results]:
    """Call a benchmark by its word; several of one word (two folders) by their signatures."""
    words = [result.name for result in results]
    return [
        result if words.count(result.name) == 1 else replace(result, name=result.signature)
        for result in results
    ]


def _by_label(records: Sequence[TaskRecord], printed: dict[str, str]) -> dict[str, str]:
    return {r.model: printed[r.model] for r in records if r.model in printed}
