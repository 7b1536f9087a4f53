"""Scores of one model over directions and seeds: means and spreads, for the cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from ..cards.rendering import Raw, table
from ..records.files import EvalRecord, RecordError, common_signature
from ..tables.tables import METRICS

Pair = tuple[str, str]
_CONDITIONS = tuple("benchmark protocol split input transliterator layer pooling version".split())


@dataclass(frozen=True)
class Spread:
    """A mean over seeds, with its lowest and highest value; percent."""

    mean: float
    low: float
    high: float
    seeds: int

    def __str__(self) -> str:
        if self.seeds == 1:
            return f"{self.mean:.1f}"
        return f"{self.mean:.1f} ({self.low:.1f} to {self.high:.1f})"


@dataclass(frozen=True)
class Results:
    """Records of one model on one benchmark under equal conditions, of one or several seeds."""

    records: tuple[EvalRecord, ...]

    def __post_init__(self) -> None:
        """Check that the records belong together.

        Raises:
            RecordError: If they differ in a condition, or two claim the same cell.
        """
        for name in _CONDITIONS:
            values = {getattr(record, name) for record in self.records}
            if len(values) > 1:
                raise RecordError(
                    f"{name}: the records of {self.records[0].model} differ ({values}); give "
                    "those of one setting"
                )
        cells = [(record.seed, record.source, record.target) for record in self.records]
        if len(set(cells)) != len(cells):
            raise RecordError(f"{self.records[0].model}: two records for one direction and seed")

    def accepts(self, record: EvalRecord) -> bool:
        """Tell whether a record of another model may stand beside these."""
        first = self.records[0]
        return (record.source, record.target) in self.pairs and all(
            getattr(record, name) == getattr(first, name) for name in _CONDITIONS
        )

    @property
    def seeds(self) -> list[int]:
        """Seeds, sorted."""
        return sorted({record.seed for record in self.records})

    @property
    def pairs(self) -> list[Pair]:
        """Directions (source, target), in the order of the records."""
        return list(dict.fromkeys((record.source, record.target) for record in self.records))

    def cell(self, pair: Pair, metric: str) -> Spread | None:
        """Give the score of one direction."""
        return _spread([r.scores[metric] for r in self.records if (r.source, r.target) == pair])

    def mean(self, metric: str) -> Spread:
        """Give the mean over all directions, each weighing the same; its spread is over seeds."""
        by_seed = [
            fmean(record.scores[metric] for record in self.records if record.seed == seed)
            for seed in self.seeds
        ]
        spread = _spread(by_seed)
        assert spread is not None
        return spread

    def matrix(self, metric: str) -> Raw:
        """Write source x target as a Markdown table."""
        sources = list(dict.fromkeys(source for source, _ in self.pairs))
        targets = list(dict.fromkeys(target for _, target in self.pairs))
        rows = [
            [source, *(self._shown((source, target), metric) for target in targets)]
            for source in sources
        ]
        return table(["source", *targets], rows)

    def _shown(self, pair: Pair, metric: str) -> str | Spread | None:
        if pair[0] == pair[1]:
            return ""
        return self.cell(pair, metric)

    def signature(self) -> str:
        """Give the line under which these scores may be compared with others."""
        return common_signature(record.signature_parts() for record in self.records)

    def counts(self) -> str:
        """Say how many queries and candidates a direction has."""
        queries = [record.n for record in self.records]
        pools = [record.pool for record in self.records]
        return f"{_range(queries)} queries against {_range(pools)} candidates"


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _spread(values: Sequence[float]) -> Spread | None:
    if not values:
        return None
    return Spread(fmean(values), min(values), max(values), len(values))


def results_of(
    records: Sequence[EvalRecord], digest: str, seed: int | None = None
) -> Results | None:
    """Choose the records of some weights by their digest, whatever name they go by.

    Args:
        records: Eval records of any models.
        digest: Digest of the weights.
        seed: Seed of their training; None is the one that the records name.

    Returns:
        The results; None if no record is of these weights.

    Raises:
        RecordError: If two records of the same content disagree.
    """
    found: dict[str, EvalRecord] = {}
    for record in records:
        key = record.key()
        if key is None or record.model_digest != digest:
            continue
        same = found.setdefault(key, record)
        if (same.scores, same.n, same.pool) != (record.scores, record.n, record.pool):
            raise RecordError(
                f"{record.source} -> {record.target}: two records of {digest} disagree; remove one"
            )
    if not found:
        return None
    return Results(tuple(r if seed is None else replace(r, seed=seed) for r in found.values()))


def joined(parts: Iterable[Results]) -> Results:
    """Put the results of several seeds together."""
    return Results(tuple(record for part in parts for record in part.records))


def comparison(rows: dict[str, Results]) -> Raw:
    """Write a table of models: mean over all directions, by score."""
    return table(
        ["model", *(f"{name}, %" for name in METRICS.values()), "directions", "seeds"],
        [
            [label, *(results.mean(metric) for metric in METRICS), len(results.pairs),
             ", ".join(map(str, results.seeds))]
            for label, results in rows.items()
        ],
    )  # fmt: skip
