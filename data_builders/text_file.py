"""The one door for text of a user or a download: plain or gzipped, and bounded.

A small file may unpack to what fills a disk, or hold one line without end. Reading stops at a
stated limit with one line; memory stays within the longest line. See docs/security.md.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

from .errors import DataError

__all__ = ["MOST_LINE", "MOST_RATIO", "name_of", "open_text", "read_text"]

MOST_LINE = 1 << 24
"""Bytes of a line, or of a field of CSV: 16 MiB."""
MOST_RATIO = 200
"""How many times its own size a .gz may unpack to; text has 3 to 10."""
FREE = 1 << 26
"""Bytes that any .gz may unpack to: 64 MiB."""
_CHUNK = 1 << 16


def name_of(path: Path) -> str:
    r"""Write a file name so that it can be printed and recorded: bytes that are no UTF-8 as `\xff`.

    Args:
        path: A file or folder.

    Returns:
        Its last part.
    """
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def open_text(path: Path, *, lines: bool = True) -> io.BufferedReader:
    """Open a file for reading, plain or `.gz`, within the limits.

    Args:
        path: A regular file; a pipe or a device is refused unopened.
        lines: Whether it consists of lines, which have a limit of their own.

    Returns:
        The bytes. Reading raises DataError where the file is broken or past a limit.

    Raises:
        DataError: It is not there, not to be read, or no regular file.
    """
    try:
        facts = os.stat(path)
        if not stat.S_ISREG(facts.st_mode):
            raise DataError(f"{name_of(path)} is no regular file; give a file")
        packed = path.name.lower().endswith(".gz")
        raw = cast(BinaryIO, gzip.GzipFile(path, "rb")) if packed else path.open("rb")
    except OSError as error:
        raise _broken(path, error) from error
    most = max(FREE, MOST_RATIO * facts.st_size) if packed else None
    return io.BufferedReader(_Guard(raw, path, most, lines), _CHUNK)


def read_text(path: Path, most: int = 1 << 30) -> str:
    """Read a whole file of UTF-8, plain or `.gz`; a byte order mark is dropped.

    Args:
        path: The file.
        most: Bytes, unpacked.

    Returns:
        Its text.

    Raises:
        DataError: It cannot be read, is past a limit, or no UTF-8.
    """
    content = bytearray()
    with open_text(path) as file:
        # Not read(most): it asks the system for as much memory beforehand, for any small file.
        while chunk := file.read(_CHUNK):
            content += chunk
            if len(content) > most:
                raise DataError(
                    f"{name_of(path)} is longer than {most:,} bytes, the limit; make parts"
                )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name_of(path)} is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8"
        ) from error


def _broken(path: Path, error: Exception) -> DataError:
    reason = getattr(error, "strerror", None) or str(error)
    return DataError(f"cannot read {name_of(path)}: {reason}; replace or remove the file")


class _Guard(io.RawIOBase):
    """Passes bytes on and counts them."""

    def __init__(self, raw: BinaryIO, path: Path, most: int | None, lines: bool) -> None:
        super().__init__()
        self._raw = raw
        self._path = path
        self._most = most
        self._lines = lines
        self._line = self._read = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._line = self._read = 0
        try:
            return self._raw.seek(offset, whence)
        except (OSError, EOFError, zlib.error) as error:
            raise _broken(self._path, error) from error

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: Any) -> int:
        room = memoryview(buffer)
        try:
            chunk = self._raw.read(len(room))
        except (OSError, EOFError, zlib.error) as error:
            raise _broken(self._path, error) from error
        room[: len(chunk)] = chunk
        self._read += len(chunk)
        if self._most is not None and self._read > self._most:
            raise DataError(
                f"{name_of(self._path)} unpacks to more than {self._most:,} bytes, {MOST_RATIO} "
                "times its own size; unpack it yourself if you trust it"
            )
        if self._lines:
            end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            self._line = self._line + len(chunk) if end < 0 else len(chunk) - end - 1
            if self._line > MOST_LINE:
                raise DataError(
                    f"{name_of(self._path)} has a line of more than {MOST_LINE:,} bytes, the "
                    "limit; is it text?"
                )
        return len(chunk)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()
