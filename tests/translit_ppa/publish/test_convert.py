"""`translit-ppa publish convert`: a folder of the authors' shape becomes safe, no hostile one."""

from __future__ import annotations

import json
import os
import pickle

import pytest
import torch

from publish_examples import publish_command as main


@pytest.fixture
def pickled(tiny_base, tmp_path):
    """Plain XLM-R as the authors published it: one pickle, an old config, an almost empty card."""
    from transformers import AutoModelForMaskedLM

    folder = tmp_path / "old"
    tiny_base.rename(folder)
    state = dict(AutoModelForMaskedLM.from_pretrained(folder).state_dict())
    # What releases of 2022 saved besides.
    state["roberta.embeddings.position_ids"] = torch.arange(514).unsqueeze(0)
    state["roberta.pooler.dense.weight"] = torch.zeros(16, 16)
    torch.save(state, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config |= {"_name_or_path": "glot500-base", "torch_dtype": config.pop("dtype")}
    config |= {"transformers_version": "4.24.0", "output_past": True}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "README.md").write_text("---\nlanguage:\n- tr\n---\n", "utf-8")
    return folder


class Hostile:
    """Runs a command where it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


def logits(folder):
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    batch = AutoTokenizer.from_pretrained(folder)(["Ελλάδα <mask>"], return_tensors="pt")
    model = AutoModelForMaskedLM.from_pretrained(folder).eval()
    with torch.inference_mode():
        return model(**batch).logits


def refused(folder, capsys, *words):
    """Convert, see it refused in one line, and see that nothing new lies beside the folder."""
    before = sorted(folder.parent.rglob("*"))
    assert main(["convert", str(folder), *words]) == 2
    error = capsys.readouterr().err
    lines = [line for line in error.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1 and "Traceback" not in error
    assert sorted(folder.parent.rglob("*")) == before
    return lines[0]


def test_a_folder_of_the_authors_shape(pickled, tmp_path, capsys):
    expected = logits(pickled)
    assert main(["convert", str(pickled)]) == 0
    assert "written to" in capsys.readouterr().out
    out = tmp_path / "old-safetensors"
    files = {path.name for path in out.iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "README.md"} <= files
    assert not [name for name in files if name.endswith((".bin", ".pkl", ".pt"))]
    assert torch.equal(logits(out), expected)
    card = (out / "README.md").read_text("utf-8")
    assert "license: unknown" in card and "# old-safetensors" in card
    assert "| base | not measured |" in card and "| steps | not measured |" in card
    assert "Nobody has said under which licence" in card
    config = json.loads((out / "config.json").read_text("utf-8"))
    assert config["architectures"] == ["XLMRobertaForMaskedLM"]
    # What was converted can be published, and its layer is that of the paper: 2/3 of all.
    stage = tmp_path / "stage"
    words = ["--license", "mit", "--dry-run", "--stage", str(stage)]
    assert main(["model", str(out), "org/old", *words]) == 0
    card = (stage / "README.md").read_text("utf-8")
    assert "layer 2 of 3" in card and "license: mit" in card


def test_a_stated_licence_stands_in_the_card(pickled, tmp_path):
    assert main(["convert", str(pickled), "--out", str(tmp_path / "o"), "--license", "mit"]) == 0
    card = (tmp_path / "o" / "README.md").read_text("utf-8")
    assert "license: mit" in card and "Nobody has said" not in card


@pytest.mark.parametrize("old_format", [False, True])
def test_a_hostile_pickle_is_refused_and_nothing_of_it_runs(pickled, tmp_path, capsys, old_format):
    mark = tmp_path / "it-ran"
    state = {"roberta.embeddings.word_embeddings.weight": Hostile(mark)}
    if old_format:
        (pickled / "pytorch_model.bin").write_bytes(pickle.dumps(state))
    else:
        torch.save(state, pickled / "pytorch_model.bin")
    assert "nothing of it was run" in refused(pickled, capsys)
    assert not mark.exists()
    # The file is indeed hostile: without the guard it runs.
    torch.load(pickled / "pytorch_model.bin", weights_only=False) if not old_format else (
        pickle.loads((pickled / "pytorch_model.bin").read_bytes())
    )
    assert mark.exists()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("cut", "it is broken, or holds more than tensors"),
        ("gone", "has no pytorch_model.bin"),
        ("list", "no plain table of tensors"),
        ("keys", "the weights do not fit the config"),
        ("code", "is no model folder"),
    ],
)
def test_a_damaged_folder_is_refused(pickled, tmp_path, capsys, damage, expected):
    file = pickled / "pytorch_model.bin"
    if damage == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif damage == "gone":
        file.unlink()
    elif damage == "list":
        torch.save([torch.zeros(2)], file)
    elif damage == "keys":
        torch.save({"encoder.weight": torch.zeros(2)}, file)
    else:
        config = json.loads((pickled / "config.json").read_text("utf-8"))
        config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Mine"}}
        (pickled / "config.json").write_text(json.dumps(config), "utf-8")
        (pickled / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", "utf-8")
    assert expected in refused(pickled, capsys)
    assert not (tmp_path / "ran").exists()


def test_what_is_there_is_not_overwritten(pickled, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    assert "exists; give another --out" in refused(pickled, capsys, "--out", str(out))
    assert list(out.iterdir()) == []


def test_an_interruption_leaves_nothing_behind(pickled, tmp_path, monkeypatch):
    from translit_ppa.publish import conversion

    def interrupt(*args):
        raise KeyboardInterrupt

    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(conversion, "stage_story", interrupt)
    assert main(["convert", str(pickled)]) == 130
    assert sorted(tmp_path.rglob("*")) == before


def _another_activation(folder):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "hidden_act": "no such"}), "utf-8")


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), "holds no tokenizer"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "is no model folder"),
        (
            lambda folder: (folder / "pytorch_model.bin.index.json").write_text("{}"),
            "names no shards (weight_map)",
        ),
        (_another_activation, "KeyError: 'no such'"),
    ],
)
def test_a_folder_that_lacks_something_is_refused(pickled, tmp_path, capsys, damage, expected):
    damage(pickled)
    assert main(["convert", str(pickled), "--out", str(tmp_path / "out"), "--license", "mit"]) == 2
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_weights_of_another_shape_are_refused(pickled, tmp_path, capsys):
    state = torch.load(pickled / "pytorch_model.bin", weights_only=True)
    name = next(key for key in state if key.endswith("intermediate.dense.weight"))
    torch.save(state | {name: state[name][:1]}, pickled / "pytorch_model.bin")
    assert main(["convert", str(pickled), "--out", str(tmp_path / "out"), "--license", "mit"]) == 2
    assert "the weights do not fit the config" in capsys.readouterr().err
