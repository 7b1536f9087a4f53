"""Belebele as retrieval: a question finds the passage that answers it, in the other language.

In: the Hub, or `CODE.jsonl` as released. Out: of each of the 488 passages its first question, so
that every query has one answer; ids are the addresses of the passages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from ..reading.rows import Columns
from .parallel_set import ParallelSet

__all__ = ["Belebele"]


class Belebele(ParallelSet):
    """Queries are questions, what is searched are passages of FLORES-200."""

    name = "belebele"
    licence = "CC BY-SA 4.0"
    citation = "Bandarkar et al. (2024), The Belebele benchmark, arXiv 2308.16884"
    hub = (
        "facebook/belebele, a config per language (ell_Grek), split test, columns link, "
        "question_number, question, flores_passage: as its card and public programs have it; not "
        "verified against the Hub"
    )
    repository = "facebook/belebele"
    hub_splits: ClassVar[Mapping[str, str]] = {"test": "test"}
    columns = ("link", "question_number", "question", "flores_passage")
    file_columns = Columns(text="question")
    places: ClassVar[Mapping[str, str]] = {
        "test": r"(?:.*/)?(?P<code>[a-z]{3}_[A-Z][a-z]{3})\.jsonl"
    }
    _what = "its files as released (ell_Grek.jsonl)"

    def _picked(self, rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
        """Give the first question of each passage; files differ in their order."""
        for link, number, question, passage in rows:
            if number == "1":
                yield link, question, passage
