"""Lines of text, and what the first of them tell: encoding, marks, line ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..encoding import convert_from, marked_encoding, other_content
from ..errors import DataError
from ..text_file import name_of, open_text, read_text
from .names import language_tags

__all__ = ["Head", "iter_lines", "read_head", "read_lines"]

_HEAD = 1 << 18
"""Bytes by which a format is recognised."""
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Head:
    """The start of a text file.

    Attributes:
        lines: Its first lines, whole ones, without their ends.
        encoding: In words, with what is worth knowing of marks and line ends.
        whole: Whether these are all lines.
    """

    lines: tuple[str, ...]
    encoding: str
    whole: bool

    @property
    def filled(self) -> list[str]:
        """The lines that are not blank."""
        return [line for line in self.lines if line.strip()]


def read_head(path: Path) -> Head:
    """Read the start of a file and refuse what is no UTF-8.

    Args:
        path: A text file, plain or packed.

    Returns:
        Its first lines.

    Raises:
        DataError: UTF-16, another encoding, other line ends, or a file that cannot be read.
    """
    with open_text(path) as file:
        content = file.read(_HEAD)
        whole = len(content) < _HEAD
    if strange := other_content(content):
        raise DataError(f"{name_of(path)} is {strange}")
    other = marked_encoding(content)
    if other:
        raise DataError(f"{name_of(path)} is {other}; save it as UTF-8")
    marked, content = content.startswith(_MARK), content.removeprefix(_MARK)
    if b"\r" in content and b"\n" not in content:
        raise DataError(
            f"{name_of(path)} ends its lines with a carriage return alone, as old Macs did; "
            "legal is a line feed: tr '\\r' '\\n'"
        )
    lines = content.split(b"\n")
    if not whole or not lines[-1]:
        lines.pop()
    _require_utf8(lines, path)
    ends = sum(line.endswith(b"\r") for line in lines)
    told = ["UTF-8"]
    told += ["a byte order mark, left out"] * marked
    told += ["lines end with CRLF, as in Windows"] * bool(lines and ends * 2 > len(lines))
    return Head(tuple(map(_decoded, lines)), "; ".join(told), whole)


def _require_utf8(lines: list[bytes], path: Path) -> None:
    """Refuse a file of another encoding; a few broken lines of a corpus are dropped and counted."""
    told = [line for line in lines if not line.isascii()]
    broken = [line for line in told if any("\ud800" <= c <= "\udfff" for c in _decoded(line))]
    if len(broken) > 1 and len(broken) * 2 > len(told):
        text = b"\n".join(broken)
        raise DataError(f"{name_of(path)} is not UTF-8: {convert_from(text, language_tags(path))}")


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").removesuffix("\r")


def iter_lines(path: Path) -> Iterator[str]:
    r"""Read the lines of a file, line ends `\n` or `\r\n` only.

    Args:
        path: A text file, plain or packed.

    Yields:
        Lines without their ends; bytes that are no UTF-8 become lone surrogates, which a filter
        drops and counts.

    Raises:
        DataError: The file is broken or past a limit.
    """
    with open_text(path) as file:
        first = file.readline()
        if first:
            yield _decoded(first.removeprefix(_MARK).removesuffix(b"\n"))
        for line in file:
            yield _decoded(line.removesuffix(b"\n"))


def read_lines(path: Path) -> list[str]:
    r"""Read all lines of a file of UTF-8, line ends `\n` or `\r\n` only.

    Args:
        path: Plain or packed.

    Returns:
        The lines without their ends; a byte order mark is dropped.

    Raises:
        DataError: The file cannot be read or is not UTF-8.
    """
    try:
        read_head(path)
        text = read_text(path)
    except DataError as problem:
        raise DataError(
            f"cannot read {path}: {problem}; give UTF-8 text, plain or .gz, .xz, .zst"
        ) from problem
    # Not splitlines(): U+2028 and friends occur inside sentences.
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]
