"""The step that judges sentences: script, length, broken text, sentences of benchmarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from ...languages.groups import Language
from ...sentences.filters import FilterOptions
from ...sentences.judge import Judge

__all__ = ["FilterSentences", "excluded_texts"]


@cache
def excluded_texts(exclude: tuple[Any, ...], fold: bool) -> frozenset[str]:
    """Collect the sentences of benchmarks, once in a process.

    Args:
        exclude: Benchmarks, or their names.
        fold: Whether other forms of letters are folded.

    Returns:
        The sentences, as `SentenceFilter.fold` gives them.
    """
    if not exclude:
        return frozenset()
    from ...benchmarks import all_texts

    return all_texts(exclude, fold)[0]


class FilterSentences(PipelineStep):
    """Drops what the local build drops, after normalising and folding as it does.

    Args:
        filters: Limits of a sentence; None is the usual ones.
        exclude: Benchmarks whose sentences are dropped, or their names (`srb:DIR`).
        keep_dropped: Let dropped sentences go on, with the reason in their metadata, for a later
            step that counts them.
    """

    type = "FILTER"
    name = "filters"

    def __init__(
        self,
        filters: FilterOptions | None = None,
        exclude: Sequence[Any] = (),
        *,
        keep_dropped: bool = False,
    ) -> None:
        super().__init__()
        self.filters = filters or FilterOptions()
        self.exclude = tuple(exclude)
        self.keep_dropped = keep_dropped

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the sentences that stay, in their form."""
        excluded = excluded_texts(self.exclude, self.filters.fold_forms)
        judges: dict[str, Judge] = {}
        dropped: Counter[str] = Counter()
        for sentence in data:
            facts = sentence.metadata
            judge = judges.get(facts["code"])
            if judge is None:
                language = Language(*facts["code"].split("_"))
                judge = Judge(language, self.filters, excluded, 0)
                judges[facts["code"]] = judge
            if "key" not in facts:
                form = judge.form(sentence.text)
                sentence.text, facts["steps"] = form.text, form.steps
            reason = facts.get("drop") or judge.reason(sentence.text)
            if reason is not None:
                dropped[reason] += 1
                facts["reason"] = reason
                if not self.keep_dropped:
                    continue
            yield sentence
        for reason, count in dropped.items():
            self.stat_update(f"dropped_{reason}", value=count)
