"""The regression gate: which target languages a model is worse on than the base model.

Output: the falls, each with the spread it was held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from .cells import Pair
from .scores import Scores


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


def falls(scores: Scores, base: str, row: str, points: float) -> list[Fall]:
    """Compare two rows target by target, over the cells and seeds that both have.

    Args:
        scores: Of one benchmark.
        base: Row of the base model.
        row: Row of the model judged.
        points: A fall of more than this many points counts, if it is also more than the spread.

    Returns:
        The falls, in the order of the targets.
    """
    found = []
    for target in scores.targets:
        paired = paired_by_seed(scores, base, row, [p for p in scores.pairs if p[1] == target])
        if not paired:
            continue
        old, new = (fmean(both[side] for both in paired.values()) for side in (0, 1))
        differences = [after - before for before, after in paired.values()]
        spread = stdev(differences) if len(differences) > 1 else 0.0
        if old - new > max(points, spread):
            found.append(Fall(row, target, old, new, spread))
    return found


def paired_by_seed(
    scores: Scores, base: str, row: str, pairs: Sequence[Pair]
) -> dict[int, tuple[float, float]]:
    """Average both rows over the cells that both have, seed by seed.

    Args:
        scores: Of one benchmark.
        base: A row.
        row: Another.
        pairs: The cells asked for.

    Returns:
        (mean of the base, mean of the row) in percent, for each seed that all these cells have.
    """
    old, new = (scores.cells(name) for name in (base, row))
    common = [pair for pair in pairs if pair in old and pair in new]
    if not common:
        return {}
    seeds = sorted(set.intersection(*(set(cells[p]) for p in common for cells in (old, new))))
    before, after = (scores.mean(name, pairs=common).by_seed for name in (base, row))
    return {seed: (before[seed], after[seed]) for seed in seeds}


def gate(scores: Scores, points: float) -> list[Fall]:
    """Compare every row with that of the first model under the same settings, by benchmark."""
    base = scores.models[0].model
    return [
        fall
        for part in scores.parts().values()
        for old, new in part.against(base)
        for fall in falls(part, old, new, points)
    ]
