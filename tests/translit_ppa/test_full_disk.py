"""A disk that takes no more of a checkpoint is one line and status 2, and leaves nothing."""

from __future__ import annotations

import resource
import shutil
from contextlib import contextmanager

import pytest
import torch
from safetensors.torch import load_file

from corridor_examples import train_words, write_pairs
from translit_ppa.command_line import main


@contextmanager
def full_disk(most):
    """No file grows beyond so many bytes; writing past them fails as where no room is left."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def commands(trained, tmp_path):
    """Every command that writes a checkpoint; weights, tokenizer and state have 4 to 60 kB."""
    base, out, run = str(trained.parent / "base"), str(tmp_path / "out"), str(trained)
    pickled = tmp_path / "pickled"
    shutil.copytree(base, pickled)
    torch.save(load_file(pickled / "model.safetensors"), pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    pairs = write_pairs(tmp_path / "data")
    steps = ("--max-steps", "2", "--save-strategy", "steps", "--save-steps", "1")
    return {
        "interpolate": ["interpolate", base, run, "--alpha", "0.5", "--out", out],
        "convert": ["publish", "convert", str(pickled), "--out", out],
        "restore": ["restore-vocabulary", run, base, out],
        "twin": [
            *("publish", "sentence-model", run, "org/m-sentence", "--dry-run"),
            *("--license", "mit", "--stage", out),
        ],
        "train": ["train", *train_words(base, pairs, out, *steps)],
        "trim": ["train", *train_words(base, pairs, out, "--max-steps", "1", "--trim-vocabulary")],
    }


@pytest.mark.parametrize("name", ["interpolate", "convert", "restore", "twin", "train", "trim"])
@pytest.mark.parametrize("most", [0, 2048, 6000])
def test_a_full_disk_is_one_line(commands, tmp_path, capsys, monkeypatch, name, most):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")
    with full_disk(most):
        status = main(commands[name])
    told = capsys.readouterr().err
    assert status == 2, told[-2000:]
    lines = [line for line in told.splitlines(keepends=True) if line.startswith("error: ")]
    assert len(lines) == 1 and told.endswith(lines[0]), told
    assert not (tmp_path / "out" / "config.json").exists()


def test_the_state_of_a_training_meets_a_full_disk(commands, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")
    weights = (tmp_path / "pickled" / "pytorch_model.bin").stat().st_size
    with full_disk(int(weights * 1.2)):  # those of Adam are twice as large
        assert main(commands["train"]) == 2
    assert "is there room on the disk?" in capsys.readouterr().err
    assert not list(tmp_path.glob("out/checkpoint-*/trainer_state.json"))
