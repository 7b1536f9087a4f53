"""The one error of this room that a user can cause and mend."""

from __future__ import annotations

__all__ = ["DamagedShard", "DataError", "UnromanisableError"]


class DataError(ValueError):
    """What came, what is legal, what to do next; commands print it in one line and exit with 2."""


class UnromanisableError(DataError):
    """A romaniser cannot do one sentence; the others of its batch may be fine."""


class DamagedShard(DataError):
    """A shard is not what was written.

    Attributes:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)  # what another process makes the error of again
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} was damaged after it was written; the same command makes it again"
