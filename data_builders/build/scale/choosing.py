"""The third stage, of one task: up to which hash sentences are drawn, so that the number is right.

The sample is what lies under the rate. What duplicates, filters and the romaniser take from it is
made up for by the next usable hashes; `selection` does the same while it reads the source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq

from ...errors import DataError
from ...sentences.sampling import END, further, limit_of, reach
from ..selection import Selection
from .duplicates import range_files, ranges_of
from .plan import Plan, PlannedStep, keep_marker, known_marker
from .sampling import as_number

__all__ = ["ChooseSentences", "Draws", "TooFewKept", "chosen"]


class TooFewKept(DataError):
    """More has to be drawn than was kept when the source was read."""


class Draws:
    """What was drawn of one language so far, and what may be drawn next.

    Args:
        plan: The build.
        code: The language.
        selection: Its available and target; the other counts are filled in here.
        limits: Ends of the draws so far, as hashes; empty before the first.
    """

    def __init__(
        self, plan: Plan, code: str, selection: Selection, limits: list[bytes] | None = None
    ) -> None:
        self.selection = selection
        self.limits = limits or []
        self._plan = plan
        self._code = code
        self._ranges = ranges_of(plan, code)
        self._kept_to = min((part.limit for part in plan.parts(code)), default=1 << 128)

    @property
    def exhausted(self) -> bool:
        """Whether everything was drawn."""
        return bool(self.limits) and self.limits[-1] == END

    @property
    def ends(self) -> list[int]:
        """The ends of the draws, as numbers."""
        return [as_number(limit) for limit in self.limits]

    def draw(self, count: int) -> None:
        """Draw sentences that were not drawn before.

        Args:
            count: How many; fewer come only where the source has no more.

        Raises:
            TooFewKept: More is needed than was kept.
        """
        wanted = self.selection.given + count
        if not self.limits:
            self._sample()
            missing = wanted - self.selection.given
            if missing > 0 and not self.exhausted:
                rate = self.selection.rate
                self._extend(missing, limit_of(rate * further(count) / max(1, count)))
        while self.selection.given < wanted and not self.exhausted:
            missing = wanted - self.selection.given
            self._extend(missing, reach(self.limits[-1], self.selection.given, missing))

    def _sample(self) -> None:
        self.limits.append(limit_of(self.selection.rate))
        self._require_kept(self.limits[-1])
        for number in range(self._ranges):
            counts = known_marker(range_files(self._plan, self._code, number).with_suffix(".json"))
            if counts is None:
                raise DataError(
                    f"{self._code}: range {number} of its hashes was damaged: remove "
                    f"{self._plan.folder}, and give the command again"
                )
            self.selection.taken += counts["taken"]
            self.selection.dropped.update(counts["dropped"])
            self.selection.folded.update(counts["folded"])

    def _extend(self, missing: int, high: bytes) -> None:
        """Draw so many usable sentences more, or all below a hash where there are fewer."""
        low, top = as_number(self.limits[-1]), as_number(high)
        end = None
        for key, reason, steps in self._behind(low, top):
            if end is not None and key > end:
                break
            self.selection.taken += 1
            self.selection.folded.update(steps.split())
            if reason is not None:
                self.selection.dropped[reason] += 1
                continue
            missing -= 1
            if not missing:
                end = key
        if end is None:
            self._require_kept(high)
            self.limits.append(high)
        else:
            limit = end.to_bytes(16, "big") + b"\0"
            self._require_kept(limit)
            self.limits.append(limit)

    def _behind(self, low: int, high: int) -> Iterator[tuple[int, str | None, str]]:
        """Yield what lies behind the sample, from low to below high, in the order of the hashes."""
        for number in range((low >> 64) * self._ranges >> 64, self._ranges):
            path = range_files(self._plan, self._code, number).with_suffix(".behind.parquet")
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                for batch in file.iter_batches():
                    cells = (batch.column(index).to_pylist() for index in range(5))
                    for first, second, reason, steps, twice in zip(*cells, strict=True):
                        key = first << 64 | second
                        if key >= high:
                            return
                        if key >= low:
                            yield key, "duplicate" if twice else reason, steps

    def _require_kept(self, limit: bytes) -> None:
        if as_number(limit) > self._kept_to:
            raise TooFewKept(
                f"{self._code}: so much was dropped that the {self._plan.spare:g} candidates kept "
                "for each sentence wanted are too few; read again with a greater spare"
            )


class ChooseSentences(PlannedStep):
    """Says of each language up to which hash it is drawn.

    Args:
        plan: The build.
    """

    type = "DEDUP"
    name = "choice"

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Choose, in the first task; nothing goes on from here."""
        if rank == 0:
            for code, selection in self.plan.selections().items():
                draws = Draws(self.plan, code, selection)
                draws.draw(selection.target)
                limits = [limit.hex() for limit in draws.limits]
                keep_marker(
                    self.plan.folder / "chosen" / f"{code}.json",
                    {**vars(draws.selection), "limits": limits},
                )
        yield from ()


def chosen(plan: Plan, code: str) -> Draws:
    """Read what was chosen of a language.

    Raises:
        DataError: Nothing was, or it was damaged.
    """
    known = known_marker(plan.folder / "chosen" / f"{code}.json")
    if known is None:
        raise DataError(f"{code}: nothing was chosen yet; run the stages in their order")
    limits = [bytes.fromhex(limit) for limit in known.pop("limits")]
    for name in ("dropped", "folded"):
        known[name] = Counter(known[name])
    return Draws(plan, code, Selection(**known), limits)
