"""Rows that may be drawn later, in a scratch file: those that follow a sample by their hash.

In: rows with their hash, what folded their letters, and why some would be dropped. Out: the usable
ones under a limit, in the order of the source, and counts of the others and of what was folded.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ..json_file import parse_json
from .sampling import SelectedRow
from .scratch import Scratch

__all__ = ["Reserve"]

_CACHE = 16 << 20
_TABLES = (
    "CREATE TABLE usable (key BLOB PRIMARY KEY, number INTEGER, start INTEGER, row TEXT, "
    "steps TEXT) WITHOUT ROWID",
    "CREATE TABLE dropped (key BLOB, reason TEXT, steps TEXT)",
)


class Reserve(Scratch):
    """Holds rows by their hash; of rows that read the same the first usable one counts.

    Args:
        path: Scratch file; it is made with the first row and removed at the end.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _TABLES, _CACHE)

    def add(self, key: bytes, row: SelectedRow, steps: tuple[str, ...], reason: str | None) -> None:
        """Put a row in.

        Args:
            key: Hash of its text, 16 bytes.
            row: The row.
            steps: Names of the steps that folded its letters.
            reason: Why it would be dropped; None for a usable one.

        Raises:
            DataError: The disk is full or fails.
        """
        names = " ".join(steps)
        with self.changing() as database:
            if reason is None:
                # JSON, because broken text is no text to SQLite.
                new = database.execute(
                    "INSERT OR IGNORE INTO usable VALUES (?, ?, ?, ?, ?)",
                    (key, row.row, row.start, json.dumps(row), names),
                )
                reason = None if new.rowcount else "duplicate"
            if reason:
                database.execute("INSERT INTO dropped VALUES (?, ?, ?)", (key, reason, names))

    def key_of(self, count: int) -> bytes | None:
        """Give the hash of the n-th usable sentence, from 1; None where there are fewer."""
        found = self.ask("SELECT key FROM usable ORDER BY key LIMIT 1 OFFSET ?", count - 1)
        return next((key for (key,) in found), None)

    def dropped(self, limit: bytes) -> Counter[str]:
        """Count the rows under a hash that are not usable, by reason."""
        found = "SELECT reason, count(*) FROM dropped WHERE key < ? GROUP BY reason"
        return Counter(dict(self.ask(found, limit)))

    def folded(self, limit: bytes) -> Counter[str]:
        """Count the rows under a hash whose letters were folded, usable or not, by step."""
        every = "SELECT key, steps FROM usable UNION ALL SELECT key, steps FROM dropped"
        found = f"SELECT steps, count(*) FROM ({every}) WHERE key < ? GROUP BY steps"
        steps: Counter[str] = Counter()
        for names, count in self.ask(found, limit):
            steps.update(dict.fromkeys(names.split(), count))
        return steps

    def rows(self, limit: bytes) -> Iterator[SelectedRow]:
        """Yield the usable rows under a hash, in the order of the source."""
        found = "SELECT row FROM usable WHERE key < ? ORDER BY number, start"
        for (row,) in self.ask(found, limit):
            yield SelectedRow(*parse_json(row, self.path))
