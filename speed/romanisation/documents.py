"""Documents to Parquet, end to end: read, split, filtered, romanised, in 1 process and in 2."""

from __future__ import annotations

import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from speed.settings import NotMeasured, Settings
from speed.text import sentences_by_language
from speed.timing import Comparison, alternate

_FILES = 8
_LINES = 30
"""Of a document; those of web corpora have some 4,000 characters."""


def measure_documents(settings: Settings) -> list[dict[str, object]]:
    """Time whole builds from documents in Parquet files, by the local engine.

    Returns:
        A row of wall time, start-up included; its note has pairs and megabytes a second.
    """
    corpus, size = write_documents(settings)
    return [_row(settings, corpus, size, "local", "--num-proc")]


def measure_documents_staged(settings: Settings) -> list[dict[str, object]]:
    """Time the same builds on datatrove, in as many tasks as a language has files.

    Returns:
        A row of wall time, start-up included; its note has pairs and megabytes a second.

    Raises:
        NotMeasured: datatrove is not installed.
    """
    if importlib.util.find_spec("datatrove") is None:
        raise NotMeasured("skipped: not installed, pip install 'translit-ppa[scale]'")
    corpus, size = write_documents(settings)
    words = ("--engine", "datatrove", "--tasks", str(_FILES))
    return [_row(settings, corpus, size, "datatrove", "--workers", words)]


def write_documents(settings: Settings) -> tuple[Path, int]:
    """Write documents of lines of each language, in several files.

    Returns:
        The folder, and the bytes of its text.
    """
    count = 60 if settings.quick else 40_000
    folder = settings.folder / "documents"
    shutil.rmtree(folder, ignore_errors=True)
    size = 0
    found = sentences_by_language(settings.text, count)
    for code, lines in found.items():
        texts = ["\n".join(lines[at : at + _LINES]) for at in range(0, len(lines), _LINES)]
        size += sum(len(text.encode()) for text in texts)
        (folder / code).mkdir(parents=True)
        for number in range(_FILES):
            table = pa.table({"text": pa.array(texts[number::_FILES], pa.string())})
            pq.write_table(table, folder / code / f"{number}.parquet", compression="zstd")
    (folder / "documents.tsv").write_text("code\n" + "\n".join(found) + "\n", encoding="utf-8")
    return folder, size


def _row(
    settings: Settings,
    corpus: Path,
    size: int,
    engine: str,
    option: str,
    more: tuple[str, ...] = (),
) -> dict[str, object]:
    out = settings.folder / "documents-out"
    words = ["build", "--group", str(corpus / "documents.tsv"), "--source", f"files:{corpus}"]
    words += ["--split-sentences", "yes", "--fraction", "1", "--out", str(out), "--quiet", *more]

    def build(processes: int) -> None:
        shutil.rmtree(out, ignore_errors=True)
        command = [sys.executable, "-m", "translit_ppa.command_line", *words]
        subprocess.run([*command, option, str(processes)], check=True)

    ways = {number: partial(build, number) for number in (1, 2)}
    found = alternate(ways, settings.rounds, clock=time.perf_counter)
    record = json.loads((out / "documents/build_record.json").read_text(encoding="utf-8"))
    pairs = sum(record["splits"].values())
    what = f"documents to Parquet, engine {engine}, in 1 process and in 2"
    return Comparison(found[1], found[2]).row(what, "s", note=_told(found, pairs, size))


def _told(found: Mapping[int, list[float]], pairs: int, size: int) -> str:
    rates = (
        f"in {number}: {pairs / seconds:,.0f} pairs/s, {size / seconds / 1e6:.2f} MB/s"
        for number, samples in found.items()
        for seconds in [statistics.median(samples)]
    )
    told = f"both ours; {pairs:,} pairs of {size / 1e6:.1f} MB of text, wall time of the whole "
    return f"{told}command; {'; '.join(rates)}"
