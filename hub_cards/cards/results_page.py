"""The page of results: every table, figure and sentence of it is made from records.

Input: records of models, scores and maps. Output: Markdown, and pictures in a folder beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..figures.figures import layer_figure, retrieval_heatmap
from ..figures.sentence_map import sentence_map
from ..figures.task_figures import ablation_bars, task_heatmap
from ..paper.results import MODELS, paper_notes
from ..records.figure_records import MapRecord
from ..records.files import Record, RecordError, write_atomically
from ..records.record_types import ModelRecord
from ..scores.comparing.verdicts import Judged, compare_with_base, paragraphs
from ..scores.counterparts import paper_counterparts
from ..scores.directions import has_directions
from ..scores.labels import METRICS
from ..scores.scores import Scores
from ..table import Table, to_markdown, with_gaps
from ..tables.comparison_table import comparison_table
from ..tables.direction_tables import direction_tables
from ..tables.paper_layout import average_table, cell_tables
from ..tables.retrieval_tables import layer_table, retrieval_table
from ..tables.task_tables import paper_table, task_table
from ..together import appearing_together
from .results_sections import Models, Section, part_by_group


def write_page(
    records: Sequence[Record],
    group: str | Mapping[str, Sequence[str]],
    path: Path,
    *,
    corpora: str = "",
    base: str | None = None,
    languages: Sequence[str] = (),
) -> Path:
    """Write the page, and its figures into a folder of the page's name.

    Args:
        records: Of models, scores and maps.
        group: `mediterranean` or `sea`, for the paper's figures. Several groups, each with the
            codes of its languages, stand beside one another.
        path: The Markdown file.
        corpora: Markdown that says where the texts come from.
        base: The model that others are compared with; by default the one that training records
            name as their base, else the first.
        languages: Codes of a single group: those that a retrieval benchmark lacks are named.

    Returns:
        The path.

    Raises:
        RecordError: There are no models or no scores of them, no model is called `base`, a model's
            scores come from two versions, or the path is that of a folder.
    """
    if not path.suffix:
        # Its figures go into a folder that is called like the page without it.
        raise RecordError(f"{path}: legal is the name of a Markdown file, such as {path}.md")
    with appearing_together(path) as aside:
        text = _page(records, group, aside / path.stem, corpora, base, languages)
        write_atomically(aside / path.name, text.encode())
    return path


def _page(
    records: Sequence[Record],
    group: str | Mapping[str, Sequence[str]],
    pictures: Path,
    corpora: str,
    base: str | None,
    languages: Sequence[str],
) -> str:
    """Draw the figures, and return the text."""
    found = list({r.model: r for r in records if isinstance(r, ModelRecord)}.values())
    if not found:
        raise RecordError("no model records; give the folder that translit-ppa eval wrote")
    counterparts = paper_counterparts(found)
    found.sort(key=lambda model: _place(counterparts.get(model.model)))
    groups = {group: languages} if isinstance(group, str) else dict(group)
    models = _models(found, counterparts, base, next(iter(groups)))
    sections = part_by_group(records, found, groups, models)
    shown = {section.label: section.scores for section in sections if section.scores.records}
    judged = compare_with_base(shown, models.compared)
    verdicts = [
        replace(section.verdict(rows, result), benchmark=section.label)
        for section in sections
        for rows, result in judged.get(section.label, {}).items()
    ]
    parts = [_HEAD, "## Models", to_markdown(_model_table(found, counterparts))]
    parts += ["## What the differences support", paragraphs(verdicts) + "\n"]
    notes = [note for s in sections for note in paper_notes(s.models.group, s.name) if counterparts]
    if notes:
        parts.append("\n".join(f"Note: {note}.\n" for note in dict.fromkeys(notes)))
    if corpora:
        parts += ["## Corpora", corpora.strip() + "\n"]
    for section in sections:
        parts += _section(section, judged, pictures)
    caption = "versions and settings: see the signatures of the tables"
    bars = ablation_bars(
        shown,
        models.names,
        pictures / "ablation.png",
        title="Main score by benchmark",
        caption=caption,
    )
    parts += ["## Ablation", f"![Means by benchmark and model]({pictures.name}/{bars.name})\n"]
    layouts: list[str] = []
    for name in groups:
        own = {s.name: s.scores for s in sections if s.models.group == name and s.scores.records}
        layouts += _in_the_papers_layout(own, replace(models, group=name))
    if layouts:
        parts += ["## In the layout of the paper's tables", *layouts]
    for number, record in enumerate(r for r in records if isinstance(r, MapRecord)):
        drawn = sentence_map(record, pictures / f"map-{number}.png")
        parts += ["## Map", f"![Sentences before and after]({pictures.name}/{drawn.name})\n"]
    return "\n\n".join(part.strip() for part in parts) + "\n"


_HEAD = """# Results

Made by `translit-ppa results` from records; nothing here is typed. Scores are percent,
differences are points, and intervals cover 95%: over test items and, where models are fine-tuned,
over seeds. All comparisons of this page are judged together by Holm's method (a table of directions
by itself): if no model differed from its base, at most 5% of such pages would claim anything. A
score that is not shown to be above guessing (uniform, or the majority label) is in no claim.
Retrieval draws no seed. A model that was trained once speaks for its weights, not for the way it
was trained. The paper's difference has a direction where it exceeds two standard errors over its
cells.
"""


def _place(counterpart: str | None) -> int:
    """Sort as the paper does; models without a counterpart come last, in their own order."""
    return MODELS.index(counterpart) if counterpart in MODELS else len(MODELS)


def _models(
    found: Sequence[ModelRecord], counterparts: Mapping[str, str], base: str | None, group: str
) -> Models:
    names = [model.model for model in found]
    if base is not None and base not in names:
        raise RecordError(f"base: came {base!r}; legal: {', '.join(names)}")
    known = [name for name in names if counterparts.get(name) == "Glot500"]
    base = base or (known or names)[0]
    return Models(base, [name for name in names if name != base], counterparts, group)


def _section(section: Section, judged: Judged, pictures: Path) -> list[str]:
    """Write the tables and figures of one benchmark."""
    scores, sweep, label = section.scores, section.sweep, section.label
    directions = direction_tables(section.every) if has_directions(section.every) else []
    if not scores.records:
        return [f"## {label}", *map(to_markdown, directions)]
    stem = re.sub(r"[^\w.+-]+", "-", label).strip("-")
    parts = [f"## {label}", *map(to_markdown, _tables(section, judged))]
    if (picture := _heatmap(label, scores, section.models, pictures / f"{stem}.png")) is not None:
        parts.append(f"![{label}, source x target]({pictures.name}/{picture.name})\n")
    # One layer per model is no curve.
    if len(sweep) > len(scores):
        drawn = layer_figure(sweep, pictures / f"{stem}-layers.png")
        parts.append(to_markdown(layer_table(sweep)))
        parts.append(f"![{label}, accuracy by layer]({pictures.name}/{drawn.name})\n")
    return [*parts, *map(to_markdown, directions)]


def _in_the_papers_layout(shown: Mapping[str, Scores], models: Models) -> list[str]:
    """Render tables 4 and 5, then 2, 3 and 7 to 12, for the models that have the paper's tasks."""
    rows: dict[str, str | None] = {}
    for name in models.names:
        for scores in shown.values():
            if (row := scores.row_of(name)) is not None:
                rows[row] = models.counterparts.get(name)
    averages = average_table(shown, rows, models.group)
    if averages is None:
        return []
    tables = [averages]
    for row, printed in rows.items():
        tables += cell_tables(shown, row, models.group, printed)
    return list(map(to_markdown, tables))


def _model_table(models: Sequence[ModelRecord], counterparts: Mapping[str, str]) -> Table:
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


def _tables(section: Section, judged: Judged) -> list[Table]:
    scores, models, label = section.scores, section.models, section.label
    table = task_table(scores) if scores.is_task else retrieval_table(scores, tuple(METRICS))
    table = with_gaps(table, scores.missing.get(scores.benchmarks[0], ()))
    if several := [model for model in models.names if len(scores.rows_of(model)) > 1]:
        note = f"scored under several settings, and so in no comparison: {', '.join(several)}"
        table = replace(table, notes=(*table.notes, note))
    count = sum(map(len, judged.values()))
    against = comparison_table(judged[label], label, count, scores.signature())
    beside = paper_table(scores, models.group, section.name, models.printed(scores))
    return [found for found in (table, against, beside) if found is not None]


def _heatmap(name: str, scores: Scores, models: Models, path: Path) -> Path | None:
    """Draw the base and the last model."""
    pairs = models.compared(scores)
    if not pairs:
        return None
    before, after = pairs[-1]
    if not scores.is_task:
        return retrieval_heatmap(scores, before, after, path)
    record = scores.records[0]
    return task_heatmap(
        scores,
        before,
        after,
        path,
        title=f"{name}: sources and targets, before and after",
        score=record.main_score,
        caption=f"benchmark: {record.benchmark}, translit-ppa {record.version}",
    )
