"""Vocabulary use counted by hand: pieces, unknown tokens, words, characters."""

from __future__ import annotations

import numpy as np
import pytest

from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.embedding.language_similarity import (
    centroid_similarity,
    language_centroid,
)
from translit_ppa.modeling.vocabulary.usage import vocabulary_use

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁ab", "▁a", "a", "b", "<mask>"]


@pytest.fixture(scope="module")
def small():
    from transformers import XLMRobertaTokenizer

    scores = {"▁ab": -1.0, "▁a": -3.0}
    return XLMRobertaTokenizer(vocab=[(piece, scores.get(piece, -4.0)) for piece in PIECES])


def test_counts_of_two_sentences(small):
    # "ab abb" is ▁ab ▁ab b; "ж  ab" is ▁ <unk> ▁ab: one letter of three is not covered.
    use = vocabulary_use(small, ["ab abb", "ж  ab"])
    assert small.convert_ids_to_tokens(sorted(use.piece_ids)) == ["▁", "▁ab", "b"]
    assert use.counts() == {
        "pieces": 3,
        "tokens": 6,
        "unknown": 1,
        "words": 4,
        "characters": 8,
        "uncovered": 1,
    }


def test_unknown_characters_in_a_row_are_one_token_and_all_uncovered(small):
    use = vocabulary_use(small, ["aжжжb"])
    assert (use.unknown, use.uncovered, use.characters) == (1, 3, 5)


def test_batches_and_sums_change_nothing(small):
    sentences = ["ab", "a b", "", "жab", "abab"]
    whole = vocabulary_use(small, sentences)
    assert vocabulary_use(small, sentences, batch_size=2) == whole
    parts = [vocabulary_use(small, [sentence]) for sentence in sentences]
    total = parts[0]
    for part in parts[1:]:
        total += part
    assert total == whole
    assert sum(len(part.piece_ids) for part in parts) > len(whole.piece_ids)


def test_special_tokens_spelt_out_are_no_pieces(small):
    use = vocabulary_use(small, ["ab <mask>"])
    assert "<mask>" not in small.convert_ids_to_tokens(sorted(use.piece_ids))
    assert use.unknown == 0


def test_nothing_is_truncated(small):
    assert vocabulary_use(small, ["ab " * 700]).tokens == 700


def test_a_slow_tokenizer_is_refused(small, monkeypatch):
    monkeypatch.setattr(type(small), "is_fast", False)
    with pytest.raises(AlignmentError, match="gives no offsets"):
        vocabulary_use(small, ["ab"])


class FakeEncoder:
    """Two directions, of which the second sentence's vector is ten times as long."""

    def encode(self, sentences):
        rows = {"x": [3.0, 0.0], "y": [0.0, 30.0], "zero": [0.0, 0.0]}
        return np.array([rows[s] for s in sentences], dtype=np.float32)


def test_a_centroid_averages_directions():
    centroid = language_centroid(FakeEncoder(), ["x", "y"])
    assert centroid.tolist() == [0.5, 0.5]
    only_x = language_centroid(FakeEncoder(), ["x", "x"])
    assert centroid_similarity(centroid, only_x) == pytest.approx(0.5**0.5)
    assert centroid_similarity(centroid, centroid) == pytest.approx(1.0)
    assert centroid_similarity(centroid, language_centroid(FakeEncoder(), ["zero"])) == 0.0
