"""Records of scores, and how some of them are chosen: by key, by benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from ..records.cell_key import CellKey
from ..records.files import EvalRecord, ModelRecord, Record, RecordError, TaskRecord
from .cells import Pair, matches, require_same

_KEY = [part.name for part in fields(CellKey)]
_Same = TypeVar("_Same", bound="Selection")


@dataclass(frozen=True, eq=False)
class Selection:
    """Records of scores, of any models and benchmarks.

    Attributes:
        records: Of scores.
        models: What was scored, where that is recorded; the first is the base.
        expected: Benchmark signature -> cells that a complete row has; by default all found.
        missing: Benchmark signature -> languages of the group that it lacks.
        group: Of the languages: `mediterranean` and `sea` have figures of the paper.
    """

    records: tuple[EvalRecord | TaskRecord, ...]
    models: tuple[ModelRecord, ...] = ()
    expected: Mapping[str, tuple[Pair, ...]] = field(default_factory=dict)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group: str = ""

    @classmethod
    def of(cls: type[_Same], records: Iterable[Record], group: str = "") -> _Same:
        """Take the scores among some records; each model gets its present name.

        Args:
            records: Of any kind. What two folders have alike counts once.
            group: Of the languages.

        Raises:
            RecordError: Two records of the same content disagree.
        """
        records = list(records)
        models = tuple(record for record in records if isinstance(record, ModelRecord))
        names = {model.model_digest: model.model for model in models}
        kept: dict[object, EvalRecord | TaskRecord] = {}
        for record in records:
            if isinstance(record, (EvalRecord, TaskRecord)):
                name = names.get(record.model_digest, record.model)
                named = replace(record, model=name)
                require_same(kept.setdefault(record.key() or len(kept), named), named)
        return cls(tuple(kept.values()), models, group=group)

    def __len__(self) -> int:
        return len(self.records)

    def where(self: _Same, **wanted: Any) -> _Same:
        """Keep the records whose key says so.

        Args:
            wanted: Fields of `CellKey`, each with a value or a collection of values: `model`,
                `benchmark` (its name is enough), `input`, `layer`, `source`, `seed`, ...

        Raises:
            RecordError: A name is no field of a key.
        """
        unknown = [name for name in wanted if name not in _KEY]
        if unknown:
            raise RecordError(f"where: came {', '.join(unknown)}; legal: {', '.join(_KEY)}")
        kept = tuple(r for r in self.records if all(matches(r, *item) for item in wanted.items()))
        return replace(self, records=kept)

    @property
    def benchmarks(self) -> list[str]:
        """Signatures, in order."""
        return list(dict.fromkeys(record.benchmark for record in self.records))

    def parts(self: _Same) -> dict[str, _Same]:
        """Part the scores by benchmark: by its word; two states of one by their signatures."""
        words = [benchmark.partition("@")[0] for benchmark in self.benchmarks]
        return {
            word if words.count(word) == 1 else benchmark: self.where(benchmark=benchmark)
            for word, benchmark in zip(words, self.benchmarks, strict=True)
        }

    def of_benchmark(self: _Same, name: str | None = None) -> _Same:
        """Take one benchmark's scores; without a name, there must be no second one.

        Raises:
            RecordError: There is none, or more than one.
        """
        found = self if name is None else self.where(benchmark=name)
        if len(found.benchmarks) != 1:
            legal = ", ".join(self.parts()) or "nothing, there are no scores"
            raise RecordError(f"benchmark: came {name or 'none'}; legal: one of {legal}")
        return found

    @property
    def is_task(self) -> bool:
        """Whether these are fine-tuned scores."""
        return any(isinstance(record, TaskRecord) for record in self.records)

    def require_one(self, *names: str) -> None:
        """See that the records agree in some fields, so that they may stand in one table.

        Raises:
            RecordError: They do not, or there are none.
        """
        if not self.records:
            raise RecordError("no scores; give at least one record")
        for name in names:
            values = list(dict.fromkeys(str(getattr(record, name)) for record in self.records))
            if len(values) > 1:
                raise RecordError(
                    f"{name}: came {', '.join(values)}; legal: one per table; make a table of each"
                )
