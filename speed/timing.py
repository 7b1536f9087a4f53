"""Time several ways of doing one thing so that the machine's moods hit all of them alike.

CPU time of this process, a fixed number of threads, one warm-up each, then rounds in which every
way runs once; every other round runs them in reverse order.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Name = TypeVar("Name")


@dataclass(frozen=True)
class Comparison:
    """Samples of two ways, round by round.

    Attributes:
        authors: CPU seconds of the authors' way per round.
        ours: CPU seconds of ours per round.
    """

    authors: list[float]
    ours: list[float]

    @property
    def ratios(self) -> list[float]:
        """How many times faster ours was, per round."""
        return [a / b for a, b in zip(self.authors, self.ours, strict=True)]

    def row(
        self, what: str, unit: str = "s", scale: float = 1.0, note: str = ""
    ) -> dict[str, object]:
        """Return one line of a record.

        Args:
            what: What was timed.
            unit: Unit of the two medians.
            scale: Multiplies seconds into that unit.
            note: What a reader must know to read the figures.
        """
        return {
            "what": what,
            "unit": unit,
            "authors": statistics.median(self.authors) * scale,
            "ours": statistics.median(self.ours) * scale,
            "ratio": statistics.median(self.authors) / statistics.median(self.ours),
            "low": min(self.ratios),
            "high": max(self.ratios),
            "rounds": len(self.ours),
            "note": note,
        }


def single(what: str, unit: str, authors: float, ours: float, note: str = "") -> dict[str, object]:
    """Return a line for something that has no spread, such as a size on disk."""
    ratio = authors / ours
    return {
        "what": what,
        "unit": unit,
        "authors": authors,
        "ours": ours,
        "ratio": ratio,
        "low": ratio,
        "high": ratio,
        "rounds": 1,
        "note": note,
    }


def alternate(
    ways: Mapping[Name, Callable[[], object]],
    rounds: int,
    repeat: int = 1,
    clock: Callable[[], float] = time.process_time,
) -> dict[Name, list[float]]:
    """Time every way once per round, see `take_turns`.

    Args:
        ways: Name -> the work.
        rounds: Timed rounds, after one that is not timed.
        repeat: Calls within one timing, for work of microseconds.
        clock: CPU time of the process by default.

    Returns:
        Seconds per call and round, for each way.
    """

    def timed(work: Callable[[], object]) -> Callable[[], float]:
        def seconds() -> float:
            gc.collect()
            begun = clock()
            for _ in range(repeat):
                work()
            return (clock() - begun) / repeat

        return seconds

    return take_turns({name: timed(work) for name, work in ways.items()}, rounds)


def take_turns(ways: Mapping[Name, Callable[[], float]], rounds: int) -> dict[Name, list[float]]:
    """Measure every way once per round, in an order that is reversed from round to round.

    Args:
        ways: Name -> what measures it.
        rounds: Rounds, after one that does not count.

    Returns:
        A figure per round, for each way.
    """
    samples: dict[Name, list[float]] = {name: [] for name in ways}
    for measure in ways.values():
        measure()
    for number in range(rounds):
        for name in list(ways)[:: 1 if number % 2 == 0 else -1]:
            samples[name].append(ways[name]())
    return samples


def compare(
    authors: Callable[[], object], ours: Callable[[], object], rounds: int, repeat: int = 1
) -> Comparison:
    """Alternate the authors' way and ours."""
    samples = alternate({"authors": authors, "ours": ours}, rounds, repeat)
    return Comparison(samples["authors"], samples["ours"])


def processor_name() -> str:
    """Return the processor's name and the arithmetic that matters here."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    found = {name.strip(): value.strip() for name, value in facts.items()}
    flags = set(found.get("flags", "").split()) & {"avx2", "avx512f", "avx512_bf16", "amx_bf16"}
    return " ".join([found.get("model name", "unknown"), *sorted(flags)])
