"""Chooses the sentences of one language: normalised, sampled, filtered, in chunks.

In: a source. Out: chunks of rows, and the count of every sentence that was dropped, by reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..sentences.filters import FilterOptions, SentenceFilter, normalise
from ..sentences.forms import fold_forms
from ..languages.groups import Language
from ..sentences.sampling import TextHash
from .shards import SelectedRow
from ..sources.registry import Source

__all__ = ["Selection", "select", "utf8"]


@dataclass
class Selection:
    """Counts of one language.

    Attributes:
        available: Rows before any filter.
        target: Sentences asked for; more than `available` means a shortfall.
        taken: Rows under the sampling rate.
        dropped: Taken rows that were dropped, by reason.
        folded: Taken rows that came in other forms of their letters, by step of `forms`.
    """

    available: int
    target: int
    taken: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    folded: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Share of the rows that is taken, 0 to 1."""
        return min(1.0, self.target / self.available) if self.available else 0.0


def select(
    language: Language,
    source: Source,
    selection: Selection,
    *,
    seed: int,
    filters: FilterOptions,
    excluded: frozenset[str],
    chunk_rows: int,
    tick: Callable[[int], None],
) -> Iterator[tuple[SelectedRow, ...]]:
    """Yield the sentences of a language that become pairs.

    Args:
        language: The language; `mul_Zyyy` for a file that mixes languages.
        source: Where the rows come from.
        selection: Available and target; the other counts are filled in here.
        seed: Of the sample.
        filters: Limits.
        excluded: Folded sentences of benchmarks.
        chunk_rows: Rows per chunk.
        tick: Called every 10,000 rows with the number of rows read.

    Yields:
        Chunks, all but the last one full.
    """
    key_of = TextHash(seed, "sample")
    limit = key_of.limit(selection.rate)
    keep = SentenceFilter(language, filters, excluded, language.iso639_3 != "mul")
    chunk: list[SelectedRow] = []
    read = 0
    for sentence in source.sentences(language):
        read += 1
        if read % 10_000 == 0:
            tick(read)
        text = normalise(sentence.text or "")
        steps: tuple[str, ...] = ()
        if filters.fold_forms:
            text, steps = fold_forms(text, language.iso639_3)
        key = key_of.key(text)
        if int.from_bytes(key[:8], "big") >= limit:
            continue
        selection.taken += 1
        selection.folded.update(steps)
        reason = sentence.drop or keep.reason_to_drop(text, key)
        if reason:
            selection.dropped[reason] += 1
            continue
        chunk.append((text, utf8(sentence.transliteration), sentence.origin, read - 1))
        if len(chunk) == chunk_rows:
            yield tuple(chunk)
            chunk = []
    if chunk:
        yield tuple(chunk)


def utf8(text: str | None) -> str | None:
    """Give up a ready romanisation with broken bytes: it is as good as none, and counts as empty.

    Args:
        text: A romanisation, or None.

    Returns:
        The same, or an empty string.
    """
    if text is not None and any("\ud800" <= char <= "\udfff" for char in text):
        return ""
    return text
