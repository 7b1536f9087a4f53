"""The stages of a build, as pipelines that any executor of datatrove takes.

    collect     reader -> sentences -> sample -> filters -> candidates      all tasks
    duplicates  hashes, a range at a time                                   all tasks
    choose      up to which hash each language is drawn                     one task
    romanise    chosen sentences -> Romanise -> pairs                       all tasks
    finish      dataset, record, card                                       one task

A stage begins when the one before it is finished.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from datatrove.executor.base import ExecutorJSONEncoder
from datatrove.pipeline.base import PipelineStep

from ...errors import DataError
from ...languages.groups import Language
from ...sources.base import Sentence
from ..job import Prepared
from ..selection import Selection
from .choosing import ChooseSentences
from .collecting import WriteCandidates
from .duplicates import FindDuplicates
from .filtering import FilterSentences
from .finishing import FinishPairs
from .pairs import ReadChosen, WritePairs
from .plan import Plan
from .reading import SplitSentences
from .romanising import Romanise
from .sampling import SampleSentences

__all__ = ["SPARE", "GivenReading", "Stage", "plan_of", "stages_of"]

SPARE = 1.5
"""Candidates kept for each sentence wanted: a third of them may be dropped."""
_ADDRESS = re.compile(" at 0x[0-9a-f]+")


@dataclass
class Stage:
    """A pipeline with the tasks that it is parted into.

    Attributes:
        name: What it does.
        pipeline: Its steps; they may be changed before it runs.
        tasks: How many tasks.
        logs: Folder of its logs, and of the marks of finished tasks: `logging_dir`.
    """

    name: str
    pipeline: list[PipelineStep | Callable[..., Any]]
    tasks: int
    logs: str


@dataclass(frozen=True)
class GivenReading:
    """A source whose documents come from steps of datatrove: what a build has to know of it.

    Attributes:
        name: What records and cards say.
        steps: The steps, as text; other steps begin another build.
        documents: Whether rows are documents.
    """

    name: str
    steps: str
    documents: bool | None = True

    def signature(self) -> str:
        """Name the source."""
        return self.name

    def options(self) -> dict[str, str | int | None]:
        """Give no options: the steps are code."""
        return {}

    def digest(self, language: Language) -> str:
        """Give the name and the steps."""
        return f"{self.name}|{self.steps}"

    def covers(self, language: Language) -> bool:
        """Believe that every language is there: only reading tells."""
        return True

    def why_missing(self, language: Language) -> str:
        """Say that its documents have none of a language."""
        return f"{self.name} has no documents of it"

    def skipped(self, codes: Sequence[str]) -> list[str]:
        """List nothing."""
        return []

    def available(self, language: Language) -> int | None:
        """Leave it to the reading."""
        return None

    def sentences(self, language: Language) -> Iterator[Sentence]:
        """Yield nothing here: tasks read."""
        return iter(())

    def parts(self, language: Language) -> Sequence[Callable[[], Iterator[Sentence]]]:
        """Give none."""
        return []


def told(steps: Sequence[Any]) -> str:
    """Write steps as text, as an executor of datatrove records them."""
    encoder = ExecutorJSONEncoder(sort_keys=True)
    return _ADDRESS.sub(
        "", f"{[type(step).__name__ for step in steps]}{encoder.encode(list(steps))}"
    )


def plan_of(prepared: Prepared, spare: float) -> Plan:
    """Write down what tasks have to know of a build.

    Args:
        prepared: The build.
        spare: Candidates for each sentence wanted, 1 or more.

    Returns:
        The plan; its folder depends on all that decides the candidates.
    """
    job = prepared.job
    if not 1 <= spare <= 1e6:
        raise DataError(f"spare {spare}; legal is 1 to 1,000,000 candidates for a sentence")
    counts = {
        x.code: job.source.available(x) if job.splitter is None else None for x in job.languages
    }
    known = {code: count for code, count in counts.items() if count is not None}
    digests = [job.digest(language, Selection(0, 0)) for language in job.languages]
    parts = [digests, asdict(job.sampling), known, spare]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return Plan(
        folder=prepared.work.resolve() / f"datatrove-{digest[:16]}",
        languages=job.languages,
        sampling=job.sampling,
        filters=job.filters,
        splitter=job.splitter,
        seed=job.seed,
        romaniser=job.romaniser,
        language_code=job.language_code,
        ready=job.ready,
        shard_rows=job.shard_rows,
        dedup_memory=job.dedup_memory,
        told=known,
        spare=spare,
    )


def stages_of(prepared: Prepared, plan: Plan, tasks: int, reading: Sequence[Any]) -> list[Stage]:
    """Lay out the stages of a build.

    Args:
        prepared: The build.
        plan: What tasks have to know of it.
        tasks: How many tasks.
        reading: Steps that bring in documents.

    Returns:
        The stages, in their order.
    """
    origin = prepared.facts["source"]
    begun = time.time() - (time.monotonic() - prepared.job.started)
    steps: list[tuple[str, list[Any], int]] = [
        (
            "collect",
            [
                *reading,
                SplitSentences(plan.splitter, origin),
                SampleSentences(plan),
                FilterSentences(plan.filters, prepared.exclude, keep_dropped=True),
                WriteCandidates(plan),
            ],
            tasks,
        ),
        ("duplicates", [FindDuplicates(plan)], tasks),
        ("choose", [ChooseSentences(plan)], 1),
        (
            "romanise",
            [
                ReadChosen(plan),
                Romanise(
                    plan.romaniser,
                    language_code=plan.language_code,
                    keep_lost=True,
                    batch=plan.shard_rows,
                ),
                WritePairs(plan),
            ],
            tasks,
        ),
        ("finish", [FinishPairs(plan, prepared.out.resolve(), prepared.facts, begun)], 1),
    ]
    return [
        Stage(name, pipeline, count, str(plan.folder / "logs" / f"{name}-{count}"))
        for name, pipeline, count in steps
    ]
