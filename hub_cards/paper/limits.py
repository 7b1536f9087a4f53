"""What the paper's own figures say against alignment: the tasks that became worse by it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean

from .results import AVERAGE, BASE, FULL, paper_cells


@dataclass(frozen=True)
class Fall:
    """A task that is worse after alignment: means over the same cells, in percent."""

    group: str
    task: str
    before: float
    after: float
    cells: int

    def __str__(self) -> str:
        return (
            f"{self.task.upper()} of the group {self.group} from {self.before:.1f} to "
            f"{self.after:.1f} (mean over {self.cells} pairs of languages)"
        )


def falls_of_the_paper() -> list[Fall]:
    """Find the tasks whose mean over the paper's cells fell from its base to its full method.

    Returns:
        One entry per group and task, the largest fall first.
    """
    cells: dict[tuple[str, str], dict[str, dict[tuple[str, str], float]]] = defaultdict(
        lambda: {BASE: {}, FULL: {}}
    )
    for cell in paper_cells():
        if cell.target != AVERAGE and cell.model in (BASE, FULL):
            cells[cell.group, cell.task][cell.model][cell.source, cell.target] = cell.score
    found = []
    for (group, task), scores in cells.items():
        both = scores[BASE].keys() & scores[FULL].keys()
        before, after = (fmean(scores[model][pair] for pair in both) for model in (BASE, FULL))
        if after < before:
            found.append(Fall(group, task, before, after, len(both)))
    return sorted(found, key=lambda fall: fall.after - fall.before)
