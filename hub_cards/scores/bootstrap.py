"""Is a model better than its base, or were the test items lucky? A paired bootstrap over items.

Input: the cells of two rows of one benchmark. Output: the mean difference with its interval,
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
from typing import TYPE_CHECKING

from ..records.files import RecordError
from ..records.items import weighted_scores
from .cells import Cells, is_own_test_set

if TYPE_CHECKING:
    import numpy as np

DRAWS = 1_000


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

    def __str__(self) -> str:
        spread = "" if self.spread is None else f", seed spread {self.spread:.1f}"
        return f"{self.difference:+.1f} ({self.low:+.1f} to {self.high:+.1f}{spread})"


def compare_cells(
    base: Cells, other: Cells, *, names: Sequence[str], draws: int = DRAWS, seed: int = 0
) -> Comparison | None:
    """Compare two rows over the cells and seeds that both have, a task's own source apart.

    Args:
        base: Records of the base, by (source, target) and seed.
        other: Those of the other.
        names: Of both, for messages.
        draws: How many samples.
        seed: Of the draws: the same records give the same interval.

    Returns:
        The comparison; None without a common cell and seed.

    Raises:
        RecordError: Two records of one cell have different items.
    """
    import numpy as np

    pairs = [
        pair
        for pair, cell in base.items()
        if pair in other and not any(map(is_own_test_set, cell.values()))
    ]
    if not pairs:
        return None
    seeds = sorted(set.intersection(*(set(cells[p]) for p in pairs for cells in (base, other))))
    if not seeds:
        return None
    plain = dict.fromkeys(seeds, 0.0)
    drawn = np.zeros(draws)
    for pair in pairs:
        for number in seeds:
            old, new = base[pair][number], other[pair][number]
            count = len(old.items.split())
            if count != len(new.items.split()):
                raise RecordError(f"{' and '.join(names)}, {pair[0]} -> {pair[1]}: different items")
            plain[number] += (new.score - old.score) / len(pairs)
            before, after = (_drawn(r.items, r.main_score, draws, seed) for r in (old, new))
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


def compare_items(
    before: Sequence[str],
    after: Sequence[str],
    main_score: str,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Comparison:
    """Compare two models over the same cells, of which only the items are known.

    Args:
        before: What became of each item in each cell, as records have it (`hub_cards.items`).
        after: The same of the other model.
        main_score: What the items are items of.
        draws: How many samples.
        seed: Of the draws.

    Returns:
        The mean over the cells.

    Raises:
        RecordError: The items do not fit the score or one another.
    """
    import numpy as np

    plain, drawn = 0.0, np.zeros(draws)
    for old, new in zip(before, after, strict=True):
        if len(old.split()) != len(new.split()):
            raise RecordError("items: the two models have different ones")
        whole = np.ones((1, len(old.split())), dtype=np.int64)
        change = weighted_scores(new, main_score, whole) - weighted_scores(old, main_score, whole)
        plain += float(change[0]) / len(before)
        sampled = (_drawn(items, main_score, draws, seed) for items in (new, old))
        drawn += np.subtract(*sampled) / len(before)
    low, high = (float(bound) for bound in np.quantile(drawn, [0.025, 0.975]))
    better = float((drawn > 0).mean())
    return Comparison(plain, low, high, better, None, len(before), 1)


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
