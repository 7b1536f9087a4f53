"""What a source is: rows of text by language, always in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..languages.groups import Language

__all__ = ["Sentence", "Source"]


@dataclass(frozen=True)
class Sentence:
    """One row of a source, a sentence or a document, before any filter.

    Attributes:
        text: Raw text, None for a null.
        origin: What the column `source` will say.
        transliteration: A ready romanisation, or None.
        drop: The reason why the source itself gives the row up, or None.
        variant: What tells it from other rows of the same text that are to stay as well.
    """

    text: str | None
    origin: str
    transliteration: str | None = None
    drop: str | None = None
    variant: str = ""


class Source(Protocol):
    """Text by language."""

    @property
    def name(self) -> str:
        """What the source is called in messages."""
        ...

    @property
    def documents(self) -> bool | None:
        """Whether its rows are documents; None where only a look at them can tell."""
        ...

    def signature(self) -> str:
        """Name the source and its version."""
        ...

    def options(self) -> dict[str, str | int | None]:
        """Give the options of `parse_source` that decide how rows are read and counted."""
        ...

    def digest(self, language: Language) -> str:
        """Give a string that changes whenever the rows of a language may change."""
        ...

    def covers(self, language: Language) -> bool:
        """Tell whether the source has the language."""
        ...

    def why_missing(self, language: Language) -> str:
        """Say why it lacks a language."""
        ...

    def skipped(self, codes: Sequence[str]) -> list[str]:
        """List files that none of the languages uses."""
        ...

    def available(self, language: Language) -> int | None:
        """Count rows before any filter; None where that needs a pass over all rows."""
        ...

    def sentences(self, language: Language) -> Iterator[Sentence]:
        """Yield the rows of a language, always in the same order."""
        ...

    def parts(self, language: Language) -> Sequence[Callable[[], Iterator[Sentence]]]:
        """Give the parts that `sentences` joins, such as files, each to be read by itself."""
        ...
