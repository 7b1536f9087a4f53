"""Building pairs in one process and in one per core: the whole command, and romanising alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial

from speed.settings import NotMeasured, Settings
from speed.text import GROUPS, sentences
from speed.timing import Comparison, alternate, take_turns
from translit_ppa.data_builders import load_group
from translit_ppa.data_builders.build.shard_writer import ShardWriter
from translit_ppa.data_builders.build.shards import Chunk, shard_path
from translit_ppa.data_builders.processes import Workers
from translit_ppa.data_builders.sentences.sampling import SelectedRow
from translit_ppa.data_builders.transliterators import loaded_by
from translit_ppa.data_builders.transliterators.uroman.romaniser import UromanTransliterator

_ROWS = 1000


def measure_processes(settings: Settings) -> list[dict[str, object]]:
    """Time a build in one process and in one per core, and its resumable stage alone.

    Returns:
        Two rows of wall time: the whole command, start-up included, and romanising and writing
        chosen sentences once uroman is loaded.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    if cores < 2:
        raise NotMeasured("skipped: this machine has one core")
    return [_whole(settings, cores), _stage(settings, cores)]


def _whole(settings: Settings, cores: int) -> dict[str, object]:
    most = 20 if settings.quick else 20_000
    source = settings.text.open(most)
    groups = [load_group(name) for name in GROUPS]
    group = max(groups, key=lambda group: sum(map(source.covers, group.languages)))
    out = settings.folder / "pairs"
    words = ["build", "--group", group.name, "--out", str(out), "--fraction", "1"]
    words += ["--cap", str(most), "--quiet", *settings.text.words()]

    def build(num_proc: int) -> None:
        shutil.rmtree(out, ignore_errors=True)
        command = [sys.executable, "-m", "data_builders", *words, "--num-proc", str(num_proc)]
        subprocess.run(command, check=True)

    ways = {number: partial(build, number) for number in (1, cores)}
    found = alternate(ways, settings.rounds, clock=time.perf_counter)
    record = json.loads((out / group.name / "build_record.json").read_text(encoding="utf-8"))
    what = f"build pairs of {group.name} in 1 process and in {cores}"
    note = f"both ours; {sum(record['splits'].values()):,} pairs, wall time of the whole command"
    return Comparison(found[1], found[cores]).row(what, "s", note=note)


def _stage(settings: Settings, cores: int) -> dict[str, object]:
    chunks = _chunks(settings, 50 if settings.quick else 100_000)
    ways = {number: partial(_write, chunks, number) for number in (1, cores)}
    found = take_turns(ways, settings.rounds)
    what = f"romanise and write chosen sentences in 1 process and in {cores}"
    total = sum(len(chunk.rows) for chunk in chunks)
    note = f"both ours; {total:,} distinct sentences, wall time once uroman is loaded"
    return Comparison(found[1], found[cores]).row(what, "s", note=note)


def _chunks(settings: Settings, count: int) -> list[Chunk]:
    """Cut sentences, language by language, into what becomes one shard each."""
    by_language: dict[str, list[SelectedRow]] = {}
    for number, (code, text) in enumerate(sentences(settings.text, count)):
        by_language.setdefault(code, []).append(SelectedRow(text, None, "", number, None, None))
    parts = [
        (code, tuple(rows[start : start + _ROWS]))
        for code, rows in by_language.items()
        for start in range(0, len(rows), _ROWS)
    ]
    folder = settings.folder / "shards"
    return [
        Chunk(folder, number, code, rows, "uroman", language_code=False, seed=0)
        for number, (code, rows) in enumerate(parts)
    ]


def _write(chunks: list[Chunk], num_proc: int) -> float:
    """Write shards as a build does.

    Returns:
        Wall seconds, from when a shard of one sentence is written.
    """
    folder = chunks[0].folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    UromanTransliterator().forget()
    with Workers(num_proc, [str(loaded_by("uroman"))]) as workers:
        writer = ShardWriter(workers)
        writer.submit(
            replace(chunks[0], index=len(chunks), rows=chunks[0].rows[:1]), lambda *_: None
        )
        writer.finish()
        begun = time.perf_counter()
        for chunk in chunks:
            writer.submit(chunk, lambda *_: None)
        writer.finish()
        seconds = time.perf_counter() - begun
    if not all(shard_path(folder, chunk.index).is_file() for chunk in chunks):
        raise AssertionError("a shard was not written")
    return seconds
