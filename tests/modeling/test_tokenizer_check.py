"""A tokenizer that was silently broken is an error with a line; a whole one passes."""

from __future__ import annotations

import io
import json

import pytest
from sentencepiece import SentencePieceTrainer
from transformers import (
    AutoConfig,
    AutoTokenizer,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaTokenizer,
)

from tiny_models import LATIN, SENTENCES
from translit_ppa.modeling import AlignmentError, SentenceEncoder
from translit_ppa.modeling.checkpoints.tokenizer_check import (
    SENTENCEPIECE,
    carry_sentencepiece,
    check_tokenizer,
)

CONFIG = XLMRobertaConfig()


def checked(folder, rows=None, config=CONFIG, by_its_file=False):
    """Open and check; XLM-R's own class mends some of what a `tokenizer.json` has wrong."""
    if by_its_file:
        names = {
            "cls_token": "<s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
        }
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), **names)
    else:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    check_tokenizer(config, rows or len(tokenizer), tokenizer, str(folder))
    return tokenizer


@pytest.fixture
def folder(tmp_path, tokenizer):
    tokenizer.save_pretrained(tmp_path / "t")
    return tmp_path / "t"


def change(folder, edit):
    path = folder / "tokenizer.json"
    state = json.loads(path.read_text("utf-8"))
    edit(state)
    path.write_text(json.dumps(state), "utf-8")


def test_whole_tokenizers_pass(folder, bert_tokenizer, tiny_base):
    checked(folder)
    check_tokenizer(XLMRobertaConfig(pad_token_id=0), len(bert_tokenizer), bert_tokenizer, "bert")
    SentenceEncoder.from_pretrained(str(tiny_base))


def test_far_fewer_pieces_than_embeddings(folder):
    with pytest.raises(AlignmentError, match=r"pieces, the model 250,002 embeddings"):
        checked(folder, rows=250_002)


def test_another_padding(folder):
    with pytest.raises(AlignmentError, match=r"<pad> is 1 in the tokenizer and 3 in config.json"):
        checked(folder, config=XLMRobertaConfig(pad_token_id=3))


def test_settings_of_another_type(folder):
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text("utf-8")) | {"model_max_length": {}}
    path.write_text(json.dumps(settings), "utf-8")
    with pytest.raises(AlignmentError, match=r"cannot read 'a' .*and tokenizer_config\.json"):
        checked(folder)


def test_a_lost_frame(folder):
    change(folder, lambda state: state.update(post_processor=None))
    with pytest.raises(AlignmentError, match=r"has <s> and </s>, but reads 'a' as"):
        checked(folder, by_its_file=True)


def test_spaces_that_are_no_pieces(folder):
    """Without the rule that makes a space a piece, every text has unknown tokens."""
    change(folder, lambda state: state.update(pre_tokenizer=None, normalizer=None))
    with pytest.raises(AlignmentError, match=r"is broken: it has the characters of 'language "):
        checked(folder, by_its_file=True)


def test_pieces_in_another_order(folder):
    """Scores that were lost in a conversion change how text is cut, not what comes back."""

    def edit(state):
        vocabulary = state["model"]["vocab"]
        state["model"]["vocab"] = [[piece, -1.0 - i] for i, (piece, _) in enumerate(vocabulary)]

    change(folder, edit)
    checked(folder)  # of itself it can be told by nothing


FRAMES = {
    "xlm-roberta": {},
    "deberta-v2": {
        "pad_id": 0,
        "bos_id": 1,
        "eos_id": 2,
        "unk_id": 3,
        "pad_piece": "[PAD]",
        "bos_piece": "[CLS]",
        "eos_piece": "[SEP]",
        "unk_piece": "[UNK]",
    },
}


@pytest.fixture(params=list(FRAMES))
def with_model(tmp_path, request):
    """An XLM-R or mDeBERTa tokenizer made from a SentencePiece model, both in one folder."""
    text = [*SENTENCES, *LATIN, "language γλώσσα שפה ቋንቋ لغة"] * 20
    file = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(text),
        model_writer=file,
        vocab_size=150,
        character_coverage=1.0,
        hard_vocab_limit=False,
        minloglevel=2,
        **FRAMES[request.param],
    )
    folder = tmp_path / "spm"
    folder.mkdir()
    name = SENTENCEPIECE[list(FRAMES).index(request.param)]
    (folder / name).write_bytes(file.getvalue())
    (folder / "config.json").write_text(json.dumps({"model_type": request.param}), "utf-8")
    AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
    return folder


def test_the_sentencepiece_model_is_asked_too(with_model, tmp_path):
    tokenizer = checked(with_model, config=AutoConfig.from_pretrained(with_model))
    (tmp_path / "out").mkdir()
    assert carry_sentencepiece(str(with_model), tokenizer, tmp_path / "out") is True
    (copied,) = (tmp_path / "out").iterdir()
    assert copied.read_bytes() == (with_model / copied.name).read_bytes()

    def edit(state):
        state["model"]["vocab"] = [
            [piece, -20.0 if len(piece) > 1 and i > 4 else score]
            for i, (piece, score) in enumerate(state["model"]["vocab"])
        ]

    change(with_model, edit)
    with pytest.raises(AlignmentError, match=r"reads 'language' as .* beside it as ▁ la n"):
        checked(with_model, config=AutoConfig.from_pretrained(with_model))


def test_a_sentencepiece_model_of_other_pieces_is_not_carried(with_model, tmp_path, tokenizer):
    (tmp_path / "out").mkdir()
    small = XLMRobertaTokenizer(vocab=[("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)])
    assert carry_sentencepiece(str(with_model), small, tmp_path / "out") is False
    assert carry_sentencepiece(str(tmp_path), small, tmp_path / "out") is None
    assert not list((tmp_path / "out").iterdir())
    tokenizer.save_pretrained(with_model)
    with pytest.raises(AlignmentError, match="they are of two models"):
        checked(with_model)
