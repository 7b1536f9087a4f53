"""The one schema of facts: what a build, a training and a model are recorded as.

Other rooms write these as plain JSON without importing this file; tests hold the two together.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from .base_weights import BaseWeights
from .schema_check import RecordError, parse, parse_dataclass
from .signature import join_signature

_R = TypeVar("_R", bound="JsonRecord")


class JsonRecord:
    """What all records can do: become a dictionary and come back from one."""

    @classmethod
    def from_dict(cls: type[_R], fields: Mapping[str, Any]) -> _R:
        """Build the record from a parsed JSON object.

        Args:
            fields: The object; exactly the fields of this class.

        Returns:
            The record.

        Raises:
            RecordError: If a field is missing, unknown or illegal; the message names it.
        """
        record: _R = parse_dataclass(fields, cls, "")
        record._check()
        return record

    def to_dict(self) -> dict[str, Any]:
        """Give the record as plain JSON types, fields in the order of the class."""
        return dataclasses.asdict(self)  # type: ignore[call-overload]

    def _check(self) -> None:
        """Check what the types cannot say."""
        created: str = self.created  # type: ignore[attr-defined]
        try:
            datetime.fromisoformat(created)
        except ValueError:
            raise RecordError(
                f"created: came {created!r}; legal: an ISO 8601 time, 2026-01-31T12:00:00+00:00"
            ) from None


@dataclass(frozen=True)
class Sampling:
    """How many sentences were asked for: max(fraction * available, floor), at most cap."""

    fraction: float
    floor: int
    cap: int | None
    temperature: float | None


@dataclass(frozen=True)
class LanguageCount:
    """What became of one language's sentences: counts, and `identity_rate` from 0 to 1.

    `unreadable_numbers` counts sentences with a number that the romaniser left as it is, `folded`
    those that came in other forms of their letters, by step, and `shared` those that an earlier
    language of the group has too. Where rows were documents, `documents` counts them, and `cut` the
    places where a sentence was too long. Records of 0.1.0 lack all five.
    """

    code: str
    available: int | None
    target: int
    taken: int
    kept: int
    train: int
    validation: int
    shortfall: int
    dropped: dict[str, int]
    unmapped: dict[str, int]
    unmapped_characters: int
    identity_rate: float
    unreadable_numbers: int = 0
    folded: dict[str, int] = field(default_factory=dict)
    shared: int = 0
    documents: int | None = None
    cut: int = 0


@dataclass(frozen=True)
class BuildRecord(JsonRecord):
    """One build of romanised pairs: from which text, by which rules, with which losses."""

    kind: Literal["build"]
    version: str
    created: str
    group: str
    source: str
    source_options: dict[str, Any]
    transliterator: str
    seed: int
    sampling: Sampling
    filters: dict[str, Any]
    languages: list[LanguageCount]
    missing_languages: dict[str, str]
    skipped_files: list[str]
    splits: dict[str, int]
    seconds: float
    machine: dict[str, Any]
    libraries: dict[str, str]
    digest: str


@dataclass(frozen=True)
class DataReference:
    """The pairs that a training read; `digest` is that of the build record where there is one."""

    name: str
    config: str | None
    digest: str | None
    rows: int


@dataclass(frozen=True)
class BestStep:
    """The checkpoint that was chosen, and the value (of `metric`) it was chosen by."""

    step: int
    metric: str
    value: float


@dataclass(frozen=True)
class HarmLine:
    """One thing that a model was asked before and after a training: top-10 in percent.

    `low` and `high` bound the difference (95%, over items); `verdict` is `better`, `worse`,
    `not shown` or `at chance`, all lines judged together. `n` queries were asked.
    """

    name: str
    n: int
    before: float
    after: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True)
class TriedPoint:
    """A point between base and trained weights: mean of its lines, and which were worse."""

    alpha: float
    mean: float
    worse: list[str]


@dataclass(frozen=True)
class HarmCheck:
    """What a training changed, on the validation split of its pairs.

    `lines` are of the weights that were kept, (1 - alpha) base + alpha trained; `trained` lists
    what the trained weights themselves made worse. `tried` is empty where there was no choice.
    """

    lines: list[HarmLine]
    alpha: float
    trained: list[str]
    tried: list[TriedPoint]

    @property
    def worse(self) -> list[HarmLine]:
        """What is worse than the base, beyond the interval."""
        return [line for line in self.lines if line.verdict == "worse"]


@dataclass(frozen=True)
class TrainRecord(JsonRecord):
    """One training: base, data, options, and the course of each loss part.

    `unk_rate` is in percent of tokens by view. A history entry has `step` and numbers by name;
    a number that was not finite is null. `harm` is null where it was not measured, `base_weights`
    where the base lacked nothing, and both in records from before there was such a field.
    """

    kind: Literal["train"]
    version: str
    created: str
    base: str
    base_revision: str | None
    data: DataReference
    transliterator: str | None
    alignment: dict[str, Any]
    arguments: dict[str, Any]
    steps: int
    epochs: float
    seconds: float
    machine: dict[str, Any]
    libraries: dict[str, str]
    seed: int
    unk_rate: dict[str, float]
    history: list[dict[str, float | None]]
    best: BestStep | None
    harm: HarmCheck | None = None
    base_weights: BaseWeights | None = None

    def validation_signature(self) -> str:
        """Sign what was asked on the validation split of the pairs, before and after."""
        data = [self.data.name, self.data.config, (self.data.digest or "")[:12]]
        parts = {
            "benchmark": " ".join(filter(None, data)),
            "split": "validation",
            "translit": self.transliterator,
            "layer": self.alignment.get("layer"),
            "pool": self.alignment.get("pooling"),
            "seed": self.seed,
            "v": self.version,
        }
        known = {key: value for key, value in parts.items() if value is not None}
        return join_signature({key: str(value).replace("|", ",") for key, value in known.items()})

    def to_dict(self) -> dict[str, Any]:
        """Give the record as plain JSON types; `harm` and `base_weights` stay out where null."""
        late = ("harm", "base_weights")
        return {k: v for k, v in super().to_dict().items() if k not in late or v is not None}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> TrainRecord:
        """Build the record; numbers of the history that are not finite become null.

        Args:
            fields: Exactly the fields of this class.

        Returns:
            The record.

        Raises:
            RecordError: If a field is missing, unknown or illegal; the message names it.
        """
        # An overflowing gradient norm is everyday life in fp16 and must not cost the record.
        history = fields.get("history") if isinstance(fields, Mapping) else None
        if isinstance(history, list):
            entries = [_finite(entry) if isinstance(entry, dict) else entry for entry in history]
            fields = {**fields, "history": entries}
        return super().from_dict(fields)

    def _check(self) -> None:
        super()._check()
        for i, entry in enumerate(self.history):
            if entry.get("step") is None:
                raise RecordError(f"history[{i}].step: came nothing; legal: a number of steps")
        # The options are whatever a version had; these are read by tables and cards.
        parse(self.alignment.get("objectives", []), list[str], "alignment.objectives")
        parse(self.alignment.get("layer"), int | None, "alignment.layer")


def _finite(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in entry.items()
    }


@dataclass(frozen=True)
class ModelRecord(JsonRecord):
    """A model as scores name it: digests of weights and tokenizer, and its training record."""

    kind: Literal["model"]
    version: str
    created: str
    model: str
    model_digest: str
    tokenizer: str
    training: TrainRecord | None
