"""New pieces for romanised words: what is cut anew, and that nothing else is."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, XLMRobertaForMaskedLM, XLMRobertaModel

from tiny_models import LATIN, SENTENCES, small_config
from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.vocabulary.beginnings import begin
from translit_ppa.modeling.vocabulary.extend import extend_model, extend_tokenizer, learn_pieces

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
    with pytest.raises(AlignmentError, match=r"init is .zero.. Legal: mean, transmi"):
        begin(rows, vocabulary, [piece], "zero")


def test_other_vocabularies_are_refused(bert_tokenizer, tokenizer):
    with pytest.raises(AlignmentError, match=r"of type WordPiece cannot be extended. Legal: Unig"):
        learn_pieces(bert_tokenizer, WORDS, 3)
    with pytest.raises(AlignmentError, match="count is 0"):
        learn_pieces(tokenizer, WORDS, 0)
