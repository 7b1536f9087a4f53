"""A checkpoint that is not as it was written is passed over, and that is said in one line."""

import json
import shutil

import pytest

from tiny_models import LATIN, SENTENCES, small_config, tokenised
from training_examples import make_trainer
from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.training.resuming.whole_checkpoint import (
    last_whole_checkpoint,
    require_whole,
)


@pytest.fixture(scope="module")
def trained_once(tmp_path_factory, tokenizer):
    from transformers import XLMRobertaForMaskedLM

    folder = tmp_path_factory.mktemp("checkpoints")
    XLMRobertaForMaskedLM(small_config(tokenizer)).save_pretrained(folder / "base")
    rows = tokenised(SENTENCES, LATIN, tokenizer)
    options = {"save_strategy": "steps", "save_steps": 1, "max_steps": 2, "logging_steps": 2}
    make_trainer(folder / "base", tokenizer, rows, folder / "run", **options).train()
    return folder / "run"


@pytest.fixture
def run(trained_once, tmp_path):
    shutil.copytree(trained_once, tmp_path / "run")
    return tmp_path / "run"


def passed_over(run, capsys):
    assert last_whole_checkpoint(run) == str(run / "checkpoint-1")
    said = capsys.readouterr().err
    assert said.startswith(f"notice: {run / 'checkpoint-2'}") and said.count("\n") == 1
    with pytest.raises(AlignmentError) as caught:
        require_whole(run / "checkpoint-2", 2)
    assert "\n" not in str(caught.value)


def test_the_newest_one_that_is_whole(run, capsys):
    (run / "checkpoint-3").mkdir()  # cut off while it was written
    (run / "checkpoint-²").mkdir()
    (run / "checkpoint-x").mkdir()
    assert last_whole_checkpoint(run) == str(run / "checkpoint-2")
    assert capsys.readouterr().err == ""
    assert last_whole_checkpoint(run / "nothing") is None


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "3", '"a"', "true", "{}", "{", "[" * 100_000, '{"global_step": 2}', "\x00"],
)
def test_a_state_that_is_none(run, capsys, text):
    (run / "checkpoint-2" / "trainer_state.json").write_text(text)
    passed_over(run, capsys)


CHANGES = [
    *(("global_step", value) for value in (None, -2, 0, 1, 3, True, "2", 2.5, [], {})),
    *(("epoch", value) for value in (None, -1.0, "1", True, [], 1e999)),
    *(("max_steps", value) for value in (None, -1, True, "2", 2.5)),
    *(("log_history", value) for value in (None, {}, [3], [{}], [], [{"step": -1}])),
    *(("best_metric", value) for value in ("a", True, [], 0.5)),
    *(("best_global_step", value) for value in ("a", -1, 1)),
    ("best_model_checkpoint", 3),
    *(("total_flos", value) for value in (None, "a", True, 1)),
    *(("stateful_callbacks", value) for value in (None, [], {}, {"course": {}})),
    *(("logging_steps", 1), ("num_train_epochs", 5), ("something", 1)),
]


@pytest.mark.parametrize(("name", "value"), CHANGES)
@pytest.mark.parametrize("sealed", [True, False])
def test_a_state_that_was_changed(run, capsys, name, value, sealed):
    path = run / "checkpoint-2" / "trainer_state.json"
    state = json.loads(path.read_text())
    if not sealed:  # as versions before wrote it: its shape alone is known
        del state["stateful_callbacks"]["course"]
        plausible = [("best_metric", 0.5), ("best_global_step", 1), ("log_history", [])]
        plausible += [("total_flos", 1), ("logging_steps", 1), ("num_train_epochs", 5)]
        if (name, value) in plausible:
            return
    path.write_text(json.dumps({**state, name: value}))
    passed_over(run, capsys)


@pytest.mark.parametrize("value", [None, [], 3, {}, {"seal": None}, {"seal": "sha256:0"}])
def test_a_course_that_was_changed(run, capsys, value):
    path = run / "checkpoint-2" / "trainer_state.json"
    state = json.loads(path.read_text())
    state["stateful_callbacks"]["course"] = value
    path.write_text(json.dumps(state))
    if value is None:
        require_whole(run / "checkpoint-2")  # as an earlier version wrote it
    else:
        passed_over(run, capsys)


def test_a_state_without_a_field(run, capsys):
    path = run / "checkpoint-2" / "trainer_state.json"
    state = json.loads(path.read_text())
    for name in ("global_step", "epoch", "log_history", "stateful_callbacks", "max_steps"):
        path.write_text(json.dumps({n: value for n, value in state.items() if n != name}))
        passed_over(run, capsys)


FILES = ["model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", "config.json"]
FILES += ["tokenizer.json", "tokenizer_config.json"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["flip", "cut", "lose"])
def test_a_file_that_was_changed(run, capsys, name, how):
    path = run / "checkpoint-2" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if how == "lose":
        path.unlink()
    else:
        path.write_bytes(content if how == "flip" else content[:-7])
    passed_over(run, capsys)


def test_everything_beside_the_state_is_sealed(run):
    folder = run / "checkpoint-2"
    state = json.loads((folder / "trainer_state.json").read_text())
    sealed = set(state["stateful_callbacks"]["course"]["files"])
    assert sealed == {path.name for path in folder.iterdir()} - {"trainer_state.json"}
    assert sealed >= set(FILES)
    assert "training_args.bin" not in sealed  # a pickle that no training reads


def test_a_config_that_an_older_version_did_not_seal(run, capsys):
    path = run / "checkpoint-2" / "trainer_state.json"
    state = json.loads(path.read_text())
    del state["stateful_callbacks"]["course"]
    path.write_text(json.dumps(state))
    require_whole(run / "checkpoint-2")
    (run / "checkpoint-2" / "config.json").write_text("{")
    passed_over(run, capsys)
