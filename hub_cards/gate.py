"""The regression gate: which target languages a model is worse on than the base model.

Input: a Grid and two of its rows. Output: the falls, each with the spread it was held against.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hub_cards.grid import Grid


@dataclass(frozen=True)
class Fall:
    """A target language on which a row is below the base by more than allowed.

    `spread` is the standard deviation of the difference over seeds, 0 with a single seed.
    """

    row: str
    target: str
    base: float
    score: float
    spread: float

    def __str__(self) -> str:
        return (
            f"{self.row}, {self.target}: {self.score:.1f} is {self.base - self.score:.1f} below "
            f"the base's {self.base:.1f} (seed spread {self.spread:.1f})"
        )


def falls(grid: Grid, base: str, row: str, points: float) -> list[Fall]:
    """Compare two rows target by target, over the cells that both have.

    Args:
        grid: Scores of one benchmark.
        base: Row of the base model.
        row: Row of the model judged.
        points: A fall of more than this many points counts, if it is also more than the spread.

    Returns:
        The falls, in the order of the targets.
    """
    common = tuple(pair for pair in grid.pairs if all(pair in grid.rows[r] for r in (base, row)))
    shared = Grid(grid.rows, common)
    found = []
    for target in shared.targets:
        old, new = shared.mean(base, target=target), shared.mean(row, target=target)
        if old.value is None or new.value is None:
            continue
        spread = math.hypot(old.std or 0.0, new.std or 0.0)
        if old.value - new.value > max(points, spread):
            found.append(Fall(row, target, old.value, new.value, spread))
    return found
