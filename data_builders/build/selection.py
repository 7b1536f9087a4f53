"""Draws the sentences of one language: normalised, filtered, no two alike, as many as asked for.

In: a source. Out: chunks of rows, and the count of every sentence that was dropped, by reason.

The sample is what lies under a limit of the hash; it goes out while the source is read. What the
filters drop is made up for by the next usable sentences in the order of the hash, so that less
comes out than was asked for only where the source has no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ..processes import Workers
from ..sentences.kept_rows import Drawn, KeptRow, KeptRows, row_of
from ..sentences.reserve import Reserve
from ..sentences.sampling import END, START, SelectedRow, further, limit_of, reach
from ..sentences.seen import DEDUP_MEMORY, Seen
from .stretches import StretchReader

__all__ = ["Sampler", "Selection", "in_chunks"]

Row = TypeVar("Row")


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
        reader: Reads the source.
        selection: Available and target; the other counts are filled in here.
        folder: Where scratch files go.
        chunk_rows: Rows per chunk.
        tick: Called every 10,000 rows with the number of rows read.
        dedup_memory: MiB for finding duplicates.
        keep: Whether what was drawn from a part of the source is kept in the folder, so that a
            build that goes on does not fetch that part again.
    """

    reader: StretchReader
    selection: Selection
    folder: Path
    chunk_rows: int
    tick: Callable[[int], None]
    dedup_memory: int = DEDUP_MEMORY
    keep: bool = False
    _limit: bytes = START
    _ahead: dict[range, Future[None]] = field(default_factory=dict)
    _workers: Workers | None = None

    @property
    def exhausted(self) -> bool:
        """Whether every row was drawn."""
        return self._limit == END

    def read_ahead(self, count: int, workers: Workers, own: int) -> list[Future[None]]:
        """Let workers read stretches for the first draw.

        Args:
            count: What that draw will be asked for.
            workers: Who reads; nobody where this process is the only one.
            own: Stretches at the beginning that this process reads itself, so that it does not
                wait for others.

        Returns:
            The stretches under way.
        """
        if workers.count > 1:
            self._workers = workers
            high = self._first_reach(count)
            for stretch in self.reader.stretches[own:]:
                self._ahead[stretch] = workers.submit(
                    self.reader.keep, stretch, START, high, self.folder
                )
        return list(self._ahead.values())

    def _first_reach(self, count: int) -> bytes:
        """Say how far the first draw looks: the sample, and what may make up for dropped rows."""
        return limit_of(self.selection.rate * further(count) / max(1, count))

    def draw(self, count: int) -> Iterator[tuple[SelectedRow | KeptRow, ...]]:
        """Draw sentences that were not drawn before.

        The first draw is of about the target: what the rate gives, and more where that is too few.

        Args:
            count: How many; fewer come only where the source has no more.

        Yields:
            Chunks, all but the last one full: the sample in the order of the source, and after it,
            in the same order, what was drawn to make up the number.
        """
        return in_chunks(self._rows(count), self.chunk_rows)

    def _rows(self, count: int) -> Iterator[SelectedRow | KeptRow]:
        wanted = self.selection.given + count
        if self._limit == START:
            yield from self._sample(count)
        while self.selection.given < wanted and not self.exhausted:
            missing = wanted - self.selection.given
            with Reserve(self.folder / "reserve.sqlite") as reserve:
                high = reach(self._limit, self.selection.given, missing)
                for key, row, steps, reason in self._rows_between(self._limit, high):
                    reserve.add(key, row_of(row), steps, reason)
                yield from self._draw_from(reserve, missing, high)

    def _sample(self, count: int) -> Iterator[SelectedRow | KeptRow]:
        """Yield what lies under the rate as it comes, then what makes up the number."""
        selection = self.selection
        first, high = limit_of(selection.rate), self._first_reach(count)
        with (
            Seen(self.folder / "seen.sqlite", self.dedup_memory) as seen,
            Reserve(self.folder / "reserve.sqlite") as reserve,
        ):
            for key, row, steps, reason in self._rows_between(START, high):
                if key >= first:
                    reserve.add(key, row_of(row), steps, reason)
                    continue
                selection.taken += 1
                if steps:
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
        kept = KeptRows(self.folder, low, high)
        first = 0
        for stretch in self.reader.stretches:
            reading = self.reader.draw(stretch, low, high, first, self.tick)
            # Of later draws nothing is kept: they are rare, and of a few rows.
            through = low == START and (self._was_read(stretch) or self.keep or kept.has(stretch))
            first += yield from kept.through(stretch, first, reading) if through else reading

    def _was_read(self, stretch: range) -> bool:
        """Wait for a worker that reads a stretch; take it back where none has begun."""
        future = self._ahead.pop(stretch, None)
        if future is None or future.cancel():
            return False
        assert self._workers
        self._workers.result_of(future)
        return True


def in_chunks(rows: Iterator[Row], size: int) -> Iterator[tuple[Row, ...]]:
    """Cut rows into chunks.

    Args:
        rows: Rows.
        size: Rows per chunk.

    Yields:
        Chunks, all but the last one full.
    """
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield tuple(chunk)
            chunk = []
    if chunk:
        yield tuple(chunk)
