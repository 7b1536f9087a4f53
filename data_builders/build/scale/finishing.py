"""The last stage, of one task: what the romaniser lost is made up for, and shards are joined."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datatrove.pipeline.base import PipelineStep

from ...errors import DamagedShard, DataError
from ..build_record import LanguageCounts
from ..estimate import voice
from ..pairs import conclude
from ..selection import in_chunks
from ..shards import Chunk, finished_shard, shard_path, write_shard
from ..work import LanguageRun
from .choosing import Draws, chosen
from .pairs import Chosen, chosen_rows, shards_of
from .plan import Plan

__all__ = ["FinishPairs", "finished_runs", "forget"]


@dataclass
class _StagedRun(LanguageRun):
    """A language whose shards came from many tasks."""

    staged: tuple[Path, ...] = ()
    more: Path = Path()

    @property
    def paths(self) -> tuple[Path, ...]:
        return (*self.staged, *(shard_path(self.more, index) for index in range(self.shards)))


def finished_runs(plan: Plan) -> list[LanguageRun]:
    """Gather what the tasks made, and make up for what the romaniser lost.

    Args:
        plan: The build.

    Returns:
        The languages, all finished.

    Raises:
        DataError: A task is missing.
    """
    runs: list[LanguageRun] = []
    for language in plan.languages:
        draws = chosen(plan, language.code)
        paths, total = shards_of(plan, language.code)
        counts = LanguageCounts(language.code, draws.selection)
        found = total["counts"]
        if found["selected"] != draws.selection.given:
            raise DataError(
                f"{language.code}: {found['selected']:,} of {draws.selection.given:,} chosen "
                "sentences were romanised; give the same command again"
            )
        counts.kept = counts.stats.sentences = found["sentences"]
        counts.stats.identical = found["identical"]
        counts.stats.unreadable = found["unreadable"]
        counts.stats.unmapped.update(total["unmapped"])
        counts.dropped.update(total["dropped"])
        more = plan.folder / "pairs" / language.code / "more"
        run = _StagedRun(counts, plan.folder, staged=tuple(paths), more=more)
        while run.missing and not draws.exhausted:
            _make_up(plan, run, draws)
        runs.append(run)
    return runs


def _make_up(plan: Plan, run: _StagedRun, draws: Draws) -> None:
    """Draw what a language lacks; it is little, and romanised here."""
    code = run.counts.code
    before = len(draws.limits)
    draws.draw(run.missing)
    language = Chosen.of(plan, code)
    ends = draws.ends
    run.more.mkdir(parents=True, exist_ok=True)
    for draw in range(before, len(ends)):
        drawn = language._replace(ends=ends[: draw + 1])
        rows = (
            row
            for number in range(len(language.parts))
            for _, row in chosen_rows(plan, drawn, number, low=ends[draw - 1])
        )
        for some in in_chunks(rows, plan.shard_rows):
            chunk = Chunk(
                *(run.more, run.shards, code, some, plan.romaniser, plan.language_code, plan.seed)
            )
            run.shards += 1
            run.add(finished_shard(chunk) or write_shard(chunk))


def forget(shard: str) -> None:
    """Forget that a part was romanised: the same command does it again.

    Args:
        shard: Path of a shard that was damaged.
    """
    part = Path(shard).parents[1]
    part.with_suffix(".json").unlink(missing_ok=True)
    # Which task it was depends on how many there were: all look, and pass over what is finished.
    for folder in part.parents[2].glob("logs/romanise-*/completions"):
        shutil.rmtree(folder, ignore_errors=True)


class FinishPairs(PipelineStep):
    """Makes the dataset, its record and its card.

    Args:
        plan: The build.
        out: Dataset folder.
        facts: The record, without what only the end can tell.
        begun: When the build began, seconds since the epoch.
    """

    type = "WRITER"
    name = "dataset"

    def __init__(self, plan: Plan, out: Path, facts: dict[str, Any], begun: float) -> None:
        super().__init__()
        self.plan = plan
        self.out = out
        self.facts = facts
        self.begun = begun

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Finish, in the first task; nothing goes on from here."""
        if rank == 0:
            runs: Sequence[LanguageRun] = finished_runs(self.plan)
            started = time.monotonic() - (time.time() - self.begun)
            try:
                conclude(self.facts, self.out, started, runs, voice(True))
            except DamagedShard as error:
                forget(error.path)
                raise
        yield from ()
