"""Runs the stages on this machine: so many tasks at a time, those that are finished passed over.

datatrove's own executor waits for ever for a task whose process was killed, and writes its log to
the terminal; this one ends with one line, and leaves the log in the folder of the work.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stderr
from copy import deepcopy
from typing import Any

from datatrove.executor.local import LocalPipelineExecutor
from datatrove.utils.logging import logger

from ..build_record import LanguageCounts
from ..estimate import announce
from ..job import Prepared
from ..shard_writer import died, start_worker, worker_context
from ..work import LanguageRun
from .choosing import TooFewKept, chosen
from .finishing import finished_runs, forget
from .reading import ReadSource
from .stages import SPARE, Stage, plan_of, stages_of

__all__ = ["Executor", "Workers", "build_here", "forget"]


class Workers:
    """Processes that run tasks, for all stages of a build; they start with the first task.

    Args:
        count: How many; 1 is this process itself.
        romaniser: What they load before they are asked.
    """

    def __init__(self, count: int, romaniser: str | None) -> None:
        self.count = count
        self._romaniser = romaniser
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if self._pool is None:
            return
        self._pool.shutdown(wait=error is None, cancel_futures=True)
        if error is not None:
            # A task may have hours to go, and what it did is not finished anyway.
            for process in multiprocessing.active_children():
                process.terminate()

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
        if self._pool is None:
            context = worker_context(self._romaniser, __name__)
            self._pool = ProcessPoolExecutor(self.count, context, start_worker)
        under_way = {self._pool.submit(work, rank): rank for rank in ranks}
        try:
            for done in as_completed(under_way):
                done.result()
                yield under_way[done]
        except BrokenProcessPool as error:
            raise died("a smaller --workers") from error


class Executor(LocalPipelineExecutor):
    """`LocalPipelineExecutor` whose tasks may die, and which leaves the terminal alone.

    Args:
        stage: What to run.
    """

    pipeline: list[Any]

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.pipeline, stage.tasks, logging_dir=stage.logs)
        self.stage = stage.name

    def run_in(self, workers: Workers, progress: bool) -> None:
        """Run the tasks that are not finished.

        Args:
            workers: Where.
            progress: Show a bar on stderr.

        Raises:
            DataError: A task failed, or its process was ended; what others finished stays.
        """
        from tqdm import tqdm

        ranks = self.get_incomplete_ranks()
        bar = tqdm(
            total=self.tasks,
            initial=self.tasks - len(ranks),
            desc=self.stage,
            unit=" tasks",
            disable=not progress or not ranks,
        )
        logger.disable("datatrove")
        try:
            with bar:
                for _ in workers.each(self.task, ranks):
                    bar.update()
        finally:
            logger.enable("datatrove")

    def task(self, rank: int) -> None:
        """Run one task on a copy of the pipeline; its log goes to a file, not to the terminal."""
        pipeline = self.pipeline
        self.pipeline = deepcopy(pipeline)
        logger.enable("datatrove")
        try:
            with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
                self._run_for_rank(rank, local_rank=1)
        finally:
            logger.disable("datatrove")
            self.pipeline = pipeline


def build_here(
    prepared: Prepared, tasks: int, workers: int, say: Callable[[str], None], progress: bool
) -> list[LanguageRun]:
    """Run all stages but the last, whose work is left to the caller.

    Args:
        prepared: The build.
        tasks: How many tasks.
        workers: How many of them at a time.
        say: Prints a line.
        progress: Show a bar on stderr.

    Returns:
        The languages, all finished.

    Raises:
        DataError: The source or the romaniser failed; finished tasks stay.
    """
    spare = SPARE
    with Workers(workers, None if prepared.job.ready else prepared.job.romaniser) as processes:
        while True:
            try:
                return _build(prepared, spare, tasks, processes, say, progress)
            except TooFewKept as error:
                spare *= 2
                say(f"{error}: {spare:g} are kept now")


def _build(
    prepared: Prepared,
    spare: float,
    tasks: int,
    workers: Workers,
    say: Callable[[str], None],
    progress: bool,
) -> list[LanguageRun]:
    job, plan = prepared.job, plan_of(prepared, spare)
    *stages, _ = stages_of(prepared, plan, tasks, [ReadSource(job.source, plan)])
    for stage in stages:
        if stage.name == "romanise":
            planned = [
                LanguageRun(LanguageCounts(x.code, chosen(plan, x.code).selection), plan.folder)
                for x in plan.languages
            ]
            announce(job, planned, prepared.out, workers.count, say)
        Executor(stage).run_in(workers, progress)
    return finished_runs(plan)
