"""Words: records of what was done, and the tables and figures made from nothing but those.

Input: JSON records that the builder, the trainer and the evaluation wrote. Output: text and
pictures. This room never imports the other two; it agrees with them through the record schema.
"""

from __future__ import annotations

from .records.files import (
    BuildRecord,
    EvalRecord,
    Record,
    RecordError,
    Signature,
    TrainRecord,
    load_records,
    parse_record,
    write_record,
)
from .table import Table, to_csv, to_markdown, to_terminal

__all__ = [
    "BuildRecord",
    "EvalRecord",
    "Record",
    "RecordError",
    "Signature",
    "Table",
    "TrainRecord",
    "load_records",
    "parse_record",
    "to_csv",
    "to_markdown",
    "to_terminal",
    "write_record",
]
