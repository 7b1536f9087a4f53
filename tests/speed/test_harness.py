"""The benchmarks: both ways do the same work, timings alternate, records become the page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "speed").is_dir():
    pytest.skip("the benchmarks are not part of the wheel", allow_module_level=True)
sys.path.insert(0, str(ROOT))

from speed import authors_way  # noqa: E402
from speed.report import load, main, render  # noqa: E402
from speed.romanised_pieces import measure_new_pieces  # noqa: E402
from speed.settings import (  # noqa: E402
    TINY,
    ModernBertShape,
    NotMeasured,
    Settings,
    Shape,
)
from speed.text import TextOptions  # noqa: E402
from speed.timing import alternate, compare  # noqa: E402
from speed.training.gpu import measure_cuda, model_flops, time_on  # noqa: E402
from speed.training.step import build, gradient_step, require  # noqa: E402
from translit_ppa.modeling.training.data_collator import PairCollator  # noqa: E402


@pytest.mark.parametrize("shape", [Shape(3, 32, 2, 500), ModernBertShape(3, 32, 2, 500)], ids=str)
def test_both_ways_give_the_same_loss_and_gradients(tokenizer, rows, shape):
    model = build(shape, dropout=0.0)
    batch = PairCollator(tokenizer)([rows[i] for i in range(8)])
    gradients, losses = {}, {}
    for way in ("authors", "ours"):
        losses[way] = gradient_step(way, model, batch).item()
        gradients[way] = {n: p.grad.clone() for n, p in model.named_parameters()}
        model.zero_grad(set_to_none=True)
    assert losses["ours"] == pytest.approx(losses["authors"], rel=1e-4)
    whole = torch.cat([g.flatten() for g in gradients["authors"].values()]).norm()
    for name, expected in gradients["authors"].items():
        difference = (gradients["ours"][name] - expected).norm()
        # A key's bias has no effect on a softmax: its gradient is rounding alone.
        size = whole if name.endswith("key.bias") else expected.norm()
        assert difference <= 1e-4 * size, name


def test_bf16_is_only_timed_where_the_processor_has_it(monkeypatch):
    features = {"avx2": True, "avx512_bf16": False}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features)
    require("fp32")
    with pytest.raises(NotMeasured, match="bf16"):
        require("bf16")
    features["avx512_bf16"] = True
    require("bf16")


def test_authors_collator_keeps_its_contract(tokenizer, rows):
    texts = {"text": ["one two three", "x " * 600], "transliteration": ["four", "y " * 600]}
    columns = authors_way.tokenize(texts, tokenizer)
    table = [dict(zip(columns, v, strict=True)) for v in zip(*columns.values(), strict=True)]
    batch = authors_way.Collator(tokenizer)(table)
    ours = PairCollator(tokenizer)([rows[0], rows[1]])
    assert set(batch) == {name for name in ours if not name.endswith("group")}
    assert batch["joint_input_ids"].shape == (2, 512)
    masked = batch["joint_labels"] != -100
    assert 0.1 < masked[1].float().mean().item() < 0.2
    assert not (masked & batch["joint_special_tokens_mask"].bool()).any()


def test_authors_encoding_and_ranking(tokenizer):
    model = build(Shape(3, 32, 2, 500)).eval()
    vectors = authors_way.encode(model.roberta, tokenizer, ["one two", "three"], 2)
    assert vectors.shape == (2, 32)
    draw = np.random.default_rng(0)
    q, t = draw.normal(size=(4, 8)), draw.normal(size=(9, 8))
    unit = [m / np.linalg.norm(m, axis=1, keepdims=True) for m in (q, t)]
    expected = np.argsort(-(unit[0] @ unit[1].T), axis=1)[:, :3]
    assert (authors_way.nearest(q, t, 3) == expected).all()


def test_rounds_alternate_and_reverse():
    calls = []
    ticks = iter(range(1000))
    samples = alternate(
        {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")},
        rounds=3,
        clock=lambda: next(ticks),
    )
    assert "".join(calls) == "ab" + "ab" + "ba" + "ab"
    assert samples == {"a": [1, 1, 1], "b": [1, 1, 1]}


def test_a_comparison_becomes_a_row():
    result = compare(lambda: sum(range(20_000)), lambda: sum(range(2_000)), rounds=3, repeat=20)
    row = result.row("adding", "ms", 1000)
    assert row["low"] <= row["ratio"] <= row["high"] and row["rounds"] == 3
    assert row["ratio"] > 2


def test_a_quick_benchmark_writes_a_record_and_goes_on(tmp_path, capsys):
    words = [sys.executable, "-m", "speed", "--quick", "--rounds", "1", "--out", str(tmp_path)]
    words += ["--only", "collate"]
    first = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    (record,) = load(tmp_path / "records")
    assert [row["unit"] for row in record["rows"]] == ["ms", "ms"]
    assert record["settings"]["quick"] and "QUICK" in first.stdout
    assert str(ROOT) not in json.dumps(record)
    again = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert "already measured" in again.stdout
    assert main([str(tmp_path / "records")]) == 2
    assert "collate is from a quick look" in capsys.readouterr().err
    record["settings"]["quick"] = False
    (tmp_path / "records" / "collate.json").write_text(json.dumps(record), encoding="utf-8")
    assert main([str(tmp_path / "records")]) == 2
    assert "collate is from 1 rounds" in capsys.readouterr().err


def test_new_pieces_are_timed_on_text_that_they_were_not_learnt_from(tmp_path, tiny_base):
    settings = Settings(TextOptions(), tmp_path / "bench", rounds=1, quick=True)
    with pytest.raises(NotMeasured, match="--model"):
        measure_new_pieces(settings)
    (row,) = measure_new_pieces(replace(settings, model=str(tiny_base)))
    before, after = re.search(r"([\d.]+) -> ([\d.]+) pieces", row["note"]).groups()
    assert float(after) < float(before) and row["ours"] > 0
    assert str(tmp_path) not in json.dumps(row)


def test_an_unknown_benchmark_is_one_line(tmp_path):
    words = [sys.executable, "-m", "speed", "--only", "nothing", "--out", str(tmp_path)]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.startswith("error: unknown benchmark nothing; legal are ")
    assert "step-12x256-fp32" in run.stderr and run.stderr.count("\n") == 1


def test_a_folder_without_text_is_one_line(tmp_path):
    words = [sys.executable, "-m", "speed", "--out", str(tmp_path), "--text"]
    words.append(str(tmp_path / "none"))
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.startswith("error: ") and run.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_page_is_made_of_the_committed_records():
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert render(load(ROOT / "docs" / "performance")) in page


def test_model_flops_are_those_of_the_products(tokenizer, rows):
    """Against torch's own count of a step that has no padding and predicts in every position."""
    from torch.utils.flop_counter import FlopCounterMode

    shape = Shape(2, 32, 2, 500)
    ids = torch.randint(5, 500, (4, 12))
    batch = {}
    for prefix in ("", "transliteration_", "joint_"):
        batch |= {f"{prefix}input_ids": ids, f"{prefix}labels": ids}
        batch[f"{prefix}attention_mask"] = torch.ones_like(ids)
        batch[f"{prefix}special_tokens_mask"] = torch.zeros_like(ids)
    counter = FlopCounterMode(display=False)
    with counter:
        gradient_step("authors", build(shape), batch)
    # On top of the model's own: the head's dense layer, and the products of the contrast.
    extra = 3 * 6 * 32 * 32 * ids.numel()
    assert model_flops(shape, batch) == pytest.approx(counter.get_total_flops() - extra, rel=0.01)


def test_the_step_on_a_gpu_is_timed_by_pairs(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    settings = Settings(folder=tmp_path, rounds=1, quick=True)
    with pytest.raises(NotMeasured, match="CUDA"):
        measure_cuda(settings)
    # The same on the CPU, which is given the name of a device whose peak is known.
    rows = time_on(torch.device("cpu"), TINY, settings, (4, 8), "NVIDIA H100 80GB HBM3")
    assert [row["unit"] for row in rows] == ["ms per pair"] * 2
    for row, size in zip(rows, (4, 8), strict=True):
        assert row["what"].endswith(f"bf16, {size} pairs")
        rate = 1000 / row["ours"]
        assert f"{size} pairs at a time, {rate:,.0f} pairs a second (" in row["note"]
        assert row["note"].count("of 989 TFLOP/s") == 2
