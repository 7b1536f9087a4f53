"""Records: what was built, trained and scored, as plain JSON in and out.

Whatever a table, a figure or a card says comes from here. A record is strict: an unknown or a
missing field is an error, so that a record which loads is a record that can be trusted whole.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..json_file import MOST_BYTES, parse_json, read_json
from .figure_records import MapRecord, VocabularyRecord
from .record_types import (
    BestStep,
    BuildRecord,
    DataReference,
    LanguageCount,
    ModelRecord,
    Sampling,
    TrainRecord,
)
from .schema_check import RecordError
from .score_records import EvalRecord, TaskRecord
from .signature import Signature, common_signature
from .source_records import SourceRanking, SourceValidation

__all__ = [
    "RECORDS",
    "BestStep",
    "BuildRecord",
    "DataReference",
    "EvalRecord",
    "LanguageCount",
    "MapRecord",
    "ModelRecord",
    "Record",
    "RecordError",
    "Sampling",
    "Signature",
    "SourceRanking",
    "SourceValidation",
    "TaskRecord",
    "TrainRecord",
    "VocabularyRecord",
    "common_signature",
    "load_records",
    "parse_record",
    "write_record",
]

Record = (
    BuildRecord
    | TrainRecord
    | EvalRecord
    | TaskRecord
    | VocabularyRecord
    | SourceRanking
    | SourceValidation
    | ModelRecord
    | MapRecord
)
RECORDS: dict[str, Any] = {
    "build": BuildRecord,
    "train": TrainRecord,
    "eval": EvalRecord,
    "task": TaskRecord,
    "vocabulary": VocabularyRecord,
    "source-ranking": SourceRanking,
    "source-validation": SourceValidation,
    "model": ModelRecord,
    "map": MapRecord,
}


def parse_record(fields: Mapping[str, Any]) -> Record:
    """Build the record that a JSON object's `kind` names.

    Args:
        fields: The parsed JSON object.

    Returns:
        The record, of the class that `RECORDS` has for its kind.

    Raises:
        RecordError: If the kind is unknown, or the object does not fit it.
    """
    kind = fields.get("kind") if isinstance(fields, Mapping) else None
    if not isinstance(kind, str) or kind not in RECORDS:
        raise RecordError(f"kind: came {kind!r}; legal: {', '.join(RECORDS)}")
    record: Record = RECORDS[kind].from_dict(fields)
    return record


def write_record(path: str | os.PathLike[str], record: Record) -> Path:
    """Write a record as indented JSON; the file appears whole or not at all.

    Args:
        path: The file; its folder is made if need be.
        record: The record.

    Returns:
        The path written.

    Raises:
        RecordError: If the record would not load again.
    """
    parse_record(record.to_dict())
    text = json.dumps(record.to_dict(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    # A lone surrogate cannot be UTF-8; backslashreplace writes it as the JSON escape it needs.
    return write_atomically(path, text.encode("utf-8", "backslashreplace"))


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file aside in the same folder, then put it in place in one step.

    Args:
        path: The file; its folder is made if need be.
        content: All of it.

    Returns:
        The path written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        # mkstemp makes private files; a result is as readable as any other file of its owner.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(aside, 0o666 & ~umask)
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise
    return path


def load_records(
    path: str | os.PathLike[str], kind: str | None = None, *, needed: bool = True
) -> list[Record]:
    """Read the records of a file, or of all JSON files below a folder.

    Args:
        path: A `.json` file (one record or a list of them), a `.jsonl` file, or a folder. Below a
            folder, JSON that names no record kind (a model's config, a summary) is passed over.
        kind: One of `RECORDS` to keep only these.
        needed: Whether it is an error if there is none.

    Returns:
        The records in order of path, then of place in the file.

    Raises:
        RecordError: If there is none, or one that does not parse; the message names the file.
    """
    if kind is not None and kind not in RECORDS:
        raise RecordError(f"kind: came {kind!r}; legal: {', '.join(RECORDS)}")
    path = Path(path)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*.json*") if file.suffix in (".json", ".jsonl"))
    elif path.is_file():
        files = [path]
    else:
        raise RecordError(f"no file or folder {path}; give a record or a folder of records")
    records = [
        record
        for file in files
        for record in read_file(file, strict=path.is_file())
        if kind is None or record.kind == kind
    ]
    if needed and not records:
        raise RecordError(f"{path}: holds no record of kind {kind or ', '.join(RECORDS)}")
    return records


def _lines_of(file: Path) -> Iterator[Any]:
    """Parse a JSON-lines file; a torn last line is dropped, with a notice."""
    # Not splitlines(): U+2028 may stand inside a JSON string.
    with file.open("rb") as lines:
        while line := lines.readline(MOST_BYTES + 1):
            if not line.strip():
                continue
            try:
                yield parse_json(line, file)
            except RecordError:
                if line.endswith(b"\n") or len(line) > MOST_BYTES:
                    raise
                print(
                    f"notice: {file}: the last line is torn and left out; what it held is measured "
                    "again by the same command",
                    file=sys.stderr,
                )


def read_file(file: Path, *, strict: bool) -> list[Record]:
    """Read one file.

    Args:
        file: `.json` or `.jsonl`.
        strict: Unless set, a file whose values name no record kind is passed over.

    Raises:
        RecordError: It cannot be read, a record does not fit or its items do not give its scores,
            or among records is something else.
    """
    if not file.is_file():
        raise RecordError(f"{file}: is no regular file; remove it")
    values: Iterable[Any]
    if file.suffix == ".jsonl":
        values = _lines_of(file)
    else:
        value = read_json(file)
        values = value if isinstance(value, list) else [value]
    records: list[Record] = []
    passed_over: list[Any] = []
    for value in values:
        if not strict and not (isinstance(value, dict) and value.get("kind") in list(RECORDS)):
            passed_over.append(value)
            continue
        try:
            record = parse_record(value)
            if isinstance(record, (EvalRecord, TaskRecord)):
                record.require_evidence()
        except RecordError as error:
            raise RecordError(f"{file}: {error}") from error
        records.append(record)
    if records and passed_over:
        kind = passed_over[0].get("kind") if isinstance(passed_over[0], dict) else None
        raise RecordError(
            f"{file}: holds {len(records)} records and {len(passed_over)} values of another kind, "
            f"the first of kind {kind!r}; legal: {', '.join(RECORDS)}, or no record at all"
        )
    return records
