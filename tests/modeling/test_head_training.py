"""A head is taught alone until its loss is flat; bases without one are told apart."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoConfig, BertConfig, XLMRobertaForMaskedLM, XLMRobertaModel

from translit_ppa.modeling import AlignmentError, load_for_alignment
from translit_ppa.modeling.aligned.loading_report import require_encoder
from translit_ppa.modeling.checkpoints.stock import head_in_files, names_a_head, open_stock
from translit_ppa.modeling.training import head_training
from translit_ppa.modeling.training.head_training import is_flat, train_head


@pytest.fixture
def moved_base(tiny_base):
    """The tiny base as if its encoder had been trained: no bias is 0 any more."""
    model = XLMRobertaForMaskedLM.from_pretrained(tiny_base)
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in model.base_model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.01 * torch.randn_like(parameter))
    model.save_pretrained(tiny_base)
    return tiny_base


def head_of(folder):
    return load_for_alignment(str(folder), tell_of_head=False).found.head


def in_files(folder):
    return head_in_files(str(folder), AutoConfig.from_pretrained(folder)).head


def test_a_head_is_trained_missing_or_as_it_was_drawn(tiny_base, tmp_path):
    # Random as a whole: a model to be trained from the beginning, head and all.
    assert head_of(tiny_base) == in_files(tiny_base) == "trained"


def test_an_untrained_head_is_told_from_a_trained_one(moved_base, tmp_path, capsys):
    assert head_of(moved_base) == in_files(moved_base) == "untrained"
    load_for_alignment(str(moved_base))
    (line,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("notice")]
    assert "has a language-modelling head that was never trained: its biases are all 0" in line
    XLMRobertaModel.from_pretrained(moved_base).save_pretrained(tmp_path / "bare")
    assert head_of(tmp_path / "bare") == in_files(tmp_path / "bare") == "missing"
    model = XLMRobertaForMaskedLM.from_pretrained(moved_base)
    with torch.no_grad():
        model.lm_head.bias[3] = 0.1
    model.save_pretrained(moved_base)
    assert head_of(moved_base) == in_files(moved_base) == "trained"


def test_only_the_head_moves_and_its_loss_falls(moved_base, tokenizer, rows, monkeypatch):
    monkeypatch.setattr(head_training, "WINDOW", 10)
    model = load_for_alignment(str(moved_base), tell_of_head=False)
    model.get_input_embeddings().requires_grad_(False)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    taught = train_head(model, tokenizer, rows, max_length=32, mlm_probability=0.3, seed=1)
    moved = {n for n, w in model.state_dict().items() if not torch.equal(w, before[n])}
    head = ("bias", "dense.weight", "dense.bias", "layer_norm.weight", "layer_norm.bias")
    assert moved == {f"lm_head.{name}" for name in head} | {"lm_head.decoder.bias"}
    assert taught.flat and 40 <= taught.steps < head_training.MOST and taught.steps % 10 == 0
    assert taught.last < taught.first
    # Everything is as it was but for the head: what is frozen stays so, nothing has a gradient.
    still = [p for p in model.parameters() if not p.requires_grad]
    assert len(still) == 1 and still[0] is model.get_input_embeddings().weight
    assert all(parameter.grad is None for parameter in model.parameters()) and rows.epoch == 0


def test_a_head_that_learns_on_is_left_after_the_most_steps(moved_base, tokenizer, rows):
    model = load_for_alignment(str(moved_base), tell_of_head=False)
    taught = train_head(model, tokenizer, rows, max_length=32, mlm_probability=0.3, seed=1, most=7)
    assert (taught.steps, taught.flat) == (7, False)
    assert "not flat yet" in taught.told()


def test_flat_is_when_no_window_is_a_hundredth_below_the_best_before():
    assert not is_flat([9.0] * 199)
    assert is_flat([9.0] * 50 + [8.92] * 150)
    assert not is_flat([9.0] * 50 + [8.90] * 150)
    assert is_flat([9.0] * 50 + [9.5] * 150)
    # A window of hard masks between two that learn is no end.
    assert not is_flat([9.0] * 50 + [8.8] * 50 + [8.9] * 50 + [8.6] * 50)
    assert is_flat([8.6] * 50 + [8.9] * 50 + [8.8] * 50 + [8.55] * 50)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("gpt2", "a decoder of the family 'gpt2'"),
        ("t5", "an encoder-decoder of the family 't5'"),
        ("vit", "a vision model of the family 'vit'"),
        ("electra", "an encoder of the family 'electra'"),
    ],
)
def test_what_is_no_encoder_of_a_known_family_is_refused(kind, told):
    with pytest.raises(AlignmentError) as caught:
        require_encoder(AutoConfig.for_model(kind), "x/y", ["xlm-roberta", "bert"])
    line = str(caught.value)
    assert f"x/y is {told}. Legal: an encoder of the families xlm-roberta, bert; " in line
    assert "CONTRIBUTING.md" in line


def test_a_decoder_of_a_known_family_is_refused():
    with pytest.raises(AlignmentError, match="x/y is a decoder of the family 'bert'"):
        require_encoder(BertConfig(is_decoder=True), "x/y", ["bert"])


def test_an_encoder_alone_is_opened_as_one(moved_base, tmp_path):
    XLMRobertaModel.from_pretrained(moved_base).save_pretrained(tmp_path / "bare")
    assert not names_a_head(AutoConfig.from_pretrained(tmp_path / "bare"))
    model, lacking = open_stock(str(tmp_path / "bare"))
    assert type(model) is XLMRobertaModel and lacking == set()
    model, lacking = open_stock(str(tmp_path / "bare"), head=True)
    assert type(model) is XLMRobertaForMaskedLM and "lm_head.dense.weight" in lacking
    assert type(open_stock(str(moved_base))[0]) is XLMRobertaForMaskedLM
