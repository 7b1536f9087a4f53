"""Worker processes: they start with the first work, and end with the process that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

from .errors import DataError

__all__ = ["Workers", "worker_context"]

Result = TypeVar("Result")


class Workers:
    """Processes that work beside this one.

    Args:
        count: How many; 1 is this process itself.
        preload: Modules that are loaded before, once for all of them.
        option: The option that says how many, for the line where one was ended.
    """

    def __init__(self, count: int, preload: Sequence[str] = (), option: str = "--num-proc") -> None:
        self.count = count
        self._preload = preload
        self._option = option
        self._pool: ProcessPoolExecutor | None = None
        self._starter: threading.Thread | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if self._pool is None:
            return
        # Named before the pool forgets them.
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=error is None, cancel_futures=True)
        if error is not None:
            # One may have hours to go, and what it did is not finished anyway.
            for process in processes:
                process.terminate()

    def start(self) -> None:
        """Let them start while the caller does something else."""
        if self.count == 1 or self._starter:
            return
        context = worker_context(self._preload)
        self._pool = ProcessPoolExecutor(self.count, context, _begin)
        # In a thread, because it waits for the first worker; Ctrl-C only reaches the caller,
        # and the pool ends in order.
        self._starter = threading.Thread(target=self._pool.submit, args=(os.getpid,))
        self._starter.start()

    def begun(self) -> bool:
        """Start them, and tell whether the first one can take work, or none is to come."""
        self.start()
        return self._starter is None or not self._starter.is_alive()

    def submit(self, work: Callable[..., Result], *args: Any) -> Future[Result]:
        """Give work to a process that is free; where this process is the only one, do it now.

        Args:
            work: A function that a process can import.
            *args: What it gets.

        Returns:
            Its result, to come: ask `result_of`.

        Raises:
            DataError: A process was ended.
        """
        if self.count == 1:
            return self.at_once(work, *args)
        self.start()
        assert self._pool
        assert self._starter
        self._starter.join()
        try:
            return self._pool.submit(work, *args)
        except BrokenProcessPool as error:
            raise self._died() from error

    @staticmethod
    def at_once(work: Callable[..., Result], *args: Any) -> Future[Result]:
        """Do work in this process, as `submit` does it elsewhere."""
        done: Future[Result] = Future()
        done.set_result(work(*args))
        return done

    def result_of(self, future: Future[Result]) -> Result:
        """Wait for a result.

        Raises:
            DataError: The work failed, or its process was ended.
        """
        try:
            return future.result()
        except BrokenProcessPool as error:
            raise self._died() from error

    def each(self, work: Callable[[int], None], ranks: Sequence[int]) -> Iterator[int]:
        """Do the work of every rank, and yield the ranks that are done.

        Raises:
            DataError: A task failed, or its process was ended.
        """
        if min(self.count, len(ranks)) <= 1:
            for rank in ranks:
                work(rank)
                yield rank
            return
        under_way = {self.submit(work, rank): rank for rank in ranks}
        for done in as_completed(under_way):
            self.result_of(done)
            yield under_way[done]

    def _died(self) -> DataError:
        return DataError(
            "a worker process ended before its time (often: out of memory). What is finished is "
            f"kept: give the same command again, perhaps with a smaller {self._option}. A script "
            "that builds in several processes needs `if __name__ == '__main__':`"
        )


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end with it: an orphan would wait for work for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def worker_context(preload: Sequence[str]) -> BaseContext:
    """Choose how workers start; modules are loaded before, once for all of them.

    Not by a fork of this process: the caller may hold threads (Arrow, torch) that it would break.
    Where the system can fork at all, a fresh server does, which has loaded the modules before.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context
