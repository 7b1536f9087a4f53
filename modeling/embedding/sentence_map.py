"""Sentences of several languages as points in the plane, and how far languages stay apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .retrieval import top_k


@dataclass(frozen=True)
class SentenceMap:
    """What `map_sentences` found.

    Attributes:
        points: Coordinates by language. *Shape:* (sentences, 2).
        explained: Percent of the variance on each axis.
        same_language: Percent of sentences whose nearest other sentence, by cosine in the full
            space, is of their own language.
    """

    points: dict[str, np.ndarray]
    explained: tuple[float, float]
    same_language: float


def map_sentences(embeddings: Mapping[str, np.ndarray]) -> SentenceMap:
    """Project embeddings on their first two principal components, all languages together.

    Args:
        embeddings: By language. *Shape:* (sentences, hidden).
    """
    from sklearn.decomposition import PCA

    vectors = np.concatenate(list(embeddings.values()))
    owner = np.repeat(np.arange(len(embeddings)), [len(rows) for rows in embeddings.values()])
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    pca = PCA(n_components=2, svd_solver="full")
    plane = pca.fit_transform(unit.astype(np.float64))
    two = top_k(unit, unit, 2)
    # A sentence is nearest to itself; of two equal sentences either may stand first.
    itself = np.arange(len(unit))
    nearest = np.where(two[:, 0] == itself, two[:, 1], two[:, 0])
    first, second = (100 * float(share) for share in pca.explained_variance_ratio_)
    parts = np.split(plane, np.cumsum([len(rows) for rows in embeddings.values()])[:-1])
    return SentenceMap(
        dict(zip(embeddings, parts, strict=True)),
        (first, second),
        100 * float((owner[nearest] == owner).mean()),
    )
