"""Which scores are those of some weights, and which of them may stand in one table.

Weights are known by their digest, whatever name they go by. Scores share a table if their keys
agree in everything but whose they are, from which language to which, and the seed; so a field that
is added to a key sets tables apart without a word here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ..records.cell_key import CellKey, short_digest
from ..records.files import EvalRecord, Record, RecordError, TaskRecord
from .cells import require_same
from .scores import Scores

_IN_A_TABLE = ("model", "model_digest", "tokenizer", "source", "target", "folded", "seed")
"""What is folded is up to the text of a language: a table tells it in its signature."""


@dataclass(frozen=True)
class Conditions:
    """What must agree before scores stand in one table: all of a key that a table does not tell.

    Attributes:
        values: By field of `CellKey`, as text; `none` where a field does not apply.
    """

    values: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, record: EvalRecord | TaskRecord) -> Conditions:
        """Read the conditions off a record; settings are named by their digest."""
        key = record.cell()
        names = [part.name for part in fields(CellKey) if part.name not in _IN_A_TABLE]
        return cls(tuple((name, _text(getattr(key, name))) for name in names))

    def __getitem__(self, name: str) -> str:
        return dict(self.values)[name]

    def without(self, *names: str) -> Conditions:
        """Leave some fields out."""
        return Conditions(tuple(item for item in self.values if item[0] not in names))

    def differences(self, other: Conditions) -> dict[str, tuple[str, str]]:
        """Say in which fields another differs, with both values."""
        theirs = dict(other.values)
        return {name: (mine, theirs[name]) for name, mine in self.values if mine != theirs[name]}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return short_digest(value)
    return "none" if value is None else str(value)


def scores_of(records: Sequence[Record], digest: str) -> dict[Conditions, Scores]:
    """Choose the scores of some weights, a table of each set of conditions.

    Args:
        records: Of any kind, of any models.
        digest: Digest of the weights.

    Returns:
        In the order of the records; nothing if no score is of these weights.

    Raises:
        RecordError: Two records of the same content disagree, or two claim one cell.
    """
    found: dict[str, EvalRecord | TaskRecord] = {}
    for record in records:
        if not isinstance(record, (EvalRecord, TaskRecord)) or record.model_digest != digest:
            continue
        key = record.key()
        if key is None:
            continue
        require_same(found.setdefault(key, record), record)
    tables: dict[Conditions, list[EvalRecord | TaskRecord]] = {}
    for record in found.values():
        tables.setdefault(Conditions.of(record), []).append(record)
    made = {conditions: Scores(tuple(mine)) for conditions, mine in tables.items()}
    for scores in made.values():
        scores.cells()  # two records of one direction and seed are refused
    return made


def require_one_version(tables: Iterable[Conditions]) -> None:
    """See that no two tables differ in nothing but the version that measured them.

    Raises:
        RecordError: Two do: which of them counts, nobody can say.
    """
    versions: dict[Conditions, str] = {}
    for conditions in tables:
        version = conditions["version"]
        other = versions.setdefault(conditions.without("version"), version)
        if other != version:
            raise RecordError(
                f"version: came {other} and {version} for {conditions['benchmark']}; legal: one, "
                "so leave the records of the other out"
            )
