"""The source `files:PATH`: a folder with one file per language, or one file of ready pairs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ..errors import DataError
from ..languages.groups import Language, resolve_code
from ..schema import TEXT, TRANSLITERATION
from ..text_file import name_of, read_text
from .readers import SUFFIXES, Columns, file_format, is_pairs_file, open_rows, read_rows

__all__ = ["MIXED", "FilesSource", "Sentence", "language_of_file", "read_ids"]

MIXED = Language("mul", "Zyyy", "several languages in one file")
"""Stands for the languages of a file that does not say which row is which."""


@dataclass(frozen=True)
class Sentence:
    """One row of a source, before any filter.

    Attributes:
        text: Raw text, None for a null.
        origin: What the column `source` will say.
        transliteration: A ready romanisation, or None.
        drop: The reason why the source itself gives the row up, or None.
    """

    text: str | None
    origin: str
    transliteration: str | None = None
    drop: str | None = None


def language_of_file(path: Path) -> str | None:
    """Read the language code out of a file name.

    Args:
        path: Such as `amh_Ethi.txt` or `pes_Arab.tsv.gz`.

    Returns:
        The canonical code, or None when the name is none.
    """
    form = file_format(path)
    if form is None:
        return None
    stem = path.name[: path.name.lower().removesuffix(".gz").rindex(form)]
    try:
        return resolve_code(stem)
    except DataError:
        return None


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
    """

    path: Path
    columns: Columns = field(default_factory=Columns)
    exclude_ids: frozenset[str] = frozenset()
    include_ids: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.path.exists():
            raise DataError(f"no file or folder {self.path}; legal is files:DIR")
        if not self.files and not self.mixed:
            raise DataError(
                f"{self.path}: no file named by a language; legal are names such as amh_Ethi.txt "
                f"or pes_Arab.tsv.gz ({', '.join(SUFFIXES)})"
            )

    @cached_property
    def files(self) -> dict[str, list[Path]]:
        """Files by language code, in the order of their names."""
        found: dict[str, list[Path]] = {}
        for path in sorted(self.path.iterdir()) if self.path.is_dir() else [self.path]:
            code = language_of_file(path) if path.is_file() else None
            if code:
                found.setdefault(code, []).append(path)
        return found

    @cached_property
    def mixed(self) -> bool:
        """Whether this is one file of ready pairs that does not say which row is which language."""
        if self.path.is_dir() or self.files:
            return False
        if not self.path.is_file():
            raise DataError(f"{self.path} is no regular file; give a file or a folder")
        if file_format(self.path) is None or not is_pairs_file(self.path, self.columns):
            raise DataError(
                f"{name_of(self.path)}: a single file is either named by its language "
                f"(amh_Ethi.txt) or holds ready pairs (columns {TEXT} and {TRANSLITERATION}, or "
                "--transliteration-column)"
            )
        return True

    @cached_property
    def ready_pairs(self) -> bool:
        """Whether every file brings its own romanisation."""
        return all(is_pairs_file(path, self.columns) for path in self._all())

    def _all(self) -> list[Path]:
        return [self.path] if self.mixed else [p for paths in self.files.values() for p in paths]

    def _of(self, language: Language) -> list[Path]:
        return [self.path] if self.mixed else self.files.get(language.code, [])

    def signature(self) -> str:
        """Name the source by the contents of all its files.

        Returns:
            Such as `files:bible@1f0c...` (folder name and 16 digits of a SHA-256).
        """
        whole = hashlib.sha256()
        for path in self._all():
            whole.update(f"{name_of(path)}\0{_file_digest(path)}\0".encode())
        return f"files:{name_of(self.path.resolve())}@{whole.hexdigest()[:16]}"

    def options(self) -> dict[str, str | int | None]:
        """Give the options of `parse_source` that make this source again.

        Returns:
            Value by option.
        """
        return {
            "text_column": self.columns.text,
            "transliteration_column": self.columns.transliteration,
        }

    def digest(self, language: Language) -> str:
        """Digest everything that decides the rows of one language.

        Args:
            language: The language.

        Returns:
            A string that changes with the files, the columns and the ids.
        """
        parts = [f"{name_of(path)}:{_file_digest(path)}" for path in self._of(language)]
        ids = [sorted(self.exclude_ids), sorted(self.include_ids)]
        return f"{parts}{self.columns}{hashlib.sha256(repr(ids).encode()).hexdigest()}"

    def covers(self, language: Language) -> bool:
        """Tell whether there is a file for a language.

        Args:
            language: The language.

        Returns:
            True when there is.
        """
        return bool(self._of(language))

    def why_missing(self, language: Language) -> str:
        """Say why a language is missing.

        Args:
            language: The language.

        Returns:
            A sentence.
        """
        return f"no file {language.code}.txt, .tsv, .csv or .parquet (.gz) in {name_of(self.path)}"

    def skipped(self, codes: Sequence[str]) -> list[str]:
        """List the files that no language of a group uses.

        Args:
            codes: Codes of the languages built.

        Returns:
            File names, sorted; hidden files are not mentioned.
        """
        if not self.path.is_dir():
            return []
        used = {path for code in codes for path in self.files.get(code, [])}
        return sorted(
            name_of(path)
            for path in self.path.iterdir()
            if path.is_file() and path not in used and not path.name.startswith(".")
        )

    def available(self, language: Language) -> int:
        """Count the rows of a language.

        Args:
            language: The language.

        Returns:
            Rows before any filter.
        """
        return sum(1 for path in self._of(language) for _ in read_rows(path, self.columns))

    def sentences(self, language: Language) -> Iterator[Sentence]:
        """Read the rows of a language.

        Args:
            language: The language.

        Yields:
            Every row, in the order of the file.
        """
        with_id = bool(self.exclude_ids or self.include_ids)
        columns = Columns(self.columns.text, self.columns.transliteration, with_id)
        for path in self._of(language):
            origin = f"files:{name_of(path)}"
            doubled = is_pairs_file(path, columns) and _backslashes_doubled(path)
            for row in read_rows(path, columns):
                drop = None
                if row.missing:
                    drop = "missing_column"
                elif row.text is None:
                    drop = "null"
                elif row.id in self.exclude_ids:
                    drop = "excluded_id"
                elif self.include_ids and row.id not in self.include_ids:
                    drop = "not_included_id"
                text, latin = row.text, row.transliteration
                if doubled:
                    text, latin = _halve(text), _halve(latin)
                yield Sentence(text, origin, latin, drop)


def _halve(text: str | None) -> str | None:
    return text and text.replace("\\\\", "\\")


def _backslashes_doubled(path: Path) -> bool:
    """Tell whether a CSV is the authors': header as theirs, and no backslash stands alone.

    They write with an escape character and read without one, which doubles every backslash; a
    single one anywhere shows that the file was written otherwise.
    """
    if file_format(path) != ".csv":
        return False
    rows = open_rows(path)
    if list(next(rows, [])) != [TEXT, TRANSLITERATION]:
        return False
    return not any("\\" in (cell or "").replace("\\\\", "") for row in rows for cell in row)


def _file_digest(path: Path) -> str:
    state = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                state.update(block)
    except OSError as error:
        raise DataError(f"cannot read {name_of(path)}: {error.strerror or error}") from error
    return state.hexdigest()
