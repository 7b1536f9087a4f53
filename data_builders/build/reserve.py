"""Rows that may be drawn later, in a scratch file: those that follow a sample by their hash.

In: rows with their hash, and why some would be dropped. Out: the usable ones under a limit, in the
order of the source, and the count of the others.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from ..sentences.seen import disk_errors, scratch_database
from .shards import SelectedRow

__all__ = ["Reserve"]

_CACHE = 16 << 20
_TABLES = (
    "CREATE TABLE usable (key BLOB PRIMARY KEY, number INTEGER, row TEXT) WITHOUT ROWID",
    "CREATE TABLE dropped (key BLOB, reason TEXT)",
)


class Reserve:
    """Holds rows by their hash; of rows that read the same the first usable one counts.

    Args:
        path: Scratch file; it is made with the first row and removed at the end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Reserve:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._database:
            self._database.close()
        # Also a torn one that a killed build left.
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def add(self, key: bytes, row: SelectedRow, reason: str | None) -> None:
        """Put a row in.

        Args:
            key: Hash of its text, 16 bytes.
            row: The row.
            reason: Why it would be dropped; None for a usable one.

        Raises:
            DataError: The disk is full or fails.
        """
        if self._database is None:
            self._database = scratch_database(self._path, _TABLES, _CACHE)
        with disk_errors(self._path):
            if reason is None:
                # JSON, because broken text is no text to SQLite.
                new = self._database.execute(
                    "INSERT OR IGNORE INTO usable VALUES (?, ?, ?)", (key, row[-1], json.dumps(row))
                )
                reason = None if new.rowcount else "duplicate"
            if reason:
                self._database.execute("INSERT INTO dropped VALUES (?, ?)", (key, reason))

    def key_of(self, count: int) -> bytes | None:
        """Give the hash of the n-th usable sentence, from 1; None where there are fewer."""
        found = self._ask("SELECT key FROM usable ORDER BY key LIMIT 1 OFFSET ?", count - 1)
        return next((key for (key,) in found), None)

    def dropped(self, limit: bytes) -> Counter[str]:
        """Count the rows under a hash that are not usable, by reason."""
        found = "SELECT reason, count(*) FROM dropped WHERE key < ? GROUP BY reason"
        return Counter(dict(self._ask(found, limit)))

    def rows(self, limit: bytes) -> Iterator[SelectedRow]:
        """Yield the usable rows under a hash, in the order of the source."""
        for (row,) in self._ask("SELECT row FROM usable WHERE key < ? ORDER BY number", limit):
            text, transliteration, origin, number = json.loads(row)
            yield text, transliteration, origin, number

    def _ask(self, question: str, value: int | bytes) -> Iterator[tuple[object, ...]]:
        if self._database:
            with disk_errors(self._path):
                yield from self._database.execute(question, (value,))
