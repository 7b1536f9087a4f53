"""The sentence twin on a Hub over HTTP: the embeddings of the full model, in three libraries."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest

from loopback_clients import ask, published
from loopback_hub import loopback_hub
from publish_examples import SENTENCES, build_folder, publish_all

TWIN = "org/aligned-sentence"


@pytest.fixture
def hub():
    with loopback_hub() as running:
        yield running


def copy(checkpoint, folder, *, pooling="attended", dtype=None):
    """A copy of the checkpoint with another pooling or number type."""
    import torch
    from transformers import AutoModelForMaskedLM

    shutil.copytree(checkpoint, folder)
    if dtype:
        model = AutoModelForMaskedLM.from_pretrained(folder, dtype=getattr(torch, dtype))
        model.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["alignment"] = {**config["alignment"], "pooling": pooling}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("pooling", "dtype"), [("attended", None), ("content", None), ("attended", "bfloat16")]
)
def test_the_twin_embeds_as_the_full_model(hub, trained, tmp_path, pooling, dtype):
    pytest.importorskip("sentence_transformers")
    from translit_ppa.modeling import encode

    checkpoint = copy(trained, tmp_path / "run", pooling=pooling, dtype=dtype)
    words = ("--license", "mit", "--records", build_folder(trained))
    published(hub, tmp_path / "h", "sentence-model", checkpoint, TWIN, *words)
    files = hub.files("model", TWIN)
    config = json.loads(files["config.json"])
    assert (config["num_hidden_layers"], config["dtype"]) == (2, dtype or "float32")
    card = files["README.md"].decode()
    assert "pipeline_tag: sentence-similarity" in card and "base_model: org/aligned" in card
    assert ("docker run" in card) == (pooling == "attended")
    assert card.count("  source_sentence: ") == 3
    folder = tmp_path / "local"
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    answer = ask(
        hub,
        tmp_path / "fresh",
        f"""
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoModel, AutoTokenizer
name, local, sentences = "{TWIN}", {str(folder)!r}, {SENTENCES!r}
# A bf16 checkpoint is compared as what it holds: in bf16 itself, padding decides the third digit.
wide = {{"dtype": torch.float32}}
st = SentenceTransformer(name, device="cpu", model_kwargs=wide)
answer = {{"by repo id": st.encode(sentences).tolist(),
           "from a folder": SentenceTransformer(local, device="cpu", model_kwargs=wide)
          .encode(sentences).tolist()}}
shape = [st.max_seq_length, st.get_sentence_embedding_dimension()]
tokenizer = AutoTokenizer.from_pretrained(name)
model = AutoModel.from_pretrained(name, add_pooling_layer=False, **wide).eval()
batch = tokenizer(sentences, padding=True, return_tensors="pt")
mask = batch["attention_mask"].unsqueeze(-1)
if {pooling == "content"}:
    for token in tokenizer.all_special_ids:
        mask = mask * (batch["input_ids"] != token).unsqueeze(-1)
with torch.inference_mode():
    states = model(**batch).last_hidden_state
answer["transformers"] = ((states * mask).sum(1) / mask.sum(1)).tolist()
answer = [shape, answer]
""",
    )
    assert answer[0] == [512, 16]
    wide = copy(checkpoint, tmp_path / "wide", pooling=pooling, dtype="float32")
    expected = encode(SENTENCES, str(wide))
    assert set(answer[1]) == {"by repo id", "from a folder", "transformers"}
    for name, rows in answer[1].items():
        assert np.abs(np.array(rows) - expected).max() < 1e-5, name


def test_a_bf16_twin_holds_the_very_numbers(trained, tmp_path):
    from safetensors.torch import load_file

    from translit_ppa.modeling import encode
    from translit_ppa.modeling.checkpoints.sentence_twin import export_sentence_twin

    checkpoint = copy(trained, tmp_path / "run", dtype="bfloat16")
    twin = export_sentence_twin(checkpoint, tmp_path / "twin")
    assert (twin.layer, twin.layers) == (2, 3)
    full = load_file(checkpoint / "model.safetensors")
    cut = load_file(tmp_path / "twin" / "model.safetensors")
    assert {str(tensor.dtype) for tensor in cut.values()} == {"torch.bfloat16"}
    assert all((full[f"roberta.{key}"] == tensor).all() for key, tensor in cut.items())
    assert not [key for key in cut if ".layer.2." in key]
    difference = encode(SENTENCES, str(checkpoint)) - encode(SENTENCES, str(tmp_path / "twin"))
    assert np.abs(difference).max() < 1e-5


def test_the_files_are_those_that_text_embeddings_inference_reads(trained, tmp_path):
    """Fields that its parser demands, by its source of release 1.9 (router/src/lib.rs, bert.rs)."""
    from translit_ppa.modeling.checkpoints.sentence_twin import export_sentence_twin

    export_sentence_twin(trained, tmp_path)

    def read(path):
        return json.loads((tmp_path / path).read_text("utf-8"))

    config = read("config.json")
    whole = "vocab_size hidden_size num_hidden_layers num_attention_heads intermediate_size"
    whole += " max_position_embeddings type_vocab_size pad_token_id"
    assert all(type(config[name]) is int for name in whole.split())
    decimals = ("hidden_dropout_prob", "initializer_range", "layer_norm_eps")
    assert all(type(config[name]) is float for name in decimals)
    assert type(config.get("use_cache", False)) is bool
    assert config["model_type"] == "xlm-roberta" and config["hidden_act"] == "gelu"
    assert config.get("position_embedding_type", "absolute") == "absolute"
    # An architecture that ends in "Classification" would be served as a classifier.
    assert config["architectures"] == ["XLMRobertaModel"] and "auto_map" not in config
    pooling = read("1_Pooling/config.json")
    assert pooling["pooling_mode_cls_token"] is False
    assert pooling["pooling_mode_mean_tokens"] is True
    assert read("sentence_bert_config.json")["max_seq_length"] == 512
    assert read("tokenizer.json")["model"]["type"] == "Unigram"
    assert not (tmp_path / "config_sentence_transformers.json").exists()
    # Weights without a prefix, or with `roberta.`; safetensors by this name.
    assert (tmp_path / "model.safetensors").is_file()


def test_content_pooling_is_refused_by_text_embeddings_inference(trained, tmp_path):
    """It would pool <s> and </s> too; without 1_Pooling/config.json it does not take the mean."""
    from translit_ppa.modeling.checkpoints.sentence_twin import export_sentence_twin

    checkpoint = copy(trained, tmp_path / "run", pooling="content")
    export_sentence_twin(checkpoint, tmp_path / "twin")
    assert not (tmp_path / "twin" / "1_Pooling").exists()
    assert (tmp_path / "twin" / "2_Pooling" / "config.json").is_file()


def test_the_python_of_both_cards_runs(hub, trained, tmp_path):
    """What the cards show is what a reader can paste: three libraries each."""
    pytest.importorskip("sentence_transformers")
    words = ["--license", "mit", "--no-examples"]
    lines = (["model", trained, "org/aligned"], ["sentence-model", trained, TWIN])
    publish_all(hub, tmp_path / "h", *([*line, *words] for line in lines))
    blocks = {
        name: re.findall(r"^```python\n(.*?)^```$", files["README.md"].decode(), re.M | re.S)
        for name in ("org/aligned", TWIN)
        if (files := hub.files("model", name))
    }
    assert {name: len(found) for name, found in blocks.items()} == {"org/aligned": 4, TWIN: 3}
    answer = ask(
        hub,
        tmp_path / "fresh",
        f"""
import numpy as np
answer = {{}}
for name, blocks in {blocks!r}.items():
    for block in blocks:
        names = {{}}
        exec(block, names)
        if "embeddings" in names:
            answer.setdefault(name, []).append(np.asarray(names["embeddings"]).tolist())
        if "fill" in names:
            answer["filled"] = len(names["fill"]("Ελλάδα <mask>"))
""",
    )
    assert answer["filled"] == 5
    assert [len(answer[name]) for name in ("org/aligned", TWIN)] == [2, 3]
    # All five ways from text to embeddings lead to the same place.
    rows = np.array([*answer["org/aligned"], *answer[TWIN]])
    assert rows.shape == (5, 2, 16) and np.ptp(rows, axis=0).max() < 1e-5
