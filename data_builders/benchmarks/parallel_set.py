"""Parallel sets that the Hub has with a config per language: the form that each of them fills in.

In: the Hub, or a folder with the files of the set as they are released. Out: for two languages the
rows whose ids both have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from ..errors import DataError
from ..notices import tell_once
from ..packed import unpacked_name
from ..reading.lines import read_lines
from ..reading.records import read_records
from ..sources.cldr.names import clean
from .base import Benchmark, ParallelPair
from .files import by_code, digest, need_folder
from .hub import config_languages, hub_commit, hub_rows

__all__ = ["ParallelSet"]

Texts = dict[str, tuple[str, str]]


class ParallelSet(Benchmark):
    """Aligned rows, from the Hub or a folder.

    Args:
        directory: The folder; None loads from the Hub.

    Attributes:
        repository: `org/name` on the Hub.
        hub_splits: What the Hub calls our splits.
        no_languages: Configs of the Hub that are no languages.
        places: By split, where in a folder the file of a language lies: a pattern of its path
            with the group `code`.
        columns: What is read; the first one is the id.

    Raises:
        DataError: There is no such folder, or no file of the set in it.
    """

    repository: ClassVar[str]
    hub_splits: ClassVar[Mapping[str, str]]
    no_languages: ClassVar[tuple[str, ...]] = ("default",)
    places: ClassVar[Mapping[str, str]]
    columns: ClassVar[tuple[str, ...]]
    _what: ClassVar[str]

    def __init__(self, directory: str | Path | None = None) -> None:
        self.folder = None if directory is None else need_folder(directory, self.name, self._what)
        self._read: dict[tuple[str, str], Texts] = {}
        if self.folder is not None and not self.languages():
            raise DataError(
                f"{self.name}: no file of the set in {self.folder}; place {self._what} there"
            )

    @cached_property
    def revision(self) -> str:
        """Digest of the files, or the commit that the Hub's `main` stands for."""
        if self.folder is None:
            return hub_commit(self.name, self.repository, self._what)
        return digest(
            [path for found in self._files.values() for path in found.values()], self.folder
        )

    @cached_property
    def _files(self) -> dict[str, dict[str, Path]]:
        """Files of the folder by language, by split."""
        folder = Path(self.folder or "")
        paths = {
            path.relative_to(folder).with_name(unpacked_name(path)).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        found = {}
        for split, pattern in self.places.items():
            stems: dict[str, Path] = {}
            for place, path in paths.items():
                if match := re.fullmatch(pattern, place):
                    before = stems.setdefault(match["code"], path)
                    if before != path:
                        raise DataError(f"{before} and {path} are the same data; remove one")
            spelling = by_code(stems, str(folder))
            found[split] = {code: stems[stem] for code, stem in spelling.items()}
        return found

    @cached_property
    def _configs(self) -> dict[str, str]:
        """Configs of the Hub by language."""
        return config_languages(
            self.name, self.repository, self._what, self.revision, self.no_languages
        )

    def languages(self) -> tuple[str, ...]:
        """Return the languages found."""
        if self.folder is None:
            return tuple(self._configs)
        return tuple(sorted({code for found in self._files.values() for code in found}))

    def files(self, code: str, split: str) -> Sequence[Path]:
        """Return the file of one split of a language."""
        found = {} if self.folder is None else self._files.get(split, {})
        return [found[code]] if code in found else []

    def load_pair(self, source: str, target: str, split: str = "test") -> ParallelPair:
        """Load the common rows of two languages, in the order of the source.

        Args:
            source: Language of the queries.
            target: Language that is searched.
            split: One of `splits`.

        Returns:
            The common rows.

        Raises:
            DataError: A language or the split is missing, or no id is in both.
        """
        self.check_split(split)
        left, right = (self._rows(self.require(code), split) for code in (source, target))
        ids = [identifier for identifier in left if identifier in right]
        if not ids:
            raise DataError(f"{self.name}: {source} and {target} have no id in common")
        return ParallelPair(ids, [left[i][0] for i in ids], [right[i][1] for i in ids])

    def texts(self, language: str, split: str = "test") -> Iterable[str]:
        """Return the texts of one language; none if the set lacks it."""
        self.check_split(split)
        code = self.own_code(language)
        if code not in self.languages() or (self.folder and code not in self._files[split]):
            return []
        return list(dict.fromkeys(text for row in self._rows(code, split).values() for text in row))

    def _rows(self, code: str, split: str) -> Texts:
        if (code, split) not in self._read:
            self._read[code, split] = self._by_id(code, split)
        return self._read[code, split]

    def _by_id(self, code: str, split: str) -> Texts:
        found: Texts = {}
        twice = set()
        for identifier, query, answer in self._picked(self._cells(code, split)):
            query, answer = clean(query), clean(answer)
            if identifier in found:
                twice.add(identifier)
            elif query and answer:
                found[identifier] = query, answer
        if twice:
            # Nobody could say which of them the rows of other languages translate.
            tell_once(f"{self.name}: {code} {split}: {len(twice)} ids are there twice: left out")
        return {i: row for i, row in found.items() if i not in twice}

    def _picked(self, rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
        """Give id, query and answer of the rows that are scored: here one text is both."""
        for identifier, text in rows:
            yield identifier, text, text

    def _cells(self, code: str, split: str) -> Iterable[tuple[str, ...]]:
        if self.folder is None:
            return hub_rows(
                *(self.name, self.repository, self._what, self._configs[code]),
                *(self.hub_splits[split], self.columns, self.revision),
            )
        path = next(iter(self.files(code, split)), None)
        if path is None:
            raise DataError(f"{self.name}: {code} has no {split} split in {self.folder}")
        if unpacked_name(path).endswith((".parquet", ".jsonl")):
            return read_records(path, self.columns)
        return ((str(number), line) for number, line in enumerate(read_lines(path), 1))
