"""A checkpoint and its sentence twin on a Hub over HTTP, opened by the untouched clients."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
from corridor_examples import train_words, write_pairs
from hub_examples import eval_fields
from loopback_clients import ask, publish, published
from loopback_hub import loopback_hub

SENTENCES = ["Ελλάδα και Τουρκία", "Ellada kai Tourkia", "ግሪክ", "one two three four five"]


@pytest.fixture
def hub():
    with loopback_hub() as running:
        yield running


@pytest.fixture
def checkpoint(tiny_base, tmp_path):
    """Three layers, aligned at the second; trained for two steps on five languages."""
    from train import main as train

    output = tmp_path / "run"
    words = train_words(tiny_base, write_pairs(tmp_path / "data"), output, "--max_steps", "2")
    assert train(words) == 0
    return output


def score_records(folder, checkpoint):
    """Scores of the checkpoint with two seeds and of its base, in both directions."""
    from corridor import model_digest

    base = json.loads((checkpoint / "train_record.json").read_text("utf-8"))["base_revision"]
    models = [
        ("aligned", model_digest(str(checkpoint)), 42, 40.0),
        ("aligned", "sha256:another-seed", 43, 50.0),
        ("base", base, 42, 10.0),
    ]
    folder.mkdir()
    for model, digest, seed, top1 in models:
        for source, target in (("ell_Grek", "eng_Latn"), ("eng_Latn", "ell_Grek")):
            scores = {"top1": top1, "top5": top1 + 10, "top10": top1 + 20}
            fields = {"model": model, "model_digest": digest, "seed": seed, "layer": 2}
            fields |= {"source": source, "target": target, "scores": scores, "scores_all": scores}
            file = folder / f"{model}-{seed}-{source}.json"
            file.write_text(json.dumps(eval_fields(**fields)), "utf-8")
    return folder


def test_the_stock_classes_open_a_published_checkpoint(hub, checkpoint, tmp_path):
    records = score_records(tmp_path / "scores", checkpoint)
    words = ("model", checkpoint, "org/aligned", "--records", records, "--license", "mit")
    output = published(hub, tmp_path / "h", *words)
    assert "model.safetensors" in output and "optional training class" in output
    assert len(hub.history("model", "org/aligned")) == 2
    files = hub.files("model", "org/aligned")
    config = json.loads(files["config.json"])
    assert config["architectures"] == ["XLMRobertaForMaskedLM"]
    assert not [path for path in files if path.endswith((".bin", ".pt", ".pkl"))]
    assert str(tmp_path).encode() not in b"".join(
        data for path, data in files.items() if not path.endswith(".safetensors")
    )
    card = files["README.md"].decode()
    assert "| this model | 45.0 (40.0 to 50.0) | 55.0 (50.0 to 60.0) |" in card
    assert "| base | 10.0 | 20.0 | 30.0 | 2 | 42 |" in card
    assert "value: 45.0" in card and "pipeline_tag: fill-mask" in card
    assert "| energy | not measured |" in card
    assert {"figures/losses.png", "figures/retrieval.png"} <= set(files)

    answer = ask(
        hub,
        tmp_path / "fresh",
        f"""
import torch
from transformers import (AutoModel, AutoModelForMaskedLM, AutoModelForTokenClassification,
                          AutoTokenizer, pipeline)
name = "org/aligned"
tokenizer = AutoTokenizer.from_pretrained(name)
batch = tokenizer({SENTENCES!r}, padding=True, return_tensors="pt")
def states(model):
    with torch.inference_mode():
        return model.eval()(**batch, output_hidden_states=True)
stock = AutoModelForMaskedLM.from_pretrained(name)
ours = AutoModelForMaskedLM.from_pretrained(name, trust_remote_code=True)
local = AutoModelForMaskedLM.from_pretrained({str(checkpoint)!r})
plain = AutoModel.from_pretrained(name, add_pooling_layer=False)
pinned = AutoModel.from_pretrained(name, revision="{hub.history("model", "org/aligned")[0].sha}",
                                   add_pooling_layer=False)
far = [states(m) for m in (stock, ours, local, plain, pinned)]
filled = pipeline("fill-mask", model=name)("one two " + tokenizer.mask_token, top_k=2)
answer = {{
    "classes": [type(m).__name__ for m in (stock, ours)],
    "states": max(float((a - b).abs().max()) for other in far[1:]
                  for a, b in zip(far[0].hidden_states, other.hidden_states, strict=True)),
    "logits": max(float((far[0].logits - o.logits).abs().max()) for o in far[1:3]),
    "filled": len(filled),
    "labels": AutoModelForTokenClassification.from_pretrained(name, num_labels=3).num_labels,
    "alignment": ours.alignment.layer,
}}
""",
    )
    assert answer["classes"] == ["XLMRobertaForMaskedLM", "XLMRobertaForTranslitAlignment"]
    assert answer["states"] == 0.0 and answer["logits"] == 0.0
    assert (answer["filled"], answer["labels"], answer["alignment"]) == (2, 3, None)


def test_scores_of_another_model_are_refused(hub, checkpoint, tmp_path):
    records = tmp_path / "scores"
    records.mkdir()
    (records / "other.json").write_text(json.dumps(eval_fields()), "utf-8")
    done = publish(hub, tmp_path / "h", "model", checkpoint, "org/m", "--records", records)
    assert done.returncode == 2 and "no score in" in done.stderr and hub.store.repos == {}


@pytest.mark.parametrize("pooling", ["attended", "content"])
def test_the_twin_embeds_as_the_full_model(hub, checkpoint, tmp_path, pooling):
    from modeling import encode

    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    config["alignment"]["pooling"] = pooling
    (checkpoint / "config.json").write_text(json.dumps(config), "utf-8")
    published(hub, tmp_path / "h", "sentence-model", checkpoint, "org/aligned-sentence")
    files = hub.files("model", "org/aligned-sentence")
    assert json.loads(files["config.json"])["num_hidden_layers"] == 2
    card = files["README.md"].decode()
    assert "pipeline_tag: sentence-similarity" in card
    assert ("docker run" in card) == (pooling == "attended")
    # Exactly the fields that TEI must find, and not where it must refuse.
    assert ("1_Pooling/config.json" in files) == (pooling == "attended")
    bert = json.loads(files["sentence_bert_config.json"])
    assert bert == {"max_seq_length": 512, "do_lower_case": False}
    expected = encode(SENTENCES, str(checkpoint))
    with_st = importlib.util.find_spec("sentence_transformers") is not None
    answer = ask(
        hub,
        tmp_path / "fresh",
        f"""
import torch
from transformers import AutoModel, AutoTokenizer
name = "org/aligned-sentence"
answer = {{}}
if {with_st}:
    from sentence_transformers import SentenceTransformer
    model = SentenceTransformer(name, device="cpu")
    answer["sentence-transformers"] = model.encode({SENTENCES!r}).tolist()
if {pooling == "attended"}:
    model = AutoModel.from_pretrained(name, add_pooling_layer=False).eval()
    batch = AutoTokenizer.from_pretrained(name)({SENTENCES!r}, padding=True, return_tensors="pt")
    mask = batch["attention_mask"].unsqueeze(-1)
    with torch.inference_mode():
        states = model(**batch).last_hidden_state
    answer["transformers"] = ((states * mask).sum(1) / mask.sum(1)).tolist()
""",
    )
    assert set(answer) >= ({"transformers"} if pooling == "attended" else set())
    for name, rows in answer.items():
        assert np.abs(np.array(rows) - expected).max() < 1e-5, name
    if pooling == "content" and not with_st:
        pytest.skip("sentence-transformers is not installed")


def test_a_bf16_checkpoint_keeps_its_type(checkpoint, tmp_path):
    import torch
    from safetensors import safe_open
    from transformers import AutoModelForMaskedLM

    from modeling import encode
    from modeling.sentence_twin import export_sentence_twin

    AutoModelForMaskedLM.from_pretrained(checkpoint, dtype=torch.bfloat16).save_pretrained(
        checkpoint
    )
    twin = export_sentence_twin(checkpoint, tmp_path / "twin")
    assert (twin.layer, twin.layers) == (2, 3)
    with safe_open(tmp_path / "twin" / "model.safetensors", "pt") as file:
        assert {str(file.get_tensor(key).dtype) for key in file.keys()} == {"torch.bfloat16"}  # noqa: SIM118
    difference = encode(SENTENCES, str(checkpoint)) - encode(SENTENCES, str(tmp_path / "twin"))
    assert np.abs(difference).max() < 1e-5
