"""Tables of retrieval scores, made from eval records and nothing else.

Input: EvalRecords of one benchmark. Output: a Table, which `to_terminal`, `to_markdown` and
`to_csv` write down. Numbers are percent with one decimal; means are unweighted over cells. A cell
that was not measured is `-`, is named under the table, and every mean that lacks it says so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..records.files import EvalRecord, RecordError
from ..scores.cells import Cells, Pair, collect_cells

METRICS = {"top1": "top-1", "top5": "top-5", "top10": "top-10"}


@dataclass(frozen=True)
class Table:
    """A table as text: cells are formatted; signature and notes are the lines below it."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    signature: str = ""
    notes: tuple[str, ...] = ()


def with_gaps(table: Table, codes: Sequence[str]) -> Table:
    """Name under a table the languages of the group that its benchmark lacks, if there are any."""
    if not codes:
        return table
    note = f"no text in this benchmark, and in no mean: {', '.join(codes)}"
    return replace(table, notes=(*table.notes, note))


def retrieval_table(
    records: Iterable[EvalRecord],
    columns: Sequence[str] = ("top1", "top10"),
    by_source: Sequence[str] = ("top10",),
    pairs: Sequence[Pair] | None = None,
) -> Table:
    """Compare models: one row each, means over all ordered pairs and by source.

    Args:
        records: Eval records of one benchmark and split.
        columns: Scores averaged over all pairs.
        by_source: Scores averaged over the pairs of each source; may be empty.
        pairs: The (source, target) pairs that each model should have; by default all that any has.

    Returns:
        The table, with signature, pool sizes, chance level, identical strings and gaps as notes.

    Raises:
        RecordError: If a score is unknown, or the records do not belong into one table.
    """
    _check_metrics([*columns, *by_source])
    cells = collect_cells(records, pairs)
    # With one score by source, its name stands in the title and the columns stay narrow.
    short = len(by_source) == 1
    header = ["model", *(METRICS[metric] for metric in columns)]
    for source in cells.sources:
        header += [source if short else f"{source} {METRICS[metric]}" for metric in by_source]
    rows = []
    for row in cells.rows:
        means = [cells.mean(row, metric) for metric in columns]
        means += [cells.mean(row, metric, s) for s in cells.sources for metric in by_source]
        rows.append((row, *(str(mean) for mean in means)))
    title = f"{cells.records[0].benchmark} retrieval, mean over {len(cells.pairs)} ordered pairs, %"
    if by_source and short:
        title += f"; by source: {METRICS[by_source[0]]}"
    notes = _notes(cells, tuple(dict.fromkeys([*columns, *by_source])))
    return Table(title, tuple(header), tuple(rows), cells.signature(), notes)


def retrieval_matrix(
    records: Iterable[EvalRecord],
    model: str,
    metric: str = "top10",
    pairs: Sequence[Pair] | None = None,
) -> Table:
    """Show one model in full: a row per source, a column per target.

    Args:
        records: Eval records of one benchmark and split; of other models too, if you like.
        model: The row label of `retrieval_table`: the model, with its settings if they vary.
        metric: The score shown.
        pairs: As for `retrieval_table`.

    Returns:
        The matrix with a column of means. An empty cell is no direction of the benchmark.

    Raises:
        RecordError: If the score or the model is unknown, or the records do not belong together.
    """
    _check_metrics([metric])
    cells = collect_cells(records, pairs)
    if model not in cells.rows:
        raise RecordError(f"model: came {model!r}; legal: {', '.join(cells.rows)}")
    cells = Cells({model: cells.rows[model]}, cells.pairs, cells.languages)
    rows = []
    for source in cells.sources:
        texts = [
            _number(cells.score(model, (source, target), metric))
            if (source, target) in cells.pairs
            else ""
            for target in cells.targets
        ]
        rows.append((source, *texts, str(cells.mean(model, metric, source))))
    title = f"{model}: {cells.records[0].benchmark} {METRICS[metric]}, source (row) to target, %"
    return Table(
        title,
        ("source", *cells.targets, "mean"),
        tuple(rows),
        cells.signature(),
        _notes(cells, (metric,)),
    )


def retrieval_cells(records: Iterable[EvalRecord]) -> Table:
    """List every record as one row with all its scores: the table behind all other tables.

    Args:
        records: Eval records of one benchmark and split.

    Returns:
        The table; `_all` marks scores that include identical strings.

    Raises:
        RecordError: If the records do not belong into one table.
    """
    cells = collect_cells(records)
    facts = ("source", "target", "n", "pool", "identical")
    header = ("model", *facts, *METRICS, *(f"{metric}_all" for metric in METRICS), "signature")
    rows = []
    for label, row in cells.rows.items():
        for pair, record in row.items():
            scores = [cells.score(label, pair, metric) for metric in METRICS]
            scores += [cells.score(label, pair, metric, everything=True) for metric in METRICS]
            texts = [str(getattr(record, name)) for name in facts]
            texts += [_number(score) for score in scores]
            rows.append((label, *texts, record.signature()))
    return Table(f"{cells.records[0].benchmark}, all cells", header, tuple(rows))


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


def _check_metrics(metrics: Iterable[str]) -> None:
    for metric in metrics:
        if metric not in METRICS:
            raise RecordError(f"score: came {metric!r}; legal: {', '.join(METRICS)}")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _notes(cells: Cells, metrics: Sequence[str]) -> tuple[str, ...]:
    """Say below a table what its numbers rest on, and what is missing from them."""
    chance = ", ".join(
        f"{METRICS[metric]} {cells.chance(int(metric.removeprefix('top'))):.1f}"
        for metric in metrics
    )
    counts = [
        f"queries {_range(record.n for record in cells.records)}",
        f"pool {_range(record.pool for record in cells.records)}",
        f"chance {chance}",
    ]
    notes = ["a pair has " + ", ".join(counts)]
    identical = sum(record.identical for record in cells.records)
    if identical:
        total = identical + sum(record.n for record in cells.records)
        beside = "; ".join(
            f"{row} "
            + " / ".join(str(cells.mean(row, metric, everything=True)) for metric in metrics)
            for row in cells.rows
        )
        names = " / ".join(METRICS[metric] for metric in metrics)
        notes.append(
            f"identical source and target strings left out: {identical} of {total} queries; "
            f"{names} with them: {beside}"
        )
    gaps: dict[str, list[str]] = {}
    for row, (source, target) in cells.gaps():
        gaps.setdefault(f"{row}, {source} ->", []).append(target)
    if gaps:
        named = "; ".join(f"{place} {', '.join(targets)}" for place, targets in gaps.items())
        notes.append(f"not measured ({len(cells.gaps())}): {named}")
    return tuple(notes)


def _range(values: Iterable[int]) -> str:
    numbers = sorted(values)
    return f"{numbers[0]}" if numbers[0] == numbers[-1] else f"{numbers[0]}-{numbers[-1]}"
