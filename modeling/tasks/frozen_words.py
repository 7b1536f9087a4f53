"""Tags of words, read from the vectors of a model that stays as it is.

A logistic regression learns from some sentences, which the seed draws, and tags the words of other
languages: each by the mean of its pieces' states, without its neighbours' tags.

Source: linear probes of contextual word vectors, as in Liu et al. 2019 (arXiv 1903.08855).
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..aligned.errors import AlignmentError
from .fine_tuning import Course

__all__ = ["EmbedWords", "WordSettings", "WordVectorClassifier", "remembered_words"]

Words = Sequence[str]
EmbedWords = Callable[[Sequence[Words]], list[np.ndarray]]
"""Sentences -> for each, unit vectors of its words. *Shape:* (words, width)."""


@dataclass(frozen=True)
class WordSettings:
    """How tags are read from vectors.

    Attributes:
        layer: Index into `hidden_states`.
        sentences: How many are learned from, at most.
        iterations: Of the solver, at most.
        cost: Of a wrong tag, against the size of the weights: the solver's C. Names are so rare
            that C = 1 finds none in unit vectors.
        pooling: How the pieces of a word are pooled.
        selection: Names the protocol in signatures.
    """

    layer: int
    sentences: int = 1000
    iterations: int = 200
    cost: float = 10.0
    pooling: str = "mean of pieces"
    selection: str = "frozen"

    def __post_init__(self) -> None:
        for name in ("sentences", "iterations"):
            if getattr(self, name) < 1:
                raise AlignmentError(f"{name}: came {getattr(self, name)}; legal: 1 or more")
        if not self.cost > 0:
            raise AlignmentError(f"cost: came {self.cost}; legal: above 0")


class WordVectorClassifier:
    """A logistic regression on the word vectors of a frozen model.

    Args:
        embed: Makes the vectors.
        settings: How many sentences it learns from.
        seed: Draws them.
    """

    def __init__(self, embed: EmbedWords, settings: WordSettings, seed: int) -> None:
        self.settings = settings
        self.seed = seed
        self._embed = embed
        self._model: Any = None

    def fit(
        self, inputs: Sequence[Words], gold: Sequence[Words], dev_score: Callable[[], float]
    ) -> Course:
        """Learn from some sentences.

        Args:
            inputs: Words of each sentence.
            gold: Their tags.
            dev_score: Scores the model on the source's dev set.

        Returns:
            The course, of one pass; the dev score chooses nothing.

        Raises:
            AlignmentError: There are fewer than two tags.
        """
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        draw = random.Random(self.seed)
        chosen = draw.sample(range(len(inputs)), min(self.settings.sentences, len(inputs)))
        tags = [tag for row in chosen for tag in gold[row]]
        if len(set(tags)) < 2:
            raise AlignmentError(f"tags: came {len(set(tags))}; legal: two or more")
        given = self.settings
        self._model = LogisticRegression(
            C=given.cost, max_iter=given.iterations, random_state=self.seed
        )
        vectors = np.concatenate(self._embed([inputs[row] for row in chosen]))
        with warnings.catch_warnings():
            # So many iterations are the protocol, whether or not another would change a tag.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._model.fit(vectors, tags)
        score = dev_score()
        return Course(1.0, 1.0, score, (score,))

    def predict(self, inputs: Sequence[Words]) -> list[list[str]]:
        """Give each word its most probable tag."""
        vectors = self._embed(inputs)
        tags = [str(tag) for tag in self._model.predict(np.concatenate(vectors))]
        ends = np.cumsum([0, *map(len, vectors)])
        return [tags[a:b] for a, b in pairwise(ends)]


def remembered_words(encode: EmbedWords) -> EmbedWords:
    """Return what makes unit vectors of words and encodes no sentence twice.

    Args:
        encode: Sentences -> for each, vectors of any length.
    """
    known: dict[tuple[str, ...], np.ndarray] = {}

    def embed(sentences: Sequence[Words]) -> list[np.ndarray]:
        keys = [tuple(words) for words in sentences]
        new = [key for key in dict.fromkeys(keys) if key not in known]
        for key, vectors in zip(new, encode(new), strict=True):
            norms = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
            known[key] = vectors / norms
        return [known[key] for key in keys]

    return embed
