"""What may be said of a comparison with the paper: direction against direction, beyond chance.

Input: comparisons of our models with our base, and the paper's figures of the same cells. Output:
sentences. A difference inside the seeds' spread or the items' interval supports nothing, and is
called neither agreement nor disagreement. The paper prints no spread over seeds; its difference has
a direction where it exceeds two standard errors over its cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from ..paper.results import BASE, paper_score
from .bootstrap import Comparison
from .cells import Pair
from .scores import Scores


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
        """`not shown`, `no figure`, `no direction`, `agrees` or `differs`."""
        if self.ours.verdict == "not shown":
            return "not shown"
        if self.paper is None:
            return "no figure"
        count = len(self.theirs)
        if count < 2 or abs(self.paper) <= 2 * stdev(self.theirs) / sqrt(count):
            return "no direction"
        return "agrees" if (self.paper > 0) == (self.ours.difference > 0) else "differs"

    def __str__(self) -> str:
        count = len(self.theirs)
        paper = "" if self.paper is None else f"; paper {self.paper:+.1f} over {count} cells"
        return f"{self.benchmark}, {self.row}: {self.ours}{paper}"


def verdict(
    benchmark: str,
    scores: Scores,
    base: str,
    row: str,
    group: str,
    counterparts: Mapping[str, str],
) -> Verdict | None:
    """Compare a row with the base, and with the paper's difference over the same cells.

    Args:
        benchmark: Its name, as the paper's tasks are called here.
        scores: Of this benchmark.
        base: Row of the base.
        row: Row of the model.
        group: For the paper's figures.
        counterparts: The paper's model by row.

    Returns:
        The verdict; None where the two have no cell in common.
    """
    ours = scores.compare(base, row)
    if ours is None:
        return None
    old, new = scores.cells(base), scores.cells(row)
    common = [pair for pair in old if pair in new and pair[0] != pair[1]]
    theirs = _paper_differences(common, group, benchmark, counterparts.get(row))
    return Verdict(benchmark, row, ours, theirs)


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
    "agrees": "Beyond seed spread and interval, in the paper's direction",
    "differs": "Beyond seed spread and interval, against the paper's direction",
    "no direction": "Beyond seed spread and interval, where the paper's cells show no direction",
    "no figure": "Beyond seed spread and interval, where the paper has no figure",
    "not shown": "Inside the seed spread or the interval, so that nothing is claimed",
}


def paragraphs(verdicts: Sequence[Verdict]) -> str:
    """Write what the comparisons support, as a Markdown list."""
    lines = []
    for kind, said in _SAID.items():
        found = [str(v) for v in verdicts if v.kind == kind]
        lines.append(f"- {said} ({len(found)} of {len(verdicts)}):{'' if found else ' none.'}")
        lines += [f"  - {text}" for text in found]
    return "\n".join(lines)
