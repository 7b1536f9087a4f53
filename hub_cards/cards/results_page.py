"""The page of results: every table, figure and sentence of it is made from records.

Input: records of models, scores and maps. Output: Markdown, and pictures in a folder beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..figures.figures import retrieval_heatmap
from ..figures.layer_figure import layer_figure, layer_table
from ..figures.sentence_map import sentence_map
from ..figures.task_figures import ablation_bars, task_heatmap
from ..paper.results import MODELS
from ..records.files import Record, RecordError, write_atomically
from ..records.map_record import MapRecord
from ..records.model_record import ModelRecord, paper_counterparts
from ..scores.bootstrap import by_row, comparison_table
from ..scores.grid import Grid
from ..scores.page_scores import Scores, collect_scores
from ..scores.verdicts import Verdict, paragraphs, verdict
from ..tables.paper_layout import average_table, cell_tables
from ..tables.tables import METRICS, Table, retrieval_table, to_markdown, with_gaps
from ..tables.task_tables import paper_table, task_table


def write_page(
    records: Sequence[Record],
    group: str,
    path: Path,
    *,
    corpora: str = "",
    base: str | None = None,
    languages: Sequence[str] = (),
) -> Path:
    """Write the page, and its figures into a folder of the page's name.

    Args:
        records: Of models, scores and maps.
        group: `mediterranean` or `sea`, for the paper's figures.
        path: The Markdown file.
        corpora: Markdown that says where the texts come from.
        base: The model that others are compared with; by default the one that training records
            name as their base, else the first.
        languages: Codes of the group: those that a retrieval benchmark lacks are named.

    Returns:
        The path.

    Raises:
        RecordError: There are no models or no scores, or no model is called `base`.
    """
    models = _models(records)
    counterparts = paper_counterparts(models)
    models.sort(key=lambda model: _place(counterparts.get(model.model)))
    places = {model.model_digest: place for place, model in enumerate(models)}
    records = sorted(records, key=lambda r: places.get(getattr(r, "model_digest", ""), len(places)))
    names = [model.model for model in models]
    if base is not None and base not in names:
        raise RecordError(f"base: came {base!r}; legal: {', '.join(names)}")
    known = [name for name in names if counterparts.get(name) == "Glot500"]
    base = base or (known or names)[0]
    others = [name for name in names if name != base]
    found = collect_scores(records, group, languages)
    pictures = path.with_suffix("")
    verdicts = [v for s in found for v in _verdicts(s, base, others, group, counterparts)]
    parts = [_HEAD, "## Models", to_markdown(_model_table(models, counterparts))]
    parts += ["## What the differences support", paragraphs(verdicts) + "\n"]
    if corpora:
        parts += ["## Corpora", corpora.strip() + "\n"]
    for scores in found:
        parts.append(f"## {scores.name}")
        parts += [to_markdown(t) for t in _tables(scores, base, others, group, counterparts)]
        if (picture := _heatmap(scores, base, others, pictures)) is not None:
            parts.append(f"![{scores.name}, source x target]({pictures.name}/{picture.name})\n")
        if scores.sweep:
            drawn = layer_figure(scores.sweep, pictures / f"{scores.file}-layers.png")
            parts.append(to_markdown(layer_table(scores.sweep)))
            parts.append(f"![{scores.name}, accuracy by layer]({pictures.name}/{drawn.name})\n")
    grids = {scores.name: scores.grid() for scores in found}
    caption = "versions and settings: see the signatures of the tables"
    bars = ablation_bars(
        grids,
        [base, *others],
        pictures / "ablation.png",
        title="Main score by benchmark",
        caption=caption,
    )
    parts += ["## Ablation", f"![Means by benchmark and model]({pictures.name}/{bars.name})\n"]
    parts += _in_the_papers_layout(found, grids, [base, *others], group, counterparts)
    for number, record in enumerate(r for r in records if isinstance(r, MapRecord)):
        drawn = sentence_map(record, pictures / f"map-{number}.png")
        parts += ["## Map", f"![Sentences before and after]({pictures.name}/{drawn.name})\n"]
    text = "\n\n".join(part.strip() for part in parts) + "\n"
    return write_atomically(path, text.encode())


_HEAD = """# Results

Made by `python eval.py results` from records; nothing here is typed. Scores are percent,
differences are points. A comparison counts when it exceeds both the 95% interval of a paired
bootstrap over test items and the standard deviation of the difference over seeds. Retrieval draws
nothing, so it has a single seed; the training itself was run once per model. The paper's difference
has a direction where it exceeds two standard errors over its cells.
"""


def _models(records: Sequence[Record]) -> list[ModelRecord]:
    models = {r.model: r for r in records if isinstance(r, ModelRecord)}
    if not models:
        raise RecordError("no model records; give the folder that eval.py wrote")
    return list(models.values())


def _place(counterpart: str | None) -> int:
    """Sort as the paper does; models without a counterpart come last, in their own order."""
    return MODELS.index(counterpart) if counterpart in MODELS else len(MODELS)


def _in_the_papers_layout(
    found: Sequence[Scores],
    grids: Mapping[str, Grid],
    names: Sequence[str],
    group: str,
    counterparts: Mapping[str, str],
) -> list[str]:
    """Render tables 4 and 5, then 2, 3 and 7 to 12, for the models that have the paper's tasks."""
    rows: dict[str, str | None] = {}
    for name in names:
        for scores in found:
            if (row := scores.row_of(name)) is not None:
                rows[row] = counterparts.get(name)
    averages = average_table(grids, rows, group)
    if averages is None:
        return []
    tables = [averages]
    for row, printed in rows.items():
        tables += cell_tables(grids, row, group, printed)
    return ["## In the layout of the paper's tables", *map(to_markdown, tables)]


def _model_table(models: Sequence[ModelRecord], counterparts: dict[str, str]) -> Table:
    header = ("model", "base", "objectives", "pairs", "steps", "seed", "weights", "paper's")
    rows = []
    for model in models:
        run = model.training
        facts = ("-", "-", "-", "-", "-")
        if run is not None:
            objectives = "+".join(run.alignment.get("objectives", []))
            facts = (
                run.base,
                objectives,
                f"{run.data.rows:,}",
                f"{run.steps:,}",
                str(run.seed),
            )
        rows.append((model.model, *facts, model.model_digest, counterparts.get(model.model, "-")))
    note = "paper's: the paper's model of the same role; its models begin with Glot500, ours do not"
    return Table("Models, from their training records", header, tuple(rows), "", (note,))


def _pairs(scores: Scores, base: str, others: Sequence[str]) -> list[tuple[str, str]]:
    first = scores.row_of(base)
    rows = [scores.row_of(name) for name in others]
    return [(first, row) for row in rows if row is not None] if first is not None else []


def _tables(
    scores: Scores,
    base: str,
    others: Sequence[str],
    group: str,
    counterparts: dict[str, str],
) -> list[Table]:
    table = (
        task_table(scores.tasks, scores.pairs)
        if scores.tasks
        else retrieval_table(scores.retrieval, tuple(METRICS))
    )
    table = with_gaps(table, scores.missing)
    if several := [name for name in (base, *others) if len(scores.rows_of(name)) > 1]:
        note = f"scored under several settings, and so in no comparison: {', '.join(several)}"
        table = replace(table, notes=(*table.notes, note))
    printed = scores.printed_rows((base, *others), counterparts)
    against = comparison_table(scores.records, _pairs(scores, base, others), scores.name)
    beside = paper_table(scores.grid(), group, scores.name, printed)
    return [found for found in (table, against, beside) if found is not None]


def _verdicts(
    scores: Scores,
    base: str,
    others: Sequence[str],
    group: str,
    counterparts: dict[str, str],
) -> list[Verdict]:
    scored = by_row(scores.records)
    by_label = scores.printed_rows(others, counterparts)
    found = [
        verdict(scores.name, scored, first, row, group, by_label)
        for first, row in _pairs(scores, base, others)
        if first in scored and row in scored
    ]
    return [one for one in found if one is not None]


def _heatmap(scores: Scores, base: str, others: Sequence[str], folder: Path) -> Path | None:
    """Draw the base and the last model."""
    pairs = _pairs(scores, base, others)
    if not pairs:
        return None
    before, after = pairs[-1]
    path = folder / f"{scores.file}.png"
    if not scores.tasks:
        return retrieval_heatmap(scores.retrieval, before, after, path)
    record = scores.tasks[0]
    return task_heatmap(
        scores.grid(),
        before,
        after,
        path,
        title=f"{scores.name}: sources and targets, before and after",
        score=record.main_score,
        caption=f"benchmark: {record.benchmark}, translit-ppa {record.version}",
    )
