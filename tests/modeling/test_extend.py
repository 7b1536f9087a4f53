"""New pieces for romanised words: what is cut anew, and that nothing else is."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis.strategies import lists, sampled_from
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, XLMRobertaForMaskedLM, XLMRobertaModel

from tiny_models import LATIN, SENTENCES, small_config
from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.training.stand_in import train_tokenizer
from translit_ppa.modeling.vocabulary.beginnings import begin
from translit_ppa.modeling.vocabulary.extend import (
    NewPiece,
    extend_model,
    extend_tokenizer,
    learn_pieces,
)
from translit_ppa.modeling.vocabulary.focus import mixtures, sparsemax
from translit_ppa.modeling.vocabulary.trim import kept_pieces, pieces_of, trim_tokenizer

ROMANISED = ["Ellada kai Tourkia", "yvn vtvrqyh", "giric ina turc", "alywnan wtrkya"] * 3
WORDS = Counter(f" {word}" for text in ROMANISED for word in text.split())
ORIGINALS = [text for text in SENTENCES if not text.isascii()]


@pytest.fixture(scope="session")
def byte_level():
    """A tokenizer as ModernBERT's: byte-level BPE."""
    backend = Tokenizer(models.BPE(unk_token=None))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]"],
        show_progress=False,
    )
    backend.train_from_iterator(SENTENCES * 3, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, unk_token="[UNK]", pad_token="[PAD]", mask_token="[MASK]"
    )


@pytest.fixture(params=["unigram", "byte_level"])
def either(request, tokenizer, byte_level):
    return tokenizer if request.param == "unigram" else byte_level


def cut(tokenizer, texts):
    return tokenizer(list(texts), add_special_tokens=False)["input_ids"]


def test_romanised_words_take_fewer_pieces_and_originals_the_same(either):
    learnt = learn_pieces(either, WORDS, 40)
    assert len(learnt) == 40 and len({piece.text for piece in learnt}) == 40
    extended, added = extend_tokenizer(either, learnt)
    assert added == learnt and len(extended) == len(either) + 40
    before, after = (sum(map(len, cut(t, ROMANISED))) for t in (either, extended))
    assert after < 0.75 * before
    assert cut(extended, ORIGINALS) == cut(either, ORIGINALS)
    assert [extended.decode(ids).split() for ids in cut(extended, LATIN)] == [
        either.decode(ids).split() for ids in cut(either, LATIN)
    ]
    assert extended.get_vocab() | either.get_vocab() == extended.get_vocab(), "old ids stay"


def test_what_kept_text_would_use_is_left_out(either):
    keep = ["kai turc", *SENTENCES]
    learnt = learn_pieces(either, WORDS, 40)
    whole, _ = extend_tokenizer(either, learnt)
    assert cut(whole, keep) != cut(either, keep)
    extended, added = extend_tokenizer(either, learnt, keep)
    assert 0 < len(added) < 40
    assert cut(extended, keep) == cut(either, keep)
    known = {*either.get_vocab(), *(piece.text for piece in added)}
    assert all({piece.left, piece.right} <= known for piece in added)


def test_states_of_other_text_are_the_same(tokenizer):
    torch.manual_seed(0)
    model = XLMRobertaForMaskedLM(small_config(tokenizer)).eval()
    rows = model.get_input_embeddings().weight.detach().clone()
    batch = tokenizer(ORIGINALS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        before = model(**batch, output_hidden_states=True)
    extended, added = extend_tokenizer(tokenizer, learn_pieces(tokenizer, WORDS, 10))
    vocabulary = tokenizer.get_vocab()
    vectors, _ = begin(rows, vocabulary, added, "mean")
    biases, _ = begin(model.lm_head.bias.detach(), vocabulary, added, "mean")
    extend_model(model, len(tokenizer), vectors, biases)
    with torch.inference_mode():
        again = extended(ORIGINALS, padding=True, return_tensors="pt")
        after = model(**again, output_hidden_states=True)
    assert torch.equal(again["input_ids"], batch["input_ids"])
    for one, other in zip(before.hidden_states, after.hidden_states, strict=True):
        assert torch.equal(one, other)
    old = len(tokenizer)
    assert after.logits.shape[-1] == model.config.vocab_size == old + 10
    assert torch.allclose(after.logits[..., :old], before.logits, atol=1e-6)
    assert model.lm_head.decoder.weight is model.get_input_embeddings().weight
    first = [vocabulary[piece] for piece in added[0].old]
    assert torch.allclose(model.get_input_embeddings().weight[old], rows[first].mean(0), atol=1e-6)


def test_rows_that_lie_unused_behind_the_vocabulary_are_taken(tokenizer):
    config = small_config(tokenizer)
    config.vocab_size += 35
    model = XLMRobertaModel(config, add_pooling_layer=False)
    extend_model(model, len(tokenizer), torch.ones(4, 16), torch.zeros(4))
    assert len(model.embeddings.word_embeddings.weight) == config.vocab_size == len(tokenizer) + 35
    assert (model.embeddings.word_embeddings.weight[len(tokenizer) :][:4] == 1).all()


def test_transmi_begins_at_the_pieces_that_are_romanised_so(tokenizer):
    vocabulary = {"▁και": 0, "▁ka": 1, "i": 2, "כאי": 3}
    rows = torch.tensor([[4.0], [1.0], [3.0], [9.0]])
    (piece,) = [
        type("P", (), {"text": "▁kai", "old": ("▁ka", "i")})(),
    ]
    romanised = {"και": "kai", "כאי": "kai"}
    found, met = begin(rows, vocabulary, [piece], "transmi", romanised)
    assert (found.item(), met) == (4.0, 1)  # the one inside a word is another
    found, met = begin(rows, vocabulary, [piece], "mean")
    assert (found.item(), met) == (2.0, 0)
    with pytest.raises(AlignmentError, match=r"init is .zero.. Legal: mean, transmi, focus"):
        begin(rows, vocabulary, [piece], "zero")


def test_sparsemax_is_the_nearest_point_of_the_simplex():
    found = sparsemax(torch.tensor([[0.5, 0.4, -1.0], [3.0, 1.0, 0.0], [0.2, 0.2, 0.2]]))
    expected = [[0.55, 0.45, 0.0], [1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]]
    assert torch.allclose(found, torch.tensor(expected))


def test_focus_begins_at_old_pieces_that_stand_in_like_places():
    """Piece 9 is new, and stands wherever 1 does; 8 is new, and stands nowhere."""
    draw = random.Random(0)
    sentences = [[draw.choice((1, 9)), 2, 3] for _ in range(200)]
    sentences += [[draw.choice((4, 5)), 6, 7] for _ in range(200)]
    none, (ids, weights) = mixtures(sentences, 8, 2)
    assert none is None
    assert ids.tolist()[weights.argmax()] == 1 and weights.sum().item() == pytest.approx(1)
    assert mixtures(sentences, 8, 2)[1][1].tolist() == weights.tolist(), "the same every time"
    rows = torch.eye(8)
    pieces = [NewPiece(text, text[0], text[1], (text[0], text[1]), 2) for text in ("ab", "cd")]
    vocabulary = {letter: place for place, letter in enumerate("abcdefgh")}
    found, met = begin(rows, vocabulary, pieces, "focus", None, [none, (ids, weights)])
    assert met == 1 and found[0].tolist() == [0.5, 0.5, 0, 0, 0, 0, 0, 0]
    assert torch.allclose(found[1][ids], weights) and found[1].sum().item() == pytest.approx(1)


def names(tokenizer, texts):
    return [tokenizer.convert_ids_to_tokens(ids) for ids in cut(tokenizer, texts)]


def test_trimming_first_or_extending_first_cuts_text_alike(either):
    def trimmed(whole):
        return trim_tokenizer(whole, kept_pieces(whole, pieces_of(whole, texts)))

    def extended(whole):
        return extend_tokenizer(whole, learn_pieces(whole, WORDS, 30), ORIGINALS)[0]

    texts = [*ORIGINALS, *ROMANISED]
    small, large = trimmed(either), extended(either)
    assert len(small) < len(either) < len(large)
    ways = [extended(small), trimmed(large)]
    for way in ways:
        assert names(way, ORIGINALS) == names(either, ORIGINALS)
        assert names(way, ROMANISED) == names(large, ROMANISED) != names(either, ROMANISED)
    assert len(ways[1]) < len(large)


@pytest.fixture(scope="module")
def before_and_after(tokenizer, byte_level):
    return [
        (old, extend_tokenizer(old, learn_pieces(old, WORDS, 40))[0])
        for old in (tokenizer, byte_level)
    ]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(words=lists(sampled_from([*" ".join(ORIGINALS).split(), *" ".join(ROMANISED).split()])))
def test_words_without_latin_letters_keep_their_pieces_in_any_text(before_and_after, words):
    text = " ".join(words)
    for old, new in before_and_after:
        assert others(new, text) == others(old, text)


def others(tokenizer, text):
    """Where and as what the words without the letters a to z are cut."""
    told = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    found = []
    spans = [match.span() for match in re.finditer(r"\s*\S+", text)]  # a space belongs to its word
    for piece, (start, end) in zip(told["input_ids"], told["offset_mapping"], strict=True):
        inside = [text[a:b] for a, b in spans if a < end and start < b]
        if not any(re.search("[A-Za-z]", unicodedata.normalize("NFKC", w)) for w in inside):
            found.append((start, end, piece))
    return found


def test_real_originals_keep_the_pieces_of_words_without_latin_letters(shared_data):
    """Half of the text to learn from, half held out; what changes there are Latin words alone."""
    from translit_ppa.data_builders import get_transliterator

    romanise = get_transliterator("uroman")
    learnt_from, held_out = [], []
    for path in sorted(shared_data.glob("sib200/*/dev.tsv")):
        code = path.parent.name
        rows = [line.split("\t")[-1] for line in path.read_text("utf-8").splitlines()[1:]]
        if not code.endswith("Latn"):
            held_out += rows[1::2]
            learnt_from += zip(rows[::2], romanise(rows[::2], code), strict=True)
    old = train_tokenizer([side for pair in learnt_from for side in pair], pieces=3000)
    words = Counter(f" {word}" for _, latin in learnt_from for word in latin.split())
    new, added = extend_tokenizer(
        old, learn_pieces(old, words, 1000), [original for original, _ in learnt_from]
    )
    assert len(added) > 500
    changed = [t for t in held_out if cut(new, [t]) != cut(old, [t])]
    assert 0 < len(changed) < 0.1 * len(held_out)
    for text in held_out:
        assert others(new, text) == others(old, text), text


def test_other_vocabularies_are_refused(bert_tokenizer, tokenizer):
    with pytest.raises(AlignmentError, match=r"of type WordPiece cannot be extended. Legal: Unig"):
        learn_pieces(bert_tokenizer, WORDS, 3)
    with pytest.raises(AlignmentError, match="count is 0"):
        learn_pieces(tokenizer, WORDS, 0)
