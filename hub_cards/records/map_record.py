"""The record of a map: sentences of several languages as points, for each of several models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .record_types import JsonRecord
from .schema_check import RecordError


@dataclass(frozen=True)
class MappedModel:
    """One model's picture of the sentences.

    Attributes:
        model: Name.
        model_digest: Of the weights.
        layer: Index into `hidden_states`.
        pooling: How tokens became a sentence.
        explained: Share of the variance on each axis, in percent.
        same_language: Percent of sentences whose nearest other sentence is of their own language.
        points: (x, y) of each sentence by language, in the order of the benchmark.
    """

    model: str
    model_digest: str
    layer: int
    pooling: str
    explained: list[float]
    same_language: float
    points: dict[str, list[list[float]]]


@dataclass(frozen=True)
class MapRecord(JsonRecord):
    """Embeddings of `n` sentences a language on their first two principal components."""

    kind: Literal["map"]
    version: str
    created: str
    benchmark: str
    split: str
    n: int
    models: list[MappedModel]
    libraries: dict[str, str]

    def signature(self) -> str:
        """Give the line that says what was mapped."""
        return f"{self.benchmark}|split:{self.split}|n:{self.n}|v:{self.version}"

    def _check(self) -> None:
        super()._check()
        for mapped in self.models:
            for language, points in mapped.points.items():
                if not 1 <= len(points) <= self.n or any(len(point) != 2 for point in points):
                    raise RecordError(
                        f"models: {mapped.model}, {language}: legal: 1 to {self.n} points (x, y)"
                    )
