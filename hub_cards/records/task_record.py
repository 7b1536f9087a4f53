"""The record of one fine-tuned cell: one model, source, seed and target of a labelled benchmark."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from .record_types import JsonRecord, content_key
from .schema_check import RecordError
from .signature import TaskSignature

_CONTENT = tuple(
    "version model_digest tokenizer benchmark protocol split source target input transliterator "
    "seed shots settings".split()
)


@dataclass(frozen=True)
class TaskRecord(JsonRecord):
    """A model fine-tuned on `source` and scored on `target`; scores in percent, 0 to 100.

    `target` may be the source itself: what the fine-tuned model can do in its own language. `n`
    is the number of texts or sentences scored, `shots` that of labelled target examples seen,
    `dev_score` the main score on the source's dev set that chose the weights. `chance` is the main
    score of answers that never saw the test set: `majority`, the source's most frequent label for
    everything, and `uniform`, the mean of random guesses. `items` says what
    became of each text or sentence (`hub_cards.items`).
    """

    kind: Literal["task"]
    version: str
    created: str
    model: str
    model_digest: str
    tokenizer: str
    benchmark: str
    task: str
    protocol: str
    split: str
    source: str
    target: str
    n: int
    input: str
    transliterator: str | None
    seed: int
    shots: int
    settings: dict[str, Any]
    main_score: str
    scores: dict[str, float]
    chance: dict[str, float]
    items: str
    train_rows: int
    epochs: float
    best_epoch: float
    dev_score: float
    libraries: dict[str, str]

    @property
    def score(self) -> float:
        """The main score."""
        return self.scores[self.main_score]

    def key(self) -> str | None:
        """Identify the cell by its content: what must not be trained a second time.

        Returns:
            64 hex digits; None where the model's weights are not known.
        """
        return content_key(self, _CONTENT)

    def signature(self) -> str:
        """Give the line that must agree before this score is compared with another."""
        return str(self.signature_parts())

    def signature_parts(self) -> TaskSignature:
        """Give the signature as a dataclass; the settings are named by their digest."""
        text = json.dumps(self.settings, sort_keys=True)
        settings = (
            f"{self.settings.get('selection', 'none')}-{sha256(text.encode()).hexdigest()[:8]}"
        )
        names = [f.name for f in dataclasses.fields(TaskSignature) if f.name != "settings"]
        return TaskSignature(settings=settings, **{name: getattr(self, name) for name in names})

    def _check(self) -> None:
        super()._check()
        for name, least in (("n", 1), ("train_rows", 1), ("shots", 0)):
            if getattr(self, name) < least:
                raise RecordError(f"{name}: came {getattr(self, name)}; legal: at least {least}")
        if (count := len(self.items.split())) != self.n:
            raise RecordError(f"items: came {count}; legal: one for each of n {self.n}")
        if self.main_score not in self.scores:
            raise RecordError(f"scores: missing {self.main_score}, the main score")
        for score, value in (*self.scores.items(), *self.chance.items()):
            if not 0 <= value <= 100:
                raise RecordError(f"scores.{score}: came {value}; legal: 0 to 100 percent")
