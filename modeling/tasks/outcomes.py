"""What became of each scored item, in the words that records keep: see the score's entry.

In: gold and predicted labels, tags or ranks. Out: one word per item, from which the main score of
any selection of items can be computed again.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from ..embedding.retrieval import TOP_K
from .scores import Tags


def rank_outcomes(ranks: np.ndarray, counted: np.ndarray) -> list[str]:
    """Words of retrieval: the least k whose top-k holds the target, 0 for none, `-` if left out.

    Args:
        ranks: From `gold_ranks`. *Shape:* (n,).
        counted: Which queries count. *Shape:* (n,), bool.
    """
    found = [next((k for k in TOP_K if rank < k), 0) for rank in ranks]
    return [str(k) if kept else "-" for k, kept in zip(found, counted, strict=True)]


def label_outcomes(gold: Sequence[str], predicted: Sequence[str]) -> list[str]:
    """Words of labelled texts: `gold/predicted`, labels as numbers in order of the alphabet."""
    number = {label: i for i, label in enumerate(sorted({*gold, *predicted}))}
    return [f"{number[a]}/{number[b]}" for a, b in zip(gold, predicted, strict=True)]


def tag_outcomes(gold: Tags, predicted: Tags) -> list[str]:
    """Words of tagged sentences: `right/predicted/gold` counts of seqeval's units."""
    from seqeval.metrics.sequence_labeling import get_entities

    words = []
    with warnings.catch_warnings():
        # It warns of every tag that does not begin with B- or I-.
        warnings.simplefilter("ignore")
        for true, guess in zip(gold, predicted, strict=True):
            a, b = set(get_entities(list(true))), set(get_entities(list(guess)))
            words.append(f"{len(a & b)}/{len(b)}/{len(a)}")
    return words


OUTCOMES = {"macro_f1": label_outcomes, "entity_f1": tag_outcomes, "paper_f1": tag_outcomes}
"""A benchmark's main score -> what makes the words."""
