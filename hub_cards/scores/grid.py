"""Scores by row, cell and seed: what is averaged, how far seeds spread, what is missing.

Input: records of one benchmark. Output: a Grid, which tables and the regression gate read. A cell
is (source, target); a source's own test set is kept apart and is part of no mean.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from ..records.files import EvalRecord, RecordError, TaskRecord
from .cells import Pair, collect_cells

_SETTINGS = ("input", "transliterator", "shots", "settings", "version", "model_digest", "tokenizer")


@dataclass(frozen=True)
class Spread:
    """A mean over seeds and cells.

    Attributes:
        value: Percent; None if nothing was measured.
        std: Sample standard deviation over seeds; None with fewer than two.
        seeds: How many seeds all measured cells have.
        measured: Cells that there are.
        expected: Cells that there should be.
    """

    value: float | None
    std: float | None
    seeds: int
    measured: int
    expected: int

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        std = "" if self.std is None else f" ± {self.std:.1f}"
        gap = "" if self.measured == self.expected else f" ({self.measured} of {self.expected})"
        return f"{self.value:.1f}{std}{gap}"


@dataclass(frozen=True)
class Grid:
    """Scores of one benchmark.

    Attributes:
        rows: Percent by seed, by (source, target), by row label.
        pairs: The cells that a complete row has, without sources on themselves.
    """

    rows: dict[str, dict[Pair, dict[int, float]]]
    pairs: tuple[Pair, ...]

    @property
    def sources(self) -> list[str]:
        """Sources in order."""
        return list(dict.fromkeys(source for source, _ in self.pairs))

    @property
    def targets(self) -> list[str]:
        """Targets in order."""
        return list(dict.fromkeys(target for _, target in self.pairs))

    def cell(self, row: str, pair: Pair) -> Spread:
        """Average one cell over its seeds."""
        return self._spread(row, [pair])

    def mean(self, row: str, source: str | None = None, target: str | None = None) -> Spread:
        """Average over cells, each counting the same; a gap is counted, never filled.

        Args:
            row: A row label.
            source: Only cells with this source.
            target: Only cells with this target.
        """
        pairs = [p for p in self.pairs if source in (None, p[0]) and target in (None, p[1])]
        return self._spread(row, pairs)

    def gaps(self, row: str) -> list[Pair]:
        """List the cells that a row lacks."""
        return [pair for pair in self.pairs if pair not in self.rows[row]]

    def _spread(self, row: str, pairs: Sequence[Pair]) -> Spread:
        found = [self.rows[row][pair] for pair in pairs if pair in self.rows[row]]
        if not found:
            return Spread(None, None, 0, 0, len(pairs))
        value = math.fsum(statistics.fmean(cell.values()) for cell in found) / len(found)
        seeds = sorted(set.intersection(*(set(cell) for cell in found)))
        by_seed = [math.fsum(cell[seed] for cell in found) / len(found) for seed in seeds]
        std = statistics.stdev(by_seed) if len(by_seed) > 1 else None
        return Spread(value, std, len(seeds), len(found), len(pairs))


def task_grid(records: Iterable[TaskRecord], pairs: Sequence[Pair] | None = None) -> Grid:
    """Sort fine-tuned records of one benchmark into a grid of their main score.

    Args:
        records: A model under several settings becomes several rows that name what differs.
        pairs: The cells that a complete row has; by default all that any row has.

    Raises:
        RecordError: If there is none, they are of several benchmarks, or two claim one cell.
    """
    records = list(records)
    if not records:
        raise RecordError("no task records; give at least one")
    for name in ("benchmark", "split", "main_score"):
        values = list(dict.fromkeys(getattr(record, name) for record in records))
        if len(values) > 1:
            raise RecordError(f"{name}: came {', '.join(values)}; legal: one per table")
    rows: dict[str, dict[Pair, dict[int, float]]] = {}
    for record, label in zip(records, row_labels(records), strict=True):
        cell = rows.setdefault(label, {}).setdefault((record.source, record.target), {})
        if record.seed in cell:
            raise RecordError(
                f"two records for {label}, {record.source} -> {record.target}, seed {record.seed}"
            )
        cell[record.seed] = record.score
    found = dict.fromkeys(pair for row in rows.values() for pair in row if pair[0] != pair[1])
    return Grid(rows, tuple(pairs if pairs is not None else found))


def retrieval_grid(records: Iterable[EvalRecord], metric: str = "top10") -> Grid:
    """Sort retrieval records of one benchmark into a grid of one score; there is one seed."""
    cells = collect_cells(records)
    rows = {
        row: {pair: {record.seed: record.scores[metric]} for pair, record in found.items()}
        for row, found in cells.rows.items()
    }
    return Grid(rows, cells.pairs)


def row_labels(records: Sequence[TaskRecord]) -> list[str]:
    """Name each record's row: its model, and the settings in which that model's records differ."""
    texts = [{name: _text(record, name) for name in _SETTINGS} for record in records]
    values: dict[str, dict[str, set[str]]] = {}
    for record, shown in zip(records, texts, strict=True):
        for name, text in shown.items():
            values.setdefault(record.model, {}).setdefault(name, set()).add(text)
    labels = []
    for record, shown in zip(records, texts, strict=True):
        differing = [f"{n}:{t}" for n, t in shown.items() if len(values[record.model][n]) > 1]
        labels.append(f"{record.model} [{', '.join(differing)}]" if differing else record.model)
    return labels


def _text(record: TaskRecord, name: str) -> str:
    value = getattr(record, name)
    if name == "settings":
        return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]
    return "none" if value is None else str(value)
