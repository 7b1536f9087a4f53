"""Benchmarks, one file each, with a form that they fill in.

`cldr`, `flores`, `bouquet`, `ntrex`, `xnli`, `belebele`, `srb`, `tatoeba`, `parallel:DIR` are
retrieval; `sib200`, `taxi1500`, `ner`, `pos` have labels to fine-tune on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..notices import tell_passed_over
from ..sentences.filters import SentenceFilter, normalise
from ..sentences.forms import fold_forms
from .base import Benchmark, ParallelPair
from .belebele import Belebele
from .cldr import CldrNames
from .labelled.base import ClassificationBenchmark, TaggingBenchmark
from .labelled.ner import NER
from .labelled.pos import POS
from .labelled.sib200 import SIB200
from .labelled.taxi1500 import Taxi1500
from .ntrex import NTREX
from .parallel import ParallelFolder
from .srb import SRB
from .tatoeba import Tatoeba
from .translated import XNLI, BOUQuET, FLORESPlus

__all__ = [
    "BENCHMARKS",
    "LABELLED",
    "Benchmark",
    "ParallelPair",
    "all_texts",
    "get_benchmark",
    "get_labelled_benchmark",
    "open_benchmark",
]

BENCHMARKS: dict[str, Callable[[str | Path | None], Benchmark]] = {
    "cldr": lambda directory: CldrNames(),
    "flores": FLORESPlus,
    "bouquet": BOUQuET,
    "ntrex": NTREX,
    "xnli": XNLI,
    "belebele": Belebele,
    "srb": SRB,
    "tatoeba": Tatoeba,
    "parallel": ParallelFolder,
}
"""Name on the command line -> what makes the retrieval benchmark from a folder (or None)."""

LABELLED: dict[str, Callable[[str | Path | None], ClassificationBenchmark | TaggingBenchmark]] = {
    "sib200": SIB200,
    "taxi1500": Taxi1500,
    "ner": NER,
    "pos": POS,
}
"""The same for the benchmarks that models are fine-tuned for."""

_LEGAL = ", ".join((*(name for name in BENCHMARKS if name != "parallel"), "parallel:DIR"))


def get_benchmark(spec: str, *, directory: str | Path | None = None) -> Benchmark:
    """Open a retrieval benchmark.

    Args:
        spec: A name of `BENCHMARKS`; `srb:DIR` and so on are the same as `srb` with `directory`.
        directory: Folder with the benchmark's files, where it reads files.

    Returns:
        The benchmark; its files are read on first use.

    Raises:
        DataError: Unknown name, two different folders, or the folder holds no such files.
    """
    name, folder = _name_and_folder(spec, directory)
    if name not in BENCHMARKS:
        labelled = ", ".join(LABELLED)
        raise DataError(
            f"unknown benchmark {spec!r}; legal: {_LEGAL} for retrieval, and {labelled} "
            "for `translit-ppa eval`, which fine-tunes"
        )
    if name == "cldr" and folder:
        raise DataError(f"cldr comes with Babel and reads no folder; {folder} was given")
    benchmark = BENCHMARKS[name](folder)
    tell_passed_over(spec, benchmark.passed_over)
    return benchmark


def get_labelled_benchmark(
    spec: str,
    *,
    directory: str | Path | None = None,
    label_map: Mapping[str, str] | None = None,
) -> ClassificationBenchmark | TaggingBenchmark:
    """Open a benchmark with labels.

    Args:
        spec: `sib200`, `taxi1500`, `ner` or `pos`, alone or with `:DIR`.
        directory: Folder with the benchmark's files; None loads from the Hub where it is there.
        label_map: For `ner`: kinds of entities that it does not know, and what they become:
            `PER`, `ORG`, `LOC`, or `O` for none.

    Returns:
        The benchmark; its files are read on first use.

    Raises:
        DataError: Unknown name, two different folders, or the folder holds no such files.
    """
    name, folder = _name_and_folder(spec, directory)
    if name not in LABELLED:
        raise DataError(f"unknown benchmark {spec!r}; legal: {', '.join(LABELLED)}")
    mapped = label_map and name == "ner"
    benchmark = NER(folder, label_map) if mapped else LABELLED[name](folder)
    tell_passed_over(spec, benchmark.passed_over)
    return benchmark


def open_benchmark(spec: str) -> Benchmark | ClassificationBenchmark | TaggingBenchmark:
    """Open any benchmark, with or without labels.

    Args:
        spec: A name of `BENCHMARKS` or `LABELLED`, alone or with `:DIR`.

    Returns:
        The benchmark.

    Raises:
        DataError: Unknown name, or the folder holds no such files.
    """
    name = spec.partition(":")[0]
    if name in LABELLED:
        return get_labelled_benchmark(spec)
    if name in BENCHMARKS:
        return get_benchmark(spec)
    raise DataError(f"unknown benchmark {spec!r}; legal: {_LEGAL}, {', '.join(LABELLED)}")


def _name_and_folder(spec: str, directory: str | Path | None) -> tuple[str, str | Path | None]:
    name, _, folder = spec.partition(":")
    if folder and directory is not None and Path(folder) != Path(directory):
        raise DataError(f"{spec!r} names one folder and directory={directory} another; give one")
    return name, folder or directory


def all_texts(benchmarks: Sequence[Any], fold: bool) -> tuple[frozenset[str], tuple[str, ...]]:
    """Collect every sentence of benchmarks, in all their languages and splits.

    Args:
        benchmarks: Benchmarks, or their names.
        fold: Whether other forms of letters are folded, as they are in the pairs then.

    Returns:
        The sentences in the form in which a `SentenceFilter` compares, and the signatures.

    Raises:
        DataError: Unknown name, or a folder holds no such files.
    """
    opened = [open_benchmark(item) if isinstance(item, str) else item for item in benchmarks]
    texts = frozenset(
        SentenceFilter.fold(
            fold_forms(normalise(text), language.partition("_")[0])[0] if fold else text
        )
        for benchmark in opened
        for split in benchmark.splits
        for language in benchmark.languages()
        for text in benchmark.texts(language, split)
    )
    return texts, tuple(benchmark.signature() for benchmark in opened)
