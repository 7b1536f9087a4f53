"""What was drawn from stretches of a source that are read, so that none is read twice.

What a sample takes of a stretch is written down as it comes, and counts once the stretch is at its
end: a build that is stopped later reads it from here, and so does one whose workers read ahead.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..errors import DataError
from ..json_file import read_object
from .sampling import SelectedRow

__all__ = ["KEPT", "Drawn", "KeptRows"]

KEPT = ("part-*", ".part-*")
"""Match the files of all stretches, the unfinished ones last."""
Drawn = tuple[bytes, SelectedRow, tuple[str, ...], str | None]
"""A row with its hash, the steps that folded its letters, and the reason to drop it."""
_ROWS = 1000
_TEXT = pa.binary()  # Text that is broken is none to Arrow.
_SCHEMA = pa.schema(
    [
        *(("key", pa.binary(16)), ("text", _TEXT), ("latin", pa.string())),
        *(("origin", pa.string()), ("row", pa.int64()), ("start", pa.int64()), ("end", pa.int64())),
        *(("steps", pa.string()), ("reason", pa.string())),
    ]
)


class KeptRows:
    """The rows of one sample, by stretches: each a packed file and a marker behind it.

    Args:
        folder: Where they lie, under names that `KEPT` matches.
        low: The first hash of the sample.
        high: The hash that follows its last one.
    """

    def __init__(self, folder: Path, low: bytes, high: bytes) -> None:
        self._folder = folder
        self._sample = f"{low.hex()}-{high.hex()}"

    def has(self, stretch: range) -> bool:
        """Tell whether a stretch was read to its end, and what was kept is whole."""
        return self._known(stretch) is not None

    def through(
        self, stretch: range, first: int, reading: Generator[Drawn, None, int]
    ) -> Generator[Drawn, None, int]:
        """Pass a stretch on: from here if it was read to its end before, else as it is read.

        Args:
            stretch: Which one.
            first: Rows of the language before it.
            reading: Reads it; returns how many rows it had.

        Returns:
            How many rows the stretch had.

        Raises:
            DataError: The disk is full or fails.
        """
        path = self._path(stretch)
        known = self._known(stretch)
        if known is not None:
            yield from _rows(path, first)
            return known
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            count = yield from _written(reading, first, aside)
            told = {"sample": self._sample, "parts": len(stretch), "rows": count}
            told["digest"] = _digest(aside)
            os.replace(aside, path)
            path.with_suffix(".json").write_text(json.dumps(told), encoding="ascii")
        except (OSError, pa.ArrowException) as error:
            raise DataError(f"cannot write {path.name}: {error}") from error
        finally:
            aside.unlink(missing_ok=True)
        return count

    def _path(self, stretch: range) -> Path:
        return self._folder / f"part-{stretch.start:06}.arrow"

    def _known(self, stretch: range) -> int | None:
        """Say how many rows a stretch had; None where it is of another sample or not whole."""
        path = self._path(stretch)
        try:
            told = read_object(path.with_suffix(".json"))
            wanted = {"sample": self._sample, "parts": len(stretch), "digest": _digest(path)}
            if wanted.items() <= told.items():
                return int(told["rows"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return None


def _written(
    reading: Generator[Drawn, None, int], first: int, path: Path
) -> Generator[Drawn, None, int]:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    some: list[tuple[Any, ...]] = []
    with path.open("wb") as file, pa.ipc.new_stream(file, _SCHEMA, options=options) as writer:
        while True:
            try:
                drawn = next(reading)
            except StopIteration as end:
                _write(writer, some)
                return int(end.value)
            key, (text, latin, origin, row, *where), steps, reason = drawn
            whole = text.encode("utf-8", "surrogatepass")
            some.append((key, whole, latin, origin, row - first, *where, " ".join(steps), reason))
            if len(some) == _ROWS:
                _write(writer, some)
                some = []
            yield drawn


def _write(writer: Any, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        columns = zip(zip(*rows, strict=True), _SCHEMA.types, strict=True)
        arrays = [pa.array(cells, kind) for cells, kind in columns]
        writer.write_batch(pa.record_batch(arrays, schema=_SCHEMA))


def _rows(path: Path, first: int) -> Iterator[Drawn]:
    with path.open("rb") as file, pa.ipc.open_stream(file) as batches:
        for batch in batches:
            cells = (column.to_pylist() for column in batch.columns)
            for key, text, latin, origin, row, *where, steps, reason in zip(*cells, strict=True):
                whole = text.decode("utf-8", "surrogatepass")
                place = SelectedRow(whole, latin, origin, first + row, *where)
                yield key, place, tuple(steps.split()), reason


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
