"""What a model scores that knows nothing: the floor under every fine-tuned figure.

In: gold labels or tags. Out: answers that do not depend on the input, and their scores in percent.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

GUESSES = 20


def most_frequent(gold: Sequence[Any]) -> str:
    """Give the commonest label, or tag of a word; of equally common ones the first by name.

    Args:
        gold: Labels, or lists of tags.
    """
    counts: Counter[str] = Counter()
    for item in gold:
        counts.update([item] if isinstance(item, str) else item)
    return min(counts, key=lambda answer: (-counts[answer], answer))


def constant_guess(gold: Sequence[Any], answer: str) -> list[Any]:
    """Answer every text, or every word of every sentence, alike."""
    return [answer if isinstance(item, str) else [answer] * len(item) for item in gold]


def uniform_guess_score(
    gold: Sequence[Any], labels: Sequence[str], score: Callable[[Sequence[Any], list[Any]], float]
) -> float:
    """Score guessing each text's label, or each word's tag: the mean of 20 guesses of fixed seed.

    Args:
        gold: Labels, or lists of tags.
        labels: What is guessed among.
        score: From gold and answers, in percent.
    """
    draw = random.Random(0)
    return fmean(
        score(
            gold,
            [
                draw.choice(labels) if isinstance(item, str) else draw.choices(labels, k=len(item))
                for item in gold
            ],
        )
        for _ in range(GUESSES)
    )
