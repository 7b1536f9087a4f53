"""Fine-tuning on a source language: one loop for texts and for tags.

In: a checkpoint, encoded examples, a function that scores the dev set. Out: the model with the
weights of its best evaluation. The seed is set before the head is drawn, so one seed is one score.

Source: arXiv 2406.19759, section 4.3 and appendix A; the rest is the authors' code.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoTokenizer, get_linear_schedule_with_warmup, set_seed
from transformers.utils import logging

from ..aligned.alignment_config import AlignmentError
from .settings import FineTuningSettings

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
        settings: How it is trained.
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
        self.settings = settings
        self.seed = seed
        set_seed(seed)
        try:
            with _Quiet():
                self.model = self.auto_class.from_pretrained(
                    model_name_or_path,
                    revision=revision,
                    # In full, as the paper; without it transformers keeps a half-precision file.
                    dtype=torch.float32,
                    num_labels=len(self.labels),
                    id2label=dict(enumerate(self.labels)),
                    label2id={label: number for number, label in enumerate(self.labels)},
                )
            self.tokenizer: Any = AutoTokenizer.from_pretrained(
                model_name_or_path, revision=revision
            )
        except OSError as error:
            raise AlignmentError(f"cannot open the model {model_name_or_path}: {error}") from error
        self.model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))

    @abstractmethod
    def encode(self, inputs: Sequence[Any], gold: Sequence[Any] | None) -> list[Example]:
        """Turn inputs, and their gold labels when training, into `input_ids` and `labels`."""

    @abstractmethod
    def predict(self, inputs: Sequence[Any]) -> list[Any]:
        """Label inputs: one label per text, or one tag per word."""

    @abstractmethod
    def pad(self, examples: Sequence[Example]) -> dict[str, torch.Tensor]:
        """Make one batch, on the model's device."""

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
        steps_per_epoch = -(
            -len(examples) // (settings.batch_size * settings.gradient_accumulation)
        )
        total = steps_per_epoch * settings.epochs
        every = settings.evaluate_every or steps_per_epoch
        best_score, best_step, best_state = float("-inf"), 0, {}
        dev_scores: list[float] = []
        step = since_best = 0
        for step in self._steps(examples, settings.epochs, total):
            if step % every and step != total:
                continue
            dev_scores.append(dev_score())
            since_best += 1
            if dev_scores[-1] > best_score:
                best_score, best_step, since_best = dev_scores[-1], step, 0
                # Copied to main memory: a second set of weights need not fit on the device.
                best_state = {k: v.cpu().clone() for k, v in self.model.state_dict().items()}
            if settings.selection == "early_stopping" and since_best >= settings.patience:
                break
        self.model.load_state_dict(best_state)
        return Course(
            step / steps_per_epoch, best_step / steps_per_epoch, best_score, tuple(dev_scores)
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
        examples = other.encode(inputs, gold)
        per_step = self.settings.batch_size * self.settings.gradient_accumulation
        for _ in other._steps(examples, epochs, epochs * -(-len(examples) // per_step)):
            pass
        return other

    def _steps(self, examples: list[Example], epochs: int, total: int) -> Any:
        """Train, yielding the number of steps done after each."""
        settings = self.settings
        # From here on the only draws are dropout; order has a generator of its own, so that
        # evaluating more often changes nothing.
        set_seed(self.seed)
        order = torch.Generator().manual_seed(self.seed)
        optimiser = torch.optim.AdamW(
            self.model.parameters(),
            lr=settings.learning_rate,
            eps=settings.adam_epsilon,
            weight_decay=settings.weight_decay,
        )
        schedule = get_linear_schedule_with_warmup(optimiser, 0, total)
        per_step = settings.batch_size * settings.gradient_accumulation
        done = 0
        for _ in range(epochs):
            shuffled = torch.randperm(len(examples), generator=order).tolist()
            for start in range(0, len(shuffled), per_step):
                self.model.train()
                rows = shuffled[start : start + per_step]
                parts = [
                    rows[i : i + settings.batch_size]
                    for i in range(0, len(rows), settings.batch_size)
                ]
                for part in parts:
                    loss = self.model(**self.pad([examples[row] for row in part])).loss
                    (loss / len(parts)).backward()
                if settings.max_grad_norm is not None:
                    torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.max_grad_norm)
                optimiser.step()
                schedule.step()
                optimiser.zero_grad()
                done += 1
                yield done

    @torch.inference_mode()
    def logits(self, examples: Sequence[Example]) -> list[torch.Tensor]:
        """Run encoded examples, in their order; similar lengths share a batch."""
        self.model.eval()
        order = sorted(range(len(examples)), key=lambda i: len(examples[i]["input_ids"]))
        found: list[torch.Tensor | None] = [None] * len(examples)
        size = self.settings.eval_batch_size
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            batch = self.pad([{"input_ids": examples[row]["input_ids"]} for row in rows])
            for row, logits in zip(rows, self.model(**batch).logits.cpu(), strict=True):
                found[row] = logits
        return [logits for logits in found if logits is not None]


class _Quiet:
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
