"""Scores of one model over directions and seeds, as Markdown for its card."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..scores.average import Mean
from ..scores.cells import Pair
from ..scores.labels import METRICS
from ..scores.scores import Scores
from .rendering import Raw, table


def with_range(mean: Mean) -> str | None:
    """Write a mean with its lowest and highest value over seeds; None if nothing was measured."""
    if mean.value is None:
        return None
    low, high = min(mean.by_seed.values()), max(mean.by_seed.values())
    told = "" if mean.seeds == 1 else f" ({low:.1f} to {high:.1f})"
    return f"{mean.value:.1f}{told}"


def comparison(rows: dict[str, Scores]) -> Raw:
    """Write a table of models: mean over all directions, by score."""
    lines = []
    for label, scores in rows.items():
        means = [with_range(scores.mean(None, metric=metric)) for metric in METRICS]
        seeds = ", ".join(map(str, sorted({record.seed for record in scores.records})))
        lines.append([label, *means, len(scores.pairs), seeds])
    columns = [f"{name}, %" for name in METRICS.values()]
    return table(["model", *columns, "directions", "seeds"], lines)


def matrix(scores: Scores, metric: str) -> Raw:
    """Write source x target as a Markdown table."""

    def shown(pair: Pair) -> str | None:
        if pair[0] == pair[1]:
            return ""
        return with_range(scores.mean(None, pairs=[pair], metric=metric))

    targets = list(dict.fromkeys(target for _, target in scores.pairs))
    rows = [[source, *(shown((source, target)) for target in targets)] for source in scores.sources]
    return table(["source", *targets], rows)


def counts(scores: Scores) -> str:
    """Say how many queries and candidates a direction has."""
    records: Any = scores.records
    queries, pools = (_range(getattr(r, name) for r in records) for name in ("n", "pool"))
    return f"{queries} queries against {pools} candidates"


def _range(values: Iterable[int]) -> str:
    found = sorted(values)
    return f"{found[0]:,}" if found[0] == found[-1] else f"{found[0]:,} to {found[-1]:,}"
