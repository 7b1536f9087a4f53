"""A checkpoint on a Hub over HTTP, opened by the untouched clients, with a card from records."""

from __future__ import annotations

import json
import shutil

import pytest

from hub_examples import eval_fields
from loopback_clients import ask, published
from loopback_hub import loopback_hub
from publish_examples import SENTENCES, build_folder, digest_of, other_seed, write_scores


@pytest.fixture
def hub():
    with loopback_hub() as running:
        yield running


def test_the_stock_classes_open_a_published_checkpoint(hub, trained, tmp_path):
    base = json.loads((trained / "train_record.json").read_text("utf-8"))["base_revision"]
    records, other = tmp_path / "scores", other_seed(trained, tmp_path / "other", 43)
    write_scores(records, "run", digest_of(trained), 40.0)
    write_scores(records, "run", base, 10.0)
    # The same name, other weights: a seed that is named below, and a stranger.
    write_scores(records, "run", digest_of(other), 50.0)
    write_scores(records, "run", "sha256:a-stranger", 77.0)
    output = published(
        *(hub, tmp_path / "h", "model", trained, "org/aligned", "--license", "mit"),
        *("--other-seeds", other, "--records", records, build_folder(trained)),
    )
    assert "model.safetensors" in output and "optional training class" in output
    assert len(hub.history("model", "org/aligned")) == 2
    files = hub.files("model", "org/aligned")
    config = json.loads(files["config.json"])
    assert config["architectures"] == ["XLMRobertaForMaskedLM"]
    assert not [path for path in files if path.endswith((".bin", ".pt", ".pkl"))]
    for folder in (tmp_path, trained.parent):
        assert str(folder).encode() not in b"".join(
            data for path, data in files.items() if not path.endswith(".safetensors")
        )
    card = files["README.md"].decode()
    rows = [line for line in card.splitlines() if line.startswith("| `cldr@47` ")]
    assert rows == [
        "| `cldr@47` | original | top-1 | 10.0 | 40.0 |  | 45.0 (40.0 to 50.0) | 0.2 | 2 |",
        "| `cldr@47` | original | top-5 | 20.0 | 50.0 |  | 55.0 (50.0 to 60.0) | 1.2 | 2 |",
        "| `cldr@47` | original | top-10 | 30.0 | 60.0 | +30.0 (+25.3 to +34.7), better "
        "| 65.0 (60.0 to 70.0) | 2.5 | 2 |",
    ]
    assert "passed over, scores of other models: run (sha256:a-stranger)" in output
    assert "77" not in card.partition("## Results")[2].partition("## Training")[0]
    assert card.count("value: 40.0") == 1 and "pipeline_tag: fill-mask" in card
    assert "| energy | not measured |" in card and "| steps | 2 |" in card
    assert "| licence of the data | unknown |" in card
    assert {"figures/losses.png", "figures/cldr-original.png"} <= set(files)
    drawn = files["figures/cldr-original.csv"].decode().splitlines()
    assert drawn[1] == "ell_Grek,eng_Latn,top10,30.0,60.0,30.0" and len(drawn) == 3
    assert "ell_Grek" in card and "example_title: ell_Grek" in card

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
local = AutoModelForMaskedLM.from_pretrained({str(trained)!r})
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


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--records", "{scores}"), "no score among the records is of"),
        ((), "nobody says under which licence these weights stand"),
        (("--license", "other"), "legal: a name that the Hub knows"),
        (("--license", "mit", "--license-name", "x"), "belong to --license other"),
    ],
)
def test_one_line_and_nothing_staged(trained, tmp_path, capsys, words, expected):
    from publish_examples import publish_command as main

    records, stage = tmp_path / "scores", tmp_path / "stage"
    records.mkdir()
    (records / "other.json").write_text(json.dumps(eval_fields()), "utf-8")
    words = [word.format(scores=records) for word in words]
    words += ["--dry-run", "--stage", str(stage), "--no-examples"]
    assert main(["model", str(trained), "org/m", *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    assert expected in error and not stage.exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"model_digest": "sha256:a-stranger"}, "no score among the records is of"),
        ({"version": "0.0.9"}, "version: came 0.1.0 and 0.0.9 for cldr@47; legal: one"),
        ({"items": None}, "EvalRecord: missing field items; legal: kind, version"),
        ({"items": "1 2"}, "items: came 2; legal: one for each of pool 400"),
        ({"scores": {"top1": float("nan")}}, "scores.top1: came nan; legal: a finite number"),
        ({"scores": {"top1": None}}, "scores.top1: came None; legal: a finite number"),
    ],
)
@pytest.mark.parametrize("command", ["card", "model"])
def test_records_that_cannot_be_used_are_one_line(
    trained, tmp_path, capsys, command, changes, expected
):
    from publish_examples import publish_command as main

    records = tmp_path / "scores"
    records.mkdir()
    fields = eval_fields(benchmark="cldr@47", model_digest=digest_of(trained), layer=2) | changes
    fields = {
        name: value for name, value in fields.items() if value is not None or "translit" in name
    }
    (records / "one.json").write_text(json.dumps(fields), "utf-8")
    if "version" in changes:
        write_scores(records, "run", digest_of(trained), 40.0)
    words = [str(trained), "org/m", "--records", str(records), "--no-examples", "--license", "mit"]
    stage = tmp_path / "stage"
    words = ["card", "model", *words] if command == "card" else ["model", *words, "--dry-run"]
    assert main([*words, *([] if command == "card" else ["--stage", str(stage)])]) == 2
    output = capsys.readouterr()
    assert output.err.startswith("error: ") and output.err.count("\n") == 1
    assert expected in output.err and output.out == ""
    assert command == "card" or not stage.exists()


def _without_tokenizer(folder):
    for name in ("tokenizer.json", "sentencepiece.bpe.model", "vocab.txt"):
        (folder / name).unlink(missing_ok=True)


def _truncate(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:200])


@pytest.mark.parametrize("kind", ["model", "sentence-model"])
@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (_without_tokenizer, "holds no tokenizer; legal is one of tokenizer.json"),
        (_truncate, "was it copied whole, or is it a Git LFS pointer?"),
        (
            lambda folder: (folder / "model.safetensors").write_text("version https://git-lfs"),
            "was it copied whole, or is it a Git LFS pointer?",
        ),
        (
            lambda folder: (folder / "tokenizer.json").write_text("{}"),
            "its tokenizer cannot be opened",
        ),
        (
            lambda folder: (folder / "config.json").write_text("[]"),
            "holds list; legal: a JSON object",
        ),
    ],
)
def test_a_damaged_checkpoint_is_refused(trained, tmp_path, capsys, kind, damage, expected):
    from publish_examples import publish_command as main

    folder = tmp_path / "damaged"
    shutil.copytree(trained, folder)
    damage(folder)
    words = ["--dry-run", "--no-examples", "--license", "mit"]
    assert main([kind, str(folder), "org/m-sentence", *words]) == 2
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1


def test_a_model_in_place_of_its_twin_leaves_nothing_of_it(hub, trained, tmp_path):
    words = ("--license", "mit", "--no-examples")
    published(hub, tmp_path / "h1", "sentence-model", trained, "org/x", "--full", "org/y", *words)
    assert "modules.json" in hub.files("model", "org/x")
    published(hub, tmp_path / "h1", "model", trained, "org/x", *words)
    left = set(hub.files("model", "org/x"))
    assert not [path for path in left if path == "modules.json" or "Pooling" in path]
    published(hub, tmp_path / "h1", "sentence-model", trained, "org/x", "--full", "org/y", *words)
    assert not [path for path in hub.files("model", "org/x") if path.endswith(".py")]
