"""The Trainer of a fine-tuning: quiet, on one device, with a score of its own as what is best."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from transformers import (
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.utils import logging

from .settings import FineTuningSettings


def training_arguments(
    settings: FineTuningSettings,
    folder: str,
    seed: int,
    device: torch.device,
    more: Mapping[str, Any],
) -> TrainingArguments:
    """Say to the Trainer how it trains: the settings, on one device."""
    arguments = TrainingArguments(
        folder,
        seed=seed,
        learning_rate=settings.learning_rate,
        per_device_train_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.gradient_accumulation,
        max_grad_norm=settings.max_grad_norm or 0.0,
        weight_decay=settings.weight_decay,
        adam_epsilon=settings.adam_epsilon,
        optim="adamw_torch",
        bf16=settings.bf16,
        use_cpu=device.type == "cpu",
        dataloader_pin_memory=False,
        remove_unused_columns=False,
        disable_tqdm=True,
        logging_strategy="no",
        report_to="none",
        **more,
    )
    # More devices would make larger batches than the settings say.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments


DEV_SCORE = "eval_dev_score"


class DevScoreTrainer(Trainer):
    """A Trainer that evaluates by asking for the score of the dev set.

    Attributes:
        dev_score: Asked at each evaluation.
        dev_scores: What it answered.
    """

    dev_score: Callable[[], float] | None
    dev_scores: list[float]

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Score the model as it stands."""
        assert self.dev_score is not None
        self.dev_scores.append(self.dev_score())
        metrics = {DEV_SCORE: self.dev_scores[-1]}
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics


class EvaluateLast(TrainerCallback):
    """Evaluates after the last step too, however many steps lie between evaluations."""

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Ask for an evaluation where this step is the last."""
        if state.global_step == state.max_steps and args.eval_strategy == "steps":
            control.should_evaluate = True


class Quiet:
    """Keep transformers from listing the weights of the head that are new, as they should be.

    Its progress bars would tear that of the matrix.
    """

    def __enter__(self) -> None:
        self.level = logging.get_verbosity()
        self.bars = logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()

    def __exit__(self, *_: object) -> None:
        logging.set_verbosity(self.level)
        if self.bars:
            logging.enable_progress_bar()
