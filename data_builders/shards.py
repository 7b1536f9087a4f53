"""The resumable stage: chunks of selected sentences in, romanised Parquet shards out.

A shard is written aside and moved into place, and carries in its footer the digest of the rows it
was made from: a shard that is there and matches is finished, whatever happened to the build.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from data_builders.errors import DataError
from data_builders.filters import dominant_script, normalise
from data_builders.sampling import TextHash
from data_builders.schema import PLACE, ROW, VALIDATION, arrow_schema
from data_builders.transliterators import LOADED, Transliterator, get_transliterator
from data_builders.transliterators.base import RomanisationStats, romanise_each

__all__ = ["Chunk", "ShardResult", "ShardWriter", "finished_shard", "shard_path", "write_shard"]

_FOOTER = b"translit_ppa"
_QUEUE_PER_WORKER = 4

SelectedRow = tuple[str, "str | None", str, int]
"""Normalised text, ready romanisation or None, origin, row in the source."""


@dataclass(frozen=True)
class Chunk:
    """Some selected sentences of one language, and where their shard goes.

    Attributes:
        folder: folder of the language's shards.
        index: number of the shard.
        code: language code.
        rows: the sentences.
        romaniser: specification for ``get_transliterator``.
        language_code: whether the romaniser gets the language code.
        seed: of the split into train and validation.
    """

    folder: Path
    index: int
    code: str
    rows: tuple[SelectedRow, ...]
    romaniser: str
    language_code: bool
    seed: int

    @property
    def digest(self) -> str:
        """SHA-256 of the rows."""
        return hashlib.sha256(json.dumps(self.rows).encode()).hexdigest()


@dataclass
class ShardResult:
    """What came of a chunk.

    Attributes:
        code: language code.
        selected: sentences that went in.
        dropped: sentences lost on the way, by reason.
        stats: what the romaniser did to those that came out.
        looked_up: how often the romaniser consulted its memo.
        missed: how often in vain.
    """

    code: str
    selected: int
    dropped: Counter[str]
    stats: RomanisationStats
    looked_up: int = 0
    missed: int = 0


def shard_path(folder: Path, index: int) -> Path:
    """Names the file of a shard.

    Args:
        folder: folder of the language's shards.
        index: number of the shard.

    Returns:
        The path.
    """
    return folder / f"pairs-{index:06d}.parquet"


@cache
def _romaniser(spec: str, language_code: bool) -> Transliterator:
    return get_transliterator(spec, language_code=language_code)


def finished_shard(chunk: Chunk) -> ShardResult | None:
    """Reads what is known of a shard that an earlier run finished.

    Args:
        chunk: the chunk it should have been made from.

    Returns:
        The result, or None when there is no such shard or it was made from other rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = shard_path(chunk.folder, chunk.index)
    if not path.exists():
        return None
    try:
        footer = (pq.read_schema(path).metadata or {}).get(_FOOTER)
    except pa.ArrowInvalid:
        return None
    known = json.loads(footer) if footer else {}
    if known.get("digest") != chunk.digest:
        return None
    stats = RomanisationStats(known["sentences"], known["identical"], Counter(known["unmapped"]))
    return ShardResult(chunk.code, known["selected"], Counter(known["dropped"]), stats)


def write_shard(chunk: Chunk) -> ShardResult:
    """Romanises a chunk and writes its shard.

    Args:
        chunk: selected sentences.

    Returns:
        What came of them.

    Raises:
        DataError: the romaniser failed, or the disk is full.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    missing = [row[0] for row in chunk.rows if row[1] is None]
    code = None if chunk.code.startswith("mul_") else chunk.code
    romaniser = _romaniser(chunk.romaniser, chunk.language_code) if missing else None
    counts_before = _memo_counts(romaniser)
    fresh = iter(romanise_each(romaniser, missing, code) if romaniser else ())
    lang, script = chunk.code.split("_")
    place_of = TextHash(chunk.seed, VALIDATION)
    dropped: Counter[str] = Counter()
    rows = []
    for text, latin, origin, number in chunk.rows:
        latin = next(fresh) if latin is None else normalise(latin)
        if latin is None:
            # uroman raises on some real text, such as impossible fractions.
            dropped["not_romanised"] += 1
        elif not latin.strip():
            dropped["empty_transliteration"] += 1
        else:
            own = dominant_script(text) if script == "Zyyy" else script
            rows.append((text, latin, lang, own, origin, number, place_of.number(text)))
    stats = RomanisationStats()
    stats.add([row[0] for row in rows], [row[1] for row in rows])
    footer = {
        "digest": chunk.digest,
        "selected": len(chunk.rows),
        "dropped": dropped,
        "sentences": stats.sentences,
        "identical": stats.identical,
        "unmapped": stats.unmapped,
    }
    schema = arrow_schema().append(pa.field(ROW, pa.int64())).append(pa.field(PLACE, pa.uint64()))
    schema = schema.with_metadata({_FOOTER: json.dumps(footer).encode()})
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    path = shard_path(chunk.folder, chunk.index)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        cells = [pa.array(*column) for column in zip(columns, schema.types, strict=True)]
        table = pa.table(cells, schema=schema)
        pq.write_table(table, aside, compression="zstd")
        os.replace(aside, path)
    except (OSError, pa.ArrowException, UnicodeEncodeError) as error:
        aside.unlink(missing_ok=True)
        raise DataError(f"cannot write {path.name}: {error}") from error
    looked_up, missed = (
        now - before for now, before in zip(_memo_counts(romaniser), counts_before, strict=True)
    )
    return ShardResult(chunk.code, len(chunk.rows), dropped, stats, looked_up, missed)


def _memo_counts(romaniser: Transliterator | None) -> tuple[int, int]:
    """Asks a romaniser that keeps a memo; the contract does not ask for one."""
    counts: Callable[[], tuple[int, int]] | None = getattr(romaniser, "memo_counts", None)
    return counts() if counts else (0, 0)


def _start_worker() -> None:
    """Leaves Ctrl-C to the parent, and ends with it: an orphan would wait for work for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


Report = Callable[[ShardResult, bool], None]
"""Called with a result, and True when an earlier run had finished the shard."""


class ShardWriter:
    """Writes shards in this process or in several, and skips those that are finished.

    Args:
        num_proc: worker processes; 1 works in this process.
        romaniser: specification for ``get_transliterator`` of what they will need, None for none.
    """

    def __init__(self, num_proc: int, romaniser: str | None) -> None:
        self._workers = num_proc
        self._pending: dict[Future[ShardResult], Report] = {}
        self._pool: ProcessPoolExecutor | None = None
        self._starter: threading.Thread | None = None
        if num_proc > 1:
            self._pool = ProcessPoolExecutor(
                num_proc, mp_context=_context(romaniser), initializer=_start_worker
            )

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def warm_up(self) -> None:
        """Lets the romaniser load while the caller still counts sentences."""
        if self._pool and not self._starter:
            # In a thread, because it waits for the first worker; Ctrl-C only reaches the caller,
            # and the pool ends in order.
            self._starter = threading.Thread(target=self._pool.submit, args=(os.getpid,))
            self._starter.start()

    def submit(self, chunk: Chunk, report: Report) -> None:
        """Takes a chunk; blocks while too many are under way.

        Args:
            chunk: selected sentences.
            report: called, perhaps later, with the result.

        Raises:
            DataError: a shard could not be written.
        """
        known = finished_shard(chunk)
        if known is not None:
            report(known, True)
        elif self._pool is None:
            report(write_shard(chunk), False)
        else:
            self.warm_up()
            assert self._starter
            self._starter.join()
            try:
                self._pending[self._pool.submit(write_shard, chunk)] = report
            except BrokenProcessPool as error:
                raise _died() from error
            self._collect(self._workers * _QUEUE_PER_WORKER)

    def finish(self) -> None:
        """Waits for every shard under way.

        Raises:
            DataError: a shard could not be written.
        """
        self._collect(0)

    def _collect(self, limit: int) -> None:
        done = {future for future in self._pending if future.done()}
        while done or len(self._pending) > limit:
            if not done:
                done, _ = wait(self._pending, return_when=FIRST_COMPLETED)
            for future in done:
                report = self._pending.pop(future)
                try:
                    report(future.result(), False)
                except BrokenProcessPool as error:
                    raise _died() from error
            done = set()


def _context(romaniser: str | None) -> BaseContext:
    """Chooses how workers start.

    Not by a fork of this process: the caller may hold threads (Arrow, torch) that it would break.
    Where the system can fork at all, a fresh server does, which has loaded the romaniser before.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    if romaniser in LOADED:
        context.set_forkserver_preload([LOADED[romaniser]])
    return context


def _died() -> DataError:
    return DataError(
        "a worker process ended before its time (often: out of memory). Finished shards are "
        "kept: give the same command again, perhaps with a smaller --num-proc. A script that "
        "calls build_pairs with num_proc > 1 needs `if __name__ == '__main__':`"
    )
