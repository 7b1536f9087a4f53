"""Fine-tuning on a source language: transformers' Trainer, for texts and for tags.

In: a checkpoint, encoded examples, a function that scores the dev set. Out: the model with the
weights of its best evaluation. The seed is set before the head is drawn, so one seed is one score.

Source: arXiv 2406.19759, section 4.3 and appendix A; the rest is the authors' code.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from transformers import (
    AutoTokenizer,
    EarlyStoppingCallback,
    PrinterCallback,
    set_seed,
)

from ..opening import OWN_CODE, opening, position_count, require_fitting
from .settings import FineTuningSettings
from .trainer import DEV_SCORE, DevScoreTrainer, EvaluateLast, Quiet, training_arguments

Example = Mapping[str, list[int]]


@dataclass(frozen=True)
class Course:
    """What happened: epochs run, the epoch of the weights kept, dev scores in percent."""

    epochs: float
    best_epoch: float
    best_score: float
    dev_scores: tuple[float, ...]


class FineTuner(ABC):
    """A checkpoint with a fresh head for one task.

    Attributes:
        labels: Names of labels in the order of their ids.
        settings: How it is trained; examples are no longer than the model has positions for.
        seed: Of head, order and dropout.
    """

    auto_class: Any

    def __init__(
        self,
        model_name_or_path: str,
        labels: Sequence[str],
        settings: FineTuningSettings,
        *,
        seed: int,
        revision: str | None = None,
        device: str | None = None,
    ) -> None:
        """Open a checkpoint and draw the head.

        Raises:
            AlignmentError: If there is no such model.
        """
        self.labels = tuple(labels)
        self.seed = seed
        set_seed(seed)
        with opening(model_name_or_path), Quiet():
            self.model = self.auto_class.from_pretrained(
                model_name_or_path,
                revision=revision,
                # In full, as the paper; without it transformers keeps a half-precision file.
                dtype=torch.float32,
                num_labels=len(self.labels),
                id2label=dict(enumerate(self.labels)),
                label2id={label: number for number, label in enumerate(self.labels)},
                **OWN_CODE,
            )
            self.tokenizer: Any = AutoTokenizer.from_pretrained(
                model_name_or_path, revision=revision, **OWN_CODE
            )
        require_fitting(self.model, self.tokenizer, model_name_or_path)
        self.settings = settings.within(position_count(self.model.config))
        self.model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))

    @abstractmethod
    def encode(self, inputs: Sequence[Any], gold: Sequence[Any] | None) -> list[Example]:
        """Turn inputs, and their gold labels when training, into `input_ids` and `labels`."""

    @abstractmethod
    def predict(self, inputs: Sequence[Any]) -> list[Any]:
        """Label inputs: one label per text, or one tag per word."""

    @abstractmethod
    def pad(self, examples: Sequence[Example]) -> dict[str, torch.Tensor]:
        """Make one batch; with `labels` where the examples have them."""

    def fit(
        self,
        inputs: Sequence[Any],
        gold: Sequence[Any],
        dev_score: Callable[[], float],
    ) -> Course:
        """Train, and keep the weights with the best dev score (of equal ones the earliest).

        Args:
            inputs: Texts, or sentences as lists of words.
            gold: Their labels, or lists of tags.
            dev_score: Scores the model as it stands on the source's dev set.

        Returns:
            The course of the training.
        """
        settings = self.settings
        examples = self.encode(inputs, gold)
        every = settings.evaluate_every
        with TemporaryDirectory() as folder, Quiet():
            trainer = self._trainer(
                examples,
                folder,
                dev_score,
                num_train_epochs=settings.epochs,
                eval_strategy="steps" if every else "epoch",
                eval_steps=every,
                # What is best so far lies on disk: a second set of weights need not fit in memory.
                save_strategy="best",
                save_total_limit=1,
                save_only_model=True,
                metric_for_best_model=DEV_SCORE,
                greater_is_better=True,
                load_best_model_at_end=True,
            )
            if settings.selection == "early_stopping":
                trainer.add_callback(EarlyStoppingCallback(settings.patience))
            trainer.train()
        state = trainer.state
        per_step = settings.batch_size * settings.gradient_accumulation
        steps_per_epoch = -(-len(examples) // per_step)
        return Course(
            state.global_step / steps_per_epoch,
            (state.best_global_step or 0) / steps_per_epoch,
            float(state.best_metric or 0.0),
            tuple(trainer.dev_scores),
        )

    def adapted(self, inputs: Sequence[Any], gold: Sequence[Any], epochs: int) -> FineTuner:
        """Continue on a few labelled examples of a target language, in a copy.

        No dev set is used: with few labels there is none. Every epoch counts.

        Args:
            inputs: As for `fit`.
            gold: As for `fit`.
            epochs: Passes over them.

        Returns:
            The copy; this model stays as it is.
        """
        other = copy.copy(self)
        other.model = copy.deepcopy(self.model)
        with TemporaryDirectory() as folder, Quiet():
            other._trainer(
                other.encode(inputs, gold), folder, num_train_epochs=epochs, save_strategy="no"
            ).train()
        return other

    def save(self, folder: Path) -> None:
        """Write model and tokenizer as a checkpoint; the folder appears whole or not at all."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as aside, Quiet():
            made = Path(aside) / folder.name
            self.model.save_pretrained(made)
            self.tokenizer.save_pretrained(made)
            made.rename(folder)

    def _trainer(
        self,
        examples: list[Example],
        folder: str,
        dev_score: Callable[[], float] | None = None,
        **arguments: Any,
    ) -> DevScoreTrainer:
        """Make what trains this model on examples."""
        settings = self.settings
        trainer = DevScoreTrainer(
            self.model,
            training_arguments(settings, folder, self.seed, self.model.device, arguments),
            data_collator=self.pad,
            train_dataset=examples,
            # Wanted by the Trainer, though `dev_score` reads a dev set of its own.
            eval_dataset=examples,
            callbacks=[EvaluateLast()],
        )
        trainer.dev_score, trainer.dev_scores = dev_score, []
        # It prints to the terminal where there is no progress bar.
        trainer.remove_callback(PrinterCallback)
        # The losses of accumulated batches are averaged, as by the authors.
        trainer.model_accepts_loss_kwargs = False
        return trainer

    @torch.inference_mode()
    def logits(self, examples: Sequence[Example]) -> list[torch.Tensor]:
        """Run encoded examples, in their order; similar lengths share a batch."""
        self.model.eval()
        order = sorted(range(len(examples)), key=lambda i: len(examples[i]["input_ids"]))
        found: list[torch.Tensor | None] = [None] * len(examples)
        size = self.settings.eval_batch_size
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            padded = self.pad([{"input_ids": examples[row]["input_ids"]} for row in rows])
            batch = {name: tensor.to(self.model.device) for name, tensor in padded.items()}
            device = self.model.device.type
            with torch.autocast(device, torch.bfloat16, enabled=self.settings.bf16):
                scored = self.model(**batch).logits.float().cpu()
            for row, logits in zip(rows, scored, strict=True):
                found[row] = logits
        return [logits for logits in found if logits is not None]
