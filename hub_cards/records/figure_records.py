"""Records that figures are drawn from: where sentences lie, and how languages use a vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .record_types import DataReference, JsonRecord
from .schema_check import RecordError
from .signature import join_signature


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


@dataclass(frozen=True)
class UseCounts:
    """What some text uses: distinct pieces; tokens, of which unknown; words; characters.

    `words` lie between white space. `uncovered` characters are those that an unknown token stands
    for; white space is no character.
    """

    pieces: int
    tokens: int
    unknown: int
    words: int
    characters: int
    uncovered: int


@dataclass(frozen=True)
class LanguageUse:
    """One language, or with code `all` every row: how much text, and what each script uses."""

    code: str
    sentences: int
    original: UseCounts
    latin: UseCounts


@dataclass(frozen=True)
class VocabularyRecord(JsonRecord):
    """One tokenizer on one set of pairs; `whole` counts a piece of several languages once."""

    kind: Literal["vocabulary"]
    version: str
    created: str
    model: str
    base: str
    tokenizer_digest: str
    vocabulary: int
    data: DataReference
    split: str
    transliterator: str | None
    languages: list[LanguageUse]
    whole: LanguageUse
    libraries: dict[str, str]

    def signature(self) -> str:
        """Give the line that must agree before these counts are compared with others."""
        data = self.data.digest[:12] if self.data.digest else "unknown"
        return join_signature(
            {
                "benchmark": f"vocabulary@{self.tokenizer_digest}",
                "data": f"{self.data.config}@{data}",
                "split": self.split,
                "translit": (self.transliterator or "none").replace("|", ","),
                "n": str(self.data.rows),
                "v": self.version,
            }
        )

    def _check(self) -> None:
        super()._check()
        if not self.languages:
            raise RecordError("languages: came none; legal: at least one")
        if self.whole.sentences != sum(language.sentences for language in self.languages):
            raise RecordError("whole.sentences: is not the sum over the languages")
        for use in (*self.languages, self.whole):
            for name in ("original", "latin"):
                counts: UseCounts = getattr(use, name)
                legal = 0 <= counts.unknown <= counts.tokens
                legal = legal and 0 <= counts.uncovered <= counts.characters
                if not (legal and 0 <= counts.pieces <= min(counts.tokens, self.vocabulary)):
                    raise RecordError(
                        f"{use.code}.{name}: came {counts}; legal: unknown at most tokens, "
                        "uncovered at most characters, pieces at most tokens and vocabulary"
                    )
