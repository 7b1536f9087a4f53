"""Reads the wanted columns of a Hub dataset, each file by its own layout.

Shards of one dataset may differ: Glot500 has an index column in some, which was an accident of the
tool that wrote them. `datasets` casts them all to the columns of the first and fails, hence this.
"""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Iterator
from copy import copy
from typing import Any

from ...errors import DataError
from ...json_file import parse_json
from ...packed import PACKINGS, unpacking
from ...reading.arrow import strings
from ...text_file import MOST_LINE
from .files import Files

__all__ = ["cells_of"]

_BATCH = 2048
_CHUNK = 1 << 20
_BROKEN = (EOFError, lzma.LZMAError, gzip.BadGzipFile)
Cells = Iterator[tuple["str | None", "str | None"]]


def cells_of(files: Files, address: str, text: str, origin: str | None, repo: str) -> Cells:
    """Stream text and origin of every row of a file.

    Args:
        files: What there is of the language.
        address: That of the file.
        text: Column of the text.
        origin: Column that says where a text comes from, or None; a file may lack it.
        repo: For messages.

    Yields:
        Both cells, None for a null.

    Raises:
        DataError: A file lacks the text, holds something else in that column, is broken, or does
            not belong to the dataset.
    """
    name = f"{repo}: {address.rpartition('/')[2]}"
    # A card may name any path or address of this machine's.
    if not address.startswith(files.base) or ".." in address.split("/"):
        raise DataError(
            f"{repo}: its card names {address}, which is outside of it; legal are files of its own"
        )
    packed = next((end for end in PACKINGS if address.endswith(end)), "")
    form = address.removesuffix(packed).rpartition(".")[2]
    if form == "parquet" and not packed:
        yield from _of_parquet(address, text, origin, name)
    elif form in ("jsonl", "ndjson") or (form == "json" and files.builder is None):
        yield from _of_lines(address, packed, text, origin, name)
    elif files.builder is not None:
        yield from _of_rows(files.builder, address, text, origin, name)
    else:
        raise DataError(f"{name}: legal by a pattern are .parquet and .jsonl, also packed")


def _of_parquet(address: str, text: str, origin: str | None, name: str) -> Cells:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from datasets.utils.file_utils import xopen

    try:
        with xopen(address, "rb") as raw, pq.ParquetFile(raw) as file:
            schema = file.schema_arrow
            _require(text, schema.names, name)
            kind = schema.field(text).type
            kind = kind.value_type if pa.types.is_dictionary(kind) else kind
            if not (
                pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
            ):
                raise _no_text(name, text, kind)
            wanted = [text, *([origin] if origin != text and origin in schema.names else [])]
            for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
                texts = strings(batch.column(text))
                own = strings(batch.column(origin)) if len(wanted) > 1 else [None] * len(texts)
                yield from zip(texts, own, strict=True)
    except pa.ArrowException as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{name} cannot be read as Parquet: {reason}") from error


def _of_lines(address: str, packed: str, text: str, origin: str | None, name: str) -> Cells:
    from datasets.utils.file_utils import xopen

    try:
        with xopen(address, "rb") as raw:
            for number, line in enumerate(_lines(unpacking(raw, packed), name), 1):
                if not line.strip():
                    continue
                row = parse_json(line, f"{name}, line {number}")
                if not isinstance(row, dict):
                    raise DataError(f"{name}, line {number} is no JSON object")
                _require(text, list(row), name)
                yield _cell(row[text], text, name), _told(row.get(origin) if origin else None)
    except (*_BROKEN, zlib.error, OSError) as error:
        # Arrow raises nothing more special; what the network raises is a class of its own.
        if isinstance(error, OSError) and type(error) not in (OSError, gzip.BadGzipFile):
            raise
        raise DataError(f"{name} cannot be unpacked: {error}") from error


def _lines(stream: Any, name: str) -> Iterator[bytes]:
    rest = b""
    while chunk := bytes(stream.read(_CHUNK)):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        if len(rest) > MOST_LINE:
            raise DataError(f"{name} has a line of more than {MOST_LINE:,} bytes, the limit")
    yield rest


def _of_rows(builder: Any, address: str, text: str, origin: str | None, name: str) -> Cells:
    from datasets.exceptions import DatasetGenerationError

    one = copy(builder)
    one.config, one.info = copy(builder.config), builder.info.copy()
    one.config.data_files = {"train": [address]}
    one.config.features = one.info.features = None
    try:
        for row in one.as_streaming_dataset("train"):
            _require(text, list(row), name)
            yield _cell(row[text], text, name), _told(row.get(origin))
    except DataError:
        raise
    except (DatasetGenerationError, ValueError) as error:
        reason = " ".join(str(error.__cause__ or error).split())[:200]
        raise DataError(f"{name} cannot be read: {reason}") from error


def _cell(value: Any, column: str, where: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _no_text(where, column, type(value).__name__)
    return value


def _told(origin: Any) -> str | None:
    return None if origin is None else str(origin)


def _require(column: str, names: list[str], where: str) -> None:
    if names.count(column) != 1:
        many = "no column" if column not in names else "several columns"
        raise DataError(
            f"{where} has {many} {column!r}; it has {', '.join(names)}: --text-column NAME"
        )


def _no_text(where: str, column: str, kind: object) -> DataError:
    return DataError(f"{where}: column {column!r} holds {kind}; legal is text: --text-column NAME")
