"""The cells that are measured already, and the models that are scored.

A cell is known by its content (weights, tokenizer, data, settings, seed), not by names: what lies
in the records folder is not measured again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path

from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards import EvalRecord, load_records
from translit_ppa.hub_cards.records.cell_key import CellKey
from translit_ppa.hub_cards.records.environment import now, package_version
from translit_ppa.hub_cards.records.files import ModelRecord, TaskRecord, TrainRecord
from translit_ppa.hub_cards.records.folder import append_record, tidy_folder
from translit_ppa.identity import model_digest, tokenizer_digest, training_of

Pair = tuple[str, str]


@dataclass(frozen=True)
class Model:
    """A model to score.

    Attributes:
        name: Or folder.
        digest: Of the weights.
        tokenizer: Digest of the tokenizer.
        layers: How deep it is.
        positions: How many tokens a text may have, special ones included.
        training: Record that lies beside the weights.
    """

    name: str
    digest: str
    tokenizer: str
    layers: int
    positions: int
    training: TrainRecord | None

    def record(self) -> ModelRecord:
        """Say what is scored, with the training record that lies beside the weights."""
        return ModelRecord(
            kind="model",
            version=package_version(),
            created=now(),
            model=self.name,
            model_digest=self.digest,
            tokenizer=self.tokenizer,
            training=self.training,
        )


class Store:
    """The records of earlier runs and of this one; without a folder only of this one."""

    def __init__(self, folder: Path | None) -> None:
        """Read what is in a folder; it need not exist."""
        self.folder = folder
        self._known: dict[str, EvalRecord | TaskRecord] = {}
        if folder is not None and folder.is_dir():
            for record in load_records(folder, needed=False):
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


def open_models(names: Sequence[str], revision: str | None) -> list[Model]:
    """Identify models before anything is measured.

    Args:
        names: Hub ids, folders, or patterns such as `runs/train/checkpoint-*`.
        revision: Commit, tag or branch, for every model.

    Raises:
        AlignmentError: One of them is not there.
        DataError: A pattern matches nothing.
    """
    from transformers import AutoConfig, AutoTokenizer

    from translit_ppa.modeling.opening import OWN_CODE, opening, position_count

    found = []
    for name in expanded(names):
        with opening(name):
            config = AutoConfig.from_pretrained(name, revision=revision, **OWN_CODE)
            tokenizer = tokenizer_digest(
                AutoTokenizer.from_pretrained(name, revision=revision, **OWN_CODE)
            )
        digest = model_digest(name, revision)
        training = training_of(name)
        layers, positions = config.num_hidden_layers, position_count(config)
        found.append(Model(name, digest, tokenizer, layers, positions, training))
    return found


def expanded(names: Sequence[str]) -> list[str]:
    """Replace patterns by the folders they match, and name each model once.

    Raises:
        DataError: A pattern matches nothing.
    """
    found: list[str] = []
    for name in names:
        if "*" not in name:
            found.append(name)
            continue
        # checkpoint-900 comes before checkpoint-1000.
        matches = sorted(glob(name), key=lambda p: [int(n) for n in re.findall(r"\d+", p)])
        if not matches:
            raise DataError(f"--model {name} matches no folder; give Hub ids or folders")
        found += matches
    return list(dict.fromkeys(found))
