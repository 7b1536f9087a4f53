"""What may be said of models beside their base, and of the paper's differences: beyond chance.

Input: scores of our models and our base, and the paper's figures of the same cells. Output:
comparisons that were judged together, and sentences. What is not shown is called neither agreement
nor disagreement with the paper. The paper prints no spread over seeds; its difference has a
direction where it exceeds two standard errors over its cells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from ...paper.results import BASE, paper_score
from ..cells import Pair
from ..counterparts import trainings
from ..scores import Scores
from .evidence import AT_CHANCE, BETTER, NOT_SHOWN, ONE_SEED, WORSE, Comparison, judge

Judged = dict[str, dict[Pair, Comparison]]
"""Benchmark -> (base row, other row) -> comparison; of several trainings the rows are joined."""


def compare_with_base(
    parts: Mapping[str, Scores], pairs: Callable[[Scores], Sequence[Pair]]
) -> Judged:
    """Compare models with their base on several benchmarks, and judge all comparisons together.

    Args:
        parts: Scores by benchmark.
        pairs: Gives the (base row, other row) of one benchmark. Where models differ in the seed of
            their training alone, their mean is compared too.

    Returns:
        The comparisons that there are.
    """
    found: dict[tuple[str, str, str], Comparison] = {}
    for name, part in parts.items():
        for base, rows in _with_trainings(part, pairs(part)):
            result = part.compare(base, rows)
            if result is not None:
                found[name, base, ", ".join(rows)] = result
    judged: Judged = {name: {} for name in parts}
    for (name, base, row), result in judge(found).items():
        judged[name][base, row] = result
    return judged


def _with_trainings(scores: Scores, pairs: Sequence[Pair]) -> list[tuple[str, tuple[str, ...]]]:
    """Add to some rows those that belong together, as seeds of one training."""
    models = scores.models_by_row()
    asked: list[tuple[str, tuple[str, ...]]] = [(base, (row,)) for base, row in pairs]
    for group in trainings(scores.models):
        together: dict[str, list[str]] = {}
        for base, row in pairs:
            if models[row] in group:
                together.setdefault(base, []).append(row)
        asked += [(base, tuple(rows)) for base, rows in together.items() if len(rows) > 1]
    return asked


@dataclass(frozen=True)
class Verdict:
    """One model on one benchmark against the base.

    `theirs` are the paper's differences in the cells that it shares with ours.
    """

    benchmark: str
    row: str
    ours: Comparison
    theirs: tuple[float, ...]

    @property
    def paper(self) -> float | None:
        """The mean of the paper's differences; None where it has none."""
        return fmean(self.theirs) if self.theirs else None

    @property
    def kind(self) -> str:
        """`agrees`, `differs`, `no direction` or `no figure`; the verdict where none is shown."""
        if self.ours.verdict not in (BETTER, WORSE):
            return self.ours.verdict
        if self.paper is None:
            return "no figure"
        count = len(self.theirs)
        if count < 2 or abs(self.paper) <= 2 * stdev(self.theirs) / sqrt(count):
            return "no direction"
        return "agrees" if (self.paper > 0) == (self.ours.difference > 0) else "differs"

    def __str__(self) -> str:
        count = len(self.theirs)
        paper = "" if self.paper is None else f"; paper {self.paper:+.1f} over {count} cells"
        scores = f"{self.ours.before.value:.1f} to {self.ours.after.value:.1f}"
        return f"{self.benchmark}, {self.row}: {scores}, {self.ours}{paper}"


def verdict(
    benchmark: str,
    scores: Scores,
    rows: Pair,
    ours: Comparison,
    group: str,
    counterparts: Mapping[str, str],
) -> Verdict:
    """Set a judged comparison beside the paper's difference over the same cells.

    Args:
        benchmark: Its name, as the paper's tasks are called here.
        scores: Of this benchmark.
        rows: That were compared: the base, and the model or several trainings of it.
        ours: What came of it.
        group: For the paper's figures.
        counterparts: The paper's model by row.
    """
    first = rows[1].split(", ")[0]
    old, new = scores.cells(rows[0]), scores.cells(first)
    common = [pair for pair in old if pair in new and pair[0] != pair[1]]
    theirs = _paper_differences(common, group, benchmark, counterparts.get(first))
    return Verdict(benchmark, rows[1], ours, theirs)


def _paper_differences(
    pairs: Sequence[Pair], group: str, task: str, printed: str | None
) -> tuple[float, ...]:
    if printed is None:
        return ()
    found = [
        (paper_score(group, task, BASE, *pair), paper_score(group, task, printed, *pair))
        for pair in pairs
    ]
    return tuple(new - old for old, new in found if old is not None and new is not None)


_SAID = {
    "agrees": "Shown, in the paper's direction",
    "differs": "Shown, against the paper's direction",
    "no direction": "Shown, where the paper's cells show no direction",
    "no figure": "Shown, where the paper has no figure",
    NOT_SHOWN: "Not shown, so that nothing is claimed",
    AT_CHANCE: "At chance before or after, so that nothing is claimed",
    ONE_SEED: "One seed of fine-tuning, not judged",
}


def paragraphs(verdicts: Sequence[Verdict]) -> str:
    """Write what the comparisons support, as a Markdown list."""
    lines = []
    for kind, said in _SAID.items():
        found = [str(v) for v in verdicts if v.kind == kind]
        lines.append(f"- {said} ({len(found)} of {len(verdicts)}):{'' if found else ' none.'}")
        lines += [f"  - {text}" for text in found]
    return "\n".join(lines)
