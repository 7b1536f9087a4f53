"""What a difference of two models rests on, and the verdict that follows from it.

Input: a mean, its values by seed, and how far other test items would move it. Output: an interval,
a p-value, and one of a few words. The table, the page of results and the gate read the same words.

Items and seeds are crossed: every fine-tuning is tested on the same items. What other items and
what other seeds would change is added up, each with the law of its own sample: Student's t, of few
degrees of freedom for few seeds. A percentile bootstrap over five seeds would not do: it is too
narrow by a tenth, and knows nothing of the tails that five values have. Nor would one t with
Welch's degrees of freedom, which errs too often in the tails that many comparisons look at.

Items are counted whole: a difference is taken one item nearer to 0, a score half of one, and where
two models differ on n items it can show no more than that all n of them went one way. For forty
items that matters, for thousands not.

Source: Owen (2007), The pigeonhole bootstrap, for crossed samples; Fisher (1935), The fiducial
argument in statistical inference, for the sum, and Robinson (1976), Properties of Student's t and
of the Behrens-Fisher solution to the two means problem: it errs no more often than it says; Holm
(1979), A simple sequentially rejective multiple test procedure; Edwards (1948), Note on the
correction for continuity in testing the significance of the difference between correlated
proportions, for whole items.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from statistics import stdev
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np

LEVEL = 0.95
"""Of every interval; verdicts are wrong in at most 1 - LEVEL of all families of comparisons."""

BETTER, WORSE, NOT_SHOWN = "better", "worse", "not shown"
AT_CHANCE = "at chance"
ONE_SEED = "one seed, not judged"

_POINTS, _LOGIT = 200, 30.0
_Key = TypeVar("_Key")


@dataclass(frozen=True)
class Estimate:
    """A mean in percent or points, and what moves it.

    Attributes:
        value: Over cells, and over what seeds there are.
        item_error: Its standard error over test items.
        items: How many items tell something; of several sets the smallest.
        by_seed: Its value with each seed of fine-tuning; empty where nothing is drawn.
        by_training: Its value with each training; empty for a single checkpoint.
        step: What it is taken nearer to what it is held against.
        differing: On how many items two models differ; None for the score of one.
    """

    value: float
    item_error: float
    items: int
    by_seed: tuple[float, ...] = ()
    by_training: tuple[float, ...] = ()
    step: float = 0.0
    differing: int | None = None

    @property
    def error(self) -> float:
        """Standard error over items, seeds and trainings together."""
        return math.hypot(*(error for error, _ in self._parts))

    @property
    def low(self) -> float:
        """Lower end of the 95% interval; no score and no difference lies beyond 100 points."""
        return max(-100.0, self.value - self._reach)

    @property
    def high(self) -> float:
        """Upper end."""
        return min(100.0, self.value + self._reach)

    @property
    def p(self) -> float:
        """Two-sided p-value of the mean being 0."""
        # That all items on which two models differ went one way by chance: nothing else is known
        # of what others would do where none of them went the other.
        least = 0.0 if self.differing is None else 2 * 0.5**self.differing
        return min(1.0, max(2 * self.tail(abs(self.value)), least))

    def tail(self, distance: float) -> float:
        """Probability that other items and seeds would move the mean up by more than a distance."""
        from scipy.special import stdtr

        beyond = distance - self.step
        if beyond <= 0 or any(freedom < 1 for _, freedom in self._parts):
            return 0.5
        if not self._parts:
            return 0.0
        # The widest part by its distribution function, the others summed over.
        *others, (error, freedom) = self._parts
        moved, weight = self._sum(others)
        return float(weight @ stdtr(freedom, (moved - beyond) / error))

    @cached_property
    def _parts(self) -> list[tuple[float, int]]:
        """(standard error, degrees of freedom) of what moves the mean, the widest last."""
        several = [values for values in (self.by_seed, self.by_training) if len(values) > 1]
        found = [(stdev(values) / math.sqrt(len(values)), len(values) - 1) for values in several]
        return sorted(part for part in [(self.item_error, self.items - 1), *found] if part[0] > 0)

    def _sum(self, parts: list[tuple[float, int]]) -> tuple[np.ndarray, np.ndarray]:
        """Points of the sum of some parts, and their weights. *Shapes:* (points,)."""
        import numpy as np

        moved, weight = np.zeros(1), np.ones(1)
        for error, freedom in parts:
            points, share = _student(freedom)
            moved = np.add.outer(moved, error * points).ravel()
            weight = np.multiply.outer(weight, share).ravel()
        return moved, weight

    @cached_property
    def _reach(self) -> float:
        from scipy.optimize import brentq

        beyond = (1 - LEVEL) / 2
        if any(freedom < 1 for _, freedom in self._parts):
            return math.inf
        reach = highest = self.step + self.error
        if self._parts:
            while self.tail(highest) > beyond:
                highest *= 4
            reach = float(brentq(lambda distance: self.tail(distance) - beyond, 0, highest))
        # What is not shown has 0 in its interval, whatever decided it.
        return max(reach, abs(self.value)) if self.p > 1 - LEVEL else reach


@cache
def _student(freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of Student's t and their weights, for integrals over it. *Shapes:* (points,)."""
    import numpy as np
    from scipy.special import expit, stdtrit

    # Even in the logit of the probability, so that the far tails have points too.
    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    share = expit(_LOGIT * points)
    return stdtrit(freedom, share), weights * _LOGIT * share * (1 - share)


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
    def told_p(self) -> str:
        """The p-value as text."""
        return "<0.001" if self.p < 0.001 else f"{self.p:.3f}"

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
        floor = max(self.chance.values(), default=0.0)
        if score.value <= floor:
            return False
        # No less than that guessing gets every item right.
        return max(score.tail(score.value - floor), (floor / 100) ** score.items) < (1 - LEVEL) / 2

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
