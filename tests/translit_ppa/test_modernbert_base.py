"""A ModernBERT base from training to publishing, with tokenizers that are not XLM-R's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer

from corridor_examples import train, train_words, write_pairs
from modernbert_models import save_modernbert
from tiny_models import LATIN, SENTENCES
from translit_ppa import Encoder, hub_cards, interpolate
from translit_ppa.modeling.checkpoints.sentence_twin import export_sentence_twin
from translit_ppa.modeling.tasks.sequence_classification import SequenceClassifier
from translit_ppa.modeling.tasks.settings import FineTuningSettings
from translit_ppa.modeling.tasks.token_classification import TokenClassifier
from translit_ppa.modeling.vocabulary.trim import restore

OBJECTIVES = ("--objectives", "mlm", "seq", "tlm", "anchor", "--layer", "2")


@pytest.fixture(scope="module", params=["gemma-like", "byte-level"])
def course(tmp_path_factory, request):
    """A base, and what it was trained into with a trimmed vocabulary."""
    folder = tmp_path_factory.mktemp(request.param)
    save_modernbert(folder / "base", request.param)
    pairs = write_pairs(folder / "data")
    words = (*OBJECTIVES, "--trim-vocabulary", "--max-steps", "2")
    assert train(train_words(folder / "base", pairs, folder / "run", *words)) == 0
    return folder


def expected_vectors(checkpoint, layer):
    """Means over all tokens, of the stock model cut at a layer."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = AutoModel.from_pretrained(checkpoint).eval()
    model.layers = model.layers[:layer]
    with torch.inference_mode():
        states = [model(**tokenizer(s, return_tensors="pt")).last_hidden_state for s in SENTENCES]
    return np.array([s[0].mean(dim=0).numpy() for s in states])


def test_a_trained_checkpoint_is_stock_and_tells_old_readers_its_rotations(course):
    config = json.loads((course / "run" / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["ModernBertForMaskedLM"]
    assert (config["global_rope_theta"], config["local_rope_theta"]) == (160000, 10000)
    assert config["global_attn_every_n_layers"] == 3
    record = json.loads((course / "run" / "train_record.json").read_text(encoding="utf-8"))
    assert {"mlm_latin", "seq", "tlm", "anchor_latin"} <= set(record["history"][0])
    before, after = (
        AutoModelForMaskedLM.from_pretrained(course / name).state_dict() for name in ("base", "run")
    )
    assert before.keys() == after.keys()
    assert len(after["decoder.bias"]) == config["vocab_size"] < config["full_vocab_size"]
    name = "model.layers.0.attn.Wqkv.weight"
    assert not torch.equal(before[name], after[name])


def test_the_encoder_and_the_space_embed_as_the_stock_model_cut_at_the_layer(course, monkeypatch):
    # The files of the Space import one another by name, as they do on the Hub.
    monkeypatch.syspath_prepend(str(Path(hub_cards.__file__).parent / "space"))
    from encoder import Embedding
    from encoder import Encoder as SpaceEncoder

    folder = str(course / "run")
    expected = expected_vectors(folder, 2)
    assert np.abs(Encoder(folder).encode(SENTENCES) - expected).max() < 1e-5
    shown = SpaceEncoder(folder, Embedding.of(folder)).encode(SENTENCES)
    unit = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.abs(shown - unit).max() < 1e-5


@pytest.mark.parametrize("pooling", ["attended", "content"])
def test_the_twin_is_a_stock_model_of_fewer_layers(course, tmp_path, pooling):
    sentence_transformers = pytest.importorskip("sentence_transformers")
    checkpoint = tmp_path / "run"
    checkpoint.mkdir()
    for file in (course / "run").glob("*.*"):
        (checkpoint / file.name).write_bytes(file.read_bytes())
    config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    config["alignment"]["pooling"] = pooling
    (checkpoint / "config.json").write_text(json.dumps(config), encoding="utf-8")
    twin = export_sentence_twin(checkpoint, tmp_path / "twin", max_length=100)
    assert (twin.layer, twin.layers, twin.max_length) == (2, 3, 100)
    model = sentence_transformers.SentenceTransformer(str(tmp_path / "twin"), device="cpu")
    expected = Encoder(str(checkpoint)).encode(SENTENCES)
    assert np.abs(model.encode(SENTENCES) - expected).max() < 1e-5
    # What TEI's reader of ModernBERT demands, by its source (models/modernbert.rs).
    told = json.loads((tmp_path / "twin" / "config.json").read_text(encoding="utf-8"))
    whole = "vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads"
    whole += " max_position_embeddings pad_token_id global_attn_every_n_layers local_attention"
    assert all(type(told[name]) is int for name in whole.split())
    assert (told["global_rope_theta"], told["local_rope_theta"]) == (160000, 10000)
    assert (told["hidden_activation"], told["norm_bias"], told["norm_eps"]) == ("gelu", False, 1e-5)
    assert told["architectures"] == ["ModernBertModel"] and told["num_hidden_layers"] == 2
    assert "embeddings.tok_embeddings.weight" in load_file(tmp_path / "twin" / "model.safetensors")


def test_the_full_vocabulary_comes_back_and_weights_are_interpolated(course, tmp_path):
    restore(str(course / "run"), str(course / "base"), tmp_path / "whole")
    small, whole = (
        AutoTokenizer.from_pretrained(folder) for folder in (course / "run", tmp_path / "whole")
    )
    assert len(small) < len(whole)
    text = "Ελλάδα και Τουρκία 7"
    pieces = [t.convert_ids_to_tokens(t(text)["input_ids"]) for t in (small, whole)]
    assert pieces[0] == pieces[1]
    vectors = [Encoder(str(f)).encode([text]) for f in (course / "run", tmp_path / "whole")]
    assert np.array_equal(*vectors)
    interpolate(str(course / "base"), str(tmp_path / "whole"), alpha=0.5, out=tmp_path / "half")
    states = [
        load_file(folder / "model.safetensors")
        for folder in (course / "base", tmp_path / "whole", tmp_path / "half")
    ]
    for name, tensor in states[0].items():
        assert torch.allclose(states[2][name], (tensor + states[1][name]) / 2, atol=1e-6)
    config = json.loads((tmp_path / "half" / "config.json").read_text(encoding="utf-8"))
    assert config["local_rope_theta"] == 10000


def test_tasks_are_learnt_with_such_a_tokenizer(course):
    settings = FineTuningSettings(learning_rate=3e-3, epochs=1, max_length=32, batch_size=4)
    folder = str(course / "run")
    texts = SequenceClassifier(folder, ["odd", "even"], settings, seed=1, device="cpu")
    texts.fit(SENTENCES, ["odd", "even"] * 4, lambda: 0.0)
    assert set(texts.predict(LATIN)) <= {"odd", "even"}
    words = TokenClassifier(folder, ["A", "B"], settings, seed=1, device="cpu")
    tagged = words.predict([["Ελλάδα", ""], ["one"], ["three"] * 40])
    assert [len(tags) for tags in tagged] == [2, 1, 40]
