"""Reads a stretch of a source, such as a file: how many sentences it has, and what may be drawn.

A stretch needs no other one, so that several processes may read one each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..languages.groups import Language
from ..sentences.filters import FilterOptions
from ..sentences.judge import Judge
from ..sentences.kept_rows import Drawn, KeptRows
from ..sentences.sampling import END, START, SelectedRow
from ..sentences.split.splitter import Piece, Splitter
from ..sources.base import Sentence, Source

__all__ = ["Available", "StretchReader", "pieces_of", "utf8"]

_MOST = 512
"""Stretches of a language: where files are more, such as documents, several make one."""


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


@dataclass(frozen=True)
class StretchReader:
    """Reads what a source has of one language; a stretch is some of its parts on end.

    Attributes:
        language: The language; `mul_Zyyy` for a file that mixes languages.
        source: Where the rows come from.
        seed: Of the sample.
        filters: Limits.
        excluded: Folded sentences of benchmarks.
        splitter: What makes sentences of documents; None where rows are sentences.
    """

    language: Language
    source: Source
    seed: int
    filters: FilterOptions
    excluded: frozenset[str]
    splitter: Splitter | None

    @property
    def stretches(self) -> list[range]:
        """Numbers of the parts of each stretch, in the order of the rows."""
        parts = len(self.source.parts(self.language))
        size = -(-parts // _MOST)
        return [range(at, min(at + size, parts)) for at in range(0, parts, size or 1)]

    def _rows(self, stretch: range) -> Iterator[Sentence]:
        parts = self.source.parts(self.language)
        for number in stretch:
            yield from parts[number]()

    def count(self, stretch: range) -> Available:
        """Count what a stretch has.

        Args:
            stretch: Which one.

        Returns:
            Its sentences before any filter.
        """
        documents = sentences = cut = 0
        for row in self._rows(stretch):
            documents += 1
            for piece in pieces_of(row, self.language, self.splitter):
                sentences += 1
                cut += piece.cut
        return Available(sentences, documents if self.splitter else None, cut)

    def draw(
        self,
        stretch: range,
        low: bytes,
        high: bytes,
        first: int = 0,
        tick: Callable[[int], None] | None = None,
        told: Counter[str] | None = None,
    ) -> Generator[Drawn, None, int]:
        """Yield the rows of a stretch whose hash lies from low to below high.

        Args:
            stretch: Which one.
            low: A hash.
            high: A hash.
            first: Rows of the language before this stretch.
            tick: Called every 10,000 rows with the number of rows read.
            told: Counts `sentences` before any filter, and those that are `cut`.

        Yields:
            Of each row its hash, the row, the steps that folded its letters, the reason to drop it.

        Returns:
            How many rows the stretch has.
        """
        judge = Judge(self.language, self.filters, self.excluded, self.seed)
        count = 0
        for count, sentence in enumerate(self._rows(stretch), 1):
            place = first + count - 1
            if tick and place % 10_000 == 9_999:
                tick(place + 1)
            for start, end, cut in pieces_of(sentence, self.language, self.splitter):
                if told is not None:
                    told["sentences"] += 1
                    told["cut"] += cut
                key, text, steps = judge.form((sentence.text or "")[start:end], sentence.variant)
                if low <= key < high:
                    latin = utf8(sentence.transliteration)
                    where = (start, end) if self.splitter else (None, None)
                    row = SelectedRow(text, latin, sentence.origin, place, *where)
                    yield key, row, steps, sentence.drop or judge.reason(text)
        return count

    def keep(self, stretch: range, low: bytes, high: bytes, folder: Path) -> None:
        """Write what a stretch gives into a folder, where `KeptRows` finds it.

        Args:
            stretch: Which one.
            low: As in `draw`.
            high: As in `draw`.
            folder: Where it goes.

        Raises:
            DataError: The source cannot be read, or the disk is full.
        """
        kept = KeptRows(folder, low, high)
        if not kept.has(stretch):
            for _ in kept.through(stretch, 0, self.draw(stretch, low, high)):
                pass

    def keep_all(self, stretch: range, folder: Path) -> Available:
        """Count a stretch, and keep all that it has: what is drawn whole is then read once.

        Args:
            stretch: Which one.
            folder: Where it goes.

        Returns:
            As `count`.

        Raises:
            DataError: As `keep`.
        """
        kept = KeptRows(folder, START, END)
        if kept.has(stretch):
            return self.count(stretch)
        told: Counter[str] = Counter()
        reading = kept.through(stretch, 0, self.draw(stretch, START, END, told=told))
        rows = _length(reading)
        return Available(told["sentences"], rows if self.splitter else None, told["cut"])


def _length(reading: Generator[Drawn, None, int]) -> int:
    """Run to the end, for what it returns."""
    while True:
        try:
            next(reading)
        except StopIteration as end:
            return int(end.value)


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
