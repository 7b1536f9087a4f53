"""Runs the stages on this machine: so many tasks at a time, those that are finished passed over.

datatrove's own executor waits for ever for a task whose process was killed, and writes its log to
the terminal; this one ends with one line, and leaves the log in the folder of the work.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import redirect_stderr
from copy import deepcopy
from importlib import import_module
from threading import Thread
from typing import Any

from datatrove.executor.local import LocalPipelineExecutor
from datatrove.utils.logging import logger

from ...processes import Workers
from ..build_record import LanguageCounts
from ..estimate import announce
from ..job import Prepared
from ..work import LanguageRun
from .choosing import TooFewKept, chosen
from .finishing import finished_runs, forget
from .reading import ReadSource
from .stages import SPARE, Stage, plan_of, stages_of

__all__ = ["Executor", "build_here", "forget"]


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
    prepared: Prepared, tasks: int, workers: Workers, say: Callable[[str], None], progress: bool
) -> list[LanguageRun]:
    """Run all stages but the last, whose work is left to the caller.

    Args:
        prepared: The build.
        tasks: How many tasks.
        workers: Who does them.
        say: Prints a line.
        progress: Show a bar on stderr.

    Returns:
        The languages, all finished.

    Raises:
        DataError: The source or the romaniser failed; finished tasks stay.
    """
    if workers.count > 1:
        # Half a second, for which all others would wait at the end.
        Thread(target=import_module, args=("...dataset.builder", __package__)).start()
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
