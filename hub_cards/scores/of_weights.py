"""The scores of some weights, whatever name they go by, and those of further seeds beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..records.files import EvalRecord, RecordError, TaskRecord
from .scores import Scores

CONDITIONS = tuple(
    "benchmark protocol split input target_input transliterator layer pooling version".split()
)
"""What must agree before scores of two models are set side by side."""


def scores_of(records: Sequence[EvalRecord], digest: str, seed: int | None = None) -> Scores | None:
    """Choose the records of some weights by their digest.

    Args:
        records: Eval records of any models.
        digest: Digest of the weights.
        seed: Seed of their training; None is the one that the records name.

    Returns:
        Scores of one benchmark under equal conditions; None if no record is of these weights.

    Raises:
        RecordError: If two records of the same content disagree, or some differ in a condition.
    """
    found: dict[str, EvalRecord] = {}
    for record in records:
        key = record.key()
        if key is None or record.model_digest != digest:
            continue
        same = found.setdefault(key, record)
        if (same.scores, same.n, same.pool) != (record.scores, record.n, record.pool):
            raise RecordError(
                f"{record.source} -> {record.target}: two records of {digest} disagree; remove one"
            )
    if not found:
        return None
    return _checked(r if seed is None else replace(r, seed=seed) for r in found.values())


def joined(parts: Iterable[Scores]) -> Scores:
    """Put the scores of several seeds of one training together."""
    return _checked(record for part in parts for record in part.records)


def accepts(scores: Scores, record: EvalRecord) -> bool:
    """Tell whether a record of another model may stand beside some scores."""
    first = scores.records[0]
    return record.cell().pair in scores.pairs and all(
        getattr(record, name) == getattr(first, name) for name in CONDITIONS
    )


def _checked(records: Iterable[EvalRecord | TaskRecord]) -> Scores:
    scores = Scores(tuple(records))
    scores.require_one(*CONDITIONS)
    scores.cells()  # two records of one direction and seed are refused
    return scores
