"""Is a model better than the base, or were the languages lucky? A paired bootstrap over cells.

Input: a Grid and two of its rows. Output: the mean difference with its interval. The cells
(source, target), each the mean over its seeds, are drawn with replacement, both models together:
the question is whether the gain would be there with other languages of the same kind.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from hub_cards.grid import Grid
from hub_cards.tables import Table

DRAWS = 10_000


@dataclass(frozen=True)
class Comparison:
    """The mean difference in points, its 95% interval, and in how many draws it was above 0."""

    difference: float
    low: float
    high: float
    better: float
    cells: int


def compare(
    grid: Grid, base: str, row: str, draws: int = DRAWS, seed: int = 0
) -> Comparison | None:
    """Compare two rows over the cells that both have.

    Args:
        grid: Scores of one benchmark.
        base: Row of the base model.
        row: Row of the other.
        draws: How many samples.
        seed: Of the draws: the same records give the same interval.

    Returns:
        The comparison; None with fewer than two common cells.
    """
    found = [pair for pair in grid.pairs if all(pair in grid.rows[r] for r in (base, row))]
    if len(found) < 2:
        return None
    differences = [
        statistics.fmean(grid.rows[row][pair].values())
        - statistics.fmean(grid.rows[base][pair].values())
        for pair in found
    ]
    draw = random.Random(seed)
    count = len(differences)
    means = sorted(math.fsum(draw.choices(differences, k=count)) / count for _ in range(draws))
    return Comparison(
        math.fsum(differences) / count,
        means[round(0.025 * (draws - 1))],
        means[round(0.975 * (draws - 1))],
        sum(mean > 0 for mean in means) / draws,
        count,
    )


def comparison_table(grid: Grid, pairs: Sequence[tuple[str, str]], name: str) -> Table | None:
    """Set models against their base.

    Args:
        grid: Scores of one benchmark.
        pairs: (base row, other row).
        name: The benchmark, for the title.

    Returns:
        A row per pair; None if nothing can be compared.
    """
    rows = []
    for base, row in pairs:
        result = compare(grid, base, row)
        if result is not None:
            interval = f"{result.low:+.1f} to {result.high:+.1f}"
            sure = "yes" if result.low > 0 else "worse" if result.high < 0 else "not shown"
            rows.append((row, base, str(result.cells), f"{result.difference:+.1f}", interval, sure))
    if not rows:
        return None
    header = ("compared", "base", "cells", "difference", "95% interval", "better")
    note = f"paired bootstrap over cells, {DRAWS} draws; `yes`: the whole interval is above 0"
    return Table(f"{name}: against the base, points", header, tuple(rows), "", (note,))
