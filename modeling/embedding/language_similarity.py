"""How close a model places two languages: the cosine of their mean sentence embeddings.

In: an encoder and text by language, parallel or not. Out: one vector per language.

Source: language centroids as in Libovický, Rosa and Fraser (2020), On the Language Neutrality of
Pre-trained Multilingual Representations.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .encoder import SentenceEncoder


def language_centroid(encoder: SentenceEncoder, sentences: Sequence[str]) -> np.ndarray:
    """Average the directions of some sentences' embeddings.

    Args:
        encoder: Gives layer and pooling.
        sentences: At least one.

    Returns:
        float32; each sentence counts the same, however long its vector. *Shape:* (hidden,).
    """
    embeddings = encoder.encode(sentences)
    norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return (embeddings / np.maximum(norms, np.finfo(np.float32).tiny)).mean(axis=0)


def centroid_similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Give the cosine of two centroids, -1 to 1; 0 if one of them is zero.

    Args:
        a: *Shape:* (hidden,).
        b: *Shape:* (hidden,).
    """
    norms = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(a @ b) / norms if norms else 0.0
