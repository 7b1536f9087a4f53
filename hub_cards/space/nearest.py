"""Nearest sentences by cosine, and a flat picture of all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corpus import Corpus, Sentence, fold


@dataclass(frozen=True)
class Hit:
    """A sentence that was found: its index in the corpus, the sentence, its cosine."""

    index: int
    sentence: Sentence
    cosine: float


@dataclass(frozen=True)
class Index:
    """A corpus as one model sees it.

    Attributes:
        corpus: The sentences.
        vectors: Their embeddings, of length 1. *Shape:* (sentences, hidden).
        center: Mean embedding. *Shape:* (hidden,).
        axes: The first two principal components. *Shape:* (hidden, 2).
        share: Share of the variance that these two hold, 0 to 1.
    """

    corpus: Corpus
    vectors: np.ndarray
    center: np.ndarray
    axes: np.ndarray
    share: float

    @classmethod
    def of(cls, corpus: Corpus, vectors: np.ndarray) -> Index:
        """Index a corpus: principal components of the covariance of all its sentences."""
        center = vectors.mean(axis=0)
        values, axes = np.linalg.eigh(np.cov((vectors - center).T, ddof=0))
        total = float(values.sum())
        share = float(values[-2:].sum()) / total if total > 0 else 1.0
        return cls(corpus, vectors, center, axes[:, :-3:-1], share)

    def search(self, query: np.ndarray, text: str, count: int, per_language: bool) -> list[Hit]:
        """Find the sentences nearest to a query.

        Args:
            query: Embedding of length 1. *Shape:* (hidden,).
            text: The query itself; sentences that read the same are left out, and of two that
                are the same in one language, the second.
            count: How many at most.
            per_language: The best one of each language instead of the best of all.

        Returns:
            Hits, nearest first.
        """
        cosines, wanted = self.vectors @ query, fold(text)
        hits: list[Hit] = []
        seen: set[tuple[str, str | None]] = set()
        for index in np.argsort(-cosines, kind="stable"):
            sentence = self.corpus.sentences[index]
            key = (sentence.language, None if per_language else sentence.text)
            if key in seen or fold(sentence.text) == wanted:
                continue
            seen.add(key)
            hits.append(Hit(int(index), sentence, float(cosines[index])))
            if len(hits) == count:
                break
        return hits

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Project embeddings on the map. *Shape:* (n, hidden) -> (n, 2)."""
        return (vectors - self.center) @ self.axes
