"""JSON lines: one object a line, whose keys are the columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..json_file import parse_json
from ..text_file import name_of
from .lines import Head, iter_lines
from .positions import fold, use_of
from .rows import Columns, Layout, Row, Use

__all__ = ["json_lines", "objects"]


def json_lines(path: Path, head: Head, columns: Columns) -> Layout:
    """Lay out a file of JSON lines.

    Args:
        path: The file.
        head: Its start.
        columns: What is asked for; the keys of the first object are what there is.

    Returns:
        The layout.

    Raises:
        DataError: The first line is no object, or a column is not there.
    """
    if head.filled and head.filled[0].lstrip().startswith("["):
        raise DataError(f"{name_of(path)} is a JSON array; legal is one object a line: jq -c '.[]'")
    first = _object(head.filled[0], f"{name_of(path)}, line 1") if head.filled else {"text": ""}
    keys = list(first)
    use = use_of(keys, path, columns, True)

    def read() -> Iterator[Row]:
        for number, found in objects(path):
            yield _row(found, keys, use, f"{name_of(path)}, line {number}")

    names = tuple(map(fold, keys))
    return Layout(path, "JSON lines", head.encoding, names, len(keys), use, read)


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read the objects of a file of JSON lines.

    Args:
        path: The file, plain or packed.

    Yields:
        The number of the line, and its object; blank lines are left out.

    Raises:
        DataError: A line is no object.
    """
    for number, line in enumerate(iter_lines(path), 1):
        if line.strip():
            yield number, _object(line, f"{name_of(path)}, line {number}")


def _object(line: str, where: str) -> dict[str, Any]:
    """Read an object; the keys of one within it are there too, such as `translation.el`."""
    found = parse_json(line, where)
    if not isinstance(found, dict) or not found:
        raise DataError(
            f'{where} is no JSON object; legal is one object a line, such as {{"text": "..."}}'
        )
    within = [(key, value) for key, value in found.items() if isinstance(value, dict)]
    return {**found, **{f"{key}.{inner}": v for key, value in within for inner, v in value.items()}}


def _row(found: dict[str, Any], keys: list[str], use: Use, where: str) -> Row:
    needed = [use.text] if use.transliteration is None else [use.text, use.transliteration]
    if any(keys[position] not in found for position in needed):
        return Row(None, None, missing=True)

    def cell(position: int | None) -> str | None:
        if position is None:
            return None
        value = found.get(keys[position])
        if value is not None and not isinstance(value, str):
            if position == use.id and isinstance(value, int) and not isinstance(value, bool):
                return str(value)
            raise DataError(
                f"{where}: {keys[position]!r} is {type(value).__name__}; legal is a string"
            )
        return value

    count = found.get(keys[use.attested]) if use.attested is not None else None
    attested = count if isinstance(count, int) and not isinstance(count, bool) else None
    return Row(cell(use.id), cell(use.text), cell(use.transliteration), attested=attested)
