"""A training killed in the middle goes on as if nothing had been; two processes equal one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from corridor_examples import (
    command,
    environment,
    run,
    train,
    train_words,
    write_pairs,
    write_parallel,
)
from translit_ppa.hub_cards import TrainRecord

NOT_RUN = ("train_", "total_flos")


@pytest.fixture(autouse=True)
def like_a_process_of_its_own(tmp_path, monkeypatch):
    """One thread, as the subprocesses have: sums of other lengths round otherwise."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def record_of(output) -> TrainRecord:
    return TrainRecord.from_dict(json.loads((output / "train_record.json").read_text("utf-8")))


def course(record):
    """The history without the clock: entries of steps, as they were logged."""
    return [e for e in record.history if not any(name.startswith(NOT_RUN) for name in e)]


def largest_difference(a, b):
    left, right = load_file(a / "model.safetensors"), load_file(b / "model.safetensors")
    assert left.keys() == right.keys()
    return max((left[name] - right[name]).abs().max().item() for name in left)


@pytest.fixture
def base(tmp_path, tiny_base):
    """The tiny base with dropout, so that the generator's state matters too."""
    config = json.loads((tiny_base / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
    (tiny_base / "config.json").write_text(json.dumps(config))
    return tiny_base


def wait_for(condition, process, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, f"it ended with {process.returncode}"
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.002)


def test_kill_and_resume(base, tmp_path):
    pairs = write_pairs(tmp_path / "data")
    # 35 pairs, 9 steps an epoch: the kill falls into the second epoch or later.
    more = ["--max-steps", "40", "--save-strategy", "steps", "--save-steps", "5"]
    more += ["--learning-rate", "1e-3", "--warmup-steps", "4"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert train(train_words(base, pairs, whole, *more)) == 0

    words = train_words(base, pairs, killed, *more)
    with (tmp_path / "log.txt").open("w") as log:
        process = subprocess.Popen(
            command(words), cwd=tmp_path, env=environment(tmp_path), stdout=log, stderr=log
        )
        try:
            wait_for((killed / "checkpoint-15" / "trainer_state.json").exists, process)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode == -signal.SIGKILL
    assert not (killed / "train_record.json").exists()
    assert not (killed / "checkpoint-40" / "trainer_state.json").exists()
    # As a kill in the middle of saving leaves it; the state is what the Trainer writes last.
    (killed / "checkpoint-99").mkdir()
    (killed / "checkpoint-99" / "model.safetensors").write_bytes(b"cut off")

    assert train([*words, "--resume-from-checkpoint", "last"]) == 0
    one, other = record_of(whole), record_of(killed)
    assert [e["step"] for e in course(other)] == list(range(1, 41))
    assert course(other) == course(one)
    assert (other.steps, other.epochs) == (one.steps, one.epochs)
    assert largest_difference(whole, killed) == 0.0


TIMES = ("runtime", "per_second", "seal")


def told(file):
    """What a JSON file of a training says but for times, and for where it lies."""

    def without_times(value):
        if isinstance(value, dict):
            kept = [name for name in value if not any(time in name for time in TIMES)]
            return {name: without_times(value[name]) for name in kept}
        return [without_times(x) for x in value] if isinstance(value, list) else value

    found = without_times(json.loads(file.read_text("utf-8")))
    if file.name == "train_record.json":
        for name in ("created", "seconds", "machine"):
            del found[name]
    if found.get("best_model_checkpoint"):
        found["best_model_checkpoint"] = Path(found["best_model_checkpoint"]).name
    return found


def files_of(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): p for p in files}


OFTEN = ["--max-steps", "14", "--logging-steps", "4", "--save-strategy", "steps"]
COURSES = {
    # A save between two entries of the log, behind an epoch of 9 steps, and behind the last step.
    "between": [*OFTEN, "--save-steps", "3", "--eval-strategy", "epoch"],
    "best": [
        *(*OFTEN, "--save-steps", "5", "--eval-strategy", "steps", "--eval-steps", "5"),
        *("--eval-on-start", "true", "--load-best-model-at-end", "true"),
    ],
}


@pytest.mark.parametrize(("name", "stops"), [("between", [6, 9, 14]), ("best", [5, 14])])
def test_a_resumed_run_equals_the_whole_in_every_file(base, tmp_path, name, stops):
    pairs = write_pairs(tmp_path / "data")
    more = [*COURSES[name]]
    if name == "best":
        more += ["--validation-benchmark", f"parallel:{write_parallel(tmp_path / 'bench')}"]
    whole = tmp_path / "whole"
    assert train(train_words(base, pairs, whole, *more)) == 0
    # The best one so far is found although the folder has another name now.
    whole = whole.rename(tmp_path / "moved")
    for stop in stops:
        cut = tmp_path / f"cut-{stop}"
        for path in whole.glob("checkpoint-*"):
            if int(path.name.removeprefix("checkpoint-")) <= stop:
                shutil.copytree(path, cut / path.name)
        words = train_words(base, pairs, cut, *more, "--resume-from-checkpoint", "last")
        assert train(words) == 0
        one, other = files_of(whole), files_of(cut)
        assert list(one) == list(other)
        for path, file in one.items():
            if file.suffix == ".json":
                assert told(file) == told(other[path]), path
            else:
                assert file.read_bytes() == other[path].read_bytes(), path
        assert record_of(cut).steps == 14


def test_the_best_checkpoint_must_be_there(base, tmp_path, capsys):
    pairs = write_pairs(tmp_path / "data")
    more = [*COURSES["best"], "--validation-benchmark"]
    more += [f"parallel:{write_parallel(tmp_path / 'bench')}"]
    words = train_words(base, pairs, tmp_path / "out", *more)
    assert train(words) == 0
    state = json.loads((tmp_path / "out/checkpoint-14/trainer_state.json").read_text())
    best = Path(state["best_model_checkpoint"])
    (tmp_path / "out" / "train_record.json").unlink()
    for path in tmp_path.glob("out/checkpoint-*"):
        if path.name != "checkpoint-14" or best.name == path.name:
            shutil.rmtree(path)
    if best.name == "checkpoint-14":
        pytest.skip("the last is the best")
    assert train([*words, "--resume-from-checkpoint", "last"]) == 2
    assert f"error: {best} is gone, the best checkpoint so far" in capsys.readouterr().err


def test_two_processes_equal_one_with_the_joint_batch(tiny_base, tmp_path):
    """Plain gradient descent, because Adam would blow rounding up to a whole learning rate.

    The sampler's permutation is cut into batches, dealt to the ranks in turn: rank 0 has the first
    four pairs of the joint batch of eight, rank 1 the other four.
    """
    pairs = write_pairs(tmp_path / "data")
    more = ["--max-steps", "2", "--optim", "sgd", "--learning-rate", "0.05"]
    one, two = tmp_path / "one", tmp_path / "two"
    joint = ["--per-device-train-batch-size", "8"]
    assert train(train_words(tiny_base, pairs, one, *more, *joint)) == 0
    run(train_words(tiny_base, pairs, two, *more), tmp_path, processes=2)
    assert (record_of(one).arguments["world_size"], record_of(two).arguments["world_size"]) == (
        1,
        2,
    )
    assert record_of(two).arguments["per_device_train_batch_size"] == 4
    single, double = course(record_of(one)), course(record_of(two))
    assert [e["step"] for e in double] == [1, 2]
    for expected, got in zip(single, double, strict=True):
        for name in ("loss", "mlm_original", "mlm_latin", "seq", "tlm", "grad_norm"):
            assert got[name] == pytest.approx(expected[name], rel=1e-4), name
    assert largest_difference(tiny_base, one) > 1e-3, "the steps must move the weights"
    assert largest_difference(one, two) < 1e-5
    assert sorted(path.name for path in one.iterdir()) == sorted(
        path.name for path in two.iterdir()
    )
