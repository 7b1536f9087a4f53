"""The scores as `evaluate.Metric` classes, for whoever evaluates with that library.

They are used directly, `MacroF1().compute(predictions=..., references=...)`, in `evaluate.combine`
or after `add_batch`; nothing is fetched from the Hub. All values are percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import datasets
import evaluate

from .scores import Tags, classification_scores, entity_scores, pos_scores

_LABELS = {"predictions": datasets.Value("string"), "references": datasets.Value("string")}
_TAGS = {
    "predictions": datasets.List(datasets.Value("string")),
    "references": datasets.List(datasets.Value("string")),
}
_CITATION = "arXiv 2406.19759, section 4"


class _Metric(evaluate.Metric):
    """What all of them share: the form, filled from class attributes."""

    _columns: ClassVar[dict[str, Any]]
    _about: ClassVar[str]

    def __init__(self, **options: Any) -> None:
        # Kept in memory: evaluate otherwise locks an Arrow file in the user's cache.
        super().__init__(**{"keep_in_memory": True, **options})

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=self._about,
            citation=_CITATION,
            inputs_description="predictions and references, see `features`",
            features=datasets.Features(self._columns),
        )


class RetrievalAtK(_Metric):
    """Share of queries whose own target is among the first k that were ranked."""

    _about = "retrieval@k: predictions are ranked target numbers, references the right one"
    _columns: ClassVar[dict[str, Any]] = {
        "predictions": datasets.List(datasets.Value("int64")),
        "references": datasets.Value("int64"),
    }

    def _compute(
        self, predictions: Sequence[Sequence[int]], references: Sequence[int], k: int = 10
    ) -> dict[str, float]:
        pairs = list(zip(predictions, references, strict=True))
        hits = sum(right in list(ranked)[:k] for ranked, right in pairs)
        return {f"top{k}": 100 * hits / len(pairs)}


class MacroF1(_Metric):
    """Unweighted mean of F1 over the labels that occur."""

    _about = "macro-averaged F1 of labels"
    _columns = _LABELS

    def _compute(self, predictions: Sequence[str], references: Sequence[str]) -> dict[str, float]:
        return {"macro_f1": classification_scores(references, predictions)["macro_f1"]}


class Accuracy(_Metric):
    """Share of labels that are right."""

    _about = "accuracy of labels"
    _columns = _LABELS

    def _compute(self, predictions: Sequence[str], references: Sequence[str]) -> dict[str, float]:
        return {"accuracy": classification_scores(references, predictions)["accuracy"]}


class EntityF1(_Metric):
    """Micro F1 of whole entities in IOB2 tags."""

    _about = "micro-averaged F1, precision and recall of entities; seqeval"
    _columns = _TAGS

    def _compute(self, predictions: Tags, references: Tags) -> dict[str, float]:
        scores = entity_scores(references, predictions)
        return {name: scores[name] for name in ("entity_f1", "entity_precision", "entity_recall")}


class PosScores(_Metric):
    """The paper's F1 of part-of-speech tags, beside token accuracy and macro-F1 over tags."""

    _about = "seqeval micro F1 on bare tags as in the paper, token accuracy, macro-F1"
    _columns = _TAGS

    def _compute(self, predictions: Tags, references: Tags) -> dict[str, float]:
        return pos_scores(references, predictions)
