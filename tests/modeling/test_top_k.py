"""Exact nearest targets in chunks: the same as a full sort, in bounded memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from translit_ppa.modeling.embedding.retrieval import gold_ranks, top_k


def brute_force(queries, targets, k):
    unit = [m / np.linalg.norm(m, axis=1, keepdims=True) for m in (queries, targets)]
    similarity = unit[0] @ unit[1].T
    return np.argsort(-similarity, axis=1, kind="stable")[:, :k]


@pytest.mark.parametrize(("chunk", "target_chunk"), [(1024, 65_536), (3, 7), (10, 1), (4, 50)])
def test_chunks_change_nothing(chunk, target_chunk):
    draw = np.random.default_rng(0)
    # Small whole numbers as doubles: cosines of multiples are equal, and ties are real.
    queries, targets = draw.normal(size=(20, 6)), draw.normal(size=(50, 6))
    expected = brute_force(queries, targets, 5)
    assert (top_k(queries, targets, 5, chunk, target_chunk) == expected).all()
    full = brute_force(queries, targets, 50)
    ranks = [int(np.flatnonzero(full[i] == i)[0]) for i in range(20)]
    assert gold_ranks(queries, targets, chunk, target_chunk).tolist() == ranks


def test_equal_targets_rank_by_row_across_chunks():
    targets = np.eye(4)[[0, 1, 0, 1, 0, 2, 3, 0]]
    queries = np.eye(4)[[0, 1, 0, 1]]
    for target_chunk in (1, 2, 3, 8):
        assert top_k(queries, targets, 3, 2, target_chunk)[:2].tolist() == [[0, 2, 4], [1, 3, 0]]
        assert gold_ranks(queries, targets, 2, target_chunk).tolist() == [0, 0, 1, 1]


def test_memory_is_bounded_by_the_chunks():
    draw = np.random.default_rng(0)
    queries = draw.normal(size=(100, 4)).astype(np.float32)
    targets = draw.normal(size=(60_000, 4)).astype(np.float32)
    tracemalloc.start()
    top_k(queries, targets, 10, 100, 1_000, use_faiss=False)
    gold_ranks(queries, targets, 100, 1_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The whole matrix would be 24 MB; a chunk of it is 0.4 MB.
    assert peak < 4e6


@pytest.mark.slow
def test_a_thousand_queries_against_a_million_targets_within_2_gib():
    draw = np.random.default_rng(0)
    queries = draw.normal(size=(1_000, 8)).astype(np.float32)
    targets = draw.normal(size=(1_000_000, 8)).astype(np.float32)
    targets[:1_000] = queries
    tracemalloc.start()
    ranks = gold_ranks(queries, targets)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 2**30
    assert (ranks < 3).all()


@pytest.mark.parametrize("target_chunk", [16_384, 300, 64])
def test_ties_among_many_targets_go_to_the_earlier(target_chunk):
    draw = np.random.default_rng(0)
    # A few directions, many times each: nearly every similarity is a tie, at the edge too.
    directions = np.eye(8)[draw.integers(0, 8, 1_000)]
    queries = np.concatenate([np.eye(8), draw.normal(size=(5, 8))])
    expected = brute_force(queries, directions, 10)
    assert (top_k(queries, directions, 10, target_chunk=target_chunk) == expected).all()
