"""Joins finished languages into the files of a dataset, beside the romanising of others if wanted.

The order is that of the group: a language that is finished early waits for those before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from ..dataset.joined import Joined, Stopped
from ..dataset.splits import LanguageShards, validation_limit
from .work import LanguageRun

__all__ = ["Files", "Joining"]


class Files(NamedTuple):
    """What was made of a group.

    Attributes:
        folder: Holds its Parquet files and their side files; not yet in its place.
        sizes: Rows by split.
        digest: Of the rows.
    """

    folder: Path
    sizes: dict[str, int]
    digest: str


class Joining:
    """Makes the files of a group.

    Args:
        group: Name of the config.
        runs: Its languages.
        work: Folder of the group's work.
        filters: `filters` of the build record.
    """

    def __init__(
        self,
        group: str,
        runs: Sequence[LanguageRun],
        work: Path,
        filters: Mapping[str, Any],
    ) -> None:
        self._group, self._runs, self._work, self._filters = group, runs, work, filters
        self._dropped: Mapping[str, Any] = {}
        self._joined = Joined(self._languages(), work / "rows")
        self._whole: SimpleQueue[str | None] = SimpleQueue()
        self._files: Future[Files] | None = None
        self._waits = False

    @contextmanager
    def beside(self, wanted: bool) -> Iterator[None]:
        """Join in a thread while the languages are made, and stop where that fails.

        Args:
            wanted: False leaves all of it to `result`.
        """
        if wanted:
            self._waits = True
            thread = ThreadPoolExecutor(1)
            self._files = thread.submit(self._make)
            thread.shutdown(wait=False)
        try:
            for run in self._runs:
                if run.selected_all:
                    self.add(run)
            yield
        except BaseException:
            self._stop()
            raise

    def add(self, run: LanguageRun) -> None:
        """Take a language that is finished.

        Raises:
            DamagedShard: One before it is not what was written.
        """
        self._whole.put(run.counts.code)
        if self._files is not None and self._files.done():
            self._files.result()

    def result(self, dropped: Mapping[str, Any] | None = None) -> Files:
        """Give the files, when every language is finished.

        Args:
            dropped: Places of rows that do not count, by language code; only where nothing was
                joined beside.

        Raises:
            DamagedShard: A shard is not what was written.
        """
        if self._files is None:
            self._dropped = dropped or {}
            return self._make()
        try:
            return self._files.result()
        except BaseException:
            self._stop()
            raise

    def _stop(self) -> None:
        self._joined.stop()
        self._whole.put(None)
        if self._files is not None:
            # Whoever builds again in this process must not meet it.
            wait([self._files])

    def _make(self) -> Files:
        # It takes half a second to load, while workers romanise.
        from ..dataset.builder import present

        parts = [*(run.folder.name for run in self._runs), *(["drop_shared"] * bool(self._dropped))]
        key = hashlib.sha256("".join(parts).encode()).hexdigest()
        fresh, sizes = present(self._joined, self._group, self._work, digest=key[:16])
        for path in self._joined.side_files:
            path.replace(fresh / path.name)
        return Files(fresh, sizes, self._joined.digest)

    def _languages(self) -> Iterator[LanguageShards]:
        """Yield the shards of each language, when they are all there."""
        whole: set[str | None] = set()
        for run in self._runs:
            code = run.counts.code
            while self._waits and code not in whole:
                whole.add(self._whole.get())
                if None in whole:
                    raise Stopped
            paths, dropped = tuple(map(str, run.paths)), self._dropped.get(code)
            share, cap = self._filters["validation"], self._filters["validation_cap"]
            limit, run.counts.validation = validation_limit(
                paths, share=share, cap=cap, dropped=dropped
            )
            yield LanguageShards(code, paths, limit, dropped)
