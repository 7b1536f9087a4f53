"""The page of results: every table, figure and sentence of it is made from records.

Input: records of models, scores and maps. Output: Markdown, and pictures in a folder beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hub_cards.bootstrap import by_row, comparison_table
from hub_cards.figures import retrieval_heatmap
from hub_cards.grid import Grid, retrieval_grid, row_labels, task_grid
from hub_cards.map_record import MapRecord
from hub_cards.model_record import ModelRecord, paper_counterparts
from hub_cards.records import EvalRecord, Record, RecordError, TaskRecord, write_atomically
from hub_cards.sentence_map import sentence_map
from hub_cards.tables import METRICS, Table, retrieval_table, to_markdown
from hub_cards.task_figures import ablation_bars, task_heatmap
from hub_cards.task_tables import paper_table, task_table
from hub_cards.verdicts import Verdict, paragraphs, verdict


@dataclass(frozen=True)
class Scores:
    """The records of one benchmark.

    Attributes:
        name: Its word, as the paper's tasks are called here.
        retrieval: Records of retrieval, or none.
        tasks: Records of a task, or none.
    """

    name: str
    retrieval: tuple[EvalRecord, ...] = ()
    tasks: tuple[TaskRecord, ...] = ()

    @property
    def records(self) -> Sequence[EvalRecord] | Sequence[TaskRecord]:
        """Whichever there are."""
        return self.tasks or self.retrieval

    def grid(self) -> Grid:
        """Give all main scores."""
        return task_grid(self.tasks) if self.tasks else retrieval_grid(self.retrieval)

    def row_of(self, model: str) -> str | None:
        """Give the row of a model that was scored under one setting; None if there is none."""
        if self.tasks:
            labels = dict.fromkeys(
                label
                for label, r in zip(row_labels(self.tasks), self.tasks, strict=True)
                if r.model == model
            )
        else:
            grid = self.grid()
            labels = dict.fromkeys(row for row in grid.rows if row == model)
        return next(iter(labels)) if len(labels) == 1 else None

    def printed_rows(self, names: Sequence[str], counterparts: Mapping[str, str]) -> dict[str, str]:
        """Return row label -> counterpart in the paper, of the models that have both."""
        return {
            row: counterparts[name]
            for name in names
            if name in counterparts and (row := self.row_of(name)) is not None
        }


def write_page(
    records: Sequence[Record], group: str, path: Path, *, corpora: str = "", base: str | None = None
) -> Path:
    """Write the page, and its figures into a folder of the page's name.

    Args:
        records: Of models, scores and maps.
        group: `mediterranean` or `sea`, for the paper's figures.
        path: The Markdown file.
        corpora: Markdown that says where the texts come from.
        base: The model that others are compared with; by default the one that training records
            name as their base, else the first.

    Returns:
        The path.

    Raises:
        RecordError: There are no models or no scores, or no model is called `base`.
    """
    models = _models(records)
    counterparts = paper_counterparts(models)
    names = [model.model for model in models]
    if base is not None and base not in names:
        raise RecordError(f"base: came {base!r}; legal: {', '.join(names)}")
    known = [name for name in names if counterparts.get(name) == "Glot500"]
    base = base or (known or names)[0]
    others = [name for name in names if name != base]
    found = _scores(records)
    pictures = path.with_suffix("")
    parts = [_HEAD, "## Models", to_markdown(_model_table(models, counterparts))]
    if corpora:
        parts += ["## Corpora", corpora.strip() + "\n"]
    verdicts: list[Verdict] = []
    for scores in found:
        parts.append(f"## {scores.name}")
        parts += [to_markdown(t) for t in _tables(scores, base, others, group, counterparts)]
        verdicts += _verdicts(scores, base, others, group, counterparts)
        if (picture := _heatmap(scores, base, others, pictures)) is not None:
            parts.append(f"![{scores.name}, source x target]({pictures.name}/{picture.name})\n")
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
    for number, record in enumerate(r for r in records if isinstance(r, MapRecord)):
        drawn = sentence_map(record, pictures / f"map-{number}.png")
        parts += ["## Map", f"![Sentences before and after]({pictures.name}/{drawn.name})\n"]
    parts += ["## What the differences support", paragraphs(verdicts) + "\n"]
    text = "\n\n".join(part.strip() for part in parts) + "\n"
    return write_atomically(path, text.encode())


_HEAD = """# Results

Made by `python eval.py results` from records; nothing here is typed. Scores are percent,
differences are points. A comparison counts when it exceeds both the 95% interval of a paired
bootstrap over test items and the standard deviation of the difference over seeds. Retrieval draws
nothing, so it has a single seed; the training itself was run once per model.
"""


def _models(records: Sequence[Record]) -> list[ModelRecord]:
    models = {r.model: r for r in records if isinstance(r, ModelRecord)}
    if not models:
        raise RecordError("no model records; give the folder that eval.py wrote")
    return list(models.values())


def _scores(records: Sequence[Record]) -> list[Scores]:
    # A cell keeps the name under which it was measured; the model may have another since.
    names = {r.model_digest: r.model for r in records if isinstance(r, ModelRecord)}
    found: dict[str, dict[str, list[Record]]] = {}
    for record in records:
        if isinstance(record, (EvalRecord, TaskRecord)):
            parts = found.setdefault(record.benchmark, {"eval": [], "task": []})
            latin = " [latin]" if record.model.endswith(" [latin]") else ""
            name = names.get(record.model_digest)
            parts[record.kind].append(replace(record, model=name + latin) if name else record)
    if not found:
        raise RecordError("no scores; give the folder that eval.py wrote")
    words = [benchmark.partition("@")[0] for benchmark in found]
    return [
        # Two states of one benchmark are two benchmarks.
        Scores(
            word if words.count(word) == 1 else benchmark,
            tuple(parts["eval"]),  # type: ignore[arg-type]
            tuple(parts["task"]),  # type: ignore[arg-type]
        )
        for word, (benchmark, parts) in zip(words, found.items(), strict=True)
    ]


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
        task_table(scores.tasks)
        if scores.tasks
        else retrieval_table(scores.retrieval, tuple(METRICS))
    )
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
    path = folder / f"{scores.name.replace(':', '-').replace('@', '-')}.png"
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
