"""Eval records as a grid: which model has which score for which source and target.

Input: EvalRecords of one benchmark and split. Output: a Cells object that tables and figures
read. What was not measured stays visible as a gap; nothing is filled in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..records.files import EvalRecord, RecordError, common_signature

Pair = tuple[str, str]

# What may tell two rows of the same model apart, in the order in which a label names it.
_SETTINGS = (
    "input",
    "transliterator",
    "layer",
    "pooling",
    "seed",
    "version",
    "model_digest",
    "tokenizer",
)


@dataclass(frozen=True)
class Mean:
    """An unweighted mean over cells, with how many of the cells there were.

    `value` is None if no cell was there.
    """

    value: float | None
    measured: int
    expected: int

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        gap = "" if self.measured == self.expected else f" ({self.measured} of {self.expected})"
        return f"{self.value:.1f}{gap}"


@dataclass(frozen=True)
class Cells:
    """Scores by row label and ordered pair.

    Attributes:
        rows: Record by (source, target), by row label; labels in order of first appearance.
        pairs: The (source, target) pairs that a complete row has.
        languages: All codes, in order of first appearance as source, then as target.
    """

    rows: dict[str, dict[Pair, EvalRecord]]
    pairs: tuple[Pair, ...]
    languages: tuple[str, ...]

    @property
    def sources(self) -> list[str]:
        """Codes that are a source of some pair, in order."""
        return [code for code in self.languages if any(code == pair[0] for pair in self.pairs)]

    @property
    def targets(self) -> list[str]:
        """Codes that are a target of some pair, in order."""
        return [code for code in self.languages if any(code == pair[1] for pair in self.pairs)]

    @property
    def records(self) -> list[EvalRecord]:
        """All records of the grid."""
        return [record for row in self.rows.values() for record in row.values()]

    def score(self, row: str, pair: Pair, metric: str, *, everything: bool = False) -> float | None:
        """Give one score.

        Args:
            row: A row label.
            pair: (source, target).
            metric: Name of the score, `top1` for example.
            everything: Whether queries identical to their target count.

        Returns:
            Percent, or None where nothing was measured.

        Raises:
            RecordError: If the record has no such score.
        """
        record = self.rows[row].get(pair)
        if record is None:
            return None
        scores = record.scores_all if everything else record.scores
        if metric not in scores:
            raise RecordError(f"scores: no {metric!r} for {row}; legal: {', '.join(scores)}")
        return scores[metric]

    def mean(
        self, row: str, metric: str, source: str | None = None, *, everything: bool = False
    ) -> Mean:
        """Average a score over pairs, each pair counting the same.

        Args:
            row: A row label.
            metric: Name of the score.
            source: Only pairs with this source; None for all.
            everything: Whether queries identical to their target count.

        Returns:
            The mean over the cells that there are, and how many there should be.
        """
        pairs = [pair for pair in self.pairs if source in (None, pair[0])]
        found = [self.score(row, pair, metric, everything=everything) for pair in pairs]
        values = [value for value in found if value is not None]
        # fsum: the same mean whatever the order of the records.
        value = math.fsum(values) / len(values) if values else None
        return Mean(value, len(values), len(pairs))

    def gaps(self) -> list[tuple[str, Pair]]:
        """List what a complete grid would have and this one lacks."""
        return [
            (row, pair)
            for row, found in self.rows.items()
            for pair in self.pairs
            if pair not in found
        ]

    def signature(self) -> str:
        """Give the common signature of all records."""
        return common_signature(record.signature_parts() for record in self.records)

    def chance(self, k: int) -> float:
        """Give the top-k score of guessing, in percent: mean over measured pairs of 100 * k / pool.

        Args:
            k: How many guesses a query has.
        """
        pools = {pair: record.pool for row in self.rows.values() for pair, record in row.items()}
        return math.fsum(min(100.0, 100 * k / pool) for pool in pools.values()) / len(pools)


def collect_cells(records: Iterable[EvalRecord], pairs: Sequence[Pair] | None = None) -> Cells:
    """Sort eval records into a grid.

    Args:
        records: Of one benchmark, protocol and split. A model measured under several settings
            becomes several rows, whose labels name the settings that differ.
        pairs: The (source, target) pairs that every row should have; by default all pairs that
            any row has.

    Returns:
        The grid.

    Raises:
        RecordError: If there is no record, if they are of several benchmarks, or if two of them
            claim the same cell.
    """
    records = list(records)
    if not records:
        raise RecordError("no eval records; give at least one")
    for name in ("benchmark", "protocol", "split"):
        values = list(dict.fromkeys(str(getattr(record, name)) for record in records))
        if len(values) > 1:
            raise RecordError(
                f"{name}: came {', '.join(values)}; legal: one per table; make a table of each"
            )
    rows: dict[str, dict[Pair, EvalRecord]] = {}
    labels = _labels(records)
    for record, label in zip(records, labels, strict=True):
        row = rows.setdefault(label, {})
        pair = (record.source, record.target)
        if pair in row:
            raise RecordError(f"two records for {label}, {pair[0]} -> {pair[1]}; remove one")
        row[pair] = record
    pairs = tuple(
        pairs if pairs is not None else dict.fromkeys(p for row in rows.values() for p in row)
    )
    languages = dict.fromkeys([source for source, _ in pairs] + [target for _, target in pairs])
    return Cells(rows, pairs, tuple(languages))


def _labels(records: Sequence[EvalRecord]) -> list[str]:
    """Name each record's row: its model, and the settings in which that model's records differ."""
    values: dict[str, dict[str, set[object]]] = {}
    for record in records:
        settings = values.setdefault(record.model, {name: set() for name in _SETTINGS})
        for name in _SETTINGS:
            settings[name].add(getattr(record, name))
    labels = []
    for record in records:
        differing = [name for name in _SETTINGS if len(values[record.model][name]) > 1]
        shown = ", ".join(f"{name}:{_short(getattr(record, name))}" for name in differing)
        labels.append(f"{record.model} [{shown}]" if shown else record.model)
    return labels


def _short(value: object) -> str:
    """Shorten a digest to what a reader can compare."""
    text = "none" if value is None else str(value)
    return text[:8] if len(text) >= 40 else text
