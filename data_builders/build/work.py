"""The work under way: which languages are to do, where their shards lie, what is done already.

Finished shards lie in `<out>/.work/<group>/<language>-<digest>`. The digest covers all that
decides the rows, so a changed input, option or program never meets old results.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..json_file import read_object
from ..languages.groups import Language
from ..processes import Workers
from ..sentences.kept_rows import KEPT, packed
from ..sentences.sampling import target_counts
from .build_record import LanguageCounts, write_json
from .job import Drawing, Job
from .selection import Selection
from .shard_writer import Report, ShardWriter
from .shards import Chunk, ShardResult, shard_path, tell, whole_shard
from .stretches import Available

__all__ = ["LanguageRun", "folder_of", "marker_digest", "plan", "romanise"]


@dataclass
class LanguageRun:
    """One language under way; `done.json` marks its folder when the last shard is written.

    Attributes:
        counts: What became of its sentences so far.
        folder: Folder of its shards.
        shards: Shards given out.
        finished: Shards written.
        selected_all: Whether `shards` is final, unless the romaniser loses sentences.
        exhausted: Whether the source has no more to make up for these.
        contents: Digest of each shard by its number.
    """

    counts: LanguageCounts
    folder: Path
    shards: int = 0
    finished: int = 0
    selected_all: bool = False
    exhausted: bool = False
    contents: dict[int, str] = field(default_factory=dict)

    @property
    def expected(self) -> int:
        """Sentences that will be taken, about."""
        return min(self.counts.selection.target, self.counts.selection.available)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files of its shards, in the order of the rows."""
        return tuple(shard_path(self.folder, index) for index in range(self.shards))

    @property
    def missing(self) -> int:
        """Sentences asked for that are not written."""
        return max(0, self.counts.selection.target - self.counts.kept)

    def add(self, result: ShardResult) -> bool:
        """Count a finished shard.

        Args:
            result: What came of it.

        Returns:
            Whether the language is finished.
        """
        self.finished += 1
        self.contents[result.index] = result.content
        self.counts.kept += result.stats.sentences
        self.counts.dropped.update(result.dropped)
        self.counts.stats.sentences += result.stats.sentences
        self.counts.stats.identical += result.stats.identical
        self.counts.stats.unmapped.update(result.stats.unmapped)
        self.counts.stats.unreadable += result.stats.unreadable
        return self.mark()

    def mark(self) -> bool:
        """Mark the language as done when nothing of it is under way, or to be drawn again."""
        if not self.selected_all or self.finished < self.shards:
            return False
        if self.missing and not self.exhausted:
            return False
        selection = self.counts.selection
        marker = {
            "shards": [self.contents[index] for index in range(self.shards)],
            "taken": selection.taken,
            "dropped": dict(selection.dropped),
            "folded": dict(selection.folded),
            "lost": dict(self.counts.dropped),
            "kept": self.counts.kept,
            "identical": self.counts.stats.identical,
            "unmapped": dict(self.counts.stats.unmapped),
            "unreadable": self.counts.stats.unreadable,
        }
        write_json(self.folder / "done.json", {**marker, "digest": marker_digest(marker)})
        for path in (found for names in KEPT for found in self.folder.glob(names)):
            path.unlink(missing_ok=True)
        return True

    def resume(self) -> bool:
        """Take over a language that an earlier run finished, if all of it is as it was written.

        Returns:
            False when it is not finished, or its marker or a shard is damaged; the shards that are
            whole are found again one by one.
        """
        marker = self.folder / "done.json"
        if not marker.exists():
            return False
        try:
            known = read_object(marker)
            if known.pop("digest", None) != marker_digest(known):
                raise DataError(f"{marker} is not what a build of this version wrote")
        except DataError as error:
            tell(f"{error}; {self.counts.code} is checked shard by shard")
            return False
        if not all(
            whole_shard(self.folder, self.counts.code, index, content)
            for index, content in enumerate(known["shards"])
        ):
            return False
        self.shards = self.finished = len(known["shards"])
        self.contents = dict(enumerate(known["shards"]))
        self.counts.selection.taken = known["taken"]
        self.counts.selection.dropped.update(known["dropped"])
        self.counts.selection.folded.update(known["folded"])
        self.counts.dropped.update(known["lost"])
        self.counts.kept = self.counts.stats.sentences = known["kept"]
        self.counts.stats.identical = known["identical"]
        self.counts.stats.unmapped.update(known["unmapped"])
        self.counts.stats.unreadable = known["unreadable"]
        return True


def marker_digest(marker: dict[str, Any]) -> str:
    """Digest a marker: whatever changed it after it was written, it is not to be believed."""
    return hashlib.sha256(json.dumps(marker, sort_keys=True).encode()).hexdigest()


def plan(job: Job, available: Mapping[str, Available], work: Path) -> list[LanguageRun]:
    """Say how much of each language is to be taken, and where its shards go.

    Args:
        job: What is built.
        available: What there is, by language code.
        work: Folder of the group's work.

    Returns:
        One run per language, those that an earlier build finished already taken over.
    """
    counts = {code: there.sentences for code, there in available.items()}
    targets = target_counts(counts, job.sampling)
    runs = []
    for language in job.languages:
        there = available[language.code]
        selection = Selection(
            there.sentences, targets[language.code], documents=there.documents, cut=there.cut
        )
        folder = folder_of(job, work, language, selection)
        run = LanguageRun(LanguageCounts(language.code, selection), folder)
        run.selected_all = run.resume()
        runs.append(run)
    return runs


def folder_of(job: Job, work: Path, language: Language, selection: Selection) -> Path:
    """Name the folder of a language's shards.

    Args:
        job: What is built.
        work: Folder of the group's work.
        language: The language.
        selection: Its available and target counts.

    Returns:
        The path.
    """
    return work / f"{language.code}-{job.digest(language, selection)[:16]}"


def romanise(
    job: Job,
    runs: Sequence[LanguageRun],
    workers: Workers,
    progress: bool,
    finished: Callable[[LanguageRun], None],
) -> None:
    """Select and romanise what is not finished; show sentences/s and the time left.

    Args:
        job: What is built.
        runs: The plan.
        workers: Who reads and romanises.
        progress: Show a bar on stderr.
        finished: Called with each language when it is done.

    Raises:
        DataError: The source or the romaniser failed; finished shards stay.
    """
    from tqdm import tqdm

    todo = {run.counts.code: run for run in runs if not run.selected_all}
    memo: Counter[str] = Counter()
    writer = ShardWriter(workers)
    bar = tqdm(
        total=sum(run.expected for run in todo.values()),
        unit=" sentences",
        desc="romanise",
        disable=not progress or not todo,
        smoothing=0.05,
        mininterval=0.5,
    )

    def report(result: ShardResult, earlier: bool) -> None:
        if earlier and not bar.disable:
            # Else the speed, and with it the time left, would count work that was not done now.
            bar.initial += result.selected
        bar.update(result.selected)
        memo.update(looked_up=result.looked_up, missed=result.missed)
        if todo[result.code].add(result):
            finished(todo[result.code])

    with bar:
        drawings = {
            language.code: job.drawing(
                language,
                todo[language.code].counts.selection,
                todo[language.code].folder,
                partial(_show_row, bar, language.code, memo),
            )
            for language in job.languages
            if language.code in todo
        }
        under_way = [todo[code] for code in drawings]
        _read_ahead(under_way, drawings, workers, bar)
        while under_way:
            for run in under_way:
                if _draw(job, run, drawings[run.counts.code], writer, report, bar):
                    finished(run)
            writer.finish()
            under_way = [run for run in under_way if run.missing and not run.exhausted]


def _read_ahead(
    runs: Sequence[LanguageRun], drawings: Mapping[str, Drawing], workers: Workers, bar: Any
) -> None:
    """Let workers read what all languages need; this process begins with the first of it."""
    reading: list[Future[None]] = []
    for run in runs:
        run.folder.mkdir(parents=True, exist_ok=True)
        own = 0 if reading else 1
        reading += drawings[run.counts.code].read_ahead(run.missing, workers, own)
    done = count(1)
    for one in reading:
        one.add_done_callback(
            lambda _: bar.set_postfix_str(f"read {next(done)} of {len(reading)} files ahead")
        )


def _draw(
    job: Job, run: LanguageRun, drawing: Drawing, writer: ShardWriter, report: Report, bar: Any
) -> bool:
    """Draw what a language lacks, and have it romanised; tell whether it is done."""
    run.selected_all = False
    selection = run.counts.selection
    foreseen = selection.given if run.shards else run.expected
    given = job.romaniser, job.language_code, job.seed
    for rows in drawing.draw(run.missing):
        chunk = Chunk(run.folder, run.shards, run.counts.code, packed(rows), *given)
        run.shards += 1
        writer.submit(chunk, report)
    # What the filters dropped will not come: the time left is about what will.
    bar.total += selection.given - foreseen
    run.selected_all, run.exhausted = True, drawing.exhausted
    return run.mark()


def _show_row(bar: Any, code: str, memo: Counter[str], read: int) -> None:
    looked_up = memo["looked_up"]
    hits = f", memo hits {1 - memo['missed'] / looked_up:.1%}" if looked_up else ""
    bar.set_postfix_str(f"{code} row {read:,}{hits}")
