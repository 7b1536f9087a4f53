"""Unpacks `.gz`, `.bz2`, `.xz`, `.zst` as a stream; `text_file` holds what comes to its limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

__all__ = [
    "PACKINGS",
    "UNPACKING_ERRORS",
    "Unpacked",
    "open_packed",
    "packing",
    "unpacked_name",
    "unpacking",
]

PACKINGS = (".gz", ".bz2", ".xz", ".zst")
UNPACKING_ERRORS = (OSError, EOFError, lzma.LZMAError)
"""What a broken file raises, besides `zlib.error`."""
_MOST_MEMORY = 1 << 27
"""Bytes that a window of .xz may ask for: 128 MiB, as zstd has it; `xz -9` needs 65."""
_CHUNK = 1 << 16


def packing(path: Path) -> str:
    """Name the packing of a file by its name.

    Args:
        path: A path.

    Returns:
        One of `PACKINGS`, or an empty string.
    """
    return next((end for end in PACKINGS if path.name.lower().endswith(end)), "")


def unpacked_name(path: Path) -> str:
    """Give the name of a file as if it were unpacked.

    Args:
        path: Such as `amh_Ethi.txt.gz`.

    Returns:
        Such as `amh_Ethi.txt`.
    """
    return path.name[: len(path.name) - len(packing(path))]


def open_packed(path: Path) -> BinaryIO:
    """Open a packed file.

    Args:
        path: A regular file whose name ends as in `PACKINGS`.

    Returns:
        The unpacked bytes.

    Raises:
        OSError: It is not there, or not to be read.
    """
    if packing(path) == ".gz":
        return cast(BinaryIO, gzip.GzipFile(path, "rb"))
    if packing(path) == ".bz2":
        return cast(BinaryIO, bz2.BZ2File(path, "rb"))
    return cast(BinaryIO, Unpacked(path, _Xz if packing(path) == ".xz" else _Zst))


def unpacking(file: BinaryIO, end: str) -> Any:
    """Unpack bytes that are read from anywhere.

    Args:
        file: The packed bytes, open.
        end: One of `PACKINGS`, or an empty string for bytes that are not packed.

    Returns:
        An object with a method `read(size)`; it raises one of `UNPACKING_ERRORS` or `zlib.error`.
    """
    if end == ".gz":
        return gzip.GzipFile(fileobj=file)
    kinds: dict[str, Callable[[BinaryIO], Any]] = {".bz2": bz2.BZ2File, ".xz": _Xz, ".zst": _Zst}
    return kinds[end](file) if end else file


class Unpacked:
    """Reads a packed file from its start, as often as it is sought there.

    Args:
        path: The file.
        kind: What unpacks: made from the open file, with a method `read`.
    """

    def __init__(self, path: Path, kind: Any) -> None:
        self._file = path.open("rb")
        self._kind = kind
        self._stream = kind(self._file)
        self._at = 0

    def read(self, size: int) -> bytes:
        """Give at most so many bytes; none at the end."""
        content = bytes(self._stream.read(size))
        self._at += len(content)
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place counted from the start, unpacking once more what lies before it."""
        if whence != os.SEEK_SET:
            raise OSError("a packed file is only sought from its start")
        self._file.seek(0)
        self._stream, self._at = self._kind(self._file), 0
        while self._at < offset and self.read(min(_CHUNK, offset - self._at)):
            pass
        return self._at

    def tell(self) -> int:
        """Say how many bytes were read."""
        return self._at

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Xz:
    """The streams of an .xz, one after another. `lzma.LZMAFile` has no limit of memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder: lzma.LZMADecompressor | None = None

    def read(self, size: int) -> bytes:
        while True:
            if self._decoder is None or self._decoder.eof:
                rest = self._decoder.unused_data.lstrip(b"\0") if self._decoder else b""
                rest = rest or self._file.read(_CHUNK).lstrip(b"\0")
                if not rest:
                    return b""
                self._decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)
            else:
                rest = self._file.read(_CHUNK) if self._decoder.needs_input else b""
                if self._decoder.needs_input and not rest:
                    raise EOFError("it ends before its end-of-stream marker")
            found = self._decoder.decompress(rest, size)
            if found:
                return found


def _Zst(file: BinaryIO) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")
