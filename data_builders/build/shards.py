"""The resumable stage: chunks of selected sentences in, romanised Parquet shards out.

A shard is written aside and moved into place, and carries in its footer the digest of the rows it
was made from: a shard that is there and matches is finished, whatever happened to the build.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import DataError
from ..sentences.filters import dominant_script, normalise
from ..sentences.sampling import TextHash
from ..schema import PLACE, ROW, VALIDATION, arrow_schema
from ..transliterators import Transliterator, get_transliterator
from ..transliterators.base import RomanisationStats, romanise_each

__all__ = ["Chunk", "ShardResult", "finished_shard", "shard_path", "write_shard"]

_FOOTER = b"translit_ppa"

SelectedRow = tuple[str, "str | None", str, int]
"""Normalised text, ready romanisation or None, origin, row in the source."""


@dataclass(frozen=True)
class Chunk:
    """Some selected sentences of one language, and where their shard goes.

    Attributes:
        folder: Folder of the language's shards.
        index: Number of the shard.
        code: Language code.
        rows: The sentences.
        romaniser: Specification for `get_transliterator`.
        language_code: Whether the romaniser gets the language code.
        seed: Of the split into train and validation.
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
        code: Language code.
        selected: Sentences that went in.
        dropped: Sentences lost on the way, by reason.
        stats: What the romaniser did to those that came out.
        looked_up: How often the romaniser consulted its memo.
        missed: How often in vain.
    """

    code: str
    selected: int
    dropped: Counter[str]
    stats: RomanisationStats
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


@cache
def _romaniser(spec: str, language_code: bool) -> Transliterator:
    return get_transliterator(spec, language_code=language_code)


def finished_shard(chunk: Chunk) -> ShardResult | None:
    """Read what is known of a shard that an earlier run finished.

    Args:
        chunk: The chunk it should have been made from.

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
    """Romanise a chunk and write its shard.

    Args:
        chunk: Selected sentences.

    Returns:
        What came of them.

    Raises:
        DataError: The romaniser failed, or the disk is full.
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
    """Ask a romaniser that keeps a memo; the contract does not ask for one."""
    counts: Callable[[], tuple[int, int]] | None = getattr(romaniser, "memo_counts", None)
    return counts() if counts else (0, 0)
