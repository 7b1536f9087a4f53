"""The form that every benchmark fills in, and the pair of texts that a retrieval one hands over.

A benchmark is data only: it says which languages it has, and which line of one language means
the same as which line of another. How that is scored is the protocol's business, named here by a
string, because this room does not know tensors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from ..errors import DataError
from ..languages.groups import resolve_code
from ..reading.rows import Columns


@dataclass(frozen=True)
class ParallelPair:
    """Aligned rows of two languages; the rows are the whole retrieval pool.

    Attributes:
        ids: One id a row (verse, key, line), unique.
        source: Texts of the queries.
        target: Texts that are searched; row i is the answer to query i.
    """

    ids: list[str]
    source: list[str]
    target: list[str]

    def __post_init__(self) -> None:
        if not len(self.ids) == len(self.source) == len(self.target):
            sizes = (len(self.ids), len(self.source), len(self.target))
            raise DataError(
                f"a parallel pair needs equally many ids, sources, targets, not {sizes}"
            )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def identical(self) -> list[bool]:
        """True for rows whose two strings are equal: left out of the headline score."""
        return [a == b for a, b in zip(self.source, self.target, strict=True)]


class Form(ABC):
    """What any benchmark says about itself.

    Attributes:
        name: The word on the command line.
        protocol: How it is scored.
        main_score: The score that tables show.
        licence: Licence of the texts, as their source states it.
        citation: Where it is described.
        splits: Legal values of `split`.
        hub: What is known of the Hub's copy, and whether it was checked; empty without one.
        passed_over: Files of the folder that are not read, and why.
        file_columns: What is read of a file, for who looks at it beforehand.
    """

    name: ClassVar[str]
    protocol: ClassVar[str]
    main_score: ClassVar[str]
    licence: ClassVar[str]
    citation: ClassVar[str]
    splits: ClassVar[tuple[str, ...]] = ("test",)
    hub: ClassVar[str] = ""
    passed_over: Mapping[str, str] = MappingProxyType({})
    file_columns: ClassVar[Columns] = Columns(ids_if_any=True)

    @property
    @abstractmethod
    def revision(self) -> str:
        """Which state of the data: a version, a commit, or `sha256:` and 12 hex digits."""

    @abstractmethod
    def languages(self) -> tuple[str, ...]:
        """Return the codes of the languages that it has, sorted."""

    @abstractmethod
    def texts(self, language: str, split: str = "test") -> Iterable[str]:
        """Return every string of one language, for the leak filter of a build.

        Args:
            language: A code or an alias.
            split: One of `splits`.

        Returns:
            The strings; none for a language that the benchmark lacks.

        Raises:
            DataError: The split does not exist.
        """

    def files(self, code: str, split: str) -> Sequence[Path]:
        """Return the files of one language in a folder; none where it comes from elsewhere."""
        return ()

    def signature(self) -> str:
        """Return `name@revision`."""
        return f"{self.name}@{self.revision}"

    def own_code(self, code: str) -> str:
        """Return the code under which this benchmark keeps a language.

        A language that is kept under a special spelling (`zho_Hant` beside `zho_Hani`) is
        found by that spelling; everything else goes through the alias table.
        """
        return code if code in self.languages() else resolve_code(code)

    def require(self, code: str) -> str:
        """Return `own_code(code)` of a language that must be there.

        Raises:
            DataError: The benchmark lacks the language; says which it has.
        """
        own = self.own_code(code)
        if own not in self.languages():
            raise DataError(
                f"{self.name} has no {code}; it has {', '.join(self.languages()) or 'nothing'}. "
                f"{self.how_to_add(own)}"
            )
        return own

    def how_to_add(self, code: str) -> str:
        """Say what a user can do to get a language that is missing."""
        return f"Leave {code} out."

    def check_split(self, split: str) -> None:
        """Raise DataError for a split that the benchmark does not have."""
        if split not in self.splits:
            raise DataError(f"{self.name} has no split {split!r}; legal: {', '.join(self.splits)}")


class Benchmark(Form):
    """A retrieval benchmark: rows of one language that mean the same as rows of another."""

    protocol: ClassVar[str] = "retrieval"
    main_score: ClassVar[str] = "top10"

    @abstractmethod
    def load_pair(self, source: str, target: str, split: str = "test") -> ParallelPair:
        """Load the rows that two languages share.

        Args:
            source: Language of the queries, a code or an alias.
            target: Language that is searched; the source itself gives its texts on both sides.
            split: One of `splits`.

        Returns:
            At least one row.

        Raises:
            DataError: The benchmark lacks a language, the pair or the split.
        """

    def directions(self, codes: Sequence[str]) -> list[tuple[str, str]]:
        """Return the ordered pairs that can be scored among some languages.

        Args:
            codes: Codes or aliases; those that the benchmark lacks are passed over.

        Returns:
            `(source, target)` in the order given, both ways.

        Raises:
            DataError: Something given is no language code.
        """
        have = set(self.languages())
        known = [c for c in dict.fromkeys(self.own_code(code) for code in codes) if c in have]
        return [(a, b) for a in known for b in known if a != b]
