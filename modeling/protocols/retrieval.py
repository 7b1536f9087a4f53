"""Sentence retrieval: for each source sentence, rank all target sentences by cosine.

Source: arXiv 2406.19759 section 4.2 (SR-B, SR-T): a query counts when its own translation is among
the top k; top-10 is what the paper reports.
"""

from __future__ import annotations

import numpy as np

TOP_K = (1, 5, 10)


def gold_ranks(queries: np.ndarray, targets: np.ndarray, chunk: int = 1024) -> np.ndarray:
    """Rank of each query's own target among all targets, counted from 0.

    Args:
        queries: Source embeddings; row i belongs to target row i. *Shape:* (n, hidden).
        targets: Target embeddings. *Shape:* (m, hidden), m >= n.
        chunk: Queries compared at a time; bounds memory to chunk x m floats.

    Returns:
        Of equally similar targets the earlier row ranks first. *Shape:* (n,), int64.
    """
    q, t = _unit(queries), _unit(targets)
    ranks = np.empty(len(q), dtype=np.int64)
    columns = np.arange(len(t))
    for start in range(0, len(q), chunk):
        rows = np.arange(start, min(start + chunk, len(q)))
        similarity = q[rows] @ t.T
        gold = similarity[np.arange(len(rows)), rows][:, None]
        earlier_tie = (similarity == gold) & (columns[None, :] < rows[:, None])
        ranks[rows] = ((similarity > gold) | earlier_tie).sum(axis=1)
    return ranks


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
