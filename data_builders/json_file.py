"""The one door for JSON of a user, a download or an earlier run: bounded, one line when wrong.

Folders whose files a library opens pass `require_regular`. The rooms import nothing of one another,
so each has this file, alike but for its error; tests/house/test_doors.py holds the copies together.
Limits are stated in docs/security.md.
"""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any

from .errors import DataError as JsonError

__all__ = [
    "MOST_BYTES",
    "MOST_DEPTH",
    "parse_json",
    "read_bounded",
    "read_json",
    "read_object",
    "require_regular",
]

MOST_BYTES = 1 << 26
"""Of one file, or of one line of JSON lines: 64 MiB, which fill 1.6 GB at the very worst."""
MOST_DEPTH = 100
"""Of objects and lists within one another."""
MOST_DIGITS = 100
"""Of a whole number."""

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NO_BRACKET = bytes(sorted(set(range(256)) - set(b"[]{}")))


def read_bounded(path: str | os.PathLike[str], most: int = MOST_BYTES) -> bytes:
    """Read a regular file of bounded size.

    Args:
        path: The file; a pipe or a device is refused unopened.
        most: Bytes.

    Returns:
        All of it.

    Raises:
        OSError: It is not there, or cannot be read.
        JsonError: It is no regular file, or longer.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise JsonError(f"{path}: is no regular file; give a file")
    with open(path, "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise JsonError(f"{path}: is longer than {most:,} bytes, the limit; give another file")
    return content


def parse_json(content: bytes | str, where: str | os.PathLike[str]) -> Any:
    """Parse JSON of bounded size, depth and length of numbers.

    Args:
        content: UTF-8, or a string.
        where: What it is, for messages.

    Returns:
        The value.

    Raises:
        JsonError: It is no JSON, or past a limit.
    """
    try:
        raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        if len(raw) > MOST_BYTES:
            raise ValueError(f"longer than {MOST_BYTES:,} bytes, the limit")
        if _depth(raw) > MOST_DEPTH:
            raise ValueError(f"more than {MOST_DEPTH} levels deep, the limit")
        return json.loads(
            content if isinstance(content, str) else raw.decode("utf-8"), parse_int=_whole
        )
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise JsonError(f"{where}: not readable as JSON ({reason}); remove or mend it") from error


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read a file of JSON.

    Args:
        path: The file.

    Returns:
        The value.

    Raises:
        JsonError: It cannot be read, is no JSON, or past a limit; one line.
    """
    try:
        content = read_bounded(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise JsonError(f"{path}: not readable ({reason}); give another file") from error
    return parse_json(content, path)


def read_object(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a file that holds one JSON object.

    Args:
        path: The file.

    Returns:
        The object.

    Raises:
        JsonError: As `read_json`, or it holds another value.
    """
    found = read_json(path)
    if not isinstance(found, dict):
        kind = "null" if found is None else type(found).__name__
        raise JsonError(f"{path}: holds {kind}; legal: a JSON object")
    return found


def require_regular(folder: str | os.PathLike[str], pattern: str = "*") -> None:
    """See that a folder has no pipe and no device where a library would open a file: it would wait.

    Args:
        folder: Whose files somebody else's reader opens; a link counts as what it leads to.
        pattern: Of the names that are looked at.

    Raises:
        JsonError: There is one.
    """
    for path in sorted(Path(folder).glob(pattern)):
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise JsonError(f"{path}: is no regular file; remove it")


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits; the limit is {MOST_DIGITS}")
    return int(digits)


def _depth(raw: bytes) -> int:
    """Count levels before parsing: deep JSON would exhaust the stack, not raise."""
    deepest = depth = 0
    for byte in _STRING.sub(b"", raw).translate(None, _NO_BRACKET):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest
