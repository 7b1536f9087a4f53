"""What a file is read into: rows, and the layout that says how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

__all__ = ["RANGE", "Columns", "Layout", "Row", "Use"]

RANGE = "merged_verse"
"""Why a line `<range>` is left out: its verse is part of the one before it."""


class Row(NamedTuple):
    """One row of a file.

    Attributes:
        id: Id of the row, None where the file has none or it was not asked for.
        text: The sentence; None for a null.
        transliteration: A ready romanisation, or None.
        missing: The row has no such cell.
        drop: Why the format itself leaves the row out, or None.
        language: What the file calls the row's language, where rows say it.
        attested: How often the romanisation was attested, in a lexicon.
    """

    id: str | None
    text: str | None
    transliteration: str | None = None
    missing: bool = False
    drop: str | None = None
    language: str | None = None
    attested: int | None = None


@dataclass(frozen=True)
class Columns:
    """Which columns are wanted, by name or by position from 0.

    Attributes:
        text: The sentence; None means the column `text`, or the only column.
        transliteration: Its ready romanisation; None means the column `transliteration` where
            the file has it and `text` is not given, otherwise none.
        with_id: Also read the column `id`, or else the first one.
        ids_if_any: Also read ids where there are any; the rows of a benchmark may be without.
    """

    text: str | None = None
    transliteration: str | None = None
    with_id: bool = False
    ids_if_any: bool = False


@dataclass(frozen=True)
class Use:
    """Positions of the columns that are read; None where there is no such column."""

    text: int = 0
    transliteration: int | None = None
    id: int | None = None
    language: int | None = None
    attested: int | None = None

    def names(self) -> dict[int, str]:
        """Say what each column is used as, by position."""
        uses = vars(self).items()
        return {position: use for use, position in uses if position is not None}


@dataclass(frozen=True)
class Layout:
    """What a file was taken for.

    Attributes:
        path: The file.
        form: Its format, in words.
        encoding: Its encoding and what is worth knowing of it, in words.
        names: Names of its columns; empty where it has no header.
        width: How many columns it has.
        use: Which of them are read.
        read: Gives the rows from the start.
        notes: What is left out and why, in words.
    """

    path: Path
    form: str
    encoding: str
    names: tuple[str, ...]
    width: int
    use: Use
    read: Callable[[], Iterator[Row]]
    notes: tuple[str, ...] = ()

    @property
    def has_ids(self) -> bool:
        """Whether rows have ids of their own."""
        return self.use.id is not None

    @property
    def many_languages(self) -> bool:
        """Whether each row says its language."""
        return self.use.language is not None

    @property
    def is_pairs(self) -> bool:
        """Whether rows bring their own romanisation."""
        return self.use.transliteration is not None

    def columns_told(self) -> str:
        """Say which columns there are, and which are used as what."""
        if self.width == 1:
            return "one column, the text"
        names = self.names or tuple(map(str, range(self.width)))
        uses = [(names[position], use) for position, use in self.use.names().items()]
        read = ", ".join(name if name == use else f"{name} as {use}" for name, use in uses)
        return f"{self.width} columns ({', '.join(names)}), read: {read}"
