"""Retrieval at several layers: the mean of each, and the one layer that tables show."""

from __future__ import annotations

from dataclasses import replace

from . import labels
from .average import Mean
from .labels import require_metrics
from .scores import Scores


def by_layer(scores: Scores, metric: str = "top10") -> dict[str, dict[int, Mean]]:
    """Average a score over all pairs by model and layer.

    Args:
        scores: Retrieval on one benchmark.
        metric: `top1`, `top5` or `top10`.

    Raises:
        RecordError: If the score is unknown, or records do not belong together.
    """
    require_metrics(metric)
    scores.require_one("benchmark", "protocol", "split")
    pairs = scores.pairs
    found: dict[str, dict[int, Mean]] = {}
    for model, latin in dict.fromkeys((r.model, r.input) for r in scores.records):
        mine = scores.where(model=model, input=latin)
        name = labels.head(mine.records[0].cell())
        for layer in sorted({record.cell().layer or 0 for record in mine.records}):
            there = mine.where(layer=layer)
            mean = there.mean(next(iter(there.rows)), pairs=pairs, metric=metric)
            found.setdefault(name, {})[layer] = mean
    return found


def layers_of(scores: Scores) -> int:
    """Count the layers that were scored."""
    return len({record.cell().layer for record in scores.records})


def at_one_layer(scores: Scores) -> Scores:
    """Of a model scored at several layers keep one: that of its training, else 2/3 of the deepest.

    Where this layer was not scored, the deepest stands for it.
    """
    layers: dict[str, set[int]] = {}
    for record in scores.records:
        layers.setdefault(record.model_digest, set()).add(record.cell().layer or 0)
    chosen = {}
    for digest, scored in layers.items():
        training = next((m.training for m in scores.models if m.model_digest == digest), None)
        trained = training.alignment.get("layer") if training else None
        layer = trained if trained is not None else round(2 / 3 * max(scored))
        chosen[digest] = layer if layer in scored else max(scored)
    records = tuple(r for r in scores.records if r.cell().layer in (None, chosen[r.model_digest]))
    return replace(scores, records=records)
