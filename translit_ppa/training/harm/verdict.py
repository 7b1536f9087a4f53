"""What a training changed: lines held against the base, and the best point between the weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from translit_ppa.hub_cards.records.record_types import HarmCheck, HarmLine, TriedPoint
from translit_ppa.hub_cards.scores.comparing.bootstrap import compare_items
from translit_ppa.hub_cards.scores.comparing.evidence import (
    AT_CHANCE,
    BETTER,
    NOT_SHOWN,
    WORSE,
    judge,
)
from translit_ppa.training.harm.questions import SCORE, Lines

ALPHAS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Points of the line that are tried."""


def compared(before: Lines, after: Lines) -> list[HarmLine]:
    """Hold a model against its base, line by line, all lines judged together."""
    found = {
        name: compare_items(old.items, after[name].items, SCORE) for name, old in before.items()
    }
    lines = []
    for name, comparison in judge(found).items():
        old, new = before[name], after[name]
        bounds = (round(comparison.low, 2), round(comparison.high, 2))
        scores = (round(old.score, 2), round(new.score, 2))
        # What fell from above chance to chance is worse: here the question is what was lost.
        word = WORSE if comparison.fallen else comparison.verdict
        lines.append(HarmLine(name, old.n, *scores, *bounds, word))
    return lines


def best_point(
    before: Lines, ask_at: Callable[[float], Lines], alphas: Sequence[float] = ALPHAS
) -> HarmCheck:
    """Choose between base and trained weights: the best mean of those that make no line worse.

    Args:
        before: The lines of the base, which is alpha 0 and makes nothing worse.
        ask_at: Gives the lines at an alpha.
        alphas: Tried, 0 and 1 among them.
    """
    found = {alpha: before if alpha == 0 else ask_at(alpha) for alpha in alphas}
    held = {alpha: compared(before, lines) for alpha, lines in found.items()}
    tried = [
        TriedPoint(alpha, round(fmean(line.after for line in lines), 2), _worse(lines))
        for alpha, lines in held.items()
    ]
    # Of equal means the one nearest to the base.
    best = max((p for p in tried if not p.worse), key=lambda p: (p.mean, -p.alpha))
    return HarmCheck(held[best.alpha], best.alpha, _worse(held[1.0]), tried)


def _worse(lines: Sequence[HarmLine]) -> list[str]:
    return [line.name for line in lines if line.verdict == WORSE]


def in_one_line(check: HarmCheck) -> str:
    """Say what rose and what fell, with the intervals of the differences."""
    parts = []
    for verdict, word in _SAID.items():
        told = [
            f"{line.name} {line.before:.1f} -> {line.after:.1f} "
            f"({line.low:+.1f} to {line.high:+.1f})"
            for line in check.lines
            if line.verdict == verdict
        ]
        parts.append(f"{word}: {', '.join(told) or 'nothing'}")
    return "against the base, top-10 in %, 95% interval: " + "; ".join(parts)


_SAID = {
    BETTER: "rose",
    WORSE: "fell",
    NOT_SHOWN: "no change shown",
    AT_CHANCE: "at chance before or after",
}


def warnings(check: HarmCheck, kept: bool) -> Iterator[str]:
    """Say loudly what a run made worse, and what became of that.

    Args:
        check: What was measured.
        kept: Whether the best point was looked for.
    """
    if check.worse:
        names = ", ".join(line.name for line in check.worse)
        yield (
            f"WARNING: this run made the base worse: {names}. Add --keep-if-better, which looks "
            "for a better point between base and trained weights, or text of that kind to the "
            "pairs."
        )
    elif kept and check.alpha == 0:
        why = f" (they made worse: {', '.join(check.trained)})" if check.trained else ""
        yield f"WARNING: no point is better than the base{why}: what is saved is the base itself."
    elif kept and check.trained:
        yield (
            f"WARNING: the trained weights made the base worse: {', '.join(check.trained)}. Kept "
            f"is {check.alpha:g} of the way, where nothing is."
        )
