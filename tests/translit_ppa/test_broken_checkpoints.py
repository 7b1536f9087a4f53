"""A broken checkpoint is one line and status 2, in every command that opens it."""

from __future__ import annotations

import json
import os
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from corridor_examples import train_words, write_pairs, write_parallel
from translit_ppa.command_line import main

NULL = {f"{name} {text[:5]}": (name, text) for name in ("config.json", "tokenizer.json")
        for text in ("null", "{}", '{"a":' * 100_000)}  # fmt: skip
PIPE = object()
RECORD = {f"record {text}": ("train_record.json", text) for text in ("null", "{")}
FILES = {
    **NULL,
    **RECORD,
    "no tokenizer": ("tokenizer.json", None),
    "weights of none": ("model.safetensors", b"\x02\0\0\0\0\0\0\0{}"),
    "weights cut": ("model.safetensors", b"\x40\0\0\0\0\0\0\0{"),
    "weights empty": ("model.safetensors", b""),
    "pickle": ("pytorch_model.bin", b"\x80\x04."),
    "index": ("model.safetensors.index.json", "null"),
    "index of nothing": ("model.safetensors.index.json", '{"weight_map": {}}'),
    "alignment": ("alignment", 3),
    "alignment objectives": ("alignment", {"objectives": 3}),
    "alignment layer": ("alignment", {"layer": "a"}),
    "other shapes": ("intermediate_size", 8),
    "few rows": ("rows", 20),
    "weights are a pipe": ("model.safetensors", PIPE),
    "tokenizer is a pipe": ("tokenizer.json", PIPE),
}
READS_RECORD = ("eval", "map", "interpolate", "publish", "twin", "card")


def break_it(folder, name, content):
    config = folder / "config.json"
    if name in ("alignment", "intermediate_size"):
        config.write_text(json.dumps({**json.loads(config.read_text()), name: content}))
    elif name == "rows":
        weights = load_file(folder / "model.safetensors")
        rows = json.loads(config.read_text())["vocab_size"]
        kept = {n: t[:-content].clone() if len(t) == rows else t for n, t in weights.items()}
        save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
        fewer = {**json.loads(config.read_text()), "vocab_size": rows - content}
        config.write_text(json.dumps(fewer))
    elif content is None or content is PIPE:
        (folder / name).unlink()
        if content is PIPE:
            os.mkfifo(folder / name)
    else:
        if name != "model.safetensors" and ("model" in name):
            (folder / "model.safetensors").unlink()
        text = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(text)


@pytest.fixture(scope="module")
def given(tmp_path_factory, trained):
    folder = tmp_path_factory.mktemp("given")
    pairs, bench = write_pairs(folder / "data"), write_parallel(folder / "bench")
    return pairs, bench, trained.parent / "base"


@pytest.mark.parametrize("case", FILES)
def test_what_is_broken_is_one_line_everywhere(trained, given, tmp_path, case, capsys, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")
    name, content = FILES[case]
    pairs, bench, base = map(str, given)
    model, out = str(tmp_path / "model"), str(tmp_path / "out")
    shutil.copytree(trained, model)
    break_it(tmp_path / "model", name, content)
    stage = ["--dry-run", "--license", "mit", "--stage", out]
    commands = {
        "eval": ["eval", "--model", model, "--benchmark", f"parallel:{bench}", "--out", out],
        "train": ["train", *train_words(model, pairs, out, "--max-steps", "1")],
        "map": [
            *("map", "--model", model, "--benchmark", f"parallel:{bench}"),
            *("--group", "mediterranean", "--out", f"{out}.png"),
        ],
        "vocabulary": ["vocabulary", "--model", model, "--pairs", pairs, "--out", out],
        "interpolate": ["interpolate", base, model, "--alpha", "0.5", "--out", out],
        "from": ["interpolate", model, base, "--alpha", "0.5", "--out", out],
        "restore": ["restore-vocabulary", model, base, out],
        "publish": ["publish", "model", model, "org/m", "--records", pairs, *stage],
        "twin": ["publish", "sentence-model", model, "org/m-sentence", *stage],
        "card": ["publish", "card", "model", model, "org/m"],
        "convert": ["publish", "convert", model, "--out", out],
        "space": [
            *("publish", "space", "org/s", "--base", base, "--aligned", model),
            *("--dry-run", "--stage", out),
        ],
    }
    for command, words in commands.items():
        if name == "train_record.json" and command not in READS_RECORD:
            continue
        if command == "vocabulary" and name != "tokenizer.json":
            continue  # it opens the tokenizer alone
        if command == "train" and name == "alignment":
            continue  # it has options of its own
        status = main(words)
        told = capsys.readouterr().err
        line = told[told.find("error: ") :]
        assert status == 2, (command, told[-300:])
        assert told.count("error: ") == 1 and line.count("\n") == 1, (command, told[-600:])
        assert not (tmp_path / "out" / "config.json").exists(), command
        assert not (tmp_path / ".out.staging").exists(), command


def test_weights_that_are_no_numbers(trained, given, tmp_path, capsys):
    shutil.copytree(trained, tmp_path / "model")
    weights = load_file(tmp_path / "model" / "model.safetensors")
    weights = {name: torch.full_like(tensor, torch.nan) for name, tensor in weights.items()}
    save_file(weights, tmp_path / "model" / "model.safetensors", metadata={"format": "pt"})
    words = ["eval", "--model", str(tmp_path / "model"), "--out", str(tmp_path / "out")]
    assert main([*words, "--benchmark", f"parallel:{given[1]}"]) == 2
    assert "some embeddings are no finite numbers" in capsys.readouterr().err


def test_a_score_record_that_is_a_pipe(tmp_path, capsys):
    (tmp_path / "records").mkdir()
    os.mkfifo(tmp_path / "records" / "srb.jsonl")
    words = ["results", "--records", str(tmp_path / "records"), "--out", str(tmp_path / "page.md")]
    assert main(words) == 2
    assert "srb.jsonl: is no regular file" in capsys.readouterr().err
