"""Means: over cells, each counting the same, with the spread over seeds and what is missing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev


@dataclass(frozen=True)
class Mean:
    """A mean over cells and seeds; a gap is counted, never filled.

    Attributes:
        value: Percent; None if nothing was measured.
        by_seed: Mean over the measured cells, for each seed that all of them have.
        measured: Cells that there are.
        expected: Cells that there should be.
    """

    value: float | None
    by_seed: dict[int, float]
    measured: int
    expected: int

    @property
    def std(self) -> float | None:
        """Sample standard deviation over seeds; None with fewer than two."""
        return stdev(self.by_seed.values()) if len(self.by_seed) > 1 else None

    @property
    def seeds(self) -> int:
        """How many seeds all measured cells have."""
        return len(self.by_seed)

    @property
    def gap(self) -> str:
        """`(3 of 5)` where cells are missing, else nothing."""
        return "" if self.measured == self.expected else f"({self.measured} of {self.expected})"

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        std = "" if self.std is None else f"± {self.std:.1f}"
        return " ".join(filter(None, [f"{self.value:.1f}", std, self.gap]))


def average(cells: Sequence[Mapping[int, float]], expected: int | None = None) -> Mean:
    """Average cells.

    Args:
        cells: Percent by seed, of each cell that was measured.
        expected: How many cells there should be; by default as many as there are.
    """
    expected = len(cells) if expected is None else expected
    if not cells:
        return Mean(None, {}, 0, expected)
    # fsum: the same mean whatever the order of the records.
    value = math.fsum(fmean(cell.values()) for cell in cells) / len(cells)
    seeds = sorted(set.intersection(*(set(cell) for cell in cells)))
    by_seed = {seed: math.fsum(cell[seed] for cell in cells) / len(cells) for seed in seeds}
    return Mean(value, by_seed, len(cells), expected)
