"""Reads the wanted columns of a Hub dataset, each file by its own layout.

Shards of one dataset may differ: Glot500 has an index column in some, which was an accident of the
tool that wrote them. `datasets` casts them all to the columns of the first and fails, hence this.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

from ..errors import DataError
from ..reading.arrow import strings

__all__ = ["cells_of"]

_BATCH = 2048
Cells = Iterator[tuple["str | None", "str | None"]]


def cells_of(builder: Any, split: str, text: str, origin: str | None, repo: str) -> Cells:
    """Stream text and origin of every row.

    Args:
        builder: A builder of `datasets`, of the config wanted.
        split: Name of the split.
        text: Column of the text.
        origin: Column that says where a text comes from, or None; a file may lack it.
        repo: For messages.

    Yields:
        Both cells, None for a null.

    Raises:
        DataError: A file lacks the text, holds something else in that column, is broken, or does
            not belong to the dataset.
    """
    own = f"{builder.base_path.rstrip('/')}/"
    for address in builder.config.data_files[split]:
        name = f"{repo}: {address.rpartition('/')[2]}"
        # A card may name any path or address of this machine's.
        if not address.startswith(own) or ".." in address.split("/"):
            raise DataError(
                f"{repo}: its card names {address}, which is outside of it; legal are files of its "
                "own"
            )
        # Only the builder of Parquet can choose columns; for that we need none.
        if hasattr(builder.config, "columns"):
            yield from _of_parquet(address, text, origin, name)
        else:
            yield from _of_rows(builder, address, text, origin, name)


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


def _of_rows(builder: Any, address: str, text: str, origin: str | None, name: str) -> Cells:
    from datasets.exceptions import DatasetGenerationError

    one = copy(builder)
    one.config, one.info = copy(builder.config), builder.info.copy()
    one.config.data_files = {"train": [address]}
    one.config.features = one.info.features = None
    try:
        for row in one.as_streaming_dataset("train"):
            _require(text, list(row), name)
            value, own = row[text], row.get(origin)
            if value is not None and not isinstance(value, str):
                raise _no_text(name, text, type(value).__name__)
            yield value, None if own is None else str(own)
    except DataError:
        raise
    except (DatasetGenerationError, ValueError) as error:
        reason = " ".join(str(error.__cause__ or error).split())[:200]
        raise DataError(f"{name} cannot be read: {reason}") from error


def _require(column: str, names: list[str], where: str) -> None:
    if names.count(column) != 1:
        many = "no column" if column not in names else "several columns"
        raise DataError(
            f"{where} has {many} {column!r}; it has {', '.join(names)}: --text-column NAME"
        )


def _no_text(where: str, column: str, kind: object) -> DataError:
    return DataError(f"{where}: column {column!r} holds {kind}; legal is text: --text-column NAME")
