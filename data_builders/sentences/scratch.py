"""A scratch file of SQLite: what does not fit into memory while one process works on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..errors import DataError

__all__ = ["Scratch"]


class Scratch:
    """A database that need not outlive this process: no journal, nothing waits for the disk.

    Args:
        path: Its file, made with the first change and removed at the end; what a build that was
            killed left there is removed too.
        tables: Statements that make its tables.
        cache: Bytes of pages that stay in memory; the others are in the file.
    """

    def __init__(self, path: Path, tables: Sequence[str], cache: int) -> None:
        self.path = path
        self._tables = tables
        self._pages = cache
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._database:
            self._database.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Give the database, in a transaction that is never committed.

        Raises:
            DataError: The disk is full or fails.
        """
        with self._disk_errors():
            if self._database is None:
                self._database = self._open()
            yield self._database

    def ask(self, question: str, value: int | bytes) -> Iterator[tuple[Any, ...]]:
        """Yield the answers to a question; none where nothing was put in.

        Raises:
            DataError: The disk fails.
        """
        if self._database:
            with self._disk_errors():
                yield from self._database.execute(question, (value,))

    def _open(self) -> sqlite3.Connection:
        self.path.unlink(missing_ok=True)
        database = sqlite3.connect(self.path, isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
            database.execute(f"PRAGMA {setting}")
        database.execute(f"PRAGMA cache_size=-{max(1, self._pages >> 10)}")
        for table in self._tables:
            database.execute(table)
        database.execute("BEGIN")
        return database

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        """Say in one line what SQLite could not do with the file."""
        try:
            yield
        except sqlite3.Error as error:
            raise DataError(
                f"{self.path}: cannot be written ({error}); make room, or give another --out"
            ) from error
