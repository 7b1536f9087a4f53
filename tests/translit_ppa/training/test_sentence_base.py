"""A sentence model as base: trained, checked and written in its own way."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import (
    Dense,
    Normalize,
    Pooling,
    Transformer,
)

from corridor_examples import train, train_words, write_pairs
from translit_ppa import Encoder
from translit_ppa.training.runs import Run

TEXTS = ["Ellada kai Tourkia", "Ελλάδα", "giric ina turc"]


@pytest.fixture
def labse(tiny_base, tmp_path):
    """In LaBSE's form: first token, dense layer with tanh, length 1; and a prompt."""
    torch.manual_seed(1)
    modules = [
        Transformer(str(tiny_base), max_seq_length=40),
        Pooling(16, pooling_mode="cls"),
        Dense(16, 12, activation_function=torch.nn.Tanh()),
        Normalize(),
    ]
    model = SentenceTransformer(
        modules=modules, prompts={"query": "query: "}, default_prompt_name="query", device="cpu"
    )
    model.save_pretrained(str(tmp_path / "labse"))
    return tmp_path / "labse"


@pytest.fixture
def pairs(tmp_path):
    return write_pairs(tmp_path / "data")


def test_what_is_written_is_the_same_kind_of_sentence_model(labse, pairs, tmp_path, capsys):
    words = train_words(labse, pairs, tmp_path / "run", "--max-steps", "3", "--freeze-embeddings")
    assert train([*words, "true", "--recipe", "anchor"]) == 0
    shown = capsys.readouterr().out
    assert "embeddings: layer 3 of 3, cls+dense+prompt 'query: '; " in shown
    # The teacher is the base as sentence-transformers has it, of the text with its prompt.
    base = SentenceTransformer(str(labse), device="cpu")
    vectors = np.load(tmp_path / "run" / "teacher" / "vectors.npy")
    assert vectors.shape[1] == 12
    texts = [f"Ελλάδα και Τουρκία {i}" for i in range(7)]
    nearest = (base.encode(texts) @ vectors.astype(np.float32).T).max(axis=1)
    assert nearest == pytest.approx(1, abs=1e-3)
    run = Run.open(tmp_path / "run")
    assert run.record.alignment["layer"] == 3 and run.record.alignment["pooling"] == "cls"
    trained = SentenceTransformer(str(run.folder), device="cpu")
    assert [type(m) for m in trained] == [type(m) for m in base]
    assert (trained.prompts["query"], trained.default_prompt_name) == ("query: ", "query")
    assert torch.equal(trained[2].linear.weight, base[2].linear.weight), "frozen"
    found = Encoder(run).encode(TEXTS)
    assert found == pytest.approx(trained.encode(TEXTS), abs=1e-5)
    assert np.abs(found - base.encode(TEXTS)).max() > 1e-4, "trained"
    assert Encoder(run).prompt == "query: " and Encoder(run).max_length == 40


def test_another_layer_is_no_sentence_model(labse, pairs, tmp_path, capsys):
    words = train_words(labse, pairs, tmp_path / "run", "--max-steps", "1", "--layer", "2")
    assert train([*words, "--objectives", "seq"]) == 0
    assert "not its own place, so that its modules are left out" in capsys.readouterr().out
    assert not (tmp_path / "run" / "modules.json").exists()
    assert Encoder(tmp_path / "run").layer == 2


def test_a_prompt_that_is_asked_for_becomes_the_default(labse, pairs, tmp_path, tiny_base, capsys):
    words = train_words(labse, pairs, tmp_path / "run", "--max-steps", "1", "--prompt", "text: ")
    assert train([*words, "--objectives", "seq"]) == 0
    kept = json.loads((tmp_path / "run" / "config_sentence_transformers.json").read_text("utf-8"))
    assert kept["default_prompt_name"] == "trained" and kept["prompts"]["trained"] == "text: "
    assert Encoder(tmp_path / "run").prompt == "text: "
    kept["default_prompt_name"] = None
    (labse / "config_sentence_transformers.json").write_text(json.dumps(kept), "utf-8")
    words = train_words(labse, pairs, tmp_path / "named", "--max-steps", "1", "--prompt", "query")
    assert train([*words, "--objectives", "seq"]) == 0
    assert SentenceTransformer(str(tmp_path / "named"), device="cpu").default_prompt_name == "query"
    plain = train_words(tiny_base, pairs, tmp_path / "plain", "--prompt", "text: ")
    assert train([*plain, "--objectives", "seq"]) == 2
    assert "has no modules.json to keep it with" in capsys.readouterr().err
