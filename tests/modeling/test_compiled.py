"""`--torch-compile` changes no gradient, and says before a training what it lacks."""

from __future__ import annotations

import json

import pytest
import torch

from corridor_examples import train, train_words, write_pairs
from translit_ppa.modeling import AlignmentConfig, load_for_alignment
from translit_ppa.modeling.training.data_collator import PairCollator
from translit_ppa.modeling.training.machine.compiled import compile_layers


@pytest.fixture(autouse=True)
def afresh():
    # What other tests compiled counts against dynamo's limits, and in its counters.
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    yield
    torch._dynamo.reset()


def test_compiled_layers_give_the_same_gradients(tiny_base, tokenizer, rows):
    collate = PairCollator(tokenizer)
    gradients = []
    for compiled in (False, True):
        model = load_for_alignment(str(tiny_base), AlignmentConfig())
        names = set(model.state_dict())
        if compiled:
            compile_layers(model, "aot_eager")
        assert set(model.state_dict()) == names
        model.eval()  # no dropout
        for size in (8, 5, 3):
            model(**collate([rows[i] for i in range(size)])).loss.backward()
        gradients.append({n: p.grad for n, p in model.named_parameters() if p.grad is not None})
    assert torch._dynamo.utils.counters["frames"]["ok"] > 0
    stock, ours = gradients
    assert stock.keys() == ours.keys()
    for name, expected in stock.items():
        assert torch.allclose(ours[name], expected, rtol=1e-5, atol=1e-6), name


def test_a_training_takes_the_option(tiny_base, tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")
    # The check of the compiler compiles something too; what counts is what the layers compile.
    monkeypatch.setattr("translit_ppa.training.checks.check_compiler", lambda *_: None)
    pairs, output = write_pairs(tmp_path / "data"), tmp_path / "out"
    words = ["--max-steps", "2", "--torch-compile-backend", "aot_eager"]
    assert train(train_words(tiny_base, pairs, output, *words)) == 0
    assert torch._dynamo.utils.counters["frames"]["ok"] > 0
    record = json.loads((output / "train_record.json").read_text(encoding="utf-8"))
    assert record["arguments"]["torch_compile"] is True
    assert load_for_alignment(str(output)).config.num_hidden_layers == 3


def test_what_cannot_compile_is_refused_at_once(tiny_base, tmp_path, capsys):
    output = tmp_path / "out"
    words = ["--torch-compile-backend", "no_such_backend"]
    assert train(train_words(tiny_base, tmp_path / "none", output, *words)) == 2
    message = capsys.readouterr().err
    assert "no_such_backend" in message and "leave out --torch-compile" in message
    assert len(message.strip().splitlines()) == 1
    assert not output.exists()
