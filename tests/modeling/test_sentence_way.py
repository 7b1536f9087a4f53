"""A sentence model's own way: the vectors are those that sentence-transformers gives."""

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

from tiny_models import LATIN, SENTENCES
from translit_ppa.modeling import AlignmentError, SentenceEncoder
from translit_ppa.modeling.checkpoints.sentence_twin import export_sentence_twin
from translit_ppa.modeling.checkpoints.sentence_way import read_way

TEXTS = [*SENTENCES, *LATIN, "", "  spaces  ", "one " * 40]
WAYS = {
    "e5": ("mean", (), True, {"query": "query: ", "passage": "passage: "}, None),
    "bge-m3": ("cls", (), True, {}, None),
    "labse": ("cls", (torch.nn.Tanh(),), True, {}, None),
    "distiluse": ("mean", (torch.nn.Tanh(), torch.nn.Identity()), False, {}, None),
    "prompted": ("mean", (), False, {"query": "query: "}, "query"),
}


def make(base, folder, name):
    """A model of sentence-transformers in the form of a well-known one, on the tiny base."""
    mode, activations, unit, prompts, default = WAYS[name]
    torch.manual_seed(1)
    modules = [Transformer(str(base), max_seq_length=20), Pooling(16, pooling_mode=mode)]
    width = 16
    for activation in activations:
        modules.append(Dense(width, width - 4, activation_function=activation))
        width -= 4
    modules += [Normalize()] if unit else []
    model = SentenceTransformer(
        modules=modules, prompts=prompts or None, default_prompt_name=default, device="cpu"
    )
    model.save_pretrained(str(folder))
    return SentenceTransformer(str(folder), device="cpu")


@pytest.fixture(params=list(WAYS))
def sentence_model(request, tiny_base, tmp_path):
    return request.param, tmp_path / "st", make(tiny_base, tmp_path / "st", request.param)


def test_vectors_are_those_of_sentence_transformers(sentence_model, tmp_path):
    name, folder, theirs = sentence_model
    ours = SentenceEncoder.from_pretrained(str(folder))
    expected = theirs.encode(TEXTS)
    assert ours.encode(TEXTS) == pytest.approx(expected, abs=1e-5)
    assert (ours.layer, ours.max_length) == (3, 20)
    labels = {"e5": "attended", "bge-m3": "cls", "labse": "cls+dense"}
    labels |= {"distiluse": "attended+dense", "prompted": "attended+prompt 'query: '"}
    assert ours.label == labels[name]
    if name == "e5":
        for prompt in ("passage", "passage: "):
            asked = SentenceEncoder.from_pretrained(str(folder), prompt=prompt)
            wanted = theirs.encode(TEXTS, prompt_name="passage")
            assert asked.encode(TEXTS) == pytest.approx(wanted, abs=1e-5)
        with pytest.raises(AlignmentError, match=r"is 'qurey', .* Legal: one of .*passage, query"):
            SentenceEncoder.from_pretrained(str(folder), prompt="qurey")
        both = SentenceEncoder.from_pretrained(str(folder), prompt=("query", "passage: "))
        assert both.label == "attended+prompt 'query: ' searched 'passage: '"
        assert both.encode(TEXTS, searched=True) == pytest.approx(wanted, abs=1e-5)
        wanted = theirs.encode(TEXTS, prompt_name="query")
        assert both.encode(TEXTS) == pytest.approx(wanted, abs=1e-5)
        with pytest.raises(AlignmentError, match=r"came 3. Legal: one, or two: for queries, and"):
            SentenceEncoder.from_pretrained(str(folder), prompt=["query", "query", "query"])
    # At another layer, or pooled in another way, the modules behind do not fit.
    plain = SentenceEncoder.from_pretrained(str(folder), layer=2)
    assert plain.encode(TEXTS).shape == (len(TEXTS), 16) and "dense" not in plain.label


def test_its_twin_is_the_same_sentence_model(sentence_model, tmp_path):
    name, folder, theirs = sentence_model
    export_sentence_twin(folder, tmp_path / "twin")
    again = SentenceTransformer(str(tmp_path / "twin"), device="cpu")
    assert [type(module) for module in again] == [type(module) for module in theirs]
    assert again.encode(TEXTS) == pytest.approx(theirs.encode(TEXTS), abs=1e-5)
    assert again.prompts == theirs.prompts
    assert again.default_prompt_name == theirs.default_prompt_name
    ours = SentenceEncoder.from_pretrained(str(tmp_path / "twin"))
    assert ours.encode(TEXTS) == pytest.approx(theirs.encode(TEXTS), abs=1e-5)
    # What Text Embeddings Inference reads: old keys, a longest input, old names of types.
    pooling = json.loads((tmp_path / "twin" / "1_Pooling" / "config.json").read_text("utf-8"))
    assert pooling["pooling_mode_cls_token"] is (WAYS[name][0] == "cls")
    assert pooling["pooling_mode_mean_tokens"] is (WAYS[name][0] == "mean")
    bert = json.loads((tmp_path / "twin" / "sentence_bert_config.json").read_text("utf-8"))
    assert bert["max_seq_length"] == 20
    modules = json.loads((tmp_path / "twin" / "modules.json").read_text("utf-8"))
    assert all(module["type"].startswith("sentence_transformers.models.") for module in modules)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"pooling_mode": "lasttoken"}, "pools by lasttoken. Legal: mean, cls"),
        ({"pooling_mode": ["mean", "cls"]}, r"pools by mean \+ cls"),
    ],
)
def test_what_is_not_known_is_refused(tiny_base, tmp_path, change, told):
    make(tiny_base, tmp_path / "st", "e5")
    path = tmp_path / "st" / "1_Pooling" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}), "utf-8")
    with pytest.raises(AlignmentError, match=told):
        read_way(str(tmp_path / "st"))
    # Whoever says layer and pooling needs no modules.
    encoder = SentenceEncoder.from_pretrained(str(tmp_path / "st"), layer=3, pooling="attended")
    assert np.isfinite(encoder.encode(TEXTS)).all()


def test_prompts_that_are_left_out_of_the_pooling_are_refused(tiny_base, tmp_path):
    make(tiny_base, tmp_path / "st", "prompted")
    path = tmp_path / "st" / "1_Pooling" / "config.json"
    path.write_text(json.dumps({"pooling_mode": "mean", "include_prompt": False}), "utf-8")
    with pytest.raises(AlignmentError, match="include_prompt false"):
        SentenceEncoder.from_pretrained(str(tmp_path / "st"))
    assert SentenceEncoder.from_pretrained(str(tmp_path / "st"), prompt="").prompt == ""


def test_a_dense_layer_without_safetensors_is_named(tiny_base, tmp_path):
    make(tiny_base, tmp_path / "st", "labse")
    (tmp_path / "st" / "2_Dense" / "model.safetensors").unlink()
    with pytest.raises(AlignmentError, match=r"lacks 2_Dense/model.safetensors"):
        read_way(str(tmp_path / "st"))


def test_a_plain_encoder_has_no_way(tiny_base):
    assert read_way(str(tiny_base)) is None
    encoder = SentenceEncoder.from_pretrained(str(tiny_base))
    assert (encoder.layer, encoder.label) == (2, "attended")
