"""A folder of records: one JSON-lines file per benchmark, and `models.jsonl` for the models.

A record is added as one line as soon as it is measured, so that a killed run loses at most the cell
that it was writing; when a run is through, each file is brought into order. The folders of 0.1.0,
with a file per record, are read as well.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..json_file import parse_json
from .files import Record, load_records, read_file, write_atomically
from .record_types import ModelRecord
from .score_records import EvalRecord, ScoreRecord, TaskRecord

MODELS = "models.jsonl"


def file_name(record: ModelRecord | ScoreRecord) -> str:
    """Say in which file of a folder a record lies."""
    if isinstance(record, (EvalRecord, TaskRecord)):
        return re.sub(r"[^\w.+-]", "-", record.benchmark.partition("@")[0]) + ".jsonl"
    return MODELS


def load_folder(folder: str | os.PathLike[str]) -> list[Record]:
    """Read the folder that a run is about to add to, as `tidy_folder` will read it at the end.

    Args:
        folder: Of records.

    Raises:
        RecordError: A line of its own files is no record. Said before anything is measured, and
            not when the run is through.
    """
    ours = set(Path(folder).glob("*.jsonl"))
    files = (path for path in Path(folder).rglob("*.json*") if path.suffix in (".json", ".jsonl"))
    return [record for file in sorted(files) for record in read_file(file, strict=file in ours)]


def append_record(folder: str | os.PathLike[str], record: ModelRecord | ScoreRecord) -> None:
    """Add a record to its file; a line that a killed run left torn goes first.

    Processes that score together write to the same file, one after the other.
    """
    path = Path(folder) / file_name(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if sys.platform != "win32":
            import fcntl

            # Until the file is closed; what another process is writing is no torn line.
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.seek(0)
                content = file.read()
                torn = content.rpartition(b"\n")[2]
                if _is_json(torn):
                    file.write(b"\n")
                else:
                    file.truncate(len(content) - len(torn))
        file.write(_line(record))


def write_folder(
    folder: str | os.PathLike[str], records: Iterable[ModelRecord | ScoreRecord]
) -> None:
    """Write records in order, a file per benchmark; each file appears whole or not at all."""
    records = list(records)
    models = [record for record in records if isinstance(record, ModelRecord)]
    files: dict[str, list[ModelRecord | ScoreRecord]] = {}
    for record in records:
        files.setdefault(file_name(record), []).append(record)
    for name, found in files.items():
        write_lines(Path(folder) / name, found, models)


def write_lines(
    path: str | os.PathLike[str],
    records: Iterable[ModelRecord | ScoreRecord],
    models: Sequence[ModelRecord] = (),
) -> None:
    """Write records in order into one file: models as given, then scores by benchmark, model, cell.

    Args:
        path: The `.jsonl` file.
        records: Of two of the same content the last is kept.
        models: Those whose order counts; by default those among the records.
    """
    kept: dict[object, ModelRecord | ScoreRecord] = {}
    for record in records:
        if isinstance(record, ScoreRecord):
            kept[record.key() or record.cell()] = record
        else:
            known = record.model_digest not in ("", "unknown")
            kept[record.model_digest if known else record.model] = record
    models = models or [record for record in kept.values() if isinstance(record, ModelRecord)]
    places = {model.model_digest: place for place, model in enumerate(models)}

    def place(record: ModelRecord | ScoreRecord) -> tuple[object, ...]:
        if not isinstance(record, ScoreRecord):
            return (0,)  # sorting is stable
        cell = record.cell()
        model = places.get(cell.model_digest, len(places))
        return (1, cell.benchmark, model, cell.model, *cell.order())

    content = b"".join(map(_line, sorted(kept.values(), key=place)))
    path = Path(path)
    if not path.is_file() or path.read_bytes() != content:
        write_atomically(path, content)


def tidy_folder(folder: str | os.PathLike[str]) -> None:
    """Bring the files of a folder into order, atomically, each for itself.

    A file that grows meanwhile is left to the other run that writes there.
    """
    path = Path(folder) / MODELS
    found = load_records(path, needed=False) if path.is_file() else []
    models = [record for record in found if isinstance(record, ModelRecord)]
    for path in sorted(Path(folder).glob("*.jsonl")):
        size = path.stat().st_size
        records = load_records(path, needed=False)
        ours = [r for r in records if isinstance(r, (ModelRecord, EvalRecord, TaskRecord))]
        if len(ours) == len(records) and path.stat().st_size == size:
            write_lines(path, ours, models)


def _line(record: ModelRecord | ScoreRecord) -> bytes:
    fields = record.to_dict()
    type(record).from_dict(fields)  # what would not load again is not written
    text = json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    return text.encode("utf-8", "backslashreplace")


def _is_json(line: bytes) -> bool:
    try:
        parse_json(line, "a line")
    except ValueError:
        return False
    return True
