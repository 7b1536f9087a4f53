"""A trainer on tiny rows, and the gradients of its first step."""

from __future__ import annotations

from transformers import TrainingArguments

from translit_ppa.modeling import AlignmentConfig, load_for_alignment
from translit_ppa.modeling.training.data_collator import PairCollator
from translit_ppa.modeling.training.trainer import AlignmentTrainer


def make_trainer(base, tokenizer, rows, folder, objectives=("mlm", "seq", "tlm"), **options):
    settings = {
        "output_dir": str(folder),
        "use_cpu": True,
        "per_device_train_batch_size": 4,
        "num_train_epochs": 2,
        "learning_rate": 1e-3,
        "logging_steps": 1,
        "save_strategy": "no",
        "remove_unused_columns": False,
        "disable_tqdm": True,
        "report_to": "none",
        "max_grad_norm": 0.0,
    }
    extra = {
        key: options.pop(key) for key in ("retrieval_metrics", "eval_dataset") if key in options
    }
    collator = options.pop("collator", None) or PairCollator(tokenizer, objectives=objectives)
    arguments = TrainingArguments if "kind" not in options else options.pop("kind")
    model = load_for_alignment(str(base), AlignmentConfig(objectives=objectives))
    return AlignmentTrainer(
        model=model,
        args=arguments(**{**settings, **options}),
        train_dataset=rows,
        data_collator=collator,
        **extra,
    )


def step_gradients(trainer):
    """Gradients of the first optimiser step, as the trainer accumulates them."""
    captured = {}
    step = trainer.create_optimizer().step

    def capture(*args, **kwargs):
        if not captured:
            for name, parameter in trainer.model.named_parameters():
                if parameter.grad is not None:
                    captured[name] = parameter.grad.clone()
        return step(*args, **kwargs)

    trainer.optimizer.step = capture
    trainer.train()
    return captured


def max_difference(a, b):
    assert a.keys() == b.keys() and a
    return max((a[name] - b[name]).abs().max().item() for name in a)
