"""Texts with one label: a dense-tanh head on the first token, as transformers has it.

Source: arXiv 2406.19759, section 4.3 (Taxi1500, SIB200); macro-F1.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import AutoModelForSequenceClassification

from ..padding import padded
from .fine_tuning import Example, FineTuner


class SequenceClassifier(FineTuner):
    """Labels whole texts; longer ones are cut at `max_length` subwords."""

    auto_class = AutoModelForSequenceClassification

    def encode(self, inputs: Sequence[str], gold: Sequence[str] | None) -> list[Example]:
        """Tokenise texts; with gold, `labels` holds one id."""
        encoded = self.tokenizer(
            list(inputs), truncation=True, max_length=self.settings.max_length, padding=False
        )["input_ids"]
        if gold is None:
            return [{"input_ids": ids} for ids in encoded]
        return [
            {"input_ids": ids, "labels": [self.labels.index(label)]}
            for ids, label in zip(encoded, gold, strict=True)
        ]

    def pad(self, examples: Sequence[Example]) -> dict[str, torch.Tensor]:
        """Make one batch; with `labels` where the examples have them."""
        tensors = padded([example["input_ids"] for example in examples], self.tokenizer)
        if "labels" in examples[0]:
            labels = [example["labels"][0] for example in examples]
            tensors["labels"] = torch.tensor(labels)
        return tensors

    def predict(self, inputs: Sequence[str]) -> list[str]:
        """Give each text its most probable label."""
        logits = self.logits(self.encode(inputs, None))
        return [self.labels[int(row.argmax())] for row in logits]
