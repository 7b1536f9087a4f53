"""The error of models and training; a file of its own, because it needs no torch."""

from __future__ import annotations


class AlignmentError(ValueError):
    """A mistake a user can make with models or training; its message is one clear line."""
