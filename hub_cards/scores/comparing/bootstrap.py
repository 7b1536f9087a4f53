"""Is a model better than its base, or were the test items lucky? A paired bootstrap over items.

Input: the cells of two rows of one benchmark. Output: what their difference rests on. Items
(queries, texts, sentences) are drawn with replacement, the same for both models, all seeds and all
cells with equally many items: translations of one sentence are drawn together. Languages are not
drawn: the question is whether other sentences and other seeds would agree.

Source: Koehn (2004), Statistical significance tests for machine translation evaluation.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ...records.files import EvalRecord, RecordError
from ...records.items import weighted_scores
from ..cells import Cells, Pair, is_own_test_set
from .evidence import Comparison, Estimate
from .extent import Extent, extent_of

if TYPE_CHECKING:
    import numpy as np

DRAWS = 1_000
GUESSES = 10
"""How many places a query's main score looks at: its chance is this over the pool."""


@dataclass(frozen=True)
class Sample:
    """The mean over cells of one checkpoint: its scores, and those of the samples of its items.

    Attributes:
        scores: By seed.
        draws: *Shape:* (seeds, draws).
    """

    scores: tuple[float, ...]
    draws: np.ndarray


def compare_cells(
    base: Cells,
    others: Sequence[Cells],
    *,
    names: Sequence[str],
    pairs: Collection[Pair] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Comparison | None:
    """Compare two rows over the cells and seeds that both have, a task's own source apart.

    Args:
        base: Records of the base, by (source, target) and seed.
        others: Those of the other; of several trainings of it, one each.
        names: Of the base and of all others, for messages.
        pairs: Only these cells.
        draws: How many samples.
        seed: Of the draws: the same records give the same interval.

    Returns:
        The comparison; None without a common cell and seed.

    Raises:
        RecordError: Two records of one cell have different items, or the rows were measured by
            different versions.
    """
    rows = [base, *others]
    common = [
        pair
        for pair, cell in base.items()
        if not any(map(is_own_test_set, cell.values()))
        and all(pair in row for row in rows)
        and (pairs is None or pair in pairs)
    ]
    if not common:
        return None
    seeds = sorted(set.intersection(*(set(row[pair]) for pair in common for row in rows)))
    if not seeds:
        return None
    first: Any = base[common[0]][seeds[0]]
    tuned = not isinstance(first, EvalRecord)
    for row, name in zip(rows, names, strict=True):
        for pair in common:
            counts = {len(row[pair][s].items.split()) for s in seeds}
            if counts != {len(base[pair][seeds[0]].items.split())}:
                told = f"{names[0]} and {name}, {pair[0]} -> {pair[1]}"
                raise RecordError(f"{told}: different items")
    versions = sorted({row[pair][s].version for row in rows for pair in common for s in seeds})
    if len(versions) > 1:
        raise RecordError(
            f"version: came {' and '.join(versions)} for {', '.join(names)} on {first.benchmark}; "
            "legal: one, so score them anew with the same"
        )
    samples = [_sample(row, common, seeds, draws, seed) for row in rows]
    extent = extent_of(
        (base[pair][s].items, other[pair][s].items)
        for other in others
        for pair in common
        for s in seeds
    )
    change, before, after = estimates(samples[0], samples[1:], extent, tuned=tuned)
    return Comparison(
        change,
        before,
        after,
        _chance([base[pair][seeds[0]] for pair in common]),
        len(common),
        len(seeds) if tuned else None,
        len(others),
    )


def compare_items(
    before: Sequence[str],
    after: Sequence[str],
    main_score: str,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Comparison:
    """Compare two models on retrieval of which only the items are known, each against all others.

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
    counts = [len(items.split()) for items in before]
    if counts != [len(items.split()) for items in after]:
        raise RecordError("items: the two models have different ones")
    base, other = (_sample_of_items(cells, main_score, draws, seed) for cells in (before, after))
    extent = extent_of(zip(before, after, strict=True))
    weighed = estimates(base, [other], extent, tuned=False)
    chance = math.fsum(min(100.0, 100 * GUESSES / count) for count in counts) / len(counts)
    return Comparison(*weighed, {"uniform": chance}, len(counts), None)


def _sample_of_items(cells: Sequence[str], main_score: str, draws: int, seed: int) -> Sample:
    import numpy as np

    drawn = sum(_drawn(items, main_score, draws, seed) for items in cells)
    scores = [
        float(weighted_scores(items, main_score, np.ones((1, len(items.split()))))[0])
        for items in cells
    ]
    return Sample((math.fsum(scores) / len(cells),), np.asarray([drawn]) / len(cells))


def estimates(
    base: Sample, others: Sequence[Sample], extent: Extent, *, tuned: bool
) -> tuple[Estimate, Estimate, Estimate]:
    """Weigh a base and a model, or several trainings of it, that were tested on the same items.

    Args:
        base: Of the base.
        others: One for each training, with the same seeds and draws.
        extent: What they can be compared by.
        tuned: Whether models were fine-tuned, so that seeds count.

    Returns:
        The difference, the base's score, the other's.
    """
    import numpy as np

    old, old_draws = np.array([base.scores]), base.draws[np.newaxis]
    new = np.array([other.scores for other in others])
    new_draws = np.stack([other.draws for other in others])
    # One item more that is right in one cell, with one seed; of a difference all that can be taken
    # off without changing which items differ is two halves.
    step = 100 / (extent.largest * extent.lists)
    change = _estimate(new - old, new_draws - old_draws, extent, tuned, step)
    change = replace(change, differing=extent.differing)
    before = _estimate(old, old_draws, extent, tuned, step / 2 * len(new))
    after = _estimate(new, new_draws, extent, tuned, step / 2)
    return change, before, after


def _estimate(
    values: np.ndarray, drawn: np.ndarray, extent: Extent, tuned: bool, step: float
) -> Estimate:
    """Weigh scores. *Shapes:* values (trainings, seeds); drawn (trainings, seeds, draws)."""
    # Seeds where there are several, else trainings: what is crossed with the items.
    crossed = drawn.mean(axis=0) if drawn.shape[1] > 1 else drawn.mean(axis=1)
    items = extent.smallest
    return Estimate(
        float(values.mean()),
        # Of `items` draws with replacement the variance is too small by a share of 1 / items.
        math.sqrt(_item_variance(crossed) * items / max(items - 1, 1)),
        items,
        tuple(map(float, values.mean(axis=0))) if tuned else (),
        tuple(map(float, values.mean(axis=1))) if len(values) > 1 else (),
        step,
    )


def _item_variance(drawn: np.ndarray) -> float:
    """Variance over items of a mean over seeds, less what the variance over seeds has too.

    That part is the interaction: which items a seed gets right by luck. *Shape:* (seeds, draws).
    """
    seeds = len(drawn)
    of_mean = float(drawn.mean(axis=0).var(ddof=1))
    if seeds == 1:
        return of_mean
    of_one = float(drawn.var(axis=1, ddof=1).mean())
    return max(0.0, of_mean - (of_one - of_mean) / (seeds - 1))


def _sample(
    cells: Cells, pairs: Sequence[Pair], seeds: Sequence[int], draws: int, seed: int
) -> Sample:
    import numpy as np

    drawn = np.zeros((len(seeds), draws))
    for pair in pairs:
        for place, number in enumerate(seeds):
            record = cells[pair][number]
            drawn[place] += _drawn(record.items, record.main_score, draws, seed)
    scores = (math.fsum(cells[pair][s].score for pair in pairs) / len(pairs) for s in seeds)
    return Sample(tuple(scores), drawn / len(pairs))


def _chance(records: Sequence[Any]) -> Mapping[str, float]:
    """Average over cells what guessing scores, by kind."""
    kinds: dict[str, list[float]] = {}
    for record in records:
        found = getattr(record, "chance", None)
        if found is None:  # retrieval
            found = {"uniform": min(100.0, 100 * GUESSES / record.pool)}
        for kind, value in found.items():
            kinds.setdefault(kind, []).append(value)
    return {kind: math.fsum(values) / len(values) for kind, values in kinds.items()}


# A base is compared with every model, and a page tells each comparison twice.
@lru_cache(maxsize=4096)
def _drawn(items: str, score: str, draws: int, seed: int) -> np.ndarray:
    """The score of every sample of a cell's items. *Shape:* (draws,)."""
    return weighted_scores(items, score, item_weights(len(items.split()), draws, seed))


@lru_cache(maxsize=8)
def item_weights(count: int, draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """How often each sample holds each item. *Shape:* (draws, count)."""
    import numpy as np

    random = np.random.default_rng([seed, count])
    return random.multinomial(count, [1 / count] * count, size=draws).astype(float)
