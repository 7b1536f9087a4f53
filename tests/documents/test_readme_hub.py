"""What the README says of the Hub is true: its commands publish, and its snippet loads."""

from __future__ import annotations

import json
import shutil

import pytest

from loopback_clients import BUILD, ask, run_module
from loopback_hub import loopback_hub
from publish_examples import digest_of, publish_all, write_scores
from readme_blocks import TEXT, blocks, commands, files_shown
from translit_ppa.hub_cards.hub.card_check import check_card, front_matter


def publications() -> list[list[str]]:
    """Words of every `publish.py` command of the sections on checkpoints, in their order."""
    found = [words[2:] for words in commands() if words[:2] == ["python", "publish.py"]]
    return [words for words in found if words[0] != "space"]


@pytest.fixture
def workplace(tmp_path, trained, monkeypatch):
    """A folder with what the commands name: pairs, a model, its scores, a pickled checkpoint."""
    import torch
    from transformers import AutoModelForMaskedLM

    from translit_ppa.data_builders import build_pairs

    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_text").mkdir()
    (tmp_path / "my_group.tsv").write_text(files_shown()["my_group.tsv"], "utf-8")
    for name, text in TEXT.items():
        (tmp_path / "my_text" / name).write_text(text, "utf-8")
    built = build_pairs("my_group.tsv", "files:my_text", "runs/my_pairs", progress=False)
    model = tmp_path / "runs" / "my_model"
    shutil.copytree(trained, model)
    record = json.loads((model / "train_record.json").read_text("utf-8"))
    data = {"name": "runs/my_pairs", "config": "my_group", "digest": built["digest"], "rows": 2}
    (model / "train_record.json").write_text(json.dumps(record | {"data": data}), "utf-8")
    write_scores(tmp_path / "runs" / "my_scores", "my_model", digest_of(model), 30.0)
    shutil.copytree(model, tmp_path / "old-checkpoint")
    state = AutoModelForMaskedLM.from_pretrained(model).state_dict()
    torch.save(state, tmp_path / "old-checkpoint" / "pytorch_model.bin")
    for name in ("model.safetensors", "train_record.json"):
        (tmp_path / "old-checkpoint" / name).unlink()
    return tmp_path


def test_the_commands_publish_and_the_snippet_loads(workplace, tmp_path_factory):
    pytest.importorskip("sentence_transformers")
    (snippet,) = (code for code in blocks("python", "test") if "org/my-model" in code)
    lines = publications()
    assert [words[0] for words in lines] == [
        "dataset", "model", "sentence-model", "dataset", "card", "convert"
    ]  # fmt: skip
    with loopback_hub() as hub:
        printed = publish_all(hub, workplace, *lines)
        check_card(printed[4], "model")
        metrics = front_matter(printed[4])["model-index"][0]["results"][0]["metrics"]
        assert metrics[0]["value"] == 30.0
        assert (workplace / "old-checkpoint-safetensors" / "model.safetensors").is_file()
        (rebuild,) = (words[3:] for words in commands() if words[3:4] == ["rebuild"])
        done = run_module(BUILD, hub, workplace, *rebuild)
        assert done.returncode == 0, done.stderr
        for shard in (workplace / "runs" / "my_pairs" / "my_group").glob("translit-*"):
            again = workplace / "runs" / "rebuilt" / "my_group" / shard.name
            assert again.read_bytes() == shard.read_bytes()
        for name in ("org/my-model", "org/my-model-sentence"):
            card = front_matter(hub.files("model", name)["README.md"].decode())
            assert card["license"] == "apache-2.0" and card["language"] == ["ell", "khk"]
        answer = ask(
            hub,
            tmp_path_factory.mktemp("fresh"),
            f"{snippet}\nanswer = [pairs.num_rows, model.config.num_hidden_layers, "
            "twin[0].auto_model.config.num_hidden_layers, list(scores.shape)]",
        )
    assert answer == [2, 3, 2, [1, 2]]


def test_the_two_commands_that_no_test_runs_name_what_was_published():
    served = [words for words in commands() if words[0] == "docker"]
    exported = [words for words in commands() if words[0] == "optimum-cli"]
    assert [words[-2:] for words in served] == [["--model-id", "org/my-model-sentence"]]
    assert [words[4] for words in exported] == ["org/my-model-sentence"]
    # The cards give the same image.
    from importlib.resources import files

    card = (files("translit_ppa.hub_cards.cards") / "templates" / "model.md").read_text("utf-8")
    assert served[0][4] in card and served[0][4].endswith(":cpu-1.9")
