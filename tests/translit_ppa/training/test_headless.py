"""A base without a language-modelling head: what is trained, what is said, what is written."""

from __future__ import annotations

import json

import pytest
import torch
from transformers import AutoModel, XLMRobertaForMaskedLM, XLMRobertaModel

from corridor_examples import train, train_words, write_pairs
from loopback_clients import published
from loopback_hub import loopback_hub
from translit_ppa import Encoder
from translit_ppa.modeling.training import head_training
from translit_ppa.training.runs import Run


@pytest.fixture
def headless(tiny_base, tmp_path, tokenizer):
    folder = tmp_path / "headless"
    XLMRobertaModel.from_pretrained(tiny_base).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def pairs(tmp_path):
    return write_pairs(tmp_path / "data")


def notices(capsys):
    return [x for x in capsys.readouterr().err.splitlines() if x.startswith("notice")]


def test_without_a_head_the_rest_is_trained_and_no_head_is_written(
    headless, pairs, tmp_path, capsys
):
    words = train_words(headless, pairs, tmp_path / "run", "--max-steps", "2")
    assert train([*words, "--objectives", "mlm", "seq", "tlm"]) == 0
    (line,) = notices(capsys)
    assert line == (
        f"notice: {headless} has no language-modelling head; left out: mlm, tlm; trained: seq; "
        "--lm-head train teaches a head first."
    )
    run = Run.open(tmp_path / "run")
    assert run.record.alignment["objectives"] == ["seq"]
    assert {"loss", "seq"} <= set(run.record.history[0]) and "mlm_latin" not in run.record.history[
        0
    ]
    kept = run.record.base_weights
    assert (kept.head, kept.lacking, kept.head_training) == ("missing", [], None)
    config = json.loads((run.folder / "config.json").read_text("utf-8"))
    assert config["architectures"] == ["XLMRobertaModel"] and config["alignment"]["layer"] is None
    assert type(run.model) is XLMRobertaModel
    _, report = AutoModel.from_pretrained(
        run.folder, add_pooling_layer=False, output_loading_info=True
    )
    assert not report["missing_keys"] and not report["unexpected_keys"]
    assert Encoder(run).encode(["Ellada"]).shape == (1, 16)
    with loopback_hub() as hub:
        told = published(hub, tmp_path / "h", "model", run.folder, "org/m", "--license", "mit")
        assert "optional training class" not in told
        card = hub.files("model", "org/m")["README.md"].decode()
    assert "| the base lacked | language-modelling head missing |" in card
    assert "pipeline_tag: feature-extraction" in card and "fill-mask" not in card


def test_objectives_that_all_need_a_head_are_refused(headless, pairs, tmp_path, capsys):
    words = train_words(headless, pairs, tmp_path / "run", "--max-steps", "2")
    assert train([*words, "--objectives", "mlm", "tlm"]) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert (
        "has no language-modelling head, and mlm, tlm cannot do without. Legal: --lm-head" in told
    )
    assert not (tmp_path / "run" / "config.json").exists()


def test_a_head_is_taught_first_if_asked_for(headless, pairs, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(head_training, "WINDOW", 4)
    words = train_words(headless, pairs, tmp_path / "run", "--max-steps", "2")
    assert train([*words, "--objectives", "mlm", "seq", "--lm-head", "train"]) == 0
    shown = capsys.readouterr()
    assert "it is taught alone first, before the rest." in shown.err
    record = Run.open(tmp_path / "run").record
    taught = record.base_weights.head_training
    assert taught.flat and taught.steps >= 16
    assert f"head: trained alone for {taught.steps} steps" in shown.out
    assert record.alignment["objectives"] == ["mlm", "seq"]
    model = XLMRobertaForMaskedLM.from_pretrained(tmp_path / "run")
    assert model.lm_head.dense.bias.abs().max() > 0


def test_a_saved_head_that_was_never_trained_is_none(tiny_base, pairs, tmp_path, capsys):
    """As tools write it that open a sentence encoder as a masked language model and save it."""
    model = XLMRobertaForMaskedLM.from_pretrained(tiny_base)
    with torch.no_grad():
        for name, parameter in model.base_model.named_parameters():
            if name.endswith("bias"):
                parameter.add_(0.01)
    model.save_pretrained(tiny_base)
    words = train_words(tiny_base, pairs, tmp_path / "run", "--max-steps", "1")
    assert train([*words, "--recipe", "auto", "--freeze-embeddings", "false"]) == 0
    shown = capsys.readouterr()
    why = f"{tiny_base} has a language-modelling head that was never trained: its biases are all 0"
    assert f"recipe: anchor, because {why}" in shown.out
    (line,) = [x for x in shown.err.splitlines() if x.startswith("notice")]
    assert line == f"notice: {why}; anchor can do without, and none is saved."
    assert Run.open(tmp_path / "run").record.base_weights.head == "untrained"


def test_an_unknown_way_is_refused(headless, pairs, tmp_path, capsys):
    words = train_words(headless, pairs, tmp_path / "run")
    assert train([*words, "--lm-head", "guess"]) == 2
    assert "lm_head is 'guess'. Legal: without, train." in capsys.readouterr().err
