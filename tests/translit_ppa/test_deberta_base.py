"""An mDeBERTa base from training to its sentence twin, with its kind of tokenizer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer, DebertaV2ForMaskedLM

from corridor_examples import train, train_words, write_pairs
from deberta_models import save_deberta
from tiny_models import SENTENCES
from translit_ppa import Encoder, hub_cards
from translit_ppa.command_line import main
from translit_ppa.modeling.checkpoints.sentence_twin import export_sentence_twin
from translit_ppa.modeling.vocabulary.trim import restore

OBJECTIVES = ("--objectives", "mlm", "seq", "tlm", "anchor", "--layer", "2")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A base, and what it was trained into with a trimmed vocabulary."""
    folder = tmp_path_factory.mktemp("deberta")
    save_deberta(folder / "base")
    pairs = write_pairs(folder / "data")
    words = (*OBJECTIVES, "--trim-vocabulary", "--max-steps", "2")
    assert train(train_words(folder / "base", pairs, folder / "run", *words)) == 0
    return folder


def expected_vectors(checkpoint, layer):
    """Means over all tokens, of the stock model's states."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = AutoModel.from_pretrained(checkpoint).eval()
    with torch.inference_mode():
        states = [
            model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True)
            for text in SENTENCES
        ]
    return np.array([s.hidden_states[layer][0].mean(dim=0).numpy() for s in states])


def test_a_trained_checkpoint_is_stock(course):
    config = json.loads((course / "run" / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["DebertaV2ForMaskedLM"]
    record = json.loads((course / "run" / "train_record.json").read_text(encoding="utf-8"))
    assert {"mlm_latin", "seq", "tlm", "anchor_latin"} <= set(record["history"][0])
    before, after = (
        AutoModelForMaskedLM.from_pretrained(course / name).state_dict() for name in ("base", "run")
    )
    assert before.keys() == after.keys()
    assert len(after["cls.predictions.bias"]) == config["vocab_size"] < config["full_vocab_size"]
    for name in ("encoder.rel_embeddings.weight", "encoder.layer.2.attention.self.key_proj.weight"):
        assert not torch.equal(before[f"deberta.{name}"], after[f"deberta.{name}"])
    tokenizer = AutoTokenizer.from_pretrained(course / "run")
    framed = tokenizer.convert_ids_to_tokens(tokenizer(SENTENCES[0])["input_ids"])
    assert (framed[0], framed[-1], tokenizer.mask_token) == ("[CLS]", "[SEP]", "[MASK]")


def test_the_encoder_the_space_and_the_twin_embed_as_the_stock_model(course, monkeypatch):
    sentence_transformers = pytest.importorskip("sentence_transformers")
    # The files of the Space import one another by name, as they do on the Hub.
    monkeypatch.syspath_prepend(str(Path(hub_cards.__file__).parent / "space"))
    from encoder import Embedding
    from encoder import Encoder as SpaceEncoder

    folder = str(course / "run")
    expected = expected_vectors(folder, 2)
    assert np.abs(Encoder(folder).encode(SENTENCES) - expected).max() < 1e-5
    assert Encoder(folder).max_length <= 512
    shown = SpaceEncoder(folder, Embedding.of(folder)).encode(SENTENCES)
    unit = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.abs(shown - unit).max() < 1e-5
    twin = export_sentence_twin(folder, course / "twin", max_length=100)
    assert (twin.layer, twin.layers, twin.max_length) == (2, 3, 100)
    model = sentence_transformers.SentenceTransformer(str(course / "twin"), device="cpu")
    assert np.abs(model.encode(SENTENCES) - expected).max() < 1e-5
    assert AutoModel.from_pretrained(course / "twin").config.num_hidden_layers == 2


def test_the_full_vocabulary_comes_back(course, tmp_path):
    restore(str(course / "run"), str(course / "base"), tmp_path / "whole")
    text = ["Ελλάδα και Τουρκία 7"]
    vectors = [Encoder(str(f)).encode(text) for f in (course / "run", tmp_path / "whole")]
    assert np.array_equal(*vectors)


def test_the_head_of_a_discriminator_counts_as_none(course, tmp_path, capsys):
    """mDeBERTa's own file has `lm_predictions`, of another form, and what detects replacements."""
    save_deberta(tmp_path / "base")
    model = DebertaV2ForMaskedLM.from_pretrained(tmp_path / "base")
    with torch.no_grad():
        for name, weight in model.base_model.named_parameters():
            if name.endswith("bias"):
                weight.add_(0.01)
    kept = {n: w for n, w in model.state_dict().items() if n.startswith("deberta.")}
    kept["lm_predictions.lm_head.dense.weight"] = torch.ones(32, 32)
    kept["mask_predictions.dense.weight"] = torch.ones(32, 32)
    model.save_pretrained(tmp_path / "base", state_dict=kept)
    words = train_words(
        tmp_path / "base", course / "data" / "pairs", tmp_path / "run", "--max-steps", "1"
    )
    assert train([*words, "--objectives", "mlm", "seq"]) == 0
    told = capsys.readouterr().err
    assert "has no language-modelling head; left out: mlm; trained: seq; --lm-head train" in told
    config = json.loads((tmp_path / "run" / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["DebertaV2Model"]


def test_its_card_shows_how_it_is_opened(course, capsys):
    words = ["publish", "card", "model", str(course / "run"), "org/x", "--license", "cc0-1.0"]
    assert main(words) == 0
    card = capsys.readouterr().out
    assert "AutoModel.from_pretrained(" in card
    assert "add_pooling_layer" not in card and "pooler_output" not in card
