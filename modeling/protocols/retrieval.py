"""Sentence retrieval: for each source sentence, rank all target sentences by cosine.

Source: arXiv 2406.19759 section 4.2 (SR-B, SR-T): a query counts when its own translation is among
the top k; top-10 is what the paper reports.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

TOP_K = (1, 5, 10)


def gold_ranks(
    queries: np.ndarray, targets: np.ndarray, chunk: int = 1024, target_chunk: int = 65_536
) -> np.ndarray:
    """Rank of each query's own target among all targets, counted from 0.

    Args:
        queries: Source embeddings; row i belongs to target row i. *Shape:* (n, hidden).
        targets: Target embeddings, of a memory map too. *Shape:* (m, hidden), m >= n.
        chunk: Queries compared at a time.
        target_chunk: Targets compared at a time; with `chunk` it bounds the memory.

    Returns:
        Of equally similar targets the earlier row ranks first. *Shape:* (n,), int64.
    """
    ranks = np.zeros(len(queries), dtype=np.int64)
    for start in range(0, len(queries), chunk):
        rows = np.arange(start, min(start + chunk, len(queries)))
        q = _unit(queries[rows])
        gold = np.empty((len(rows), 1), dtype=np.result_type(queries, targets))
        # The gold similarity comes out of the same product as the others, so that equal vectors
        # compare as equal.
        for first, similarity in _similarities(q, targets, target_chunk):
            inside = np.flatnonzero((rows >= first) & (rows < first + similarity.shape[1]))
            gold[inside, 0] = similarity[inside, rows[inside] - first]
            if first + similarity.shape[1] > rows[-1]:
                break
        for first, similarity in _similarities(q, targets, target_chunk):
            columns = np.arange(first, first + similarity.shape[1])
            earlier_tie = (similarity == gold) & (columns[None, :] < rows[:, None])
            ranks[rows] += ((similarity > gold) | earlier_tie).sum(axis=1)
    return ranks


def top_k(
    queries: np.ndarray,
    targets: np.ndarray,
    k: int = 10,
    chunk: int = 1024,
    target_chunk: int = 65_536,
) -> np.ndarray:
    """The k targets nearest to each query by cosine, exactly, without the whole matrix.

    Args:
        queries: *Shape:* (n, hidden).
        targets: *Shape:* (m, hidden), m >= k.
        k: How many.
        chunk: Queries compared at a time.
        target_chunk: Targets compared at a time; with `chunk` it bounds the memory: the defaults
            need less than 1 GiB besides the embeddings.

    Returns:
        Rows of targets, nearest first; of equally similar ones the earlier. *Shape:* (n, k).
    """
    found = np.empty((len(queries), k), dtype=np.int64)
    for start in range(0, len(queries), chunk):
        rows = slice(start, min(start + chunk, len(queries)))
        q = _unit(queries[rows])
        best = [(np.empty(0, dtype=q.dtype), np.empty(0, dtype=np.int64)) for _ in q]
        for first, similarity in _similarities(q, targets, target_chunk):
            width = similarity.shape[1]
            kth = np.partition(similarity, max(width - k, 0), axis=1)[:, max(width - k, 0)]
            for row, (values, places) in enumerate(best):
                near = np.flatnonzero(similarity[row] >= kth[row])
                values = np.concatenate([values, similarity[row, near]])
                places = np.concatenate([places, near + first])
                order = np.argsort(-values, kind="stable")[:k]
                best[row] = (values[order], places[order])
        found[rows] = [places for _, places in best]
    return found


def _similarities(
    q: np.ndarray, targets: np.ndarray, target_chunk: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Cosines of unit queries with some targets at a time, and the first target's row."""
    for first in range(0, len(targets), target_chunk):
        yield first, q @ _unit(targets[first : first + target_chunk]).T


def retrieval_accuracy(ranks: np.ndarray, counted: np.ndarray | None = None) -> dict[str, float]:
    """Share of queries whose own target is among the top 1, 5 and 10, in percent.

    Args:
        ranks: From `gold_ranks`. *Shape:* (n,).
        counted: Which queries count. *Shape:* (n,), bool. None: all.

    Returns:
        `top1`, `top5`, `top10`; not a number when no query counts.
    """
    kept = ranks if counted is None else ranks[counted]
    return {f"top{k}": float((kept < k).mean() * 100) if len(kept) else float("nan") for k in TOP_K}


def _unit(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: np.ndarray = vectors / np.maximum(norms, 1e-12)
    return unit
