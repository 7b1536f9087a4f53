"""The scores of a model's card: a table for each benchmark, task and input, the base beside it.

Input: records of any models. Output: tables, and by name what cannot stand in one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..records.files import EvalRecord, Record, TaskRecord
from ..scores.labels import METRICS, script
from ..scores.of_weights import Conditions, require_one_version, scores_of
from ..scores.scores import Scores

_EMBEDDING = ("layer", "pooling")


@dataclass(frozen=True)
class Part:
    """Scores of one model under one set of conditions, and what stands beside them.

    Attributes:
        conditions: Of all of them.
        own: Of the model.
        base: Of the base, on all the cells of the model.
        seeds: Of further seeds of the same training, by seed.
        apart: What sets it apart from other parts of its benchmark and input; often nothing.
    """

    conditions: Conditions
    own: Scores
    base: Scores | None = None
    seeds: Mapping[int, Scores] = field(default_factory=dict)
    apart: str = ""

    @property
    def benchmark(self) -> str:
        """`name@revision`."""
        return self.conditions["benchmark"]

    @property
    def input(self) -> str:
        """The script that the model was given, and what else sets these scores apart."""
        return ", ".join(filter(None, [_script(self.own), self.apart]))

    @property
    def title(self) -> str:
        """How the part is called in sentences."""
        return f"{self.benchmark}, {self.input}"

    @property
    def slug(self) -> str:
        """The title as the name of a file."""
        name = f"{self.benchmark.partition('@')[0]}-{self.input}"
        return re.sub(r"[^\w.]+", "-", name).strip("-")

    @property
    def extent(self) -> str:
        """Over how many cells or directions a score is a mean."""
        count, what = len(self.own.pairs), "cell" if self.own.is_task else "direction"
        return f"{count} {what}{'s' * (count != 1)}"

    def beside(self, base: str = "base", own: str = "this model") -> Scores:
        """Give the scores of the base, where there are any, and of the model under two names."""
        sides = [(base, self.base), (own, self.own)]
        return Scores(
            tuple(replace(r, model=name) for name, side in sides if side for r in side.records)
        )

    @property
    def metrics(self) -> list[str]:
        """The scores that tables show: top-k of retrieval, else the main one."""
        first = self.own.records[0]
        return [name for name in METRICS if name in first.scores] or [first.main_score]

    @property
    def signature(self) -> str:
        """The common signature of the model's scores."""
        return self.own.signature()


@dataclass(frozen=True)
class CardScores:
    """All that a card shows, and what it does not.

    Attributes:
        parts: Retrieval before tasks, else in the order of the records.
        left_out: What cannot be shown beside the rest, a sentence each.
    """

    parts: tuple[Part, ...] = ()
    left_out: tuple[str, ...] = ()


def card_scores(
    records: Sequence[Record],
    digest: str,
    base: str | None,
    layer: int,
    pooling: str,
    others: Mapping[int, str],
) -> CardScores:
    """Gather the scores of a model, of its base and of other seeds, table by table.

    Args:
        records: Of any kind, of any models.
        digest: Digest of the model's weights.
        base: Digest of the base's; None where nobody knows.
        layer: Layer of the model's sentence embeddings; retrieval at another is left out.
        pooling: Pooling of the embeddings, likewise.
        others: Digests of other seeds of the same training, by seed.

    Returns:
        The scores; no part if none is of the model as it is published.

    Raises:
        RecordError: Records of the model disagree, or come from two versions.
    """
    own = scores_of(records, digest)
    place = {"layer": str(layer), "pooling": pooling}
    shown, left_out = {}, []
    for conditions, scores in own.items():
        if scores.is_task or all(conditions[name] == place[name] for name in _EMBEDDING):
            shown[conditions] = scores
        else:
            left_out.append(
                f"{conditions['benchmark']} at layer {conditions['layer']}, pooling "
                f"{conditions['pooling']}: the embeddings of this model are those of layer "
                f"{layer}, pooling {pooling}"
            )
    require_one_version(shown)
    of_base = scores_of(records, base) if base else {}
    of_seeds = {seed: scores_of(records, other) for seed, other in others.items()}
    parts = []
    for conditions, scores in shown.items():
        part = Part(conditions, scores, apart=_apart(conditions, shown))
        beside, why = _base_of(part, of_base)
        seeds = {seed: found[conditions] for seed, found in of_seeds.items() if conditions in found}
        left_out += [why] if why else []
        left_out += [
            f"seed {seed} of the training on {part.title}: not scored under these conditions"
            for seed in others
            if seed not in seeds
        ]
        parts.append(replace(part, base=beside, seeds=seeds))
    parts.sort(key=lambda part: part.own.is_task)
    return CardScores(tuple(parts), tuple(left_out))


def _script(scores: Scores) -> str:
    """Name the script as labels do."""
    return script(scores.records[0].cell()).strip(" []") or "original"


def _apart(conditions: Conditions, shown: Mapping[Conditions, Scores]) -> str:
    """Name what differs from other parts of the same benchmark and script."""

    def place(one: Conditions) -> tuple[str, str, str]:
        return one["benchmark"], one["protocol"], _script(shown[one])

    alike = [one for one in shown if place(one) == place(conditions)]
    differing = dict.fromkeys(name for one in alike for name in conditions.differences(one))
    return ", ".join(f"{name} {conditions[name]}" for name in differing)


def _base_of(part: Part, tables: Mapping[Conditions, Scores]) -> tuple[Scores | None, str]:
    """Find the base's scores of the same cells, or say why those that there are do not fit."""
    found = tables.get(part.conditions)
    if found is not None:
        mine, theirs = ({_cell(r): r for r in scores.records} for scores in (part.own, found))
        lacking = [cell for cell in mine if cell not in theirs]
        if not lacking:
            return Scores(tuple(theirs[cell] for cell in mine)), ""
        told = ", ".join(f"{source} -> {target}" for source, target, _ in lacking[:3])
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        return None, f"the base on {part.title}: it lacks {told}{more}"
    for conditions in tables:
        if conditions["benchmark"].partition("@")[0] == part.benchmark.partition("@")[0]:
            differing = part.conditions.differences(conditions)
            if "input" not in differing:
                told = ", ".join(f"{name} {b}, not {a}" for name, (a, b) in differing.items())
                return None, f"the base on {part.title}: it was scored with {told}"
    return None, ""


def _cell(record: EvalRecord | TaskRecord) -> tuple[str, str, int]:
    """Say which cell a record fills; retrieval draws nothing, so that its seed is none."""
    return record.source, record.target, record.seed if isinstance(record, TaskRecord) else 0
