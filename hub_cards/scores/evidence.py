"""What a difference of two models rests on, and the verdict that follows from it.

Input: a mean, its values by seed, and how far other test items would move it. Output: an interval,
a p-value, and one of a few words. The table, the page of results and the gate read the same words.

Items and seeds are crossed: every fine-tuning is tested on the same items. The variance of the mean
is the sum of that over items and of that over seeds, each seed counting once, and Student's t
takes the degrees of freedom of the smaller sample. A percentile bootstrap over five seeds would not
do: it is too narrow by a tenth, and knows nothing of the tails of five values.

Source: Owen (2007), The pigeonhole bootstrap, for crossed samples; Mickey and Brown (1966), Bounds
on the distribution functions of the Behrens-Fisher statistic: the smaller sample's degrees of
freedom are never too many; Holm (1979), A simple sequentially rejective multiple test procedure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import variance
from typing import TypeVar

LEVEL = 0.95
"""Of every interval; verdicts are wrong in at most 1 - LEVEL of all families of comparisons."""

BETTER, WORSE, NOT_SHOWN = "better", "worse", "not shown"
AT_CHANCE = "at chance"
ONE_SEED = "one seed, not judged"

_Key = TypeVar("_Key")


@dataclass(frozen=True)
class Estimate:
    """A mean in percent or points, and what moves it.

    Attributes:
        value: Over cells, and over what seeds there are.
        item_error: Its standard error over test items.
        items: How many items were drawn from; of several sets the smallest.
        by_seed: Its value with each seed of fine-tuning; empty where nothing is drawn.
        by_training: Its value with each training; empty for a single checkpoint.
    """

    value: float
    item_error: float
    items: int
    by_seed: tuple[float, ...] = ()
    by_training: tuple[float, ...] = ()

    @property
    def _samples(self) -> list[tuple[float, ...]]:
        return [values for values in (self.by_seed, self.by_training) if len(values) > 1]

    @property
    def error(self) -> float:
        """Standard error over items, seeds and trainings together."""
        return math.sqrt(self.item_error**2 + sum(variance(v) / len(v) for v in self._samples))

    @property
    def freedom(self) -> int:
        """Degrees of freedom: one less than the smallest sample."""
        return min([self.items, *map(len, self._samples)]) - 1

    @property
    def low(self) -> float:
        """Lower end of the 95% interval."""
        return self.value - self._reach

    @property
    def high(self) -> float:
        """Upper end."""
        return self.value + self._reach

    @property
    def _reach(self) -> float:
        from scipy.special import stdtrit

        if self.error == 0:
            return 0.0
        if self.freedom < 1:
            return math.inf
        return float(stdtrit(self.freedom, (1 + LEVEL) / 2)) * self.error

    @property
    def p(self) -> float:
        """Two-sided p-value of the mean being 0."""
        from scipy.special import stdtr

        if self.value == 0 or self.freedom < 1:
            return 1.0
        if self.error == 0:
            return 0.0
        return 2 * float(stdtr(self.freedom, -abs(self.value) / self.error))


@dataclass(frozen=True)
class Comparison:
    """A model beside its base over the cells and seeds that both have.

    Attributes:
        change: The difference in points, other minus base.
        before: The base's score, in percent.
        after: The other's.
        chance: What guessing scores in these cells, by kind: `uniform`, and for tasks `majority`.
        cells: How many cells both have.
        seeds: How many seeds of fine-tuning these have; None for retrieval, which draws nothing.
        trainings: How many checkpoints `after` is the mean of; they differ by their seed alone.
        adjusted: p-value among the comparisons that it was judged with; None: it stands alone.
    """

    change: Estimate
    before: Estimate
    after: Estimate
    chance: Mapping[str, float] = field(hash=False)
    cells: int
    seeds: int | None
    trainings: int = 1
    adjusted: float | None = None

    @property
    def difference(self) -> float:
        """Mean over common cells and seeds, other minus base, in points."""
        return self.change.value

    @property
    def low(self) -> float:
        """Lower end of the 95% interval over items, seeds and trainings."""
        return self.change.low

    @property
    def high(self) -> float:
        """Upper end."""
        return self.change.high

    @property
    def p(self) -> float:
        """p-value of no difference, adjusted for the comparisons that it was judged with."""
        return self.change.p if self.adjusted is None else self.adjusted

    @property
    def judged(self) -> bool:
        """Whether there are seeds enough: one fine-tuning says nothing about the next."""
        return self.seeds is None or self.seeds > 1

    @property
    def direction(self) -> str:
        """`better` or `worse` where that is shown, whatever chance is; else `not shown`."""
        if not self.judged or self.p > 1 - LEVEL:
            return NOT_SHOWN
        return BETTER if self.difference > 0 else WORSE

    @property
    def verdict(self) -> str:
        """`better`, `worse`, `not shown`, `at chance` or `one seed, not judged`."""
        if not self.judged:
            return ONE_SEED
        if not (self.above_chance(self.before) and self.above_chance(self.after)):
            return AT_CHANCE
        return self.direction

    @property
    def fallen(self) -> bool:
        """Whether the other is shown to be worse than a base that is above chance."""
        return self.direction == WORSE and self.above_chance(self.before)

    def above_chance(self, score: Estimate) -> bool:
        """Whether a score's whole interval lies above every kind of guessing."""
        return score.low > max(self.chance.values(), default=0.0)

    def __str__(self) -> str:
        drawn = "" if self.seeds is None else f"; {_count(self.seeds, 'seed')}"
        drawn += f"; {self.trainings} trainings" if self.trainings > 1 else ""
        interval = f"{self.low:+z.1f} to {self.high:+z.1f}" if self.judged else "no interval"
        return f"{self.difference:+z.1f} ({interval}{drawn})"


def judge(comparisons: Mapping[_Key, Comparison]) -> dict[_Key, Comparison]:
    """Judge comparisons together: the more there are, the more each has to show.

    Holm's method, and no false discovery rate: comparisons with one base on the same items depend
    on one another in ways that Benjamini and Hochberg's does not cover, and each verdict is read
    for itself. If no model differs, one of all verdicts is `better` or `worse` in at most 5% of
    such families.

    Args:
        comparisons: All that are read together. Those with one seed count as none.

    Returns:
        The same, with `adjusted`.
    """
    judged = dict(comparisons)
    tried = sorted((key for key, c in judged.items() if c.judged), key=lambda k: judged[k].change.p)
    least = 0.0
    for place, key in enumerate(tried):
        least = max(least, min(1.0, judged[key].change.p * (len(tried) - place)))
        judged[key] = replace(judged[key], adjusted=least)
    return judged


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
