"""Sentence retrieval: for each source sentence, rank all target sentences by cosine.

Source: arXiv 2406.19759 section 4.2 (SR-B, SR-T): a query counts when its own translation is among
the top k; top-10 is what the paper reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
import torch

TOP_K = (1, 5, 10)
BLOCK = 64


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
    target_chunk: int = 16_384,
    use_faiss: bool | None = None,
) -> np.ndarray:
    """The k targets nearest to each query by cosine, exactly, without the whole matrix.

    Args:
        queries: *Shape:* (n, hidden).
        targets: *Shape:* (m, hidden), m >= k.
        k: How many.
        chunk: Queries compared at a time.
        target_chunk: Targets compared at a time; with `chunk` it bounds the memory: the defaults
            need less than 1 GiB besides the embeddings, and faiss's index a copy of the targets.
        use_faiss: Search with faiss's flat index; None: where it is installed and the embeddings
            are float32.

    Returns:
        Rows of targets, nearest first; of equally similar ones the earlier. *Shape:* (n, k).
    """
    if use_faiss is None:
        single = queries.dtype == targets.dtype == np.float32
        use_faiss = single and find_spec("faiss") is not None
    if use_faiss:
        return _faiss_top_k(queries, targets, k, chunk, target_chunk)
    found = np.empty((len(queries), k), dtype=np.int64)
    for start in range(0, len(queries), chunk):
        stop = min(start + chunk, len(queries))
        values = torch.empty(stop - start, 0)
        places = torch.empty(stop - start, 0, dtype=torch.long)
        for first, similarity in _similarities(_unit(queries[start:stop]), targets, target_chunk):
            more, where = _largest(torch.from_numpy(similarity), k)
            values, places = torch.cat([values, more], 1), torch.cat([places, where + first], 1)
            # By place, and then by value without upsetting that: of equal values the earlier.
            places, order = places.sort(dim=1)
            values, order = values.gather(1, order).sort(dim=1, descending=True, stable=True)
            values, places = values[:, :k], places.gather(1, order)[:, :k]
        found[start:stop] = places.numpy()
    return found


def _largest(similarity: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The k largest of each row and their columns; of equal ones at the edge the earliest."""
    width = similarity.shape[1]
    if width > BLOCK * (k + 1):
        # The largest lie in the blocks of columns with the largest maxima: one fast pass finds
        # those, and topk then looks at little.
        if width % BLOCK:
            padding = (0, -width % BLOCK)
            similarity = torch.nn.functional.pad(similarity, padding, value=-torch.inf)
        blocks = similarity.unflatten(1, (-1, BLOCK))
        best = blocks.amax(dim=2).topk(k + 1, dim=1).indices
        inside = blocks.gather(1, best[:, :, None].expand(-1, -1, BLOCK)).flatten(1)
        values, places = inside.topk(k + 1, dim=1)
        columns = best.gather(1, places // BLOCK) * BLOCK + places % BLOCK
    else:
        values, columns = similarity.topk(min(k + 1, width), dim=1)
    if values.shape[1] > k:
        # Which of equal values topk takes is left open: such rows are sorted in full.
        for row in (values[:, k - 1] == values[:, k]).nonzero().flatten().tolist():
            ordered = similarity[row].sort(descending=True, stable=True)
            values[row], columns[row] = ordered.values[: k + 1], ordered.indices[: k + 1]
    return values[:, :k], columns[:, :k]


def _faiss_top_k(
    queries: np.ndarray, targets: np.ndarray, k: int, chunk: int, target_chunk: int
) -> np.ndarray:
    """Search with a flat index; queries with ties at the edge are searched again without it."""
    import faiss

    index = faiss.IndexFlatIP(targets.shape[1])
    for start in range(0, len(targets), target_chunk):
        index.add(_unit(targets[start : start + target_chunk]))
    asked = min(k + 1, len(targets))
    values, places = index.search(_unit(queries), asked)
    order = np.lexsort((places, -values), axis=1)
    values = np.take_along_axis(values, order, axis=1)
    found: np.ndarray = np.take_along_axis(places, order, axis=1)[:, :k].astype(np.int64)
    if asked > k:
        tied = np.flatnonzero(values[:, k] == values[:, k - 1])
        if len(tied):
            found[tied] = top_k(queries[tied], targets, k, chunk, target_chunk, use_faiss=False)
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


def mean_cosines(
    queries: np.ndarray, targets: np.ndarray, counted: np.ndarray
) -> dict[str, float] | None:
    """How close queries are to their own targets, and to all others.

    Vectors that lie in a narrow cone are all close: only the difference tells something.

    Args:
        queries: Row i belongs to target row i. *Shape:* (n, hidden).
        targets: *Shape:* (n, hidden).
        counted: Which queries count. *Shape:* (n,), bool.

    Returns:
        `matched` and `random`, mean cosines over the queries that count, -1 to 1; None where there
        is no other target, or none counts.

    Source:
        Liu et al. 2024, "How Transliterations Improve Crosslingual Alignment", arXiv 2409.17326;
        there random pairs are drawn, here all are taken.
    """
    if len(targets) < 2 or not counted.any():
        return None
    q, t = (_unit(vectors.astype(np.float64)) for vectors in (queries[counted], targets))
    matched = np.einsum("ij,ij->i", q, t[counted])
    others = (q @ t.sum(axis=0) - matched) / (len(t) - 1)
    return {"matched": float(matched.mean()), "random": float(others.mean())}


def _unit(vectors: np.ndarray) -> np.ndarray:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    unit: np.ndarray = vectors * (1 / np.maximum(norms, 1e-12))[:, None]
    return unit
