"""Any folder of aligned text as a retrieval benchmark: `parallel:DIR` (NTREX, FLORES, your own).

In: one file per language, named by its code (`amh_Ethi.tsv.gz`), with `id<TAB>text` rows or
plain lines aligned by line number. Out: for two languages the rows whose ids both have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from ..errors import DataError
from .base import Benchmark, ParallelPair
from .files import Rows, digest, files_passed_over, language_files, need_folder, read_rows


class ParallelFolder(Benchmark):
    """One file per language, the same id (or line number) being the same sentence.

    Args:
        directory: The folder.

    Raises:
        DataError: No such folder, or no file in it is named by a language code.
    """

    name = "parallel"
    licence = "see the folder's own source"
    citation = "a folder given by the user"
    _released: ClassVar[str] = ""
    """How names of files in a layout of its own begin."""
    _what = "one file per language such as amh_Ethi.tsv (id<TAB>text) or amh_Ethi.txt (plain lines)"

    def __init__(self, directory: str | Path | None) -> None:
        self.folder = need_folder(directory, self.name, self._what)
        self._rows: dict[str, Rows] = {}
        self._files = self._find()
        used = {path.name for path in self._files.values()}
        self.passed_over = {
            name: why
            for name, why in files_passed_over(self.folder).items()
            if name not in used and not (self._released and name.startswith(self._released))
        }
        if not self._files:
            raise DataError(f"{self.name}: no language files in {self.folder}; place {self._what}")

    def _find(self) -> dict[str, Path]:
        return language_files(self.folder)

    @cached_property
    def revision(self) -> str:
        """Digest of the files' names and contents."""
        return digest(self._files.values(), self.folder)

    def signature(self) -> str:
        """Return `parallel:FOLDER@sha256:...`, with the last part of the folder's path only."""
        return f"{self.name}:{self.folder.resolve().name}@{self.revision}"

    def languages(self) -> tuple[str, ...]:
        """Return the codes of the files found."""
        return tuple(self._files)

    def files(self, code: str, split: str) -> Sequence[Path]:
        """Return the file of a language."""
        return [self._files[code]] if code in self._files else []

    def how_to_add(self, code: str) -> str:
        """Name the file to place."""
        return f"Place it as {self.folder / (code + '.tsv')}."

    def rows(self, code: str) -> dict[str, str]:
        """Return `id -> text` of one language, read once.

        Args:
            code: One of `languages()`.
        """
        if code not in self._rows:
            self._rows[code] = self._read(code)
        return self._rows[code].texts

    def _read(self, code: str) -> Rows:
        return read_rows(self._files[code], code)

    def load_pair(self, source: str, target: str, split: str = "test") -> ParallelPair:
        """Load the common rows of two languages, in the order of the source file.

        Args:
            source: Language of the queries.
            target: Language that is searched.
            split: `test`.

        Returns:
            The common rows.

        Raises:
            DataError: A language or the split is missing, plain files differ in length, or there
                is no common id.
        """
        self.check_split(split)
        source, target = self.require(source), self.require(target)
        left, right = self.rows(source), self.rows(target)
        ids = [identifier for identifier in left if identifier in right]
        told = (
            f"{self.name}: {self._files.get(source, source)} and {self._files.get(target, target)}"
        )
        lines = (self._rows[source].lines, self._rows[target].lines)
        if None not in lines and lines[0] != lines[1]:
            raise DataError(
                f"{told} have {lines[0]} and {lines[1]} lines; files without ids must be aligned "
                "line by line"
            )
        if not ids:
            raise DataError(
                f"{told} have no id in common; give both the same ids, or plain lines in one order"
            )
        return ParallelPair(ids, [left[i] for i in ids], [right[i] for i in ids])

    def texts(self, language: str, split: str = "test") -> Iterable[str]:
        """Return the sentences of one language; none if it is not in the folder."""
        self.check_split(split)
        code = self.own_code(language)
        return list(self.rows(code).values()) if code in self.languages() else []
