"""Is a model better than its base, or were the test items lucky? A paired bootstrap over items.

Input: records of one benchmark and two of its rows. Output: the mean difference with its interval,
and how far seeds spread. Items (queries, texts, sentences) are drawn with replacement, the same for
both models, all seeds and all cells with equally many items: translations of one sentence are drawn
together. Languages and seeds are not drawn: the question is whether other sentences would agree.

Source: Koehn (2004), Statistical significance tests for machine translation evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from ..records.files import EvalRecord, RecordError, TaskRecord
from ..records.items import weighted_scores
from ..tables.tables import Table
from .cells import Pair, collect_cells
from .grid import row_labels

if TYPE_CHECKING:
    import numpy as np

DRAWS = 1_000
Scored = dict[str, dict[Pair, dict[int, "EvalRecord | TaskRecord"]]]


@dataclass(frozen=True)
class Comparison:
    """The mean difference in points, and what it is held against.

    Attributes:
        difference: Mean over common cells and seeds, other minus base.
        low: Lower end of the 95% interval over items.
        high: Upper end.
        better: Share of draws above 0.
        spread: Standard deviation of the difference over seeds; None with a single seed.
        cells: How many cells both have.
        seeds: How many seeds all these cells have.
    """

    difference: float
    low: float
    high: float
    better: float
    spread: float | None
    cells: int
    seeds: int

    @property
    def verdict(self) -> str:
        """`better` or `worse` beyond both the interval and the seeds' spread, else `not shown`."""
        if abs(self.difference) > (self.spread or 0.0):
            if self.low > 0:
                return "better"
            if self.high < 0:
                return "worse"
        return "not shown"


def by_row(records: Sequence[EvalRecord] | Sequence[TaskRecord]) -> Scored:
    """Sort records of one benchmark by row label, (source, target) and seed.

    Sources on themselves are left out.
    """
    found: Scored = {}
    if records and isinstance(records[0], EvalRecord):
        for row, cells in collect_cells(records).rows.items():  # type: ignore[arg-type]
            found[row] = {pair: {record.seed: record} for pair, record in cells.items()}
        return found
    tasks: Any = records
    for record, label in zip(tasks, row_labels(tasks), strict=True):
        if record.source != record.target:
            cells_of = found.setdefault(label, {})
            cells_of.setdefault((record.source, record.target), {})[record.seed] = record
    return found


def compare(
    scored: Scored, base: str, other: str, *, draws: int = DRAWS, seed: int = 0
) -> Comparison | None:
    """Compare two rows over the cells and seeds that both have.

    Args:
        scored: From `by_row`.
        base: Row of the base model.
        other: Row of the other.
        draws: How many samples.
        seed: Of the draws: the same records give the same interval.

    Returns:
        The comparison; None without a common cell and seed.

    Raises:
        RecordError: Two records of one cell have different items.
    """
    import numpy as np

    pairs = [pair for pair in scored[base] if pair in scored[other]]
    if not pairs:
        return None
    seeds = sorted(set.intersection(*(set(scored[r][p]) for p in pairs for r in (base, other))))
    if not seeds:
        return None
    plain = dict.fromkeys(seeds, 0.0)
    drawn = np.zeros(draws)
    for pair in pairs:
        for number in seeds:
            old, new = scored[base][pair][number], scored[other][pair][number]
            count = len(old.items.split())
            if count != len(new.items.split()):
                raise RecordError(f"{base} and {other}, {pair[0]} -> {pair[1]}: different items")
            plain[number] += (_score(new) - _score(old)) / len(pairs)
            before, after = (_drawn(r.items, _main(r), draws, seed) for r in (old, new))
            change = after - before
            drawn += change / (len(pairs) * len(seeds))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Comparison(
        fmean(plain.values()),
        float(low),
        float(high),
        float((drawn > 0).mean()),
        stdev(plain.values()) if len(seeds) > 1 else None,
        len(pairs),
        len(seeds),
    )


def _main(record: EvalRecord | TaskRecord) -> str:
    return "top10" if isinstance(record, EvalRecord) else record.main_score


def _score(record: EvalRecord | TaskRecord) -> float:
    return record.scores[_main(record)]


# A base is compared with every model, and a page tells each comparison twice.
@lru_cache(maxsize=4096)
def _drawn(items: str, score: str, draws: int, seed: int) -> np.ndarray:
    """The score of every sample of a cell's items. *Shape:* (draws,)."""
    return weighted_scores(items, score, _weights(len(items.split()), draws, seed))


@lru_cache(maxsize=8)
def _weights(count: int, draws: int, seed: int) -> np.ndarray:
    """How often each sample holds each item. *Shape:* (draws, count)."""
    import numpy as np

    random = np.random.default_rng([seed, count])
    return random.multinomial(count, [1 / count] * count, size=draws)


def comparison_table(
    records: Sequence[EvalRecord] | Sequence[TaskRecord], pairs: Sequence[Pair], name: str
) -> Table | None:
    """Set models against their base.

    Args:
        records: Of one benchmark.
        pairs: (base row, other row).
        name: The benchmark, for the title.

    Returns:
        A row per pair; None if nothing can be compared.
    """
    scored = by_row(records)
    rows = []
    for base, row in pairs:
        result = compare(scored, base, row)
        if result is not None:
            rows.append(
                (
                    *(row, base, str(result.cells), str(result.seeds)),
                    f"{result.difference:+z.1f}",
                    f"{result.low:+.1f} to {result.high:+.1f}",
                    "-" if result.spread is None else f"{result.spread:.1f}",
                    result.verdict,
                )
            )
    if not rows:
        return None
    header = (
        *("compared", "base", "cells", "seeds", "difference", "95% interval", "seed spread"),
        "verdict",
    )
    note = (
        f"paired bootstrap over test items, {DRAWS} draws; seed spread: standard deviation of the "
        "difference over seeds; `better` and `worse`: beyond both the interval and the spread"
    )
    return Table(f"{name}: against the base, points", header, tuple(rows), "", (note,))
