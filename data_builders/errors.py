"""The one error of this room that a user can cause and mend."""

from __future__ import annotations

__all__ = ["DataError", "UnromanisableError"]


class DataError(ValueError):
    """What came, what is legal, what to do next; commands print it in one line and exit with 2."""


class UnromanisableError(DataError):
    """A romaniser cannot do one sentence; the others of its batch may be fine."""
