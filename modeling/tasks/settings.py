"""How each benchmark is fine-tuned: the paper's hyper-parameters as defaults.

Source: arXiv 2406.19759, section 4.3 and appendix A; the rest is the authors' code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..aligned.alignment_config import AlignmentError

LEAST_LENGTH = 4
"""Room for both special tokens and something between them."""

SELECTIONS = ("early_stopping", "best_epoch")


@dataclass(frozen=True)
class FineTuningSettings:
    """How a model is fine-tuned; the defaults of each task are `TASK_SETTINGS`.

    Attributes:
        learning_rate: Peak; falls linearly to 0, no warm-up.
        epochs: At most this many.
        max_length: Subwords per example, specials included.
        batch_size: Examples per forward.
        gradient_accumulation: Forwards per step.
        max_grad_norm: Clipping; None for none.
        weight_decay: Of AdamW.
        adam_epsilon: Of AdamW.
        selection: `early_stopping` (the paper's text) or `best_epoch` of all (the authors' code).
        patience: Evaluations without a better dev score before stopping. The paper names none.
        evaluate_every: Steps between evaluations, besides the last; None: after each epoch.
        eval_batch_size: Examples per forward when predicting.
        bf16: Compute in bfloat16 where that is safe (autocast); the weights stay in full.
    """

    learning_rate: float
    epochs: int
    max_length: int
    batch_size: int = 32
    gradient_accumulation: int = 1
    max_grad_norm: float | None = None
    weight_decay: float = 0.0
    adam_epsilon: float = 1e-8
    selection: str = "early_stopping"
    patience: int = 5
    evaluate_every: int | None = None
    eval_batch_size: int = 64
    bf16: bool = False

    def __post_init__(self) -> None:
        if self.selection not in SELECTIONS:
            raise AlignmentError(
                f"selection: came {self.selection!r}; legal: {', '.join(SELECTIONS)}"
            )
        for name in ("epochs", "batch_size", "gradient_accumulation", "patience"):
            if getattr(self, name) < 1:
                raise AlignmentError(f"{name}: came {getattr(self, name)}; legal: 1 or more")
        if self.max_length < LEAST_LENGTH:
            raise AlignmentError(
                f"max_length: came {self.max_length}; legal: {LEAST_LENGTH} or more"
            )
        if not 0 < self.learning_rate < float("inf"):
            raise AlignmentError(f"learning_rate: came {self.learning_rate}; legal: more than 0")

    def within(self, positions: int) -> FineTuningSettings:
        """Cut examples at what a model has positions for, if that is less."""
        return replace(self, max_length=min(self.max_length, positions))


TASK_SETTINGS = {
    "taxi1500": FineTuningSettings(learning_rate=1e-5, epochs=40, max_length=100),
    "sib200": FineTuningSettings(learning_rate=1e-5, epochs=40, max_length=160),
    "ner": FineTuningSettings(
        learning_rate=2e-5,
        epochs=5,
        max_length=256,
        gradient_accumulation=2,
        max_grad_norm=1.0,
        patience=2,
    ),
    "pos": FineTuningSettings(
        learning_rate=2e-5,
        epochs=10,
        max_length=256,
        gradient_accumulation=2,
        max_grad_norm=1.0,
        patience=3,
    ),
}
"""The paper's hyper-parameters by benchmark; the patience is ours."""

_PAPER_EVALUATE_EVERY = {"ner": 1000, "pos": 500}


def task_settings(task: str, *, paper_compat: bool = False, **changes: Any) -> FineTuningSettings:
    """Give a benchmark's settings.

    Args:
        task: `taxi1500`, `sib200`, `ner` or `pos`.
        paper_compat: All epochs, the best evaluation; tags are evaluated every 1,000 (ner) or 500
            (pos) steps and at the end, as in the authors' code.
        **changes: Fields to set; None leaves the default.

    Returns:
        The settings.

    Raises:
        AlignmentError: If the task is unknown or a value is illegal.
    """
    if task not in TASK_SETTINGS:
        raise AlignmentError(f"task: came {task!r}; legal: {', '.join(TASK_SETTINGS)}")
    settings = TASK_SETTINGS[task]
    if paper_compat:
        every = _PAPER_EVALUATE_EVERY.get(task)
        settings = replace(settings, selection="best_epoch", evaluate_every=every)
    return replace(settings, **{k: v for k, v in changes.items() if v is not None})
