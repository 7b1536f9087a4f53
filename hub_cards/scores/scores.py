"""Scores: records, filtered, averaged and compared. Tables, figures, gates and cards read these.

What was not measured stays visible as a gap; nothing is filled in. A cell is (source, target); the
test set of a task's own source is kept apart and is part of no mean.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..records.files import EvalRecord, RecordError, TaskRecord
from ..records.score_records import scripts_of
from ..records.signature import common_signature
from . import labels
from .average import Mean, average
from .cells import Cells, Pair, cells_of, is_own_test_set, pair_of, score_of
from .comparing.bootstrap import DRAWS, compare_cells
from .comparing.evidence import Comparison
from .selection import Selection


@dataclass(frozen=True, eq=False)
class Scores(Selection):
    """Records of scores, of any models and benchmarks: rows, cells, means and comparisons of them.

    What shows rows and cells wants one benchmark: `of_benchmark`, `parts`.
    """

    @cached_property
    def _named(self) -> list[tuple[str, str]]:
        """(model, what sets its row apart) of each record."""
        keys = [record.cell() for record in self.records]
        return [(k.model, tail) for k, tail in zip(keys, labels.tails(keys), strict=True)]

    @cached_property
    def rows(self) -> dict[str, Cells]:
        """Cells by row, in order of first appearance.

        Raises:
            RecordError: There is no record, they do not belong into one table, or two of them
                claim one cell.
        """
        self.require_one("benchmark", "protocol", "split")
        found: dict[str, list[EvalRecord | TaskRecord]] = {}
        for record, (model, tail) in zip(self.records, self._named, strict=True):
            found.setdefault(model + tail, []).append(record)
        return {row: cells_of(records, row) for row, records in found.items()}

    def require_row(self, *rows: str) -> None:
        """See that rows are there.

        Raises:
            RecordError: One is not.
        """
        for row in rows:
            if row not in self.rows:
                raise RecordError(f"model: came {row!r}; legal: {', '.join(self.rows)}")

    def models_by_row(self) -> dict[str, str]:
        """Give the model's name of each row."""
        return {model + tail: model for model, tail in self._named}

    def rows_of(self, model: str) -> list[str]:
        """Give the rows of a model in original script, one per setting that it was scored under."""
        named = zip(self.records, self._named, strict=True)
        return list(
            dict.fromkeys(
                m + tail for r, (m, tail) in named if m == model and scripts_of(r) == "original"
            )
        )

    def row_of(self, model: str) -> str | None:
        """Give the row of a model that was scored under one setting; None if there is none."""
        rows = self.rows_of(model)
        return rows[0] if len(rows) == 1 else None

    def only_row_of(self, model: str) -> str | None:
        """Give the row of a model, whatever script it was given; None unless it has just one."""
        rows = list(dict.fromkeys(m + tail for m, tail in self._named if m == model))
        return rows[0] if len(rows) == 1 else None

    def against(self, base: str) -> list[tuple[str, str]]:
        """Pair each row with the row of the base model under the same settings."""
        named = dict.fromkeys(self._named)
        return [(base + tail, m + tail) for m, tail in named if m != base and (base, tail) in named]

    def cells(self, row: str | None = None) -> Cells:
        """Give the cells of a row, or of all records as if they were one (seeds of a training)."""
        return cells_of(self.records, "all") if row is None else self.rows.get(row, {})

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """(source, target) that a complete row has, without a task's sources on themselves."""
        given = self.expected.get(self.records[0].benchmark) if self.records else None
        found = (pair_of(record) for record in self.records if not is_own_test_set(record))
        return given or tuple(dict.fromkeys(found))

    @cached_property
    def sources(self) -> list[str]:
        """Codes that are a source, in order."""
        return list(dict.fromkeys(source for source, _ in self.pairs))

    @cached_property
    def targets(self) -> list[str]:
        """Codes that are a target, in order; in retrieval the sources come first among them."""
        targets = list(dict.fromkeys(target for _, target in self.pairs))
        if self.is_task:
            return targets
        return [code for code in dict.fromkeys([*self.sources, *targets]) if code in targets]

    def value(
        self, row: str | None, pair: Pair, metric: str | None = None, *, everything: bool = False
    ) -> float | None:
        """Give the score of one cell, its mean over seeds; None where nothing was measured."""
        return self.mean(row, pairs=[pair], metric=metric, everything=everything).value

    def mean(
        self,
        row: str | None,
        source: str | None = None,
        target: str | None = None,
        *,
        pairs: Collection[Pair] | None = None,
        metric: str | None = None,
        everything: bool = False,
    ) -> Mean:
        """Average over cells, each counting the same; a gap is counted, never filled.

        Args:
            row: A row; None for all records as one.
            source: Only cells with this source.
            target: Only cells with this target.
            pairs: The cells asked for; by default `pairs`.
            metric: Name of the score; by default the main one.
            everything: Retrieval: whether queries identical to their target count.

        Raises:
            RecordError: A record has no such score.
        """
        asked = [
            pair
            for pair in (self.pairs if pairs is None else pairs)
            if source in (None, pair[0]) and target in (None, pair[1])
        ]
        cells = self.cells(row)
        found = [
            {seed: score_of(record, metric, everything) for seed, record in cells[pair].items()}
            for pair in asked
            if pair in cells
        ]
        return average(found, len(asked))

    def gaps(self, row: str) -> list[Pair]:
        """List the cells that a row lacks."""
        return [pair for pair in self.pairs if pair not in self.rows[row]]

    def records_of(self, rows: Iterable[str] | None = None) -> list[EvalRecord | TaskRecord]:
        """List the records of some rows; by default of all."""
        cells = [cell for row in (rows or self.rows) for cell in self.rows[row].values()]
        return [record for cell in cells for record in cell.values()]

    def signature(self, rows: Iterable[str] | None = None) -> str:
        """Give the common signature of the records of some rows; by default of all."""
        records = self.records if rows is None else self.records_of(rows)
        return common_signature(record.signature_parts() for record in records)

    def chance(self, k: int, rows: Iterable[str] | None = None) -> float:
        """Give the top-k score of guessing, in percent: mean over measured pairs of 100 * k / pool.

        Args:
            k: How many guesses a query has.
            rows: Only what these have measured.
        """
        found = (r for r in self.records_of(rows) if isinstance(r, EvalRecord))
        pools = {r.cell().pair: r.pool for r in found}
        return math.fsum(min(100.0, 100 * k / pool) for pool in pools.values()) / len(pools)

    def compare(
        self,
        base: str,
        other: str | Sequence[str],
        benchmark: str | None = None,
        *,
        pairs: Collection[Pair] | None = None,
        draws: int = DRAWS,
    ) -> Comparison | None:
        """Compare two models on what both have: over test items, and over seeds.

        Args:
            base: Model or row; the difference is `other` minus this.
            other: Model or row; several are trainings that differ in their seed alone, and their
                mean is compared.
            benchmark: Name or signature, where there are several.
            pairs: Only these cells.
            draws: How many samples of items; the same records give the same interval.

        Returns:
            Difference, interval, chance and the verdict of this comparison alone (`judge` takes
            several together); None without a common cell and seed.

        Raises:
            RecordError: There is no such row, or the two were scored on different items.
        """
        mine = self.of_benchmark(benchmark)
        asked = [base, *([other] if isinstance(other, str) else other)]
        rows = [name if name in mine.rows else mine.row_of(name) or name for name in asked]
        mine.require_row(*rows)
        cells = [mine.cells(row) for row in rows]
        return compare_cells(cells[0], cells[1:], names=rows, pairs=pairs, draws=draws)
