"""Retrieval benchmarks, one file each: ``cldr``, ``srb``, ``tatoeba``, ``parallel:DIR``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data_builders.benchmarks.base import Benchmark, ParallelPair
from data_builders.benchmarks.cldr import CldrNames
from data_builders.benchmarks.parallel import ParallelFolder
from data_builders.benchmarks.srb import SRB
from data_builders.benchmarks.tatoeba import Tatoeba
from data_builders.errors import DataError

__all__ = ["BENCHMARKS", "Benchmark", "ParallelPair", "get_benchmark"]

BENCHMARKS: dict[str, Callable[[str | Path | None], Benchmark]] = {
    "cldr": lambda directory: CldrNames(),
    "srb": SRB,
    "tatoeba": Tatoeba,
    "parallel": ParallelFolder,
}
"""Name on the command line -> what makes the benchmark from a folder (or None)."""


def get_benchmark(spec: str, *, directory: str | Path | None = None) -> Benchmark:
    """Opens a benchmark.

    Args:
        spec: ``cldr``, ``srb``, ``tatoeba`` or ``parallel:DIR``; ``srb:DIR`` and ``tatoeba:DIR``
            are the same as ``srb`` and ``tatoeba`` with ``directory``.
        directory: folder with the benchmark's files, where it reads files.

    Returns:
        The benchmark; its files are read on first use.

    Raises:
        DataError: unknown name, two different folders, or the folder holds no such files.
    """
    name, _, folder = spec.partition(":")
    if name not in BENCHMARKS:
        raise DataError(f"unknown benchmark {spec!r}; legal: cldr, srb, tatoeba, parallel:DIR")
    if name == "cldr" and (folder or directory):
        raise DataError(
            f"cldr comes with Babel and reads no folder; {folder or directory} was given"
        )
    if folder and directory is not None and Path(folder) != Path(directory):
        raise DataError(f"{spec!r} names one folder and directory={directory} another; give one")
    return BENCHMARKS[name](folder or directory)
