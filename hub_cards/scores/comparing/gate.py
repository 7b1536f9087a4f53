"""The regression gate: which target languages a model is shown to be worse on than the base model.

Input: scores. Output: every target's comparison, judged together by the verdict of the tables, and
those that are falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..scores import Scores
from .evidence import AT_CHANCE, Comparison, judge


@dataclass(frozen=True)
class TargetChange:
    """One target language of one row, beside the base: the mean over sources."""

    benchmark: str
    base: str
    row: str
    target: str
    found: Comparison

    def falls(self, points: float) -> bool:
        """Whether the row is shown to be below a base above chance, by more than some points."""
        return self.found.fallen and -self.found.difference > points

    def __str__(self) -> str:
        before, after = self.found.before.value, self.found.after.value
        chance = " and at chance" if self.found.verdict == AT_CHANCE else ""
        return (
            f"{self.benchmark}, {self.row}, {self.target}: {after:.1f}{chance} is "
            f"{before - after:.1f} below the base's {before:.1f}, {self.found}, "
            f"p {self.found.told_p}"
        )


def target_changes(parts: Mapping[str, Scores], base: str) -> list[TargetChange]:
    """Compare every row with that of a model under the same settings, target by target.

    Args:
        parts: Scores by benchmark.
        base: A model.

    Returns:
        The changes in the order of benchmarks, rows and targets, judged together.
    """
    found: dict[tuple[str, str, str, str], Comparison] = {}
    for name, part in parts.items():
        for old, new in part.against(base):
            for target in part.targets:
                pairs = [pair for pair in part.pairs if pair[1] == target]
                result = part.compare(old, new, pairs=pairs)
                if result is not None:
                    found[name, old, new, target] = result
    return [TargetChange(*key, comparison) for key, comparison in judge(found).items()]
