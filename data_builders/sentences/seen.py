"""A set of hashes that tells duplicates exactly, within a stated amount of memory.

What fits is a Python set. Beyond that its hashes move to an SQLite file, sorted, and the set begins
anew; a hash is then looked up in both. The file is scratch: a build that goes on makes it again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from ..errors import DataError

__all__ = [
    "DEDUP_MEMORY",
    "LEAST_MEMORY",
    "MOST_MEMORY",
    "Seen",
    "disk_errors",
    "scratch_database",
]

DEDUP_MEMORY = 256
"""MiB: about 1.5 million distinct sentences of a language before the disk is needed."""
LEAST_MEMORY, MOST_MEMORY = 1, 1 << 20

_BYTES_PER_HASH = 128
"""Of 16 bytes in a Python set: the object, its slot, and room while the set grows or is sorted."""


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Say in one line what SQLite could not do with a file."""
    try:
        yield
    except sqlite3.Error as error:
        raise DataError(
            f"{path}: cannot be written ({error}); make room, or give another --out"
        ) from error


def scratch_database(path: Path, tables: Sequence[str], cache: int) -> sqlite3.Connection:
    """Open a database that need not outlive this process: no journal, nothing waits for the disk.

    Args:
        path: Its file; what an earlier run left there is removed.
        tables: Statements that make its tables.
        cache: Bytes of pages that stay in memory; the others are in the file.

    Returns:
        The connection, in a transaction that is never committed.
    """
    with disk_errors(path):
        path.unlink(missing_ok=True)
        database = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
            database.execute(f"PRAGMA {setting}")
        database.execute(f"PRAGMA cache_size=-{max(1, cache >> 10)}")
        for table in tables:
            database.execute(table)
        database.execute("BEGIN")
    return database


class Seen:
    """Remembers hashes.

    Args:
        path: File for those that do not fit; it is made when it is needed and removed at the end.
        memory: MiB, in which a quarter is for pages of the file.
    """

    def __init__(self, path: Path, memory: int = DEDUP_MEMORY) -> None:
        self._path = path
        self._cache = (memory << 20) // 4
        self._most = max(1, (memory << 20) * 3 // 4 // _BYTES_PER_HASH)
        self._recent: set[bytes] = set()
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Seen:
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
                self._path.unlink(missing_ok=True)

    def add(self, key: bytes) -> bool:
        """Remember a hash.

        Args:
            key: 16 bytes.

        Returns:
            False for one that was there.

        Raises:
            DataError: The disk is full or fails.
        """
        if key in self._recent or (self._database and self._stored(key)):
            return False
        self._recent.add(key)
        if len(self._recent) >= self._most:
            self._move()
        return True

    def _stored(self, key: bytes) -> bool:
        assert self._database
        with disk_errors(self._path):
            found = self._database.execute("SELECT 1 FROM seen WHERE key = ?", (key,))
            return found.fetchone() is not None

    def _move(self) -> None:
        if self._database is None:
            tables = ["CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID"]
            self._database = scratch_database(self._path, tables, self._cache)
        with disk_errors(self._path):
            # Sorted: neighbours go into the same page, which is then read and written once.
            keys = ((key,) for key in sorted(self._recent))
            self._database.executemany("INSERT INTO seen VALUES (?)", keys)
        self._recent.clear()
