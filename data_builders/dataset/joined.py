"""Joins finished shards into splits, every shard read once; digest and side files come beside.

A shard's rows of train go on at once; those of validation wait in a scratch file for their turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ..schema import COLUMNS, PLACE, TRAIN, VALIDATION, WHERE
from .row_digest import RowDigest
from .row_index import RowIndexWriter
from .splits import LanguageShards, kept_rows, read_columns

__all__ = ["Joined", "Stopped"]

_TABLE_ROWS = 10_000
_READ_AHEAD = 4
_WAITING = "validation.arrow"


class Stopped(Exception):
    """Nobody wants the rows any more."""


class Joined:
    """The rows of a group, in the order of its shards.

    Args:
        languages: Finished shards, in the order of the rows; they may come while others are made.
        folder: For scratch and side files; made when it is not there.

    Attributes:
        side_files: What `tables` wrote besides.
    """

    def __init__(self, languages: Iterable[LanguageShards], folder: Path) -> None:
        self.side_files: list[Path] = []
        self._languages = iter(languages)
        self._folder = folder
        self._state = RowDigest()
        self._stopped = False

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits, train first; asks languages until one has validation rows."""
        asked = []
        for language in self._languages:
            asked.append(language)
            if language.limit is not None:
                break
        held_out = any(language.limit is not None for language in asked)
        self._languages = chain(asked, self._languages)
        return (TRAIN, VALIDATION) if held_out else (TRAIN,)

    def stop(self) -> None:
        """Let whoever asks for tables end at once, by `Stopped`."""
        self._stopped = True

    @property
    def digest(self) -> str:
        """SHA-256 of the rows given so far, as `digest_rows` finds it in the files."""
        return self._state.hexdigest()

    def tables(self, split: str) -> Iterator[pa.Table]:
        """Give the rows of a split; once, and in the order of `splits`.

        Args:
            split: One of them.

        Yields:
            Tables of 10,000 rows, the last one of fewer: the files made of them are the same byte
            for byte, whatever the size of the shards.

        Raises:
            DamagedShard: A shard is not what was written.
            Stopped: `stop` was called.
        """
        self._folder.mkdir(exist_ok=True)
        rows = self._train() if split == TRAIN else self._validation()
        writer = RowIndexWriter(self._folder, split)
        # One table at a time is noted while the next is read: neither needs Python for long.
        with writer, ThreadPoolExecutor(1) as beside:
            noted: Future[None] | None = None
            for table in _even(rows):
                if self._stopped:
                    raise Stopped
                if noted is not None:
                    noted.result()
                noted = beside.submit(self._note, writer, table)
                yield table.select(list(COLUMNS))
            if noted is not None:
                noted.result()
        self.side_files.append(writer.path)

    def _note(self, writer: RowIndexWriter, table: pa.Table) -> None:
        writer.add(table.select(list(WHERE)))
        self._state.add(table.select(list(COLUMNS)))

    def _train(self) -> Iterator[pa.Table]:
        waiting: pa.ipc.RecordBatchFileWriter | None = None
        try:
            for language, read in self._read():
                table = kept_rows(read, language.dropped)
                if language.limit is not None:
                    limit = pa.scalar(language.limit, pa.uint64())
                    held = table.filter(pc.less_equal(table[PLACE], limit))
                    table = table.filter(pc.greater(table[PLACE], limit))
                    if held.num_rows:
                        path = str(self._folder / _WAITING)
                        waiting = waiting or pa.ipc.new_file(path, held.schema)
                        waiting.write_table(held)
                yield table.drop_columns([PLACE])
        finally:
            if waiting is not None:
                waiting.close()

    def _read(self) -> Iterator[tuple[LanguageShards, pa.Table]]:
        """Read the shards, the next ones while one is written."""
        columns = [*COLUMNS, *WHERE, PLACE]
        ahead: deque[tuple[LanguageShards, Future[pa.Table]]] = deque()
        with ThreadPoolExecutor(1) as reader:
            for language in self._languages:
                for path in language.paths:
                    ahead.append((language, reader.submit(read_columns, path, columns)))
                    if len(ahead) > _READ_AHEAD:
                        yield _taken(*ahead.popleft())
            while ahead:
                yield _taken(*ahead.popleft())

    def _validation(self) -> Iterator[pa.Table]:
        with pa.memory_map(str(self._folder / _WAITING)) as file:
            held = pa.ipc.open_file(file)
            for number in range(held.num_record_batches):
                table = pa.Table.from_batches([held.get_batch(number)])
                yield table.drop_columns([PLACE])
        (self._folder / _WAITING).unlink()


def _taken(language: LanguageShards, read: Future[pa.Table]) -> tuple[LanguageShards, pa.Table]:
    # Metadata of the shard belongs to the stage, not to the dataset.
    return language, read.result().replace_schema_metadata(None)


def _even(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Cut rows into tables of one length."""
    some: list[pa.Table] = []
    for table in tables:
        some.append(table)
        if sum(one.num_rows for one in some) >= _TABLE_ROWS:
            whole = pa.concat_tables(some)
            full = whole.num_rows // _TABLE_ROWS * _TABLE_ROWS
            for start in range(0, full, _TABLE_ROWS):
                yield _plain(whole.slice(start, _TABLE_ROWS))
            some = [whole.slice(full)]
    rest = pa.concat_tables(some) if some else None
    if rest is not None and rest.num_rows:
        yield _plain(rest)


def _plain(table: pa.Table) -> pa.Table:
    """Join the chunks of a table, and leave out bitmaps that mark no cell as missing.

    Whether there are any depends on how rows came together; `datasets` counts them as bytes, and
    the card says how many.
    """
    columns = []
    for column in table.combine_chunks().columns:
        cells = column.chunk(0)
        buffers = cells.buffers()
        if buffers[0] is not None and not cells.null_count:
            buffers[0] = None
            cells = pa.Array.from_buffers(cells.type, len(cells), buffers, offset=cells.offset)
        columns.append(cells)
    return pa.table(columns, schema=table.schema)
