"""Counts what a source has, and says what a build will take: sentences, time, disk."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from ..errors import DataError
from ..json_file import read_object
from ..processes import Workers
from .build_record import write_json
from .job import Job
from .stretches import Available, StretchReader
from .work import LanguageRun, marker_digest

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


def count_available(
    job: Job, work: Path, say: Callable[[str], None], workers: Workers
) -> dict[str, Available]:
    """Count what the source has.

    A count that needs a pass over all rows is kept: a build that goes on does not read them again.

    Args:
        job: What is built.
        work: Folder of the group's work.
        say: Prints a line.
        workers: Who counts.

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
            work.mkdir(parents=True, exist_ok=True)
            reader = job.reader(language)
            counting[language.code] = _Counting(reader, path, workers, job.streams)
    for one in counting.values():
        one.help()
    return {code: known or counting[code].total() for code, known in counts.items()}


def _of_stretch(path: Path, stretch: range) -> Path:
    return path.with_name(f"{path.stem}-{stretch.start:06}.json")


def _known(path: Path) -> Available | None:
    """Read a count that is kept; None where there is none, or it was damaged."""
    try:
        marker = read_object(path)
    except DataError:
        return None
    digest = marker.pop("digest", None)
    return Available(**marker) if digest == marker_digest(marker) else None


class _Counting:
    """Counts a language, stretch by stretch.

    Args:
        reader: Reads it.
        path: Where its count is kept.
        workers: They count too.
        keep: Whether the count of each stretch is kept: of what is fetched, none is read again.
    """

    def __init__(self, reader: StretchReader, path: Path, workers: Workers, keep: bool) -> None:
        self._reader, self._path, self._workers = reader, path, workers
        kept = {stretch: _of_stretch(path, stretch) for stretch in reader.stretches}
        self._known = {stretch: _known(of_stretch) for stretch, of_stretch in kept.items()}
        self._places = {stretch: kept[stretch] if keep else None for stretch in kept}
        self._ahead: dict[range, Future[Available]] = {}
        if workers.count > 1:
            self._ahead = {
                stretch: workers.submit(_count, reader, stretch, self._places[stretch])
                for stretch, known in self._known.items()
                if known is None
            }

    def help(self) -> None:
        """Count here what no worker has begun: they take a while to start."""
        for stretch, one in self._ahead.items():
            if one.cancel():
                self._known[stretch] = _count(self._reader, stretch, self._places[stretch])

    def total(self) -> Available:
        """Give the count of the language, and keep it."""
        documents = 0
        sentences = cut = 0
        for stretch, known in self._known.items():
            found = known
            if found is None and stretch in self._ahead:
                found = self._workers.result_of(self._ahead[stretch])
            elif found is None:
                found = _count(self._reader, stretch, self._places[stretch])
            documents += found.documents or 0
            sentences, cut = sentences + found.sentences, cut + found.cut
        total = Available(sentences, documents if self._reader.splitter else None, cut)
        _keep(self._path, total)
        for of_stretch in self._path.parent.glob(f"{self._path.stem}-*.json"):
            of_stretch.unlink(missing_ok=True)
        return total


def _count(reader: StretchReader, stretch: range, place: Path | None) -> Available:
    found = reader.count(stretch)
    if place is not None:
        _keep(place, found)
    return found


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
