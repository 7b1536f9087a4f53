"""Ranking source languages by several signals, and how well such rankings fit the paper's scores.

Input: closeness of candidate and target by signal. Output: relative ranks, their plain mean, and
against printed scores Kendall's tau-b and regret. Nothing is fitted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..paper.results import AVERAGE, BASE, FULL, TASKS, paper_cells
from ..records.source_records import ChoiceScore

Ranks = Mapping[str, float | None]
Signals = Mapping[str, Mapping[str, Mapping[str, float | None]]]
"""Kind -> signal -> source -> closeness to the target; more is closer, None is not known."""

COMBINED = "combined"
CLOSENESS = "closeness"
ENGLISH = "always English"
BEST_ON_AVERAGE = "best on average"
MODELS = (BASE, FULL)


def relative_ranks(values: Ranks) -> dict[str, float | None]:
    """Rank values on a scale that does not depend on how many there are.

    Args:
        values: More is better; None is not known.

    Returns:
        0 for the best, 1 for the last of those known, equal values the mean of their places; None
        stays None. A single value is 0.
    """
    known = [value for value in values.values() if value is not None]
    steps = max(len(known) - 1, 1)

    def place(value: float | None) -> float | None:
        if value is None:
            return None
        better = sum(other > value for other in known)
        equal = sum(other == value for other in known)
        return (better + (equal - 1) / 2) / steps

    return {name: place(value) for name, value in values.items()}


def mean_ranks(rankings: Iterable[Ranks]) -> dict[str, float | None]:
    """Average rankings, each counting the same; a candidate by those that know it."""
    found: dict[str, list[float]] = {}
    for ranking in rankings:
        for name, rank in ranking.items():
            found.setdefault(name, []).extend([] if rank is None else [rank])
    return {name: math.fsum(r) / len(r) if r else None for name, r in found.items()}


def rank_sources(signals: Signals) -> dict[str, dict[str, float | None]]:
    """Rank the candidates of one target.

    Args:
        signals: All kinds with the same candidates.

    Returns:
        By kind the mean relative rank of its signals, and under `combined` the mean of the kinds;
        there a candidate is None if it lacks a kind that another has: fewer kinds are no merit.
    """
    kinds = {
        kind: mean_ranks(relative_ranks(values) for values in by_name.values())
        for kind, by_name in signals.items()
    }
    used = [ranks for ranks in kinds.values() if any(rank is not None for rank in ranks.values())]
    combined = dict.fromkeys(name for ranks in kinds.values() for name in ranks)
    combined |= mean_ranks(used)
    for ranks in used:
        combined |= {source: None for source, rank in ranks.items() if rank is None}
    return {**kinds, COMBINED: combined}


def kendall_tau(x: Sequence[float], y: Sequence[float]) -> float:
    """Give Kendall's tau-b, -1 to 1; 0 where one side is all equal and so has no order.

    Args:
        x: Numbers.
        y: As many.

    Source:
        Kendall (1945), The treatment of ties in ranking problems.
    """
    from scipy.stats import kendalltau

    tau = float(kendalltau(x, y).statistic)
    return 0.0 if math.isnan(tau) else tau


def regret(ranks: Mapping[str, float], scores: Mapping[str, float]) -> float:
    """Say what a choice costs: the best score less that of the source ranked first.

    Args:
        ranks: Less is better; of sources that share the first place the mean score counts.
        scores: Of the same sources.

    Returns:
        Points, at least 0.
    """
    first = min(ranks.values())
    chosen = [scores[source] for source, rank in ranks.items() if rank == first]
    return max(0.0, max(scores.values()) - math.fsum(chosen) / len(chosen))


@dataclass(frozen=True)
class Place:
    """One target of one task: which sources the paper scored, and how."""

    group: str
    task: str
    model: str
    target: str
    scores: dict[str, float]


def paper_places(models: Sequence[str] = MODELS) -> list[Place]:
    """List the targets of the paper's tables with the scores of each source, in their order."""
    found: dict[tuple[str, str, str, str], dict[str, float]] = {}
    for cell in paper_cells():
        if cell.target != AVERAGE and cell.model in models:
            key = (cell.group, cell.task, cell.model, cell.target)
            # Tables 4 and 5 repeat averages only, so each cell comes once.
            found.setdefault(key, {})[cell.source] = cell.score
    return [Place(*key, scores) for key, scores in found.items()]


def means_on_others(
    target: str, sources: Iterable[str], places: Iterable[Place]
) -> dict[str, float | None]:
    """Average each source's scores over the other targets: no figure of the target is used.

    Args:
        target: It is left out.
        sources: The candidates.
        places: Of one group, task and model.

    Returns:
        Percent by source, over those other targets that every candidate has a score for; None
        where there is none.
    """
    sources = list(sources)
    others = [p.scores for p in places if p.target != target and set(sources) <= set(p.scores)]
    return {
        source: math.fsum(scores[source] for scores in others) / len(others) if others else None
        for source in sources
    }


def validate(
    signals_of: Callable[[str, Sequence[str]], Signals],
    english: str = "eng_Latn",
    models: Sequence[str] = MODELS,
) -> list[ChoiceScore]:
    """Score ways of choosing a source against the paper's figures.

    Args:
        signals_of: Gives the signals for a target and its candidate sources.
        english: The source of `always English`.
        models: Of the paper.

    Returns:
        By task, model and choice: each kind of closeness and their mean; the best on average over
        the paper's other targets; the mean of all these kinds; and English. A choice that does not
        know every candidate of a target is not measured there.
    """
    places = paper_places(models)
    tables: dict[tuple[str, str, str], list[Place]] = {}
    for place in places:
        tables.setdefault((place.group, place.task, place.model), []).append(place)
    taus: dict[tuple[str, str, str], list[float]] = {}
    regrets: dict[tuple[str, str, str], list[float]] = {}
    possible: dict[tuple[str, str, str], int] = {}
    for place in places:
        signals = signals_of(place.target, tuple(place.scores))
        closeness = rank_sources(signals)
        closeness[CLOSENESS] = closeness.pop(COMBINED)
        table = tables[place.group, place.task, place.model]
        means = means_on_others(place.target, place.scores, table)
        choices = closeness | rank_sources({**signals, BEST_ON_AVERAGE: {"mean": means}})
        choices[ENGLISH] = {source: float(source != english) for source in place.scores}
        for choice, ranks in choices.items():
            key = (place.task, place.model, choice)
            possible[key] = possible.get(key, 0) + 1
            known = {source: rank for source, rank in ranks.items() if rank is not None}
            if set(known) == set(place.scores):
                order = list(place.scores)
                promise = [-known[source] for source in order]
                scores = [place.scores[source] for source in order]
                taus.setdefault(key, []).append(kendall_tau(promise, scores))
                regrets.setdefault(key, []).append(regret(known, place.scores))
    return [
        ChoiceScore(
            task,
            model,
            choice,
            len(regrets.get((task, model, choice), [])),
            count,
            # One source against all others is a choice, but no order.
            None if choice == ENGLISH else _mean_tau(taus.get((task, model, choice))),
            _mean(regrets.get((task, model, choice))),
        )
        for (task, model, choice), count in sorted(
            possible.items(), key=lambda item: _order(item[0], models)
        )
    ]


def _order(key: tuple[str, str, str], models: Sequence[str]) -> tuple[int, int]:
    task, model, _ = key
    return list(models).index(model), list(TASKS.values()).index(task)


def _mean(values: Sequence[float] | None) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _mean_tau(values: Sequence[float] | None) -> float | None:
    # A mean such as 1/8 lies between two printed figures: no rounding error of scipy's may choose.
    mean = _mean(values)
    return None if mean is None else round(mean, 12)
