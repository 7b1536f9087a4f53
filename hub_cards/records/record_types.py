"""The one schema of facts: what a build, a training and a score are recorded as.

Other rooms write these as plain JSON without importing this file; tests hold the two together.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from .schema_check import RecordError, parse_dataclass
from .signature import Signature

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
    """What became of one language's sentences: counts, and `identity_rate` from 0 to 1."""

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
class TrainRecord(JsonRecord):
    """One training: base, data, options, and the course of each loss part.

    `unk_rate` is in percent of tokens by view. A history entry has `step` and numbers by name;
    a number that was not finite is null.
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
        history = fields.get("history")
        if isinstance(history, list):
            entries = [_finite(entry) if isinstance(entry, dict) else entry for entry in history]
            fields = {**fields, "history": entries}
        return super().from_dict(fields)

    def _check(self) -> None:
        super()._check()
        for i, entry in enumerate(self.history):
            if entry.get("step") is None:
                raise RecordError(f"history[{i}].step: came nothing; legal: a number of steps")


def _finite(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in entry.items()
    }


def content_key(record: Any, names: tuple[str, ...]) -> str | None:
    """Digest some fields of a record.

    Args:
        record: With a field `model_digest`.
        names: The fields that decide its scores.

    Returns:
        64 hex digits; None if the model's digest is unknown.
    """
    if record.model_digest in ("", "unknown"):
        return None
    fields = {name: getattr(record, name) for name in names}
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


_EVAL_CONTENT = tuple(
    "version model_digest tokenizer benchmark protocol split source target input transliterator "
    "layer pooling".split()
)
RETRIEVAL_SCORES = ("top1", "top5", "top10")


@dataclass(frozen=True)
class EvalRecord(JsonRecord):
    """One model on one direction of one benchmark; every score in percent, 0 to 100.

    `n` queries were ranked against `pool` targets. `identical` queries, whose target string
    equals their own, are left out of `scores` and `n` and are part of `scores_all`. `tokenizer`
    is the digest of its content; `items` says what became of each query (`hub_cards.items`).
    """

    kind: Literal["eval"]
    version: str
    created: str
    model: str
    model_digest: str
    tokenizer: str
    benchmark: str
    protocol: str
    split: str
    source: str
    target: str
    n: int
    pool: int
    identical: int
    input: str
    transliterator: str | None
    layer: int
    pooling: str
    seed: int
    scores: dict[str, float]
    scores_all: dict[str, float]
    items: str
    libraries: dict[str, str]

    def signature(self) -> str:
        """Give the line that must agree before this score is compared with another."""
        return str(self.signature_parts())

    def signature_parts(self) -> Signature:
        """Give the signature as a dataclass."""
        names = [field.name for field in dataclasses.fields(Signature)]
        return Signature(**{name: getattr(self, name) for name in names})

    def key(self) -> str | None:
        """Identify the cell by its content: what must not be measured a second time.

        Returns:
            64 hex digits; None where the weights are not known, so that nothing is known to be
            the same.
        """
        return content_key(self, _EVAL_CONTENT)

    def _check(self) -> None:
        super()._check()
        for name, least in (("n", 1), ("pool", 1), ("identical", 0)):
            if getattr(self, name) < least:
                raise RecordError(
                    f"{name}: came {getattr(self, name)}; legal: at least {least}; "
                    "a direction without queries gets no record, tables show it as a gap"
                )
        if (count := len(self.items.split())) != self.pool:
            raise RecordError(f"items: came {count}; legal: one for each of pool {self.pool}")
        for name in ("scores", "scores_all"):
            scores: dict[str, float] = getattr(self, name)
            for score in RETRIEVAL_SCORES if self.protocol == "retrieval" else ():
                if score not in scores:
                    raise RecordError(f"{name}: missing {score}; legal: {RETRIEVAL_SCORES}")
            for score, value in scores.items():
                if not 0 <= value <= 100:
                    raise RecordError(f"{name}.{score}: came {value}; legal: 0 to 100 percent")
