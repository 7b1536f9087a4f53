"""How a figure is written: a PNG, and beside it a CSV of the numbers drawn."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..records.files import RecordError, write_atomically
from .drawing import script_of


def png_path(path: str | os.PathLike[str]) -> Path:
    """Check that a figure is to be a PNG.

    Raises:
        RecordError: It is not.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise RecordError(f"figure: came {path.name!r}; legal: a file name ending in .png")
    return path


def save(path: Path, picture: bytes, lines: Iterable[Sequence[str]]) -> Path:
    """Write a picture, and its numbers as a CSV of the same name; return the picture's path."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(lines)
    write_atomically(path, picture)
    write_atomically(path.with_suffix(".csv"), buffer.getvalue().encode())
    return path


def by_script(languages: Iterable[str]) -> tuple[str, ...]:
    """Bring languages of one script together, otherwise keeping the order."""
    scripts: dict[str, list[str]] = {}
    for code in languages:
        scripts.setdefault(script_of(code), []).append(code)
    return tuple(code for codes in scripts.values() for code in codes)


def plain(value: float | None) -> str:
    """Write a number in full; nothing for what is not known."""
    return "" if value is None else f"{value:g}"
