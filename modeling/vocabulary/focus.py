"""FOCUS: a new piece begins at a weighted mean of old pieces that stand in like places of text.

Every piece gets an auxiliary vector from the text alone, cut with the new pieces; a new piece is
compared with the old ones in that space, sparsemax of the cosines gives the weights, and most of
them are 0. The paper trains fastText for the auxiliary vectors. Here they are positive pointwise
mutual information with the pieces around, brought down by a singular value decomposition, which
word2vec's vectors come close to: no further library, and the same text gives the same vectors.

Source: Dobler and de Melo 2023, arXiv 2305.14481. Auxiliary vectors: Levy and Goldberg 2014; Levy
et al. 2015 (contexts to the power 0.75, singular values to the power 0.5). Sparsemax: Martins and
Astudillo 2016, arXiv 1602.02068.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

__all__ = ["Mixture", "mixtures"]

DIMENSIONS = 300
"""Of auxiliary vectors, as in the paper; fewer where there are fewer pieces."""
WINDOW = 5
"""How far apart two pieces are that count as together."""
SMOOTHING = 0.75
CHUNK = 256

Mixture = tuple[torch.Tensor, torch.Tensor]
"""Ids of old pieces, and their weights, which add up to 1."""


def mixtures(sentences: Sequence[Sequence[int]], first: int, count: int) -> list[Mixture | None]:
    """Say which old pieces each new one is mixed of.

    Args:
        sentences: Ids of romanised text, cut with the new pieces.
        first: Id of the first new piece; they follow one another.
        count: How many there are.

    Returns:
        One for each new piece; None for a piece that the text does not use.
    """
    ids, vectors = _auxiliary(sentences)
    places = {int(piece): row for row, piece in enumerate(ids)}
    old = torch.from_numpy(np.flatnonzero(ids < first))
    found: list[Mixture | None] = [None] * count
    new = [n for n in range(count) if first + n in places]
    if not len(old):
        return found
    known = torch.from_numpy(ids)[old]
    for start in range(0, len(new), CHUNK):
        some = new[start : start + CHUNK]
        rows = torch.tensor([places[first + n] for n in some])
        weights = sparsemax(vectors[rows] @ vectors[old].T)
        for n, row in zip(some, weights, strict=True):
            kept = row.nonzero().flatten()
            found[n] = known[kept], row[kept]
    return found


def sparsemax(scores: torch.Tensor) -> torch.Tensor:
    """Project each row onto the probabilities. *Shape:* (rows, columns), as it was."""
    ordered = scores.sort(dim=1, descending=True).values
    sums = ordered.cumsum(dim=1) - 1
    counts = torch.arange(1, scores.shape[1] + 1, dtype=scores.dtype)
    kept = (ordered * counts > sums).sum(dim=1, keepdim=True)
    threshold = sums.gather(1, kept - 1) / kept
    return (scores - threshold).clamp(min=0)


def _auxiliary(sentences: Sequence[Sequence[int]]) -> tuple[np.ndarray, torch.Tensor]:
    """Return the ids that occur, ascending, and their unit vectors. *Shape:* (ids, dimensions)."""
    flat = np.fromiter((piece for row in sentences for piece in row), dtype=np.int64)
    owner = np.repeat(np.arange(len(sentences)), [len(row) for row in sentences])
    ids, places = np.unique(flat, return_inverse=True)
    size = len(ids)
    keys = [
        places[:-apart][same] * size + places[apart:][same]
        for apart in range(1, WINDOW + 1)
        for same in [owner[:-apart] == owner[apart:]]
    ]
    pairs, counts = np.unique(np.concatenate([*keys, flat[:0]]), return_counts=True)
    one, other = np.divmod(pairs, size) if size else (pairs, pairs)
    # Both ways: a piece is context of what stands before it and of what stands behind.
    one, other = np.concatenate([one, other]), np.concatenate([other, one])
    together = torch.sparse_coo_tensor(
        torch.from_numpy(np.stack([one, other])),
        torch.from_numpy(np.concatenate([counts, counts])).double(),
        (size, size),
    ).coalesce()
    if not together.values().numel():
        return ids, torch.zeros(size, 1)
    totals = together.sum(dim=1).to_dense()
    contexts = totals**SMOOTHING
    contexts = contexts / contexts.sum()
    (rows, columns), found = together.indices(), together.values()
    information = (found / (totals[rows] * contexts[columns])).log().clamp(min=0)
    matrix = torch.sparse_coo_tensor(together.indices(), information, (size, size))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # of the method's random beginning
        left, values, _ = torch.svd_lowrank(matrix, q=min(DIMENSIONS, size), niter=4)
    return ids, torch.nn.functional.normalize(left * values.sqrt(), dim=1).float()
