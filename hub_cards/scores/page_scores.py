"""The scores of a page, benchmark by benchmark, as records have them.

Input: records of models and scores. Output: Scores, which the page of results makes tables from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..paper.results import paper_pairs
from ..records.files import EvalRecord, Record, RecordError, TaskRecord
from ..records.model_record import ModelRecord
from .cells import Pair
from .grid import Grid, retrieval_grid, row_labels, task_grid


@dataclass(frozen=True)
class Scores:
    """The records of one benchmark.

    Attributes:
        name: Its word, as the paper's tasks are called here.
        retrieval: Records of retrieval at one layer per model, or none.
        tasks: Records of a task, or none.
        pairs: Cells that a complete row of a task has: the paper's, and all found.
        missing: Languages of the group that have no text in a retrieval benchmark.
        sweep: Records of retrieval at several layers per model, or none.
    """

    name: str
    retrieval: tuple[EvalRecord, ...] = ()
    tasks: tuple[TaskRecord, ...] = ()
    pairs: tuple[Pair, ...] = ()
    missing: tuple[str, ...] = ()
    sweep: tuple[EvalRecord, ...] = ()

    @property
    def file(self) -> str:
        """Give the name as a part of file names."""
        return self.name.replace(":", "-").replace("@", "-")

    @property
    def records(self) -> Sequence[EvalRecord] | Sequence[TaskRecord]:
        """Whichever there are."""
        return self.tasks or self.retrieval

    def grid(self) -> Grid:
        """Give all main scores."""
        return task_grid(self.tasks, self.pairs) if self.tasks else retrieval_grid(self.retrieval)

    def rows_of(self, model: str) -> list[str]:
        """Give the rows of a model, one per setting under which it was scored."""
        if not self.tasks:
            return [row for row in self.grid().rows if row == model]
        labelled = zip(row_labels(self.tasks), self.tasks, strict=True)
        return list(dict.fromkeys(label for label, r in labelled if r.model == model))

    def row_of(self, model: str) -> str | None:
        """Give the row of a model that was scored under one setting; None if there is none."""
        rows = self.rows_of(model)
        return rows[0] if len(rows) == 1 else None

    def printed_rows(self, names: Sequence[str], counterparts: Mapping[str, str]) -> dict[str, str]:
        """Return row label -> counterpart in the paper, of the models that have both."""
        return {
            row: counterparts[name]
            for name in names
            if name in counterparts and (row := self.row_of(name)) is not None
        }


def collect_scores(records: Sequence[Record], group: str, languages: Sequence[str]) -> list[Scores]:
    """Sort records by benchmark; a cell keeps its score, and gets its model's present name.

    Args:
        records: Of models and scores; others are passed over.
        group: `mediterranean` or `sea`: cells of the paper that are not there become gaps.
        languages: Codes of the group.

    Raises:
        RecordError: There are no scores.
    """
    models = {r.model_digest: r for r in records if isinstance(r, ModelRecord)}
    found: dict[str, list[EvalRecord | TaskRecord]] = {}
    keys = set()
    for record in records:
        if isinstance(record, (EvalRecord, TaskRecord)):
            # Two runs of eval.py may have written the same cell into two folders.
            if (key := record.key()) is not None and key in keys:
                continue
            keys.add(key)
            latin = " [latin]" if record.input == "latin" else ""
            model = models.get(record.model_digest)
            named = replace(record, model=model.model + latin) if model else record
            found.setdefault(record.benchmark, []).append(named)
    if not found:
        raise RecordError("no scores; give the folder that eval.py wrote")
    words = [benchmark.partition("@")[0] for benchmark in found]
    scores = []
    for word, (benchmark, parts) in zip(words, found.items(), strict=True):
        # Two states of one benchmark are two benchmarks.
        name = word if words.count(word) == 1 else benchmark
        tasks = tuple(r for r in parts if isinstance(r, TaskRecord))
        sweep = tuple(r for r in parts if isinstance(r, EvalRecord))
        retrieval = _at_one_layer(sweep, models)
        cells = (*paper_pairs(group, name), *((r.source, r.target) for r in tasks))
        pairs = dict.fromkeys(pair for pair in cells if pair[0] != pair[1])
        there = {code for r in sweep for code in (r.source, r.target)}
        missing = tuple(code for code in languages if code not in there) if sweep else ()
        # One layer per model is no curve.
        sweep = sweep if len(sweep) > len(retrieval) else ()
        scores.append(Scores(name, retrieval, tasks, tuple(pairs), missing, sweep))
    return scores


def _at_one_layer(
    records: Sequence[EvalRecord], models: Mapping[str, ModelRecord]
) -> tuple[EvalRecord, ...]:
    """Of a model scored at several layers keep one: that of its training, else 2/3 of the deepest.

    Where this layer was not scored, the deepest stands for it.
    """
    layers: dict[str, set[int]] = {}
    for record in records:
        layers.setdefault(record.model_digest, set()).add(record.layer)
    chosen = {}
    for digest, scored in layers.items():
        model = models.get(digest)
        trained = model.training.alignment.get("layer") if model and model.training else None
        layer = trained if trained is not None else round(2 / 3 * max(scored))
        chosen[digest] = layer if layer in scored else max(scored)
    return tuple(r for r in records if r.layer == chosen[r.model_digest])
