"""Folders named by a language: the files in them, of which plain text is one document each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import DataError
from ..languages.groups import resolve_code
from ..reading.arrow import is_saved
from ..reading.corpora.strangers import refuse_formats
from ..reading.names import file_format
from ..reading.recognise import why_stray
from ..reading.rows import Layout, Row, Use
from ..text_file import read_text

__all__ = [
    "code_or_none",
    "documents_layout",
    "files_in_folders",
    "inside_of",
    "is_document",
]

_LOOK = 1 << 14
"""Characters of a document by which it is seen to be no text."""


def code_or_none(tag: str | None) -> str | None:
    """Resolve what may be a language.

    Args:
        tag: As a file or its name spells it.

    Returns:
        The canonical code, or None where it is none.
    """
    with suppress(DataError):
        return resolve_code(tag) if tag else None
    return None


def files_in_folders(path: Path) -> dict[str, list[Path]]:
    """List the files in folders that are named by a language, whatever they are called themselves.

    Args:
        path: The folder of these folders.

    Returns:
        Files of a known format by language code; hidden ones and stray XML are left out.
    """
    found: dict[str, list[Path]] = {}
    for folder in sorted(path.iterdir()):
        code = code_or_none(folder.name)
        if code and folder.is_dir() and not is_saved(folder):
            files = [file for file in inside_of(folder) if not why_stray(file)]
            found.setdefault(code, []).extend(files)
    return found


def inside_of(folder: Path) -> list[Path]:
    """List the files of a known format below a folder; hidden ones are left out.

    Args:
        folder: Named by a language.
    """
    inside = (p for p in sorted(folder.rglob("*")) if not p.name.startswith("."))
    return [file for file in inside if file.is_file() and file_format(file)]


def is_document(path: Path) -> bool:
    """Tell whether a file in a language's folder is one document: plain text is, tables are not."""
    return file_format(path) == ".txt"


def documents_layout(paths: Sequence[Path]) -> Layout:
    """Return the layout of files that are a document each, a row for every file.

    Args:
        paths: One or more.
    """

    def read() -> Iterator[Row]:
        for path in paths:
            text = read_text(path)
            first = [line for line in map(str.strip, text[:_LOOK].split("\n")) if line]
            refuse_formats(path, first, len(text) <= _LOOK)
            yield Row(None, text)

    form = "a document" if len(paths) == 1 else f"{len(paths):,} documents"
    return Layout(paths[0], form, "UTF-8", (), 1, Use(), read)
