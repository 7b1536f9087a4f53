"""The scores of a model as Markdown for its card: base and model side by side, table by table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from statistics import fmean
from typing import Any

from ..records.files import TaskRecord
from ..scores.average import Mean
from ..scores.cells import Pair
from ..scores.comparing.evidence import Comparison, judge
from ..scores.directions import has_directions
from ..scores.labels import METRICS
from ..scores.scores import Scores
from ..tables.direction_tables import direction_table
from ..tables.task_tables import fine_tuning
from .model_scores import Part
from .rendering import Raw, code, escape, table

_HEADINGS = {
    "retrieval": "Retrieval",
    "sequence_classification": "Text classification",
    "token_classification": "Token classification",
}
_EXPLAINED = {
    "retrieval": "Top-k accuracy of retrieval: how often a sentence's counterpart in the other "
    "language is among the k nearest.",
}
_FINE_TUNED = (
    "Fine-tuned on a source language, tested on the others: mean over cells (source, target), "
    "± the standard deviation over fine-tuning seeds."
)


def sections(parts: Sequence[Part]) -> Raw:
    """Write all scores: a section for each way of scoring, in it a table, then every cell.

    Args:
        parts: At least one.
    """
    by_protocol: dict[str, list[Part]] = {}
    for part in parts:
        by_protocol.setdefault(part.conditions["protocol"], []).append(part)
    texts = []
    for protocol, mine in by_protocol.items():
        told = _FINE_TUNED if mine[0].own.is_task else _EXPLAINED.get(protocol, "")
        texts += [f"### {heading(protocol)}", told, summary(mine), *map(_details, mine)]
    return Raw("\n\n".join(filter(None, texts)))


def direction_sections(parts: Sequence[Part]) -> Raw | None:
    """Write a table of directions for each benchmark and romaniser that has them.

    Args:
        parts: All of a card.
    """
    texts = []
    for scores in _by_romaniser(parts):
        made = direction_table(scores)
        texts.append(
            f"{code(scores.records[0].benchmark)}, top-1 / top-10, mean, %:\n\n"
            f"{table(list(made.header), [list(row) for row in made.rows])}\n\n"
            f"Signature: {code(made.signature)}"
        )
    return Raw("\n\n".join(texts)) if texts else None


def _by_romaniser(parts: Sequence[Part]) -> list[Scores]:
    """Join the parts of a benchmark whose text is original or of one romaniser, the base first."""
    mixed = [part for part in parts if has_directions(part.own)]
    joined = []
    for one in {part.conditions.without("input", "target_input"): part for part in mixed}.values():
        mine = [part for part in parts if _is_beside(part, one)]
        records = [record for part in mine for record in part.beside().records]
        joined.append(Scores(tuple(sorted(records, key=lambda record: record.model != "base"))))
    return joined


def _is_beside(part: Part, mixed: Part) -> bool:
    names = ("input", "target_input", "transliterator")
    if part.conditions.without(*names) != mixed.conditions.without(*names):
        return False
    return part.conditions["transliterator"] in ("none", mixed.conditions["transliterator"])


def heading(protocol: str) -> str:
    """Name a way of scoring."""
    return _HEADINGS.get(protocol, protocol.replace("_", " ").capitalize())


def summary(parts: Sequence[Part]) -> Raw:
    """Write one row for each benchmark, input and score: base, model and chance side by side.

    Args:
        parts: Of one way of scoring.
    """
    seeds = any(part.seeds for part in parts)
    task = parts[0].own.is_task
    judged = _judged(parts)
    lines = []
    for place, part in enumerate(parts):
        for metric in part.metrics:
            line: list[object] = [code(part.benchmark), part.input, named(metric)]
            line += [_mean(part.base, metric), _mean(part.own, metric)]
            if judged:
                found = judged.get(place) if metric == part.own.records[0].main_score else None
                line.append(f"{found}, {found.verdict}" if found else "")
            line += [_over_trainings(part, metric)] if seeds else []
            line += [chance(part.own, metric), len(part.own.pairs)]
            line += [_fine_tuning_seeds(part.own)] if task else []
            lines.append(line)
    header = ["benchmark", "input", "score, %", "base", "this model"]
    header += ["against the base"] if judged else []
    header += ["same training, all seeds"] if seeds else []
    header += ["chance", "cells" if task else "directions", *(["seeds"] if task else [])]
    return table(header, lines)


def _judged(parts: Sequence[Part]) -> dict[int, Comparison]:
    """Compare the model with its base by the main score, all parts of a table judged together."""
    found: dict[int, Comparison] = {}
    for place, part in enumerate(parts):
        if part.base is None:
            continue
        both = part.beside()
        comparison = both.compare(*both.rows)
        if comparison is not None:
            found[place] = comparison
    return judge(found)


def matrix(part: Part) -> Raw:
    """Write source x target of the main score: base / model, or the model alone."""
    metric = part.own.records[0].main_score
    own, base = part.own.cells(), part.base

    def shown(pair: Pair) -> str | None:
        if pair[0] == pair[1] and pair not in own:
            return ""
        both = [scores.value(None, pair, metric) for scores in (base, part.own) if scores]
        return None if None in both else " / ".join(f"{value:.1f}" for value in both)

    pairs = dict.fromkeys([*part.own.pairs, *own])
    sources = dict.fromkeys(source for source, _ in pairs)
    found = {target for _, target in pairs}
    targets = [t for t in dict.fromkeys([*sources, *(t for _, t in pairs)]) if t in found]
    rows = [[source, *(shown((source, target)) for target in targets)] for source in sources]
    return table(["source", *targets], rows)


def named(metric: str) -> str:
    """Name a score."""
    return METRICS.get(metric, metric.replace("_", " ").replace("f1", "F1"))


def with_range(values: Mapping[int, float]) -> str:
    """Write the mean over trainings with the lowest and the highest."""
    low, high = min(values.values()), max(values.values())
    told = "" if len(values) == 1 else f" ({low:.1f} to {high:.1f})"
    return f"{fmean(values.values()):.1f}{told}"


def chance(scores: Scores, metric: str) -> str | None:
    """Say what answers score that never saw the text: of retrieval, or of a task's main score."""
    if not scores.is_task:
        return (
            f"{scores.chance(int(metric.removeprefix('top'))):.1f}" if metric in METRICS else None
        )
    found: dict[str, list[float]] = {}
    for record in scores.records:
        if isinstance(record, TaskRecord) and record.source != record.target:
            for kind, value in record.chance.items():
                found.setdefault(kind, []).append(value)
    told = (f"{kind} {fsum(values) / len(values):.1f}" for kind, values in found.items())
    return ", ".join(told) or None


def _details(part: Part) -> str:
    """Write every cell of a part, folded, with the signature of its scores."""
    beside = "base / this model" if part.base else "this model"
    own = " On the diagonal is the source's own test set, which is in no mean."
    told = f"{named(part.own.records[0].main_score)} from source (row) to target (column): {beside}"
    told += f", in percent; {_counts(part.own)}."
    told += own if part.own.is_task else ""
    tuned = fine_tuning(part.own.records) if part.own.is_task else ""
    return "\n\n".join(
        [
            f"<details>\n<summary>{escape(part.title)}: every cell</summary>",
            told,
            matrix(part),
            "</details>",
            *([escape(f"{tuned.capitalize()}.")] if tuned else []),
            f"Signature: {code(part.signature)}",
        ]
    )


def _mean(scores: Scores | None, metric: str) -> str | None:
    """Write a mean; None, "not measured", where there are no scores."""
    mean = Mean(None, {}, 0, 0) if scores is None else scores.mean(None, metric=metric)
    return None if mean.value is None else str(mean)


def _over_trainings(part: Part, metric: str) -> str | None:
    """Average over trainings that differ in their seed, each counting the same."""
    if not part.seeds:
        return None
    everyone = {-1: part.own, **part.seeds}
    found = {seed: scores.mean(None, metric=metric).value for seed, scores in everyone.items()}
    return with_range({seed: value for seed, value in found.items() if value is not None})


def _fine_tuning_seeds(scores: Scores) -> str:
    return ", ".join(map(str, sorted({record.seed for record in scores.records})))


def _counts(scores: Scores) -> str:
    """Say how many queries and candidates a direction has, or how many items a cell."""
    records: Any = scores.records
    items = _range(record.n for record in records)
    if scores.is_task:
        return f"{items} texts a cell"
    return (
        f"each direction has {items} queries against {_range(r.pool for r in records)} candidates"
    )


def _range(values: Iterable[int]) -> str:
    found = sorted(values)
    return f"{found[0]:,}" if found[0] == found[-1] else f"{found[0]:,} to {found[-1]:,}"
