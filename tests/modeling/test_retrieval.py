"""Retrieval and encoding: direction, ties, chunks, layers, pooling."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import AutoModel

from translit_ppa.modeling import AlignmentConfig, SentenceEncoder, encode, load_for_alignment
from translit_ppa.modeling.embedding.encoder import max_tokens
from translit_ppa.modeling.embedding.retrieval import gold_ranks, retrieval_accuracy


def brute_force_ranks(queries, targets):
    ranks = []
    for i, q in enumerate(queries):
        cosine = [q @ t / np.linalg.norm(q) / np.linalg.norm(t) for t in targets]
        ranks.append(sorted(range(len(targets)), key=lambda j: (-cosine[j], j)).index(i))
    return ranks


def test_ranks_equal_brute_force_for_any_chunk():
    generator = np.random.default_rng(0)
    queries, targets = generator.normal(size=(37, 8)), generator.normal(size=(53, 8))
    expected = brute_force_ranks(queries, targets)
    for chunk in (1, 5, 37, 1000):
        assert gold_ranks(queries, targets, chunk).tolist() == expected


def test_the_source_sentence_is_the_query():
    # Both targets lie nearest to source 0, so from target to source only one would be found.
    source = np.array([[1.0, 0.0], [0.6, 0.8]])
    target = np.array([[1.0, 0.1], [0.95, 0.3]])
    assert gold_ranks(source, target).tolist() == [0, 0]
    assert gold_ranks(target, source).tolist() == [0, 1]


def test_equal_targets_rank_in_order():
    targets = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert gold_ranks(targets, targets).tolist() == [0, 1, 0]


def test_accuracy_in_percent_over_counted_queries():
    ranks = np.array([0, 3, 7, 12])
    assert retrieval_accuracy(ranks) == {"top1": 25.0, "top5": 50.0, "top10": 75.0}
    counted = np.array([True, False, False, True])
    assert retrieval_accuracy(ranks, counted) == {"top1": 50.0, "top5": 50.0, "top10": 50.0}
    assert np.isnan(retrieval_accuracy(ranks, ~counted & False)["top1"])


@pytest.mark.parametrize("pooling", ["attended", "content"])
@pytest.mark.parametrize("layer", [0, 2, 3])
def test_encode_equals_a_plain_loop(tiny_base, tokenizer, layer, pooling):
    sentences = ["Ελλάδα και Τουρκία", "one", "one two three four five six", ""]
    encoder = SentenceEncoder.from_pretrained(
        str(tiny_base), layer=layer, pooling=pooling, batch_size=2
    )
    vectors = encoder.encode(sentences)
    assert vectors.shape == (4, 16) and vectors.dtype == np.float32
    model = AutoModel.from_pretrained(tiny_base, add_pooling_layer=False).eval()
    for sentence, vector in zip(sentences, vectors, strict=True):
        ids = tokenizer(sentence, return_tensors="pt")
        states = model(**ids, output_hidden_states=True).hidden_states[layer][0]
        kept = states if pooling == "attended" else states[1:-1]
        expected = kept.mean(dim=0) if len(kept) else torch.zeros(16)
        assert np.abs(vector - expected.detach().numpy()).max() < 1e-5
    assert len(encoder.model.base_model.encoder.layer) == 3


def test_encode_reads_layer_and_pooling_from_the_checkpoint(tiny_base, tokenizer, tmp_path):
    alignment = AlignmentConfig(layer=1, pooling="content")
    load_for_alignment(str(tiny_base), alignment).save_pretrained(tmp_path / "a")
    tokenizer.save_pretrained(tmp_path / "a")
    vectors = encode(["Greece and Turkey"], str(tmp_path / "a"))
    explicit = encode(["Greece and Turkey"], str(tiny_base), layer=1, pooling="content")
    assert np.array_equal(vectors, explicit)
    assert not np.array_equal(vectors, encode(["Greece and Turkey"], str(tiny_base)))
    assert encode([], str(tiny_base)).shape == (0, 16)


def test_long_text_is_cut_to_the_positions_of_the_model(tiny_base):
    encoder = SentenceEncoder.from_pretrained(str(tiny_base), max_length=10_000)
    assert encoder.max_length == max_tokens(encoder.model) == 512
    assert np.isfinite(encoder.encode(["one two " * 2000])).all()
