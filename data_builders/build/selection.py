"""Draws the sentences of one language: normalised, filtered, no two alike, as many as asked for.

In: a source. Out: chunks of rows, and the count of every sentence that was dropped, by reason.

The sample is what lies under a limit of the hash; it goes out while the source is read. What the
filters drop is made up for by the next usable sentences in the order of the hash, so that less
comes out than was asked for only where the source has no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..languages.groups import Language
from ..sentences.filters import FilterOptions
from ..sentences.judge import Judge
from ..sentences.kept_parts import Drawn, KeptParts
from ..sentences.reserve import Reserve
from ..sentences.sampling import END, START, SelectedRow, further, limit_of, reach
from ..sentences.seen import DEDUP_MEMORY, Seen
from ..sentences.split.splitter import Piece, Splitter
from ..sources.registry import Sentence, Source

__all__ = ["Available", "Sampler", "Selection", "in_chunks", "pieces_of", "utf8"]


class Available(NamedTuple):
    """What a source has of one language, before any filter.

    Attributes:
        sentences: How many.
        documents: Those that they were split from, None where rows are sentences.
        cut: Places where one of them was too long and was cut.
    """

    sentences: int
    documents: int | None = None
    cut: int = 0


@dataclass
class Selection:
    """Counts of one language.

    Attributes:
        available: Sentences before any filter.
        target: Sentences asked for; more than `available` means a shortfall.
        documents: Documents that these sentences were split from; None where none were.
        cut: Places where a sentence was too long and was cut.
        taken: Rows drawn: those under the sampling rate, and those drawn after them.
        dropped: Drawn rows that were dropped, by reason.
        folded: Drawn rows that came in other forms of their letters, by step of `forms`.
    """

    available: int
    target: int
    documents: int | None = None
    cut: int = 0
    taken: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    folded: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Share of the rows that is drawn first, 0 to 1."""
        return min(1.0, self.target / self.available) if self.available else 0.0

    @property
    def given(self) -> int:
        """Rows that were drawn and not dropped."""
        return self.taken - self.dropped.total()


@dataclass
class Sampler:
    """Draws from the sentences of one language in the order of their hashes.

    Attributes:
        language: The language; `mul_Zyyy` for a file that mixes languages.
        source: Where the rows come from.
        selection: Available and target; the other counts are filled in here.
        folder: Where scratch files go.
        seed: Of the sample.
        filters: Limits.
        excluded: Folded sentences of benchmarks.
        chunk_rows: Rows per chunk.
        tick: Called every 10,000 rows with the number of rows read.
        dedup_memory: MiB for finding duplicates.
        splitter: What makes sentences of documents; None where rows are sentences.
        keep: Whether what was drawn from a part of the source is kept in the folder, so that a
            build that goes on does not fetch that part again.
    """

    language: Language
    source: Source
    selection: Selection
    folder: Path
    seed: int
    filters: FilterOptions
    excluded: frozenset[str]
    chunk_rows: int
    tick: Callable[[int], None]
    dedup_memory: int = DEDUP_MEMORY
    splitter: Splitter | None = None
    keep: bool = False
    _limit: bytes = START

    @property
    def exhausted(self) -> bool:
        """Whether every row was drawn."""
        return self._limit == END

    def draw(self, count: int) -> Iterator[tuple[SelectedRow, ...]]:
        """Draw sentences that were not drawn before.

        The first draw is of about the target: what the rate gives, and more where that is too few.

        Args:
            count: How many; fewer come only where the source has no more.

        Yields:
            Chunks, all but the last one full: the sample in the order of the source, and after it,
            in the same order, what was drawn to make up the number.
        """
        return in_chunks(self._rows(count), self.chunk_rows)

    def _rows(self, count: int) -> Iterator[SelectedRow]:
        wanted = self.selection.given + count
        if self._limit == START:
            yield from self._sample(count)
        while self.selection.given < wanted and not self.exhausted:
            missing = wanted - self.selection.given
            with Reserve(self.folder / "reserve.sqlite") as reserve:
                high = reach(self._limit, self.selection.given, missing)
                for drawn in self._rows_between(self._limit, high):
                    reserve.add(*drawn)
                yield from self._draw_from(reserve, missing, high)

    def _sample(self, count: int) -> Iterator[SelectedRow]:
        """Yield what lies under the rate as it comes, then what makes up the number."""
        selection, rate = self.selection, self.selection.rate
        first, high = limit_of(rate), limit_of(rate * further(count) / max(1, count))
        with (
            Seen(self.folder / "seen.sqlite", self.dedup_memory) as seen,
            Reserve(self.folder / "reserve.sqlite") as reserve,
        ):
            for key, row, steps, reason in self._rows_between(START, high):
                if key >= first:
                    reserve.add(key, row, steps, reason)
                    continue
                selection.taken += 1
                selection.folded.update(steps)
                if reason is None and not seen.add(key):
                    reason = "duplicate"
                if reason:
                    selection.dropped[reason] += 1
                else:
                    yield row
            self._limit = first
            if selection.given < count and not self.exhausted:
                yield from self._draw_from(reserve, count - selection.given, high)

    def _draw_from(self, reserve: Reserve, count: int, high: bytes) -> Iterator[SelectedRow]:
        """Yield the first sentences of a reserve that holds every row up to a limit."""
        last = reserve.key_of(count)
        # What follows a hash at once is the hash and a zero.
        self._limit = high if last is None else last + b"\0"
        dropped = reserve.dropped(self._limit)
        self.selection.dropped.update(dropped)
        self.selection.folded.update(reserve.folded(self._limit))
        self.selection.taken += dropped.total()
        for row in reserve.rows(self._limit):
            self.selection.taken += 1
            yield row

    def _rows_between(self, low: bytes, high: bytes) -> Generator[Drawn]:
        """Yield the rows whose hash lies from low to below high.

        Of each its hash, the row, the steps that folded its letters, the reason to drop it.
        """
        judge = Judge(self.language, self.filters, self.excluded, self.seed)
        # Of later draws nothing is kept: they are rare, and of a few rows.
        keeping = self.keep and low == START
        kept = KeptParts(self.folder, f"{low.hex()}-{high.hex()}") if keeping else None
        first = 0
        for number, part in enumerate(self.source.parts(self.language)):
            reading = self._of_part(part(), first, judge, low, high)
            first += yield from kept.through(number, reading) if kept else reading

    def _of_part(
        self, sentences: Iterator[Sentence], first: int, judge: Judge, low: bytes, high: bytes
    ) -> Generator[Drawn, None, int]:
        """Yield those rows of one part, whose first row is given; return how many it has."""
        count = 0
        for count, sentence in enumerate(sentences, 1):
            number = first + count - 1
            if number % 10_000 == 9_999:
                self.tick(number + 1)
            for start, end, _ in pieces_of(sentence, self.language, self.splitter):
                key, text, steps = judge.form((sentence.text or "")[start:end], sentence.variant)
                if low <= key < high:
                    latin = utf8(sentence.transliteration)
                    place = (start, end) if self.splitter else (None, None)
                    row = SelectedRow(text, latin, sentence.origin, number, *place)
                    yield key, row, steps, sentence.drop or judge.reason(text)
        return count


def pieces_of(sentence: Sentence, language: Language, splitter: Splitter | None) -> Iterable[Piece]:
    """Say which sentences a row of a source consists of.

    Args:
        sentence: The row.
        language: Its language.
        splitter: What splits documents; None takes the row as it is.

    Returns:
        Pieces of its text; one for a row that holds none, so that it is counted where it drops.
    """
    text = sentence.text or ""
    if splitter is not None and not sentence.drop:
        pieces = list(splitter.split(text, language.iso639_3))
        if pieces:
            return pieces
    return (Piece(0, len(text), False),)


def in_chunks(rows: Iterator[SelectedRow], size: int) -> Iterator[tuple[SelectedRow, ...]]:
    """Cut rows into chunks.

    Args:
        rows: Rows.
        size: Rows per chunk.

    Yields:
        Chunks, all but the last one full.
    """
    chunk: list[SelectedRow] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
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
