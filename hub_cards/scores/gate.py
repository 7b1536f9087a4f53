"""The regression gate: which target languages a model is worse on than the base model.

Input: a Grid and two of its rows. Output: the falls, each with the spread it was held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from .cells import Pair
from .grid import Grid


@dataclass(frozen=True)
class Fall:
    """A target language on which a row is below the base by more than allowed.

    `spread` is the standard deviation over seeds of the difference of the two, seed by seed; 0 with
    a single seed.
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
    """Compare two rows target by target, over the cells and seeds that both have.

    Args:
        grid: Scores of one benchmark.
        base: Row of the base model.
        row: Row of the model judged.
        points: A fall of more than this many points counts, if it is also more than the spread.

    Returns:
        The falls, in the order of the targets.
    """
    found = []
    for target in grid.targets:
        paired = paired_by_seed(grid, base, row, [p for p in grid.pairs if p[1] == target])
        if not paired:
            continue
        old, new = (fmean(scores[side] for scores in paired.values()) for side in (0, 1))
        differences = [after - before for before, after in paired.values()]
        spread = stdev(differences) if len(differences) > 1 else 0.0
        if old - new > max(points, spread):
            found.append(Fall(row, target, old, new, spread))
    return found


def paired_by_seed(
    grid: Grid, base: str, row: str, pairs: Sequence[Pair]
) -> dict[int, tuple[float, float]]:
    """Average both rows over the cells that both have, seed by seed.

    Args:
        grid: Scores of one benchmark.
        base: A row.
        row: Another.
        pairs: The cells asked for.

    Returns:
        (mean of the base, mean of the row) in percent, for each seed that all these cells have.
    """
    cells = [
        (grid.rows[base][pair], grid.rows[row][pair])
        for pair in pairs
        if all(pair in grid.rows[name] for name in (base, row))
    ]
    if not cells:
        return {}
    seeds = sorted(set.intersection(*(set(scores) for cell in cells for scores in cell)))
    return {
        seed: (fmean(old[seed] for old, _ in cells), fmean(new[seed] for _, new in cells))
        for seed in seeds
    }
