"""One row of scores: records by (source, target) and seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..records.files import EvalRecord, RecordError, TaskRecord
from ..records.items import same_scores

Pair = tuple[str, str]
Cells = dict[Pair, dict[int, Any]]
"""(source, target) -> seed -> record."""


def cells_of(records: Sequence[EvalRecord | TaskRecord], row: str) -> Cells:
    """Sort the records of a row.

    Raises:
        RecordError: Two of them claim one cell and seed.
    """
    cells: Cells = {}
    for record in records:
        cell = cells.setdefault((record.source, record.target), {})
        if record.seed in cell:
            raise RecordError(
                f"two records for {row}, {record.source} -> {record.target}, seed {record.seed}; "
                "remove one"
            )
        cell[record.seed] = record
    return cells


def require_same(one: EvalRecord | TaskRecord, other: EvalRecord | TaskRecord) -> None:
    """See that two records of the same content have the same scores.

    Raises:
        RecordError: They disagree: which of them counts, nobody can say.
    """
    if one.items != other.items or not same_scores(one.scores, other.scores):
        raise RecordError(
            f"{one.benchmark}, {one.source} -> {one.target}, seed {one.seed}: two records of "
            f"{one.model_digest} disagree, {one.main_score} {one.score:.3f} and {other.score:.3f}; "
            "remove one"
        )


def pair_of(record: EvalRecord | TaskRecord) -> Pair:
    """(source, target) of a record."""
    return record.source, record.target


def is_own_test_set(record: EvalRecord | TaskRecord) -> bool:
    """Say whether a fine-tuned model was tested in the language that it was fine-tuned on."""
    return isinstance(record, TaskRecord) and record.source == record.target


def matches(record: EvalRecord | TaskRecord, name: str, wanted: Any) -> bool:
    """Say whether a field has a value, or one of several; a benchmark's word is enough."""
    value = getattr(record, name, None)
    legal = wanted if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted]
    return value in legal or (name == "benchmark" and record.benchmark.split("@")[0] in legal)


def score_of(record: EvalRecord | TaskRecord, metric: str | None, everything: bool) -> float:
    """Give one score of a record; see `Scores.mean`.

    Raises:
        RecordError: The record has no such score.
    """
    scores = record.scores
    if everything and isinstance(record, EvalRecord):
        scores = record.scores_all
    name = metric or record.main_score
    if name not in scores:
        raise RecordError(f"score: came {name!r}; legal: {', '.join(scores)}")
    return scores[name]
