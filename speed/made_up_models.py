"""Made-up models of known strength, and their answers to test sets of the sizes of real ones.

What is right is drawn from a probit model: an item is hard or easy for every model, one model has
its own weak items in all languages, a seed shifts its model everywhere and in each language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from translit_ppa.hub_cards.scores.comparing.bootstrap import Sample, item_weights

LABELS = 7

ITEM, OWN_ITEM, CELL_ITEM = 1.0, 0.4, 0.6
"""Standard deviations on the scale of the probit, whose noise has 1: how hard an item is for all
models, for one model in all languages, and for all models in one cell."""


@dataclass(frozen=True)
class Size:
    """A test set and how it is used.

    Attributes:
        kind: `retrieval`, `topics` (one label a text) or `tags` (units of a sentence).
        items: Queries, texts or sentences, the same in every cell.
        cells: Pairs of languages.
        seeds: Of fine-tuning; retrieval has one.
        right: Share of items, or of units, that a model gets right, 0 to 1.
        seed_sd: How far a seed shifts its model on the scale of the probit, everywhere and again
            in each cell.
        units: Mean number of units a sentence.
        trainings: Models that differ in the seed of their training, which shifts them likewise.
    """

    kind: str
    items: int
    cells: int
    seeds: int = 1
    right: float = 0.5
    seed_sd: float = 0.08
    units: float = 0.0
    trainings: int = 1


class Answers(NamedTuple):
    """What a made-up model answered.

    Attributes:
        sample: Its scores.
        outcomes: A number for what became of each item. *Shape:* (items, cells, seeds).
    """

    sample: Sample
    outcomes: np.ndarray


def answers(
    size: Size, models: Sequence[tuple[float, int]], random: np.random.Generator
) -> list[list[Answers]]:
    """Let models answer one test set.

    Args:
        size: Of the test set.
        models: For each how many points better it is than `size.right`, and its trainings.
        random: What is drawn with.

    Returns:
        For each model, what it answered, for each training.
    """
    easy = random.normal(0, ITEM, (size.items, 1))
    easy = easy + random.normal(0, CELL_ITEM, (size.items, size.cells))
    gold = _gold(size, random)
    made: list[list[Answers]] = []
    for points, trainings in models:
        own = random.normal(0, OWN_ITEM, (size.items, 1, 1))
        shape = (1, size.cells, size.seeds)
        made.append([])
        for _ in range(trainings):
            spread = size.seed_sd if size.kind != "retrieval" or trainings > 1 else 0.0
            shift = random.normal(0, spread, (1, 1, size.seeds)) + random.normal(0, spread, shape)
            total = np.sqrt(1 + ITEM**2 + CELL_ITEM**2 + OWN_ITEM**2 + 2 * spread**2)
            level = total * ndtri(size.right + points / 100)
            strength = level + easy[:, :, np.newaxis] + own + shift
            made[-1].append(_sample(size, gold, strength, random))
    return made


def _gold(size: Size, random: np.random.Generator) -> np.ndarray:
    """Labels of texts, units of sentences, nothing for queries. *Shape:* (items,)."""
    if size.kind == "topics":
        return np.arange(size.items) % LABELS
    return 1 + random.poisson(max(size.units - 1, 0), size.items)


def _sample(
    size: Size, gold: np.ndarray, strength: np.ndarray, random: np.random.Generator
) -> Answers:
    """Draw answers and score them, and all samples of items. *Shape:* (items, cells, seeds)."""
    weights = _weights(size.items)
    if size.kind == "tags":
        units = gold[:, np.newaxis, np.newaxis]
        right = random.binomial(units, ndtr(strength))
        predicted = right + random.binomial(units - right, 0.8)
        outcomes = right * (1 + int(gold.max())) + predicted
        scores = tag_scores(right, predicted, gold, weights)
    else:
        found = strength + random.normal(0, 1, strength.shape) > 0
        if size.kind == "topics":
            wrong = gold[:, np.newaxis, np.newaxis] + random.integers(1, LABELS, found.shape)
            outcomes = answer = np.where(found, gold[:, np.newaxis, np.newaxis], wrong % LABELS)
            scores = topic_scores(gold, answer, weights)
        else:
            outcomes = found
            scores = 100 * _weighted(weights, found) / size.items
    means = scores.mean(axis=1)
    sample = Sample(tuple(map(float, means[0])), means[1:].T.astype(float))
    return Answers(sample, outcomes)


@cache
def _weights(items: int) -> np.ndarray:
    """All items once, then the package's samples. *Shape:* (1 + draws, items)."""
    # In half the precision: a standard error needs no more, and it takes half the time.
    return np.vstack([np.ones(items), item_weights(items)]).astype(np.float32)


def topic_scores(gold: np.ndarray, answer: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Macro-F1 of all cells and seeds at once. *Shape:* (selections, cells, seeds)."""
    total = occurring = np.zeros((len(weights), *answer.shape[1:]))
    for label in range(LABELS):
        rows, is_answer = gold == label, answer == label
        occurs = weights[:, rows].sum(axis=1)[:, np.newaxis, np.newaxis]
        occurs = occurs + _weighted(weights, is_answer)
        both = _weighted(weights[:, rows], is_answer[rows])
        total = total + np.divide(2 * both, occurs, out=np.zeros(both.shape), where=occurs > 0)
        occurring = occurring + (occurs > 0)
    return 100 * total / occurring


def tag_scores(
    right: np.ndarray, predicted: np.ndarray, gold: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Micro F1 of all cells and seeds at once. *Shape:* (selections, cells, seeds)."""
    whole = _weighted(weights, predicted + gold[:, np.newaxis, np.newaxis])
    return 200 * _weighted(weights, right) / whole


def _weighted(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    flat = weights @ values.reshape(len(values), -1).astype(weights.dtype)
    return flat.reshape(len(weights), *values.shape[1:])
