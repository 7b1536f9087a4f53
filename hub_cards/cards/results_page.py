"""The page of results: every table, figure and sentence of it is made from records.

Input: records of models, scores and maps. Output: Markdown, and pictures in a folder beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..figures.figures import layer_figure, retrieval_heatmap
from ..figures.sentence_map import sentence_map
from ..figures.task_figures import ablation_bars, task_heatmap
from ..paper.results import MODELS, paper_pairs
from ..records.files import EvalRecord, Record, RecordError, TaskRecord, write_atomically
from ..records.map_record import MapRecord
from ..records.record_types import ModelRecord
from ..scores.cells import Pair
from ..scores.counterparts import paper_counterparts
from ..scores.evidence import Comparison
from ..scores.labels import METRICS
from ..scores.layers import at_one_layer
from ..scores.scores import Scores
from ..scores.verdicts import Judged, Verdict, compare_with_base, paragraphs, verdict
from ..table import Table, to_markdown, with_gaps
from ..tables.comparison_table import comparison_table
from ..tables.paper_layout import average_table, cell_tables
from ..tables.retrieval_tables import layer_table, retrieval_table
from ..tables.task_tables import paper_table, task_table


@dataclass(frozen=True)
class Models:
    """The models of a page.

    Attributes:
        base: The one that others are compared with.
        others: In the order of the page.
        counterparts: The paper's model of the same role, by name.
        group: For the paper's figures.
    """

    base: str
    others: Sequence[str]
    counterparts: Mapping[str, str]
    group: str

    @property
    def names(self) -> list[str]:
        """All, the base first."""
        return [self.base, *self.others]

    def compared(self, scores: Scores) -> list[Pair]:
        """Pair the base's row with that of each other model, where both have just one."""
        first = scores.row_of(self.base)
        rows = [scores.row_of(name) for name in self.others]
        return [(first, row) for row in rows if row is not None] if first is not None else []

    def printed(self, scores: Scores) -> dict[str, str]:
        """Return row -> counterpart in the paper, of the models that have both."""
        rows = {name: scores.row_of(name) for name in self.names if name in self.counterparts}
        return {row: self.counterparts[name] for name, row in rows.items() if row is not None}


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
        RecordError: There are no models or no scores, or no model is called `base`.
    """
    found = list({r.model: r for r in records if isinstance(r, ModelRecord)}.values())
    if not found:
        raise RecordError("no model records; give the folder that translit-ppa eval wrote")
    counterparts = paper_counterparts(found)
    found.sort(key=lambda model: _place(counterparts.get(model.model)))
    groups = {group: languages} if isinstance(group, str) else dict(group)
    models = _models(found, counterparts, base, next(iter(groups)))
    sections = _sections(records, found, groups, models)
    pictures = path.with_suffix("")
    shown = {section.label: section.scores for section in sections}
    judged = compare_with_base(shown, models.compared)
    verdicts = [
        replace(section.verdict(rows, result), benchmark=section.label)
        for section in sections
        for rows, result in judged[section.label].items()
    ]
    parts = [_HEAD, "## Models", to_markdown(_model_table(found, counterparts))]
    parts += ["## What the differences support", paragraphs(verdicts) + "\n"]
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
        own = {s.name: s.scores for s in sections if s.models.group == name}
        layouts += _in_the_papers_layout(own, replace(models, group=name))
    if layouts:
        parts += ["## In the layout of the paper's tables", *layouts]
    for number, record in enumerate(r for r in records if isinstance(r, MapRecord)):
        drawn = sentence_map(record, pictures / f"map-{number}.png")
        parts += ["## Map", f"![Sentences before and after]({pictures.name}/{drawn.name})\n"]
    text = "\n\n".join(part.strip() for part in parts) + "\n"
    return write_atomically(path, text.encode())


@dataclass(frozen=True)
class Section:
    """One benchmark in the languages of one group.

    Attributes:
        label: Heading: the benchmark, and the group where there are several.
        name: Of the benchmark.
        scores: At one layer.
        sweep: At all layers.
        models: With the group.
    """

    label: str
    name: str
    scores: Scores
    sweep: Scores
    models: Models

    def verdict(self, rows: Pair, found: Comparison) -> Verdict:
        """Set a comparison beside the paper."""
        printed = self.models.printed(self.scores)
        return verdict(self.name, self.scores, rows, found, self.models.group, printed)


def _sections(
    records: Sequence[Record],
    found: Sequence[ModelRecord],
    groups: Mapping[str, Sequence[str]],
    models: Models,
) -> list[Section]:
    """Part the scores by benchmark, each group of languages beside the others."""
    sections = []
    for group, languages in groups.items():
        own = records if len(groups) == 1 else [r for r in records if _is_within(r, languages)]
        for name, sweep in _scores(own, found, group, languages).parts().items():
            label = name if len(groups) == 1 else f"{name} ({group})"
            mine = replace(models, group=group)
            sections.append(Section(label, name, at_one_layer(sweep), sweep, mine))
    order = list(dict.fromkeys(section.name for section in sections))
    return sorted(sections, key=lambda section: order.index(section.name))


def _is_within(record: Record, languages: Sequence[str]) -> bool:
    """Whether a score is of the languages of a group; whatever is no score is of every group."""
    if isinstance(record, (EvalRecord, TaskRecord)):
        return {record.source, record.target} <= set(languages)
    return True


_HEAD = """# Results

Made by `translit-ppa results` from records; nothing here is typed. Scores are percent,
differences are points, and intervals cover 95%: over test items and, where models are fine-tuned,
over seeds. All comparisons of this page are judged together by Holm's method: if no model differed
from its base, at most 5% of such pages would claim anything. A score that is not shown to be above
guessing (uniform, or the majority label) is in no claim. Retrieval draws no seed. A model that was
trained once speaks for its weights, not for the way it was trained. The paper's difference has a
direction where it exceeds two standard errors over its cells.
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


def _scores(
    records: Sequence[Record], models: Sequence[ModelRecord], group: str, languages: Sequence[str]
) -> Scores:
    """Take the scores in the models' order; cells of the paper that are not there become gaps."""
    places = {model.model_digest: place for place, model in enumerate(models)}
    scores = Scores.of(records, group)
    if not scores.records:
        raise RecordError(
            f"no scores of the group {group}; give the folder that translit-ppa eval wrote"
        )
    ordered = sorted(scores.records, key=lambda r: places.get(r.model_digest, len(places)))
    scores = replace(scores, records=tuple(ordered))
    expected: dict[str, tuple[Pair, ...]] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for name, part in scores.parts().items():
        (benchmark,) = part.benchmarks
        if part.is_task:
            cells = [pair for pair in paper_pairs(group, name) if pair[0] != pair[1]]
            expected[benchmark] = tuple(dict.fromkeys([*cells, *part.pairs]))
        else:
            there = {code for pair in part.pairs for code in pair}
            missing[benchmark] = tuple(code for code in languages if code not in there)
    return replace(scores, expected=expected, missing=missing)


def _section(section: Section, judged: Judged, pictures: Path) -> list[str]:
    """Write the tables and figures of one benchmark."""
    scores, sweep, label = section.scores, section.sweep, section.label
    stem = re.sub(r"[^\w.+-]+", "-", label).strip("-")
    parts = [f"## {label}", *map(to_markdown, _tables(section, judged))]
    if (picture := _heatmap(label, scores, section.models, pictures / f"{stem}.png")) is not None:
        parts.append(f"![{label}, source x target]({pictures.name}/{picture.name})\n")
    # One layer per model is no curve.
    if len(sweep) > len(scores):
        drawn = layer_figure(sweep, pictures / f"{stem}-layers.png")
        parts.append(to_markdown(layer_table(sweep)))
        parts.append(f"![{label}, accuracy by layer]({pictures.name}/{drawn.name})\n")
    return parts


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
    against = comparison_table(judged[label], label, count)
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
