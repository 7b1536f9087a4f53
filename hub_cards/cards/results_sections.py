"""The sections of the page of results: models, and their scores by benchmark and group.

Input: records. Output: what each section compares, at one layer and in one script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..paper.results import paper_pairs
from ..records.files import EvalRecord, Record, RecordError, TaskRecord
from ..records.record_types import ModelRecord
from ..scores.cells import Pair
from ..scores.comparing.evidence import Comparison
from ..scores.comparing.verdicts import Verdict, verdict
from ..scores.directions import in_one_script
from ..scores.layers import at_one_layer
from ..scores.of_weights import require_one_version, scores_of
from ..scores.scores import Scores


@dataclass(frozen=True)
class Models:
    """The models of a page.

    Attributes:
        base: The one that others are compared with.
        others: In the order of the page.
        counterparts: The paper's model of the same role, by name.
        group: For the paper's figures.
    """

    base: str
    others: Sequence[str]
    counterparts: Mapping[str, str]
    group: str

    @property
    def names(self) -> list[str]:
        """All, the base first."""
        return [self.base, *self.others]

    def compared(self, scores: Scores) -> list[Pair]:
        """Pair the base's row with that of each other model, where both have just one."""
        first = scores.row_of(self.base)
        rows = [scores.row_of(name) for name in self.others]
        return [(first, row) for row in rows if row is not None] if first is not None else []

    def printed(self, scores: Scores) -> dict[str, str]:
        """Return row -> counterpart in the paper, of the models that have both."""
        rows = {name: scores.row_of(name) for name in self.names if name in self.counterparts}
        return {row: self.counterparts[name] for name, row in rows.items() if row is not None}


@dataclass(frozen=True)
class Section:
    """One benchmark in the languages of one group.

    Attributes:
        label: Heading: the benchmark, and the group where there are several.
        name: Of the benchmark.
        scores: In one script, at one layer; there may be none.
        sweep: In one script, at all layers.
        every: All, by direction too.
        models: With the group.
    """

    label: str
    name: str
    scores: Scores
    sweep: Scores
    every: Scores
    models: Models

    def verdict(self, rows: Pair, found: Comparison) -> Verdict:
        """Set a comparison beside the paper."""
        printed = self.models.printed(self.scores)
        return verdict(self.name, self.scores, rows, found, self.models.group, printed)


def part_by_group(
    records: Sequence[Record],
    found: Sequence[ModelRecord],
    groups: Mapping[str, Sequence[str]],
    models: Models,
) -> list[Section]:
    """Part the scores by benchmark, each group of languages beside the others."""
    sections = []
    for group, languages in groups.items():
        own = records if len(groups) == 1 else [r for r in records if _is_within(r, languages)]
        for name, every in _scores(own, found, group, languages).parts().items():
            label = name if len(groups) == 1 else f"{name} ({group})"
            sweep = in_one_script(every)
            scores = at_one_layer(sweep) if sweep.records else sweep
            mine = replace(models, group=group)
            sections.append(Section(label, name, scores, sweep, every, mine))
    order = list(dict.fromkeys(section.name for section in sections))
    return sorted(sections, key=lambda section: order.index(section.name))


def _is_within(record: Record, languages: Sequence[str]) -> bool:
    """Whether a score is of the languages of a group; whatever is no score is of every group."""
    if isinstance(record, (EvalRecord, TaskRecord)):
        return {record.source, record.target} <= set(languages)
    return True


def _scores(
    records: Sequence[Record], models: Sequence[ModelRecord], group: str, languages: Sequence[str]
) -> Scores:
    """Take the scores in the models' order; cells of the paper that are not there become gaps."""
    places = {model.model_digest: place for place, model in enumerate(models)}
    names = [model.model for model in models]
    scores = Scores.of(records, group)
    if not scores.records:
        raise RecordError(
            f"no scores of the group {group}; give the folder that translit-ppa eval wrote"
        )
    strangers = dict.fromkeys(r.model for r in scores.records if r.model_digest not in places)
    if not any(record.model_digest in places for record in scores.records):
        raise RecordError(
            f"scores: came those of {', '.join(strangers)}; legal: of {', '.join(names)}, which "
            "the model records describe"
        )
    if renamed := [r for r in scores.records if r.model_digest not in places and r.model in names]:
        one = renamed[0]
        raise RecordError(
            f"{one.benchmark}: came scores of {one.model} with the weights {one.model_digest}; "
            f"legal: of {models[names.index(one.model)].model_digest}, which the model record has"
        )
    for digest in places:
        require_one_version(scores_of(scores.records, digest))
    ordered = sorted(scores.records, key=lambda r: places.get(r.model_digest, len(places)))
    scores = replace(scores, records=tuple(ordered))
    expected: dict[str, tuple[Pair, ...]] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for name, part in scores.parts().items():
        (benchmark,) = part.benchmarks
        if part.is_task:
            cells = [pair for pair in paper_pairs(group, name) if pair[0] != pair[1]]
            expected[benchmark] = tuple(dict.fromkeys([*cells, *part.pairs]))
        else:
            there = {code for pair in part.pairs for code in pair}
            missing[benchmark] = tuple(code for code in languages if code not in there)
    return replace(scores, expected=expected, missing=missing)
