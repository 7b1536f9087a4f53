"""The step that chooses which sentences may be drawn, before anybody knows how many there are.

A sentence is drawn when its hash lies under a limit that all sentences decide together: the target
over what there is. Each part of the source keeps what lies under a limit of its own, which falls as
its sentences are counted. Of more sentences a smaller share is wanted, so that the limit of a part
never falls below that of the whole; every sentence of the sample is kept, whatever the tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datatrove.data import Document

from ...sentences.judge import Judge
from ...sentences.sampling import END, further, limit_of, target_counts
from .plan import Part, Plan, PlannedStep, by_part, keep_marker

__all__ = ["SampleSentences", "as_number"]


def as_number(limit: bytes) -> int:
    """Turn a limit of hashes into a number; a hash lies below it when its number does.

    Args:
        limit: 16 bytes, the 17 of a hash and a zero (what follows the hash), or `END`.

    Returns:
        0 to 2 ** 128.
    """
    if limit == END:
        return 1 << 128
    return int.from_bytes(limit[:16], "big") + (len(limit) > 16)


class SampleSentences(PlannedStep):
    """Normalises sentences, counts them, and lets those pass that may be drawn.

    Args:
        plan: The build.
    """

    type = "FILTER"
    name = "sample"

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield sentences in their form, with their hash; write what each part held."""
        for place, sentences in by_part(data):
            part = _Counting(self.plan, *place)
            yield from filter(part.takes, sentences)
            self.stat_update("sentences", value=part.sentences, unit="part")
            part.close()


class _Counting:
    """Counts the sentences of one part, and lowers the limit as they come."""

    def __init__(self, plan: Plan, code: str, part: str) -> None:
        self.place = code, part
        self.sentences = 0
        self._plan = plan
        self._judge = Judge(plan.language(code), plan.filters, frozenset(), plan.seed)
        self._documents = self._cut = 0
        self._row: int | None = None
        self._limit = END
        self._next = 1

    def takes(self, sentence: Document) -> bool:
        facts = sentence.metadata
        self.sentences += 1
        self._cut += facts["cut"]
        if facts["row"] != self._row:
            self._row = facts["row"]
            self._documents += 1
        if self.sentences >= self._next:
            self._lower()
        form = self._judge.form(sentence.text, facts.get("variant", ""))
        if form.key >= self._limit:
            return False
        sentence.text = form.text
        facts["key"], facts["steps"] = form.key, form.steps
        return True

    def _lower(self) -> None:
        """Lower the limit to what is wanted of so many; looked at whenever there are 1 % more."""
        self._next = self.sentences + 1 + self.sentences // 100
        if self._plan.sampling.temperature not in (None, 1):
            return  # What is wanted depends on all languages.
        code, _ = self.place
        wanted = target_counts({code: self.sentences}, self._plan.sampling)[code]
        share = self._plan.spare * further(wanted) / self.sentences
        self._limit = min(self._limit, limit_of(min(1.0, share)))

    def close(self) -> None:
        counts = (self._documents, self.sentences, self._cut, as_number(self._limit))
        part = Part(self.place[1], *counts)
        keep_marker(
            self._plan.place("counts", *self.place).with_suffix(".json"),
            part._asdict(),
        )
