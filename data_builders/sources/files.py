"""The source `files:PATH`: a folder with files named by language, or one file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from ..errors import DataError
from ..languages.groups import Language
from ..reading.names import file_format
from ..reading.rows import Columns, Row
from ..reading.tables import Dialect, iter_cells
from ..schema import TEXT, TRANSLITERATION
from ..text_file import name_of, read_text
from .base import Sentence
from .folder import TextFiles, file_digest
from .in_folders import code_or_none
from .lexicon import ROMANISATIONS, one_each

__all__ = ["MIXED", "FilesSource", "read_ids"]

MIXED = Language("mul", "Zyyy", "several languages in one file")
"""Stands for the languages of a file that does not say which row is which."""


def read_ids(path: Path) -> frozenset[str]:
    """Read a list of row ids.

    Args:
        path: A text file with one id a line (further tab-separated cells are ignored).

    Returns:
        The ids.

    Raises:
        DataError: The file is not there or empty.
    """
    if not path.is_file():
        raise DataError(f"no file {path}; legal is a text file with one row id a line")
    lines = read_text(path).split("\n")
    ids = frozenset(line.split("\t")[0].strip() for line in lines) - {""}
    if not ids:
        raise DataError(f"{path} holds no ids; legal is one row id a line")
    return ids


@dataclass(frozen=True)
class FilesSource:
    """Text in files.

    Attributes:
        path: A folder of files named by language (`amh_Ethi.txt.gz`), or one file.
        columns: Which columns hold text, ready romanisation and ids.
        exclude_ids: Rows with these ids are dropped (reason `excluded_id`).
        include_ids: Rows without one of these ids are dropped (reason `not_included_id`).
        romanisations: Which ready romanisations of one text become pairs: the `first`, `all`, or
            one drawn `by-count`.
        seed: Of the draw.
    """

    path: Path
    columns: Columns = field(default_factory=Columns)
    exclude_ids: frozenset[str] = frozenset()
    include_ids: frozenset[str] = frozenset()
    romanisations: str = "first"
    seed: int = 42

    def __post_init__(self) -> None:
        if self.romanisations not in ROMANISATIONS:
            raise DataError(
                f"romanisations {self.romanisations!r}; legal are {', '.join(ROMANISATIONS)}"
            )
        self.found.all()  # What is not there is said at once.

    @cached_property
    def found(self) -> TextFiles:
        """The files."""
        return TextFiles(self.path, self.columns)

    @property
    def name(self) -> str:
        """What the source is called in messages."""
        return name_of(self.path.resolve())

    @property
    def documents(self) -> bool | None:
        """Whether rows are documents: a look at them tells, unless files are documents."""
        return True if self.found.whole else None

    @property
    def mixed(self) -> bool:
        """Whether this is one file of pairs that does not say which row is which language."""
        return self.found.mixed

    @cached_property
    def ready_pairs(self) -> bool:
        """Whether every file brings its own romanisation."""
        return all(self._is_pairs(path) for path in self.found.all())

    def _is_pairs(self, path: Path) -> bool:
        if self.columns.transliteration is not None:
            return True
        try:
            return self.found.layout(path, self.columns).is_pairs
        except DataError:
            # Whoever reads it says why; a file that no language needs may stay as it is.
            return False

    def signature(self) -> str:
        """Name the source by the contents of all its files.

        Returns:
            Such as `files:bible@1f0c...` (folder name and 16 digits of a SHA-256).
        """
        whole = hashlib.sha256()
        for path in self.found.all():
            whole.update(f"{self.found.name(path)}\0{file_digest(path)}\0".encode())
        return f"files:{name_of(self.path.resolve())}@{whole.hexdigest()[:16]}"

    def options(self) -> dict[str, str | int | None]:
        """Give the options of `parse_source` that make this source again.

        Returns:
            Value by option.
        """
        options: dict[str, str | int | None] = {
            "text_column": self.columns.text,
            "transliteration_column": self.columns.transliteration,
        }
        if self.romanisations != "first":
            options["romanisations"] = self.romanisations
        return options

    def digest(self, language: Language) -> str:
        """Digest everything that decides the rows of one language.

        Args:
            language: The language.

        Returns:
            A string that changes with the files, the columns and the ids.
        """
        parts = [
            f"{self.found.name(path)}:{file_digest(path)}" for path in self.paths(language.code)
        ]
        ids = [sorted(self.exclude_ids), sorted(self.include_ids)]
        # Work begun by a version that did not ask goes on.
        drawn = "" if self.romanisations == "first" else f"{self.romanisations}{self.seed}"
        columns = f"Columns(text={self.columns.text!r}, transliteration="
        columns += f"{self.columns.transliteration!r}, with_id={self.columns.with_id})"
        return f"{parts}{columns}{drawn}{hashlib.sha256(repr(ids).encode()).hexdigest()}"

    def covers(self, language: Language) -> bool:
        """Tell whether there is a file for a language.

        Args:
            language: The language.

        Returns:
            True when there is.
        """
        return bool(self.paths(language.code))

    def why_missing(self, language: Language) -> str:
        """Say why a language is missing.

        Args:
            language: The language.

        Returns:
            A sentence.
        """
        place = name_of(self.path.resolve())
        return f"no file {language.code}.txt, .tsv, .csv, .jsonl or .parquet in {place}"

    def skipped(self, codes: Sequence[str]) -> list[str]:
        """List the files that no language of a group uses.

        Args:
            codes: Codes of the languages built.

        Returns:
            File names, sorted; hidden files are not mentioned.
        """
        return sorted(self.why_skipped(codes))

    def why_skipped(self, codes: Sequence[str]) -> dict[str, str]:
        """Say of each file that no language of a group uses why it is passed over.

        Args:
            codes: Codes of the languages built.

        Returns:
            Reasons by file name; hidden files are not mentioned.
        """
        return self.found.why_skipped(codes)

    @property
    def columns_read(self) -> Columns:
        """The columns that are read: with ids where rows are chosen by them."""
        return replace(self.columns, with_id=bool(self.exclude_ids or self.include_ids))

    def paths(self, code: str) -> list[Path]:
        """List the files of a language.

        Args:
            code: Its code.

        Returns:
            Paths, in the order in which they are read.
        """
        return self.found.of(code)

    def available(self, language: Language) -> int:
        """Count the rows of a language.

        Args:
            language: The language.

        Returns:
            Rows before any filter.
        """
        return sum(1 for path in self.paths(language.code) for _ in self._rows(path, language))

    def _rows(self, path: Path, language: Language) -> Iterator[Row]:
        layout = self.found.layout(path, self.columns_read)
        rows = layout.read()
        if path in self.found.shared:
            rows = (row for row in rows if code_or_none(row.language) == language.code)
        elif layout.many_languages:
            rows = (_strange(row, language) for row in rows)
        if layout.is_pairs and self.romanisations == "by-count":
            rows = one_each(rows, self.seed)
        yield from rows

    def sentences(self, language: Language) -> Iterator[Sentence]:
        """Read the rows of a language.

        Args:
            language: The language.

        Yields:
            Every row, in the order of the file.
        """
        for part in self.parts(language):
            yield from part()

    def parts(self, language: Language) -> Sequence[Callable[[], Iterator[Sentence]]]:
        """Give the files of a language, each to be read by itself.

        Args:
            language: The language.

        Returns:
            What yields the rows of each.
        """
        return [partial(self._of_file, path, language) for path in self.paths(language.code)]

    def _of_file(self, path: Path, language: Language) -> Iterator[Sentence]:
        origin = f"files:{self.found.name(path)}"
        layout = self.found.layout(path, self.columns_read)
        doubled = layout.is_pairs and _backslashes_doubled(path)
        every = layout.is_pairs and self.romanisations == "all"
        for row in self._rows(path, language):
            text, latin = row.text, row.transliteration
            if doubled:
                text, latin = _halve(text), _halve(latin)
            variant = latin or "" if every else ""
            yield Sentence(text, origin, latin, self._drop(row), variant)

    def _drop(self, row: Row) -> str | None:
        if row.drop:
            return row.drop
        if row.missing:
            return "missing_column"
        if row.text is None:
            return "null"
        if row.id in self.exclude_ids:
            return "excluded_id"
        included = not self.include_ids or row.id in self.include_ids
        return None if included else "not_included_id"


def _strange(row: Row, language: Language) -> Row:
    """Give up a row that says to be in another language than its file."""
    strange = row.language is not None and code_or_none(row.language) not in (None, language.code)
    return row._replace(drop="other_language") if strange else row


def _halve(text: str | None) -> str | None:
    return text and text.replace("\\\\", "\\")


def _backslashes_doubled(path: Path) -> bool:
    """Tell whether a CSV is the authors': header as theirs, and no backslash stands alone.

    They write with an escape character and read without one, which doubles every backslash; a
    single one anywhere shows that the file was written otherwise.
    """
    if file_format(path) != ".csv":
        return False
    rows = iter_cells(path, Dialect(",", quoted=True))
    if next(rows, (0, []))[1] != [TEXT, TRANSLITERATION]:
        return False
    return not any("\\" in cell.replace("\\\\", "") for _, row in rows for cell in row)
