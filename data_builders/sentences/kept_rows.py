"""What was drawn from stretches of a source that are read, so that none is read twice.

What a sample takes of a stretch is written down as it comes, and counts once the stretch is at its
end: a build that is stopped later reads it from here, and so does one whose workers read ahead. Who
draws then gets their hashes, and where each row lies; who romanises fetches the rows themselves.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from ..errors import DataError
from ..json_file import read_object
from .sampling import SelectedRow

__all__ = ["KEPT", "Drawn", "KeptRow", "KeptRows", "PackedRows", "fetched", "packed", "row_of"]

KEPT = ("part-*", ".part-*")
"""Match the files of all stretches, the unfinished ones last."""


class _Batch(NamedTuple):
    """Some rows of a file.

    Attributes:
        path: The file of their stretch.
        number: Which batch of that file.
        first: Rows of the language before the stretch.
    """

    path: str
    number: int
    first: int


class KeptRow(NamedTuple):
    """Where a row lies.

    Attributes:
        batch: The batch that holds it.
        place: Which row of that batch.
    """

    batch: _Batch
    place: int


class _Places(NamedTuple):
    """Where several rows of one batch lie."""

    batch: _Batch
    places: tuple[int, ...]


PackedRows = tuple[SelectedRow | _Places, ...]
"""Rows on their way to another process, those of one batch together."""
Drawn = tuple[bytes, SelectedRow | KeptRow, tuple[str, ...], str | None]
"""The hash of a row, it or where it lies, the steps that folded its letters, why it is dropped."""
_ROWS = 1000
_FORM = 3
"""Of a file; one that an earlier version left is read anew."""
_TEXT = pa.binary()  # Text that is broken is none to Arrow.
_SCHEMA = pa.schema(
    [
        *(("key", pa.binary()), ("text", _TEXT), ("latin", pa.string())),
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
        self._found: dict[range, int] = {}

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
            yield from _places(path, first)
            return known
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            count = yield from _written(reading, first, aside)
            told = {"form": _FORM, "sample": self._sample, "parts": len(stretch), "rows": count}
            told["digest"] = _digest(aside)
            os.replace(aside, path)
            _whole.cache_clear()
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
        if stretch in self._found:
            return self._found[stretch]
        path = self._path(stretch)
        try:
            told = read_object(path.with_suffix(".json"))
            wanted = {"form": _FORM, "sample": self._sample, "parts": len(stretch)}
            wanted["digest"] = _digest(path)
            if wanted.items() <= told.items():
                self._found[stretch] = int(told["rows"])
                return self._found[stretch]
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return None


def _written(
    reading: Generator[Drawn, None, int], first: int, path: Path
) -> Generator[Drawn, None, int]:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    some: list[tuple[Any, ...]] = []
    with path.open("wb") as file, pa.ipc.new_file(file, _SCHEMA, options=options) as writer:
        while True:
            try:
                drawn = next(reading)
            except StopIteration as end:
                _write(writer, some)
                return int(end.value)
            key, given, steps, reason = drawn
            text, latin, origin, row, *where = row_of(given)
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


def _places(path: Path, first: int) -> Iterator[Drawn]:
    fields = [_SCHEMA.get_field_index(name) for name in ("key", "steps", "reason")]
    options = pa.ipc.IpcReadOptions(included_fields=fields)
    name = str(path)
    with pa.memory_map(name) as file, pa.ipc.open_file(file, options=options) as batches:
        for number in range(batches.num_record_batches):
            batch = _Batch(name, number, first)
            cells = (column.to_pylist() for column in batches.get_batch(number).columns)
            for place, (key, steps, reason) in enumerate(zip(*cells, strict=True)):
                yield key, KeptRow(batch, place), tuple(steps.split()) if steps else (), reason


def packed(rows: Iterable[SelectedRow | KeptRow]) -> PackedRows:
    """Take rows of one batch together, in the same order: a row of a thousand then weighs little.

    Args:
        rows: Rows, or where they lie.

    Returns:
        What `fetched` makes rows of.
    """
    some: list[SelectedRow | _Places] = []
    for batch, group in groupby(rows, lambda row: getattr(row, "batch", None)):
        if batch is None:
            some += group  # type: ignore[arg-type]
        else:
            some.append(_Places(batch, tuple(map(attrgetter("place"), group))))
    return tuple(some)


def fetched(rows: PackedRows) -> Iterator[SelectedRow]:
    """Yield the rows, fetched from where they lie."""
    for row in rows:
        if isinstance(row, _Places):
            yield from _rows_of(_read(row.batch).take(pa.array(row.places)), row.batch.first)
        else:
            yield row


def row_of(row: SelectedRow | KeptRow) -> SelectedRow:
    """Fetch a single row from where it lies; one that is at hand stays as it is."""
    return row if isinstance(row, SelectedRow) else _whole(row.batch)[row.place]


@lru_cache(maxsize=4)
def _whole(batch: _Batch) -> list[SelectedRow]:
    """Read a batch; single rows are fetched in order, a batch after the other."""
    return _rows_of(_read(batch), batch.first)


def _rows_of(cells: pa.RecordBatch, first: int) -> list[SelectedRow]:
    text, latin, origin, row, start, end = (column.to_pylist() for column in cells.columns)
    texts = [one.decode("utf-8", "surrogatepass") for one in text]
    rows = [first + number for number in row]
    return list(map(SelectedRow, texts, latin, origin, rows, start, end))


def _read(batch: _Batch) -> pa.RecordBatch:
    fields = [_SCHEMA.get_field_index(name) for name in ("text", "latin", "origin", "row")]
    fields += [_SCHEMA.get_field_index(name) for name in ("start", "end")]
    options = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False)
    with pa.memory_map(batch.path) as file, pa.ipc.open_file(file, options=options) as batches:
        return batches.get_batch(batch.number)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
