"""Models against their base: differences with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

from ..scores.bootstrap import DRAWS
from ..scores.cells import Pair
from ..scores.scores import Scores
from ..table import Table


def comparison_table(scores: Scores, rows: Sequence[Pair], name: str) -> Table | None:
    """Set models against their base.

    Args:
        scores: Of one benchmark.
        rows: (base row, other row).
        name: The benchmark, for the title.

    Returns:
        A row per pair; None if nothing can be compared.
    """
    lines = []
    for base, row in rows:
        result = scores.compare(base, row)
        if result is not None:
            lines.append(
                (
                    *(row, base, str(result.cells), str(result.seeds)),
                    f"{result.difference:+z.1f}",
                    f"{result.low:+.1f} to {result.high:+.1f}",
                    "-" if result.spread is None else f"{result.spread:.1f}",
                    result.verdict,
                )
            )
    if not lines:
        return None
    header = (
        *("compared", "base", "cells", "seeds", "difference", "95% interval", "seed spread"),
        "verdict",
    )
    note = (
        f"paired bootstrap over test items, {DRAWS} draws; seed spread: standard deviation of the "
        "difference over seeds; `better` and `worse`: beyond both the interval and the spread"
    )
    return Table(f"{name}: against the base, points", header, tuple(lines), "", (note,))
