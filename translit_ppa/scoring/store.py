"""The cells that are measured already.

A cell is known by its content (weights, tokenizer, data, settings, seed), not by names: what lies
in the records folder is not measured again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from translit_ppa.hub_cards import EvalRecord
from translit_ppa.hub_cards.records.cell_key import CellKey
from translit_ppa.hub_cards.records.files import ModelRecord, TaskRecord
from translit_ppa.hub_cards.records.folder import append_record, load_folder, tidy_folder

Pair = tuple[str, str]


class Store:
    """The records of earlier runs and of this one; without a folder only of this one."""

    def __init__(self, folder: Path | None) -> None:
        """Read what is in a folder; it need not exist.

        Raises:
            RecordError: A file of it cannot be read, or holds something else.
        """
        self.folder = folder
        self._known: dict[str, EvalRecord | TaskRecord] = {}
        if folder is not None and folder.is_dir():
            for record in load_folder(folder):
                if isinstance(record, (EvalRecord, TaskRecord)) and (key := record.key()):
                    self._known[key] = record

    def find(self, cell: CellKey) -> EvalRecord | TaskRecord | None:
        """Return the record with this content under its model's present name, if there is one."""
        key = cell.digest()
        record = self._known.get(key) if key else None
        return record and replace(record, model=cell.model)

    def add(self, record: EvalRecord | TaskRecord) -> None:
        """Write a record as soon as it is measured."""
        if key := record.key():
            self._known[key] = record
        if self.folder is not None:
            append_record(self.folder, record)

    def finish(self, models: Sequence[ModelRecord]) -> None:
        """Write what the scores' models are, and bring the files into order."""
        if self.folder is not None:
            for model in models:
                append_record(self.folder, model)
            tidy_folder(self.folder)
