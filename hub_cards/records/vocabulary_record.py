"""The record of a vocabulary analysis: what originals and transliterations use of a tokenizer.

It holds counts alone; `hub_cards.vocabulary` computes fertility, coverage and unknown rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .record_types import DataReference, JsonRecord
from .schema_check import RecordError
from .signature import join_signature


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
