"""Shards written in this process or in several, those that are finished passed over."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import Any

from ..errors import DataError
from ..sentences.seen import DEDUP_MEMORY, LEAST_MEMORY, MOST_MEMORY
from ..transliterators import loaded_by
from .shards import Chunk, ShardResult, finished_shard, write_shard

__all__ = ["Report", "ShardWriter", "died", "require_work", "start_worker", "worker_context"]

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


def start_worker() -> None:
    """Leave Ctrl-C to the parent, and end with it: an orphan would wait for work for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


Report = Callable[[ShardResult, bool], None]
"""Called with a result, and True when an earlier run had finished the shard."""


class ShardWriter:
    """Writes shards in this process or in several, and skips those that are finished.

    Args:
        num_proc: Worker processes; 1 works in this process.
        romaniser: Specification for `get_transliterator` of what they will need, None for none.
    """

    def __init__(self, num_proc: int, romaniser: str | None) -> None:
        self._workers = num_proc
        self._pending: dict[Future[ShardResult], Report] = {}
        self._pool: ProcessPoolExecutor | None = None
        self._starter: threading.Thread | None = None
        if num_proc > 1:
            self._pool = ProcessPoolExecutor(
                num_proc, mp_context=worker_context(romaniser), initializer=start_worker
            )

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def warm_up(self) -> None:
        """Let the romaniser load while the caller still counts sentences."""
        if self._pool and not self._starter:
            # In a thread, because it waits for the first worker; Ctrl-C only reaches the caller,
            # and the pool ends in order.
            self._starter = threading.Thread(target=self._pool.submit, args=(os.getpid,))
            self._starter.start()

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
        elif self._pool is None:
            report(write_shard(chunk), False)
        else:
            self.warm_up()
            assert self._starter
            self._starter.join()
            try:
                self._pending[self._pool.submit(write_shard, chunk)] = report
            except BrokenProcessPool as error:
                raise died("a smaller --num-proc") from error
            self._collect(self._workers * _QUEUE_PER_WORKER)

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
                try:
                    report(future.result(), False)
                except BrokenProcessPool as error:
                    raise died("a smaller --num-proc") from error
            done = set()


def worker_context(romaniser: str | None, *modules: str) -> BaseContext:
    """Choose how workers start; `modules` are loaded before, once for all of them.

    Not by a fork of this process: the caller may hold threads (Arrow, torch) that it would break.
    Where the system can fork at all, a fresh server does, which has loaded the romaniser before.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    loaded = loaded_by(romaniser)
    context.set_forkserver_preload([*([loaded] if loaded else []), *modules])
    return context


def died(hint: str) -> DataError:
    """Say that a worker process was ended, and what may help."""
    return DataError(
        "a worker process ended before its time (often: out of memory). What is finished is kept: "
        f"give the same command again, perhaps with {hint}. A script that builds in several "
        "processes needs `if __name__ == '__main__':`"
    )
