"""Counts what a source has, and says what a build will take: sentences, time, disk."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import DataError
from ..json_file import read_object
from ..processes import Workers
from .build_record import write_json
from .job import Job
from .selection import Selection
from .stretches import Available, StretchReader
from .work import LanguageRun, folder_of, marker_digest

__all__ = ["announce", "count_available", "voice"]

# Sentences a second in one process: short phrases go twice as fast, long ones at half the speed.
_RATES = {"uroman": 9_000, "identity": 200_000}
_BYTES_PER_PAIR = 400


def voice(progress: bool) -> Callable[[str], None]:
    """Choose what becomes of the lines that a build says.

    Args:
        progress: Whether they are wanted.

    Returns:
        A function that prints a line to stderr, or drops it.
    """
    return _say if progress else _silent


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _silent(line: str) -> None:
    pass


@dataclass
class _Counting:
    """A language that is being counted, stretch by stretch.

    Attributes:
        reader: Reads it.
        path: Where its count is kept; those of its stretches lie beside.
        folder: Where its rows are kept as they are counted; None where they are not.
        counts: Of each stretch, to come.
    """

    reader: StretchReader
    path: Path
    folder: Path | None
    counts: dict[range, Future[Available]] = field(default_factory=dict)

    def work(self, stretch: range) -> tuple[StretchReader, range, Path, Path | None]:
        """Give what `_count` needs to count a stretch."""
        of_stretch = self.path.with_name(f"{self.path.stem}-{stretch.start:06}.json")
        return self.reader, stretch, of_stretch, self.folder


def count_available(
    job: Job, work: Path, say: Callable[[str], None], workers: Workers, progress: bool
) -> dict[str, Available]:
    """Count what the source has.

    A count that needs a pass over all rows is kept: a build that goes on does not read them again.
    Rows that are drawn whole, and would be kept anyway, are kept in the same pass.

    Args:
        job: What is built.
        work: Folder of the group's work.
        say: Prints a line.
        workers: Who counts.
        progress: Show a bar on stderr.

    Returns:
        What there is before any filter, by language code.
    """
    counts: dict[str, Available | None] = {}
    counting: dict[str, _Counting] = {}
    for language in job.languages:
        count = job.source.available(language) if job.splitter is None else None
        if count is not None:
            counts[language.code] = Available(count)
            continue
        splitter = job.splitter.signature() if job.splitter else ""
        parts = f"{job.source.digest(language)}|{splitter}"
        path = work / f"{language.code}-{hashlib.sha256(parts.encode()).hexdigest()[:16]}.json"
        counts[language.code] = _known(path)
        if counts[language.code] is None:
            say(
                f"{language.code}: counting the sentences of its documents"
                if job.splitter
                else f"{language.code}: the source does not say how many rows it has; counting them"
            )
            folder = None
            if job.sampling.takes_all and (workers.count > 1 or job.streams):
                folder = folder_of(job, work, language, Selection(1, 1))
            (folder or work).mkdir(parents=True, exist_ok=True)
            counting[language.code] = _Counting(job.reader(language), path, folder)
    _count_all(counting.values(), workers, progress)
    return {code: known or _total(counting[code]) for code, known in counts.items()}


def _count_all(counting: Iterable[_Counting], workers: Workers, progress: bool) -> None:
    """Count every stretch, here too as long as no worker has begun it: they take a while."""
    from tqdm import tqdm

    todo = [(one, stretch) for one in counting for stretch in one.reader.stretches]
    disable = not progress or not todo
    with tqdm(total=len(todo), unit=" files", desc="count", disable=disable) as bar:
        for one, stretch in todo:
            here = not workers.begun()
            submit = workers.at_once if here else workers.submit
            one.counts[stretch] = submit(_count, *one.work(stretch))
            one.counts[stretch].add_done_callback(lambda _: bar.update())
        for one, stretch in todo:
            if one.counts[stretch].cancel():
                one.counts[stretch] = workers.at_once(_count, *one.work(stretch))
        for one, stretch in todo:
            workers.result_of(one.counts[stretch])


def _known(path: Path) -> Available | None:
    """Read a count that is kept; None where there is none, or it was damaged."""
    try:
        marker = read_object(path)
    except DataError:
        return None
    digest = marker.pop("digest", None)
    return Available(**marker) if digest == marker_digest(marker) else None


def _count(reader: StretchReader, stretch: range, place: Path, folder: Path | None) -> Available:
    """Count a stretch, and keep its count: a build that goes on reads none again."""
    found = _known(place)
    if found is None:
        found = reader.count(stretch) if folder is None else reader.keep_all(stretch, folder)
        _keep(place, found)
    return found


def _total(one: _Counting) -> Available:
    """Give the count of a language, and keep it in place of those of its stretches."""
    found = [count.result() for count in one.counts.values()]
    total = Available(
        sum(count.sentences for count in found),
        sum(count.documents or 0 for count in found) if one.reader.splitter else None,
        sum(count.cut for count in found),
    )
    _keep(one.path, total)
    for of_stretch in one.path.parent.glob(f"{one.path.stem}-*.json"):
        of_stretch.unlink(missing_ok=True)
    return total


def _keep(path: Path, count: Available) -> None:
    marker = count._asdict()
    write_json(path, {**marker, "digest": marker_digest(marker)})


def announce(
    job: Job, runs: Sequence[LanguageRun], out: Path, num_proc: int, say: Callable[[str], None]
) -> None:
    """Print what the build will take before it starts.

    Args:
        job: What is built.
        runs: The plan.
        out: Dataset folder; made when it is not there.
        num_proc: Processes.
        say: Prints a line.

    Raises:
        DataError: The disk is too small.
    """
    rows = sum(run.expected for run in runs)
    todo = sum(run.expected for run in runs if not run.selected_all)
    # Shards and the dataset made from them lie there at the same time.
    need = 2 * rows * _BYTES_PER_PAIR
    out.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(out).free
    rate = _RATES.get("identity" if job.ready else job.romaniser)
    guess = (
        f"about {_duration(todo / (rate * num_proc))} at {rate:,} sentences/s per process"
        if rate
        else "time unknown for this romaniser"
    )
    say(
        f"{job.group.name} from {job.source.signature()}: {rows:,} sentences of {len(runs)} "
        f"languages, {todo:,} to do, {guess}, processes: {num_proc}; "
        f"about {need / 1e6:,.0f} MB of disk, {free / 1e9:,.0f} GB free"
    )
    less = [
        f"{run.counts.code} {run.expected:,} of {run.counts.selection.available:,}"
        for run in runs
        if run.expected < run.counts.selection.available
    ]
    if less:
        sampling = job.sampling
        cap = "" if sampling.cap is None else f", cap {sampling.cap:,}"
        say(
            f"not all rows are taken: {', '.join(less)} (fraction {sampling.fraction:g}, floor "
            f"{sampling.floor:,}{cap}); --fraction 1 without a cap takes all"
        )
    if need > free:
        raise DataError(
            f"the build needs about {need / 1e9:.1f} GB at {out}, {free / 1e9:.1f} GB are free; "
            "choose another --out, a smaller --fraction or a --cap"
        )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
