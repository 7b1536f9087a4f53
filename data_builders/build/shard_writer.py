"""Shards written in this process or in several, those that are finished passed over."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait

from ..errors import DataError
from ..processes import Workers
from ..sentences.seen import DEDUP_MEMORY, LEAST_MEMORY, MOST_MEMORY
from .shards import Chunk, ShardResult, finished_shard, write_shard

__all__ = ["Report", "ShardWriter", "require_work"]

_QUEUE_PER_WORKER = 4
_MOST_WORKERS = 1024
_MOST_ROWS = 10_000_000


def require_work(num_proc: int, shard_rows: int, dedup_memory: int = DEDUP_MEMORY) -> None:
    """See that the numbers of a build's work are such that a machine can do it.

    Raises:
        DataError: They are not.
    """
    if not 1 <= num_proc <= _MOST_WORKERS or not 1 <= shard_rows <= _MOST_ROWS:
        raise DataError(
            f"num_proc {num_proc}, shard_rows {shard_rows}; legal is 1 to {_MOST_WORKERS:,} "
            f"processes and 1 to {_MOST_ROWS:,} rows"
        )
    if not LEAST_MEMORY <= dedup_memory <= MOST_MEMORY:
        raise DataError(
            f"dedup_memory {dedup_memory}; legal is {LEAST_MEMORY} to {MOST_MEMORY:,} MiB"
        )


Report = Callable[[ShardResult, bool], None]
"""Called with a result, and True when an earlier run had finished the shard."""


class ShardWriter:
    """Writes shards, and skips those that are finished.

    Args:
        workers: Where.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._pending: dict[Future[ShardResult], Report] = {}

    def submit(self, chunk: Chunk, report: Report) -> None:
        """Take a chunk; blocks while too many are under way.

        Args:
            chunk: Selected sentences.
            report: Called, perhaps later, with the result.

        Raises:
            DataError: A shard could not be written.
        """
        known = finished_shard(chunk)
        if known is not None:
            report(known, True)
            return
        self._pending[self._workers.submit(write_shard, chunk)] = report
        self._collect(self._workers.count * _QUEUE_PER_WORKER if self._workers.count > 1 else 0)

    def finish(self) -> None:
        """Wait for every shard under way.

        Raises:
            DataError: A shard could not be written.
        """
        self._collect(0)

    def _collect(self, limit: int) -> None:
        done = {future for future in self._pending if future.done()}
        while done or len(self._pending) > limit:
            if not done:
                done, _ = wait(self._pending, return_when=FIRST_COMPLETED)
            for future in done:
                report = self._pending.pop(future)
                report(self._workers.result_of(future), False)
            done = set()
