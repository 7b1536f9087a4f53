"""A set of hashes that tells duplicates exactly, within a stated amount of memory.

What fits is a Python set. Beyond that its hashes move to an SQLite file, sorted, and the set begins
anew; a hash is then looked up in both. The file is scratch: a build that goes on makes it again.
"""

from __future__ import annotations

from pathlib import Path

from .scratch import Scratch

__all__ = ["DEDUP_MEMORY", "LEAST_MEMORY", "MOST_MEMORY", "Seen"]

DEDUP_MEMORY = 256
"""MiB: about 1.5 million distinct sentences of a language before the disk is needed."""
LEAST_MEMORY, MOST_MEMORY = 1, 1 << 20

_TABLES = ("CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID",)
_BYTES_PER_HASH = 128
"""Of 16 bytes in a Python set: the object, its slot, and room while the set grows or is sorted."""


class Seen(Scratch):
    """Remembers hashes.

    Args:
        path: File for those that do not fit; it is made when it is needed and removed at the end.
        memory: MiB, in which a quarter is for pages of the file.
    """

    def __init__(self, path: Path, memory: int = DEDUP_MEMORY) -> None:
        super().__init__(path, _TABLES, (memory << 20) // 4)
        self._most = max(1, (memory << 20) * 3 // 4 // _BYTES_PER_HASH)
        self._recent: set[bytes] = set()

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
        return next(self.ask("SELECT 1 FROM seen WHERE key = ?", key), None) is not None

    def _move(self) -> None:
        with self.changing() as database:
            # Sorted: neighbours go into the same page, which is then read and written once.
            keys = ((key,) for key in sorted(self._recent))
            database.executemany("INSERT INTO seen VALUES (?)", keys)
        self._recent.clear()
