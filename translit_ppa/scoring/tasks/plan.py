"""Which sources are fine-tuned and which targets are tested, and what the data lack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from translit_ppa.data_builders.benchmarks.labelled.sources_and_targets import paper_design
from translit_ppa.data_builders.errors import DataError
from translit_ppa.scoring.store import Pair

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks.labelled.base import (
        ClassificationBenchmark,
        TaggingBenchmark,
    )
    from translit_ppa.data_builders.languages.groups import LanguageGroup

    Labelled = ClassificationBenchmark | TaggingBenchmark


@dataclass(frozen=True)
class Plan:
    """Which sources are fine-tuned and which targets tested, and what the data lack.

    Attributes:
        sources: Sources with training and dev data.
        pairs: All cells of the design, those without data included.
        cells: The cells that can be measured, each source on itself included.
        missing: What is not there, in words, by language.
    """

    sources: tuple[str, ...]
    pairs: tuple[Pair, ...]
    cells: tuple[Pair, ...]
    missing: dict[str, str]


def make_plan(
    benchmark: Labelled, group: LanguageGroup, sources: Sequence[str] | None, split: str
) -> Plan:
    """Choose sources and targets: the paper's for its groups, else all that the data have.

    Args:
        benchmark: With labels.
        group: Restricts the targets.
        sources: Codes or aliases that replace the paper's sources.
        split: What is tested.

    Raises:
        DataError: A named source lacks training data, or there is nothing to measure.
    """
    benchmark.check_split(split)
    codes = list(group.codes)
    english = [language.code for language in group.evaluation_sources]
    design = paper_design(group.name, benchmark.name)
    able = benchmark.languages_with("train", "dev")
    if sources is not None:
        wanted = [benchmark.require_split(code, "train") for code in sources]
        for code in wanted:
            benchmark.require_split(code, "dev")
    else:
        wanted = list(design.sources) if design else [c for c in (*english, *codes) if c in able]
    targets = [code for code in (design.targets if design else codes) if code in codes]
    testable = benchmark.languages_with(split)
    missing = {code: f"no {split} data" for code in targets if code not in testable}
    unscored = {
        code: why
        for code in dict.fromkeys((*targets, *wanted))
        if code in testable and (why := benchmark.why_unscored(code, split))
    }
    missing |= unscored
    testable = tuple(code for code in testable if code not in unscored)
    for code in (code for code in wanted if code not in able):
        missing[code] = ", ".join([*filter(None, [missing.get(code)]), "no train and dev data"])
    ready = tuple(code for code in wanted if code in able)
    pairs = tuple((s, t) for s in wanted for t in targets if s != t)
    cells = [(s, t) for s, t in pairs if s in ready and t in testable]
    if not cells:
        told = "; ".join(f"{code}: {why}" for code, why in missing.items()) or "no targets"
        raise DataError(
            f"{benchmark.name} has no source with a target in {group.name} ({told}); it can train "
            f"on {', '.join(able) or 'nothing'}: --sources CODE"
        )
    cells += [(source, source) for source in ready if source in testable]
    return Plan(ready, pairs, tuple(sorted(cells, key=lambda p: ready.index(p[0]))), missing)
