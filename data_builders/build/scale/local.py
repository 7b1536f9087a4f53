"""Runs the stages on this machine: so many tasks at a time, those that are finished passed over.

datatrove's own executor waits for ever for a task whose process was killed, and writes its log to
the terminal; this one ends with one line, and leaves the log in the folder of the work.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
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
from .finishing import finished_runs
from .reading import ReadSource
from .stages import SPARE, Stage, plan_of, stages_of

__all__ = ["Executor", "build_here"]


class Executor(LocalPipelineExecutor):
    """`LocalPipelineExecutor` whose tasks may die, and which leaves the terminal alone.

    Args:
        stage: What to run.
        workers: How many tasks at a time.
        romaniser: What new processes load before they are asked.
        progress: Show a bar on stderr.
    """

    def __init__(self, stage: Stage, workers: int, romaniser: str | None, progress: bool) -> None:
        super().__init__(stage.pipeline, stage.tasks, workers, stage.logs)
        self.stage = stage.name
        self.romaniser = romaniser
        self.progress = progress

    def run(self) -> None:
        """Run the tasks that are not finished.

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
            disable=not self.progress or not ranks,
        )
        logger.disable("datatrove")
        try:
            with bar:
                self._run_ranks(ranks, bar)
        finally:
            logger.enable("datatrove")

    def _run_ranks(self, ranks: Sequence[int], bar: Any) -> None:
        if min(self.workers, len(ranks)) <= 1:
            for rank in ranks:
                self._quietly(rank)
                bar.update()
            return
        context = worker_context(self.romaniser)
        pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=start_worker)
        try:
            under_way = [pool.submit(self._quietly, rank) for rank in ranks]
            for done in as_completed(under_way):
                done.result()
                bar.update()
            pool.shutdown()
        except BaseException as error:
            # A task may have hours to go, and what it did is not finished anyway.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            if isinstance(error, BrokenProcessPool):
                raise died("a smaller --workers") from error
            raise

    def _quietly(self, rank: int) -> None:
        """Run a task on a copy of the pipeline; its log goes to a file, not to the terminal."""
        pipeline = self.pipeline
        self.pipeline = deepcopy(pipeline)
        try:
            with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
                self._run_for_rank(rank, local_rank=1)
        finally:
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
    while True:
        try:
            return _build(prepared, spare, tasks, workers, say, progress)
        except TooFewKept as error:
            spare *= 2
            say(f"{error}: {spare:g} are kept now")


def _build(
    prepared: Prepared,
    spare: float,
    tasks: int,
    workers: int,
    say: Callable[[str], None],
    progress: bool,
) -> list[LanguageRun]:
    job, plan = prepared.job, plan_of(prepared, spare)
    romaniser = None if job.ready else job.romaniser
    *stages, _ = stages_of(prepared, plan, tasks, [ReadSource(job.source, plan)])
    for stage in stages:
        if stage.name == "romanise":
            planned = [
                LanguageRun(LanguageCounts(x.code, chosen(plan, x.code).selection), plan.folder)
                for x in plan.languages
            ]
            announce(job, planned, prepared.out, workers, say)
        Executor(stage, workers, romaniser, progress).run()
    return finished_runs(plan)
