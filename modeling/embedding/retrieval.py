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
        best = _Best(stop - start, k)
        for first, similarity in _similarities(_unit(queries[start:stop]), targets, target_chunk):
            best.update(similarity, first)
        found[start:stop] = best.places.reshape(-1, k)
    return found


class _Best:
    """The k largest values of each row so far, sorted by row, value and place.

    Of a chunk, only blocks of columns whose maximum beats a row's k-th value so far can matter. One
    fast pass finds these maxima; hardly any block is left to be looked into.
    """

    def __init__(self, rows: int, k: int) -> None:
        self.k = k
        self.rows = self.places = np.empty(0, dtype=np.int64)
        self.values = np.empty(0)
        self._kth = np.full(rows, -np.inf)

    def update(self, similarity: np.ndarray, first: int) -> None:
        """Take in the similarities with some more targets, of which `first` is the first."""
        missing = -similarity.shape[1] % BLOCK
        if missing:
            similarity = np.pad(similarity, ((0, 0), (0, missing)), constant_values=-np.inf)
        blocks = similarity.reshape(len(similarity), -1, BLOCK)
        maxima = torch.from_numpy(blocks).amax(dim=2).numpy()
        # Equal values count only where they come first: later ones must be larger.
        least = np.nextafter(self._kth, np.inf)
        if maxima.shape[1] > self.k:  # k blocks hold k values at least as large as this
            cut = maxima.shape[1] - self.k
            least = np.maximum(least, np.partition(maxima, cut, axis=1)[:, cut])
        row, block = np.nonzero(maxima >= least[:, None])
        values = blocks[row, block]
        kept, column = np.nonzero((values >= least[row, None]) & (values > -np.inf))
        rows = np.concatenate([self.rows, row[kept]])
        values = np.concatenate([self.values, values[kept, column]])
        places = np.concatenate([self.places, first + block[kept] * BLOCK + column])
        order = np.lexsort((places, -values, rows))
        rows, values, places = rows[order], values[order], places[order]
        counts = np.bincount(rows, minlength=len(similarity))
        rank = np.arange(len(rows)) - (np.cumsum(counts) - counts)[rows]
        top = rank < self.k
        self._kth[rows[rank == self.k - 1]] = values[rank == self.k - 1]
        self.rows, self.values, self.places = rows[top], values[top], places[top]


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


def _unit(vectors: np.ndarray) -> np.ndarray:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    unit: np.ndarray = vectors * (1 / np.maximum(norms, 1e-12))[:, None]
    return unit
