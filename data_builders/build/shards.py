"""The resumable stage: chunks of selected sentences in, romanised Parquet shards out.

A shard is written aside and moved into place, and carries in its footer the digest of the rows it
was made from, and that of its own content: one that is there and matches both is finished, whatever
happened to the build; one whose bits have flipped is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..json_file import parse_json
from ..schema import PLACE, VALIDATION, WHERE, arrow_schema
from ..sentences.filters import dominant_script
from ..sentences.kept_rows import PackedRows, fetched
from ..sentences.sampling import SelectedRow, TextHash
from ..transliterators.base import RomanisationStats
from ..transliterators.rows import Romanised, romanise_rows

__all__ = [
    "Chunk",
    "ShardResult",
    "finished_shard",
    "keep_shard",
    "shard_path",
    "tell",
    "whole_shard",
    "write_shard",
]

_FOOTER = b"translit_ppa"


@dataclass(frozen=True)
class Chunk:
    """Some selected sentences of one language, and where their shard goes.

    Attributes:
        folder: Folder of the language's shards.
        index: Number of the shard.
        code: Language code.
        rows: The sentences, or where they lie.
        romaniser: Specification for `get_transliterator`.
        language_code: Whether the romaniser gets the language code.
        seed: Of the split into train and validation.
    """

    folder: Path
    index: int
    code: str
    rows: PackedRows
    romaniser: str
    language_code: bool
    seed: int

    @cached_property
    def sentences(self) -> tuple[SelectedRow, ...]:
        """The sentences, fetched where they lie elsewhere."""
        return tuple(fetched(self.rows))

    @property
    def digest(self) -> str:
        """SHA-256 of the sentences."""
        return hashlib.sha256(json.dumps(self.sentences).encode()).hexdigest()


@dataclass
class ShardResult:
    """What came of a chunk.

    Attributes:
        code: Language code.
        selected: Sentences that went in.
        dropped: Sentences lost on the way, by reason.
        stats: What the romaniser did to those that came out.
        content: SHA-256 over the shard's cells and counts.
        index: Number of the shard.
        looked_up: How often the romaniser consulted its memo.
        missed: How often in vain.
    """

    code: str
    selected: int
    dropped: Counter[str]
    stats: RomanisationStats
    content: str
    index: int
    looked_up: int = 0
    missed: int = 0


def shard_path(folder: Path, index: int) -> Path:
    """Name the file of a shard.

    Args:
        folder: Folder of the language's shards.
        index: Number of the shard.

    Returns:
        The path.
    """
    return folder / f"pairs-{index:06d}.parquet"


def finished_shard(chunk: Chunk) -> ShardResult | None:
    """Read a shard that an earlier run finished, all of it: a flipped bit would go on for ever.

    Args:
        chunk: The chunk it should have been made from.

    Returns:
        The result, or None when there is no such shard, it was made from other rows, or it is
        damaged; the last is said in one line.
    """
    path = shard_path(chunk.folder, chunk.index)
    if not path.exists():
        return None
    try:
        digest, result = _read_shard(path, chunk.code, chunk.index)
    except DataError as error:
        tell(f"{error}; it is made again")
        return None
    return result if digest == chunk.digest else None


def whole_shard(folder: Path, code: str, index: int, content: str) -> bool:
    """Tell whether a shard of a finished language is the one that was written.

    Args:
        folder: Folder of the language's shards.
        code: Language code.
        index: Number of the shard.
        content: What `ShardResult.content` was.

    Returns:
        False when it is not there, another one or damaged, which is said in one line.
    """
    try:
        _, result = _read_shard(shard_path(folder, index), code, index)
    except DataError as error:
        tell(f"{error}; it is made again")
        return False
    if result.content != content:
        tell(f"{code}: {shard_path(folder, index).name} is another than was written; made again")
    return result.content == content


def tell(line: str) -> None:
    """Say on stderr what was mended, also where progress is not wanted."""
    print(f"notice: {line}", file=sys.stderr)


def _read_shard(path: Path, code: str, index: int) -> tuple[str, ShardResult]:
    """Read a shard whole: the digest of the rows it was made from, and what came of them.

    Raises:
        DataError: It cannot be read, or differs from what its digest says.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    damaged = f"{code}: {path.name} of the work done so far is damaged"
    try:
        table = pq.read_table(path, page_checksum_verification=True)
        known = parse_json((table.schema.metadata or {}).get(_FOOTER, b""), path.name)
        cells = zip(*(column.to_pylist() for column in table.columns), strict=True)
        content = known.pop("content", None) if isinstance(known, dict) else None
        # A column of nulls has the same cells in any type.
        if table.schema != _schema() or content != _content(known, list(cells)):
            raise DataError(damaged)
        stats = RomanisationStats(
            known["sentences"], known["identical"], Counter(known["unmapped"]), known["unreadable"]
        )
        dropped = Counter(known["dropped"])
        return known["digest"], ShardResult(code, known["selected"], dropped, stats, content, index)
    except (OSError, ValueError, TypeError, AttributeError, pa.ArrowException) as error:
        # Cells or counts of another type than was written have no digest either.
        raise DataError(damaged) from error


def _schema() -> Any:
    import pyarrow as pa

    where = [pa.field(name, pa.int64()) for name in WHERE]
    return pa.schema([*arrow_schema(), *where, pa.field(PLACE, pa.uint64())])


def _content(footer: dict[str, Any], rows: Sequence[Sequence[Any]]) -> str:
    """Digest a shard: its counts and every cell."""
    text = json.dumps([dict(sorted(footer.items())), rows], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def write_shard(chunk: Chunk) -> ShardResult:
    """Romanise a chunk and write its shard.

    Args:
        chunk: Selected sentences.

    Returns:
        What came of them.

    Raises:
        DataError: The romaniser failed, or the disk is full.
    """
    return keep_shard(
        chunk, romanise_rows(chunk.code, chunk.sentences, chunk.romaniser, chunk.language_code)
    )


def keep_shard(chunk: Chunk, romanised: Romanised) -> ShardResult:
    """Write the shard of a chunk that was romanised.

    Args:
        chunk: Selected sentences.
        romanised: What became of them.

    Returns:
        What came of them.

    Raises:
        DataError: The disk is full.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    lang, script = chunk.code.split("_")
    place_of = TextHash(chunk.seed, VALIDATION)
    dropped: Counter[str] = Counter()
    rows: list[tuple[Any, ...]] = []
    for (text, _, origin, *where), latin in zip(chunk.sentences, romanised.latin, strict=True):
        if latin is None:
            # uroman raises on what it cannot do at all, such as a number of thousands of digits.
            dropped["not_romanised"] += 1
        elif not latin.strip():
            dropped["empty_transliteration"] += 1
        else:
            own = dominant_script(text) if script == "Zyyy" else script
            rows.append((text, latin, lang, own, origin, *where, place_of.number(text)))
    stats = RomanisationStats()
    stats.add([row[0] for row in rows], [row[1] for row in rows])
    stats.unreadable = romanised.unreadable
    footer = {
        "digest": chunk.digest,
        "selected": len(chunk.sentences),
        "dropped": dropped,
        "sentences": stats.sentences,
        "identical": stats.identical,
        "unmapped": stats.unmapped,
        "unreadable": stats.unreadable,
    }
    content = _content(footer, rows)
    schema = _schema().with_metadata({_FOOTER: json.dumps({**footer, "content": content}).encode()})
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    path = shard_path(chunk.folder, chunk.index)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        cells = [pa.array(*column) for column in zip(columns, schema.types, strict=True)]
        table = pa.table(cells, schema=schema)
        pq.write_table(table, aside, compression="zstd", write_page_checksum=True)
        os.replace(aside, path)
    except (OSError, pa.ArrowException, UnicodeEncodeError) as error:
        aside.unlink(missing_ok=True)
        raise DataError(f"cannot write {path.name}: {error}") from error
    told = (content, chunk.index, romanised.looked_up, romanised.missed)
    return ShardResult(chunk.code, len(chunk.sentences), dropped, stats, *told)
