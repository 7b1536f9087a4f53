"""The one door for checkpoints that are written: a full disk is one line, whoever meets it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from .aligned.errors import AlignmentError

__all__ = ["writing"]


@contextmanager
def writing(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what the libraries raise where a disk takes no more into one line.

    Args:
        folder: Where weights, tokenizer or state of a training are written.

    Raises:
        AlignmentError: They cannot be written.
    """
    try:
        yield
    except (AlignmentError, OSError):
        raise
    except Exception as error:  # safetensors, tokenizers and torch: an exception of its own each
        reason = " ".join(str(error).split())[:300]
        raise AlignmentError(
            f"cannot write {os.fspath(folder)}: {type(error).__name__}: {reason}; is there room "
            "on the disk?"
        ) from error
