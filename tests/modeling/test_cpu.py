"""Freed memory goes back to the system; a processor without bf16 is told so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from transformers import TrainerControl, TrainerState, TrainingArguments

from translit_ppa.modeling.training.arguments import make_arguments
from translit_ppa.modeling.training.machine import cpu
from translit_ppa.training.checks import check_options


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="needs Linux's /proc")
def test_what_was_freed_in_pieces_is_returned():
    if not cpu.return_memory():
        pytest.skip("this C library cannot return memory")
    # Small enough for the heap. What lives on lies between what is freed, and above it.
    blocks = [torch.ones(16_384) for _ in range(4_000)]
    kept = blocks[::40]
    del blocks
    before = _resident()
    cpu.return_memory()
    assert before - _resident() > 150 << 20
    assert all(bool(block.all()) for block in kept)


def test_memory_is_returned_now_and_then(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(cpu, "return_memory", lambda: calls.append(1))
    callback = cpu.ReturnMemoryCallback()
    args = TrainingArguments(output_dir=str(tmp_path), use_cpu=True, report_to="none")
    state, control = TrainerState(), TrainerControl()
    for step in range(2 * cpu.MICRO_BATCHES):
        event = callback.on_step_end if step % 8 == 7 else callback.on_substep_end
        event(args, state, control)
        assert len(calls) == (step + 1) // cpu.MICRO_BATCHES


@pytest.mark.parametrize("native", [True, False])
def test_bf16_is_noticed_where_a_processor_emulates_it(native, monkeypatch, capsys, tmp_path):
    features = {"avx2": True, "avx512_bf16": native, "amx_bf16": False}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features)
    options = {"output_dir": str(tmp_path), "use_cpu": True, "bf16": True}
    inputs, _, _, training = make_arguments(options)
    check_options(inputs, training)
    assert ("no bf16 arithmetic" in capsys.readouterr().err) is not native
