"""Texts with one label, read from the vectors of a model that stays as it is.

A logistic regression learns from a few examples of each label, which the seed draws, and labels the
other languages' vectors: it shows what sentence vectors say across languages and scripts, where
fine-tuning shows what a model can be made to say.

Source: MTEB's protocol for classification (Muennighoff et al. 2023, arXiv 2210.07316, section 3.2).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..aligned.errors import AlignmentError
from .fine_tuning import Course

__all__ = ["Embed", "FrozenSettings", "VectorClassifier", "remembered"]

Embed = Callable[[Sequence[str]], np.ndarray]
"""Texts -> unit vectors. *Shape:* (texts, width)."""


@dataclass(frozen=True)
class FrozenSettings:
    """How labels are read from vectors.

    Attributes:
        layer: Index into `hidden_states`.
        pooling: How sentences are pooled.
        per_label: Examples of each label that are learned from, at most.
        iterations: Of the solver, at most.
        selection: Names the protocol in signatures.
    """

    layer: int
    pooling: str
    per_label: int = 8
    iterations: int = 100
    selection: str = "frozen"

    def __post_init__(self) -> None:
        for name in ("per_label", "iterations"):
            if getattr(self, name) < 1:
                raise AlignmentError(f"{name}: came {getattr(self, name)}; legal: 1 or more")


class VectorClassifier:
    """A logistic regression on the vectors of a frozen model.

    Args:
        embed: Makes the vectors.
        settings: How many examples it learns from.
        seed: Draws them.
    """

    def __init__(self, embed: Embed, settings: FrozenSettings, seed: int) -> None:
        self.settings = settings
        self.seed = seed
        self._embed = embed
        self._model: Any = None

    def fit(
        self, inputs: Sequence[str], gold: Sequence[str], dev_score: Callable[[], float]
    ) -> Course:
        """Learn from a few examples of each label.

        Args:
            inputs: Texts.
            gold: Their labels.
            dev_score: Scores the model on the source's dev set.

        Returns:
            The course, of one pass; the dev score chooses nothing.

        Raises:
            AlignmentError: There are fewer than two labels.
        """
        from sklearn.linear_model import LogisticRegression

        if len(set(gold)) < 2:
            raise AlignmentError(f"labels: came {len(set(gold))}; legal: two or more")
        draw = random.Random(self.seed)
        chosen: list[int] = []
        for label in sorted(set(gold)):
            rows = [row for row, given in enumerate(gold) if given == label]
            chosen += draw.sample(rows, min(self.settings.per_label, len(rows)))
        self._model = LogisticRegression(max_iter=self.settings.iterations, random_state=self.seed)
        self._model.fit(self._embed([inputs[row] for row in chosen]), [gold[row] for row in chosen])
        score = dev_score()
        return Course(1.0, 1.0, score, (score,))

    def predict(self, inputs: Sequence[str]) -> list[str]:
        """Give each text its most probable label."""
        return [str(label) for label in self._model.predict(self._embed(inputs))]


def remembered(encode: Callable[[list[str]], np.ndarray]) -> Embed:
    """Return what makes unit vectors and encodes no text twice.

    Args:
        encode: Texts -> vectors of any length.
    """
    known: dict[str, np.ndarray] = {}

    def embed(texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            vectors = encode(new)
            norms = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
            known.update(zip(new, vectors / norms, strict=True))
        return np.stack([known[text] for text in texts])

    return embed
