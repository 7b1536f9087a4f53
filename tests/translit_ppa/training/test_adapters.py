"""LoRA: adapters alone are trained, the checkpoint is plain, and a run goes on where it was cut."""

from __future__ import annotations

import json
import sys

import pytest
import torch
from safetensors.torch import load_file

from corridor_examples import train, train_words, write_pairs
from modernbert_models import save_modernbert


def weights(folder):
    return load_file(folder / "model.safetensors")


@pytest.fixture
def bases(tiny_base, tmp_path):
    save_modernbert(tmp_path / "modern")
    return {"xlm-roberta": tiny_base, "modernbert": tmp_path / "modern"}


@pytest.mark.parametrize("family", ["xlm-roberta", "modernbert"])
def test_what_comes_out_is_plain_and_differs_by_little_matrices(bases, tmp_path, family):
    pytest.importorskip("peft")
    base, pairs, output = bases[family], write_pairs(tmp_path / "data"), tmp_path / "run"
    words = ("--lora-rank", "2", "--max-steps", "3", "--learning-rate", "0.01")
    assert train(train_words(base, pairs, output, *words)) == 0
    before, after = weights(base), weights(output)
    assert before.keys() == after.keys()
    changed = {n for n in before if not torch.equal(before[n], after[n])}
    part = ".layers." if family == "modernbert" else ".encoder.layer."
    assert changed and all(part in n and n.endswith("weight") for n in changed)
    linear = {n for n in before if part in n and before[n].dim() == 2}
    assert changed <= linear
    for name in changed:
        values = torch.linalg.svdvals((after[name] - before[name]).double())
        assert values[2] < 1e-6 < values[0], name
    record = json.loads((output / "train_record.json").read_text(encoding="utf-8"))
    assert record["arguments"]["lora_rank"] == 2


def test_a_run_with_adapters_goes_on_where_it_was_cut(tiny_base, tmp_path):
    pytest.importorskip("peft")
    pairs = write_pairs(tmp_path / "data")
    words = ("--lora-rank", "2", "--save-strategy", "steps", "--save-steps", "2")
    whole = train_words(tiny_base, pairs, tmp_path / "whole", *words, "--max-steps", "4")
    assert train(whole) == 0
    (tmp_path / "cut").mkdir()
    (tmp_path / "whole" / "checkpoint-2").rename(tmp_path / "cut" / "checkpoint-2")
    cut = train_words(tiny_base, pairs, tmp_path / "cut", *words, "--max-steps", "4")
    assert train([*cut, "--resume-from-checkpoint", "last"]) == 0
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--lora-rank", "0"), "lora_rank is 0. Legal: 1 or more"),
        (("--lora-rank", "2"), "lora_rank needs the package peft. Install it: pip install"),
    ],
)
def test_what_is_wrong_is_one_line(tiny_base, tmp_path, capsys, monkeypatch, words, expected):
    monkeypatch.setitem(sys.modules, "peft", None)
    assert train(train_words(tiny_base, tmp_path / "none", tmp_path / "run", *words)) == 2
    told = capsys.readouterr().err
    assert expected in told and told.count("\n") == 1
    assert not (tmp_path / "run").exists()
