"""Tables of source-language choice, from its records alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..paper.results import FULL, TASKS, paper_notes
from ..records.source_records import ChoiceScore, SourceRanking, SourceValidation
from ..scores.source_choice import BEST_ON_AVERAGE, CLOSENESS, COMBINED, ENGLISH
from ..table import Table


def ranking_table(record: SourceRanking) -> Table:
    """Show the candidates of one target, best first.

    Args:
        record: The ranking.

    Returns:
        Relative ranks (0 best, 1 worst), then the signals they come from; `-` is not known.
    """
    ranks = list(record.sources[0].ranks) if record.sources else []
    signals = list(record.sources[0].signals) if record.sources else []
    with_paper = any(entry.paper is not None for entry in record.sources)
    header = ("source", "combined", *ranks, *signals, *(["paper %"] if with_paper else []))
    rows = []
    for entry in record.sources:
        texts = [entry.source, _number(entry.combined)]
        texts += [_number(entry.ranks[name]) for name in ranks]
        texts += [_number(entry.signals[name], 3) for name in signals]
        texts += [_number(entry.paper, 1)] if with_paper else []
        rows.append(tuple(texts))
    place = " ".join(part for part in (record.group, record.task) if part)
    notes = [
        "ranks are relative: 0 is the closest candidate, 1 the farthest; combined is their plain "
        "mean, - for a candidate that lacks a kind which others have"
    ]
    if with_paper:
        notes.append(
            f"paper %: score of {FULL} in the paper on this target; it takes no part in the ranks"
        )
    notes += [f"{name}: {why}" for name, why in record.missing.items()]
    return Table(
        f"Source languages for {record.target}{f' ({place})' if place else ''}",
        header,
        tuple(rows),
        record.signature(),
        tuple(notes),
    )


def validation_table(record: SourceValidation) -> Table:
    """Show Kendall's tau and regret of each way of choosing, by model and task.

    Args:
        record: The validation.

    Returns:
        A row per model and task and one for the mean of the tasks; cells are `tau / regret`.
    """
    choices = list(dict.fromkeys(score.choice for score in record.scores))
    models = list(dict.fromkeys(score.model for score in record.scores))
    rows = []
    for model in models:
        mine = [score for score in record.scores if score.model == model]
        for task in dict.fromkeys(score.task for score in mine):
            found = {score.choice: score for score in mine if score.task == task}
            rows.append((model, _printed(task), *(_cell([found[name]]) for name in choices)))
        by_choice = ([s for s in mine if s.choice == name] for name in choices)
        rows.append((model, "mean of tasks", *(_cell(scores) for scores in by_choice)))
    possible = {score.task: score.possible for score in record.scores}
    counts = ", ".join(f"{_printed(task)} {count}" for task, count in possible.items())
    notes = [
        "a cell is Kendall's tau-b with the paper's order of sources / regret in points (best "
        "source's score less the chosen one's), means over targets of both groups",
        f"targets: {counts}; a count in brackets says that a choice was measured on fewer",
        f"{CLOSENESS}: the plain mean of the kinds before it; {BEST_ON_AVERAGE}: by the paper's "
        f"scores on all other targets; {COMBINED}: the plain mean of all these kinds; {ENGLISH} "
        "gives no order",
    ]
    notes += paper_notes()
    notes += [f"{name}: {why}" for name, why in record.missing.items()]
    return Table(
        "Choosing a source language: tau / regret",
        ("paper's model", "task", *choices),
        tuple(rows),
        record.signature(),
        tuple(notes),
    )


def _cell(scores: Sequence[ChoiceScore]) -> str:
    taus = [score.tau for score in scores if score.tau is not None]
    regrets = [score.regret for score in scores if score.regret is not None]
    tau = f"{math.fsum(taus) / len(taus):.2f}" if len(taus) == len(scores) else "-"
    cost = f"{math.fsum(regrets) / len(regrets):.1f}" if len(regrets) == len(scores) else "-"
    measured = sum(score.targets for score in scores)
    gap = "" if measured == sum(score.possible for score in scores) else f" ({measured})"
    return f"{tau} / {cost}{gap}"


def _printed(task: str) -> str:
    return next((name for name, own in TASKS.items() if own == task), task)


def _number(value: float | None, decimals: int = 2) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"
