"""Giving a trimmed checkpoint the full vocabulary of its base back."""

from __future__ import annotations

import os
from pathlib import Path

from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_reading import reads_hub
from translit_ppa.modeling.vocabulary.trim import restore

__all__ = ["restore_vocabulary"]


@raises_translit_error
@reads_hub
def restore_vocabulary(
    trimmed: str | os.PathLike[str],
    base: str,
    out: str | os.PathLike[str],
    revision: str | None = None,
) -> Path:
    """Write a trimmed checkpoint with the full vocabulary of its base.

    Rows of kept pieces come from the checkpoint, all others from the base.

    Args:
        trimmed: Folder or Hub id of the trimmed checkpoint.
        base: Folder or Hub id of the model it was trained from.
        out: A folder that is not there yet.
        revision: Commit, tag or branch of the base.

    Returns:
        The folder.

    Raises:
        TranslitError: The two do not belong together, or `out` is there.
    """
    restore(os.fspath(trimmed), base, Path(out), revision)
    return Path(out)
