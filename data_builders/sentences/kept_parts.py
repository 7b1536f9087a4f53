"""What was drawn from the parts of a stream that are read, so that none is fetched twice.

A stream from the Hub comes in files. What a sample takes of a file is written down as it comes, and
counts once the file is at its end: a build that is stopped later reads it from here.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import IO

from ..errors import DataError
from ..json_file import parse_json, read_object
from .sampling import SelectedRow

__all__ = ["KEPT", "Drawn", "KeptParts"]

KEPT = "part-*"
"""Matches the files of all parts."""
Drawn = tuple[bytes, SelectedRow, tuple[str, ...], str | None]
"""A row with its hash, the steps that folded its letters, and the reason to drop it."""


class KeptParts:
    """The parts of one sample, each a packed file of rows and a marker behind it.

    Args:
        folder: Where they lie, under names that `KEPT` matches.
        sample: What tells this sample from others.
    """

    def __init__(self, folder: Path, sample: str) -> None:
        self._folder = folder
        self._sample = sample

    def through(
        self, number: int, reading: Generator[Drawn, None, int]
    ) -> Generator[Drawn, None, int]:
        """Pass a part on: from here if it was read to its end before, else as it is read.

        Args:
            number: Which part.
            reading: Reads it; returns how many rows it had.

        Returns:
            How many rows the part had.

        Raises:
            DataError: The disk is full or fails.
        """
        path = self._folder / f"part-{number:06}.jsonl.gz"
        marker = path.with_suffix(".json")
        known = self._known(path, marker)
        if known is not None:
            yield from _rows(path)
            return known
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            # Level 1: the corpus is waited for, not the disk.
            with gzip.open(aside, "wt", compresslevel=1, encoding="ascii") as file:
                count = yield from _written(reading, file)
            told = {"sample": self._sample, "rows": count, "digest": _digest(aside)}
            os.replace(aside, path)
            marker.write_text(json.dumps(told), encoding="ascii")
        except OSError as error:
            raise DataError(f"cannot write {path.name}: {error}") from error
        finally:
            aside.unlink(missing_ok=True)
        return count

    def _known(self, path: Path, marker: Path) -> int | None:
        """Say how many rows a kept part had; None where it is of another sample or not whole."""
        try:
            told = read_object(marker)
            if told.get("sample") == self._sample and told.get("digest") == _digest(path):
                return int(told["rows"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return None


def _written(reading: Generator[Drawn, None, int], file: IO[str]) -> Generator[Drawn, None, int]:
    while True:
        try:
            drawn = next(reading)
        except StopIteration as end:
            return int(end.value)
        key, row, steps, reason = drawn
        # ASCII: text that is broken is none to a file either.
        file.write(json.dumps([key.hex(), row, steps, reason]) + "\n")
        yield drawn


def _rows(path: Path) -> Generator[Drawn, None, None]:
    with gzip.open(path, "rt", encoding="ascii") as file:
        for line in file:
            key, row, steps, reason = parse_json(line, path)
            yield bytes.fromhex(key), SelectedRow(*row), tuple(steps), reason


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
