"""Training: exact accumulation, resuming with the same masks, named losses, best checkpoint."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from training_examples import make_trainer, max_difference, step_gradients
from translit_ppa.modeling import AlignmentConfig, load_for_alignment
from translit_ppa.modeling.training.data_collator import PairCollator
from translit_ppa.modeling.training.token_budget import split_by_tokens


def test_accumulated_language_modelling_equals_one_batch(tiny_base, tokenizer, rows, tmp_path):
    options = {"objectives": ("mlm", "tlm"), "max_steps": 1}
    whole = make_trainer(
        tiny_base, tokenizer, rows, tmp_path / "a", per_device_train_batch_size=8, **options
    )
    counts = [
        (whole.data_collator([rows[i] for i in half])["labels"] != -100).sum().item()
        for half in (range(4), range(4, 8))
    ]
    assert counts[0] != counts[1], "the test needs unequal numbers of masked tokens"
    split = make_trainer(
        tiny_base, tokenizer, rows, tmp_path / "b", gradient_accumulation_steps=2, **options
    )
    one, two = step_gradients(whole), step_gradients(split)
    assert max_difference(one, two) < 1e-6
    assert whole.state.log_history[0]["loss"] == pytest.approx(
        split.state.log_history[0]["loss"], rel=1e-5
    )
    assert whole.state.log_history[0]["tlm"] == pytest.approx(
        split.state.log_history[0]["tlm"], rel=1e-5
    )


def test_accumulated_contrast_is_the_mean_of_its_micro_batches(
    tiny_base, tokenizer, rows, tmp_path
):
    trainer = make_trainer(
        tiny_base,
        tokenizer,
        rows,
        tmp_path,
        objectives=("seq",),
        max_steps=1,
        gradient_accumulation_steps=2,
    )
    micro = list(trainer.get_train_dataloader())
    gradients = step_gradients(trainer)
    model = load_for_alignment(str(tiny_base), AlignmentConfig(objectives=("seq",)))
    losses = [model(**batch).loss for batch in micro]
    (sum(losses) / 2).backward()
    expected = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    assert max_difference(gradients, expected) < 1e-6
    assert trainer.state.log_history[0]["seq"] == pytest.approx(
        sum(loss.item() for loss in losses) / 2, rel=1e-5
    )


def test_log_holds_every_part(tiny_base, tokenizer, rows, tmp_path):
    trainer = make_trainer(tiny_base, tokenizer, rows, tmp_path, logging_steps=2)
    trainer.train()
    first = trainer.state.log_history[0]
    parts = first["mlm_original"] + first["mlm_latin"] + first["seq"] + first["tlm"]
    assert first["loss"] == pytest.approx(parts, rel=1e-4)


def test_resume_repeats_the_uninterrupted_run(tiny_base, tokenizer, rows, tmp_path):
    options = {
        "save_strategy": "steps",
        "save_steps": 3,
        "per_device_train_batch_size": 2,
        "num_train_epochs": 2,
    }

    def with_dropout(trainer):
        for module in trainer.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.1
        return trainer

    def losses(trainer):
        return {e["step"]: e["loss"] for e in trainer.state.log_history if "loss" in e}

    whole = with_dropout(make_trainer(tiny_base, tokenizer, rows, tmp_path / "whole", **options))
    whole.train()
    assert set(losses(whole)) == set(range(1, 9))

    resumed = with_dropout(
        make_trainer(tiny_base, tokenizer, rows, tmp_path / "resumed", **options)
    )
    shutil.copytree(tmp_path / "whole" / "checkpoint-3", tmp_path / "resumed" / "checkpoint-3")
    resumed.train(resume_from_checkpoint=str(tmp_path / "resumed" / "checkpoint-3"))
    assert losses(resumed) == losses(whole)
    for name, parameter in whole.model.named_parameters():
        assert torch.equal(parameter, dict(resumed.model.named_parameters())[name]), name


def test_best_checkpoint_by_retrieval(tiny_base, tokenizer, rows, tmp_path):
    scores = iter([10.0, 30.0, 20.0, 5.0])
    trainer = make_trainer(
        tiny_base,
        tokenizer,
        rows,
        tmp_path,
        eval_dataset=rows,
        retrieval_metrics=lambda model: {"top10": next(scores)},
        eval_strategy="steps",
        eval_steps=1,
        save_strategy="steps",
        save_steps=1,
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="top10",
        greater_is_better=True,
    )
    trainer.train()
    assert trainer.state.best_metric == 30.0
    assert trainer.state.best_model_checkpoint.endswith("checkpoint-2")
    evaluations = [e for e in trainer.state.log_history if "eval_top10" in e]
    assert [e["eval_top10"] for e in evaluations] == [10.0, 30.0, 20.0, 5.0]
    saved = json.loads((tmp_path / "checkpoint-2" / "config.json").read_text())
    assert saved["architectures"] == ["XLMRobertaForMaskedLM"]


@pytest.mark.parametrize("precision", ["bf16"])
def test_half_precision_trains(tiny_base, tokenizer, rows, tmp_path, precision):
    trainer = make_trainer(tiny_base, tokenizer, rows, tmp_path, **{precision: True})
    trainer.train()
    full = make_trainer(tiny_base, tokenizer, rows, tmp_path)
    full.train()
    first, expected = trainer.state.log_history[0], full.state.log_history[0]
    assert first["loss"] == pytest.approx(expected["loss"], rel=0.05)
    assert first["loss"] != expected["loss"]


@pytest.mark.parametrize("objectives", [("mlm", "seq", "tlm"), ("seq",), ("mlm",)], ids="+".join)
def test_token_budget_changes_no_gradient(tiny_base, tokenizer, rows, tmp_path, objectives):
    """Parts of 60 tokens, dropout included where the contrast is encoded twice."""
    options = {"objectives": objectives, "max_steps": 1, "per_device_train_batch_size": 8}
    whole = make_trainer(tiny_base, tokenizer, rows, tmp_path / "a", **options)
    parts = make_trainer(tiny_base, tokenizer, rows, tmp_path / "b", **options)
    parts.args.tokens_per_batch = 60
    (batch,) = parts.get_train_dataloader()
    sizes = [len(part["input_ids"]) for part in split_by_tokens(batch, 60)]
    assert sum(sizes) == 8 and len(sizes) > 2
    one, two = step_gradients(whole), step_gradients(parts)
    assert max_difference(one, two) < 1e-5
    first, second = whole.state.log_history[0], parts.state.log_history[0]
    for name in {"loss", "mlm_original", "mlm_latin", "seq", "tlm"} & set(first):
        assert second[name] == pytest.approx(first[name], rel=1e-5), name


def test_cached_contrast_sees_the_same_dropout(tiny_base, tokenizer, rows):
    from translit_ppa.modeling.training.token_budget import CachedContrast

    model = load_for_alignment(str(tiny_base), AlignmentConfig(objectives=("mlm", "seq"))).train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.5
    batch = PairCollator(tokenizer, objectives=("mlm", "seq"))([rows[i] for i in range(8)])
    parts = split_by_tokens(batch, 60)
    torch.manual_seed(3)
    contrast = CachedContrast(model, parts, batch, None)
    again = []
    for index, part in enumerate(parts):
        with contrast.part(index):
            again.append(model(**part, sentences_only=True)["latin"])
    leaves = torch.cat(again)
    torch.manual_seed(3)
    assert not torch.equal(leaves, model(**batch, sentences_only=True)["latin"])
    torch.manual_seed(3)
    first = [model(**part, sentences_only=True)["latin"] for part in parts]
    assert torch.equal(leaves, torch.cat(first))


def test_gradient_checkpointing_changes_no_gradient(tiny_base, tokenizer, rows, tmp_path):
    options = {"max_steps": 1, "per_device_train_batch_size": 8}
    kept = step_gradients(make_trainer(tiny_base, tokenizer, rows, tmp_path / "a", **options))
    trainer = make_trainer(
        tiny_base, tokenizer, rows, tmp_path / "b", gradient_checkpointing=True, **options
    )
    recomputed = step_gradients(trainer)
    assert all(layer.gradient_checkpointing for layer in trainer.model.base_model.encoder.layer)
    assert max_difference(kept, recomputed) < 1e-6
