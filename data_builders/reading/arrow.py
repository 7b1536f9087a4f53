"""Parquet files, and folders that `save_to_disk` of the library `datasets` wrote."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..json_file import read_json
from ..packed import packing
from ..text_file import name_of, open_text
from .positions import fold, use_of
from .rows import Columns, Layout, Row, Use

__all__ = [
    "SPLITS_FILE",
    "is_saved",
    "parquet",
    "parquet_cells",
    "saved",
    "saved_files",
    "strings",
]

_BATCH = 2048
_STATE = "state.json"
SPLITS_FILE = "dataset_dict.json"
"""What `save_to_disk` writes where it writes several splits, each in a folder of its own."""


def is_saved(folder: Path) -> bool:
    """Tell whether a folder is what `Dataset.save_to_disk` writes."""
    return (folder / _STATE).is_file() and (folder / "dataset_info.json").is_file()


def parquet(path: Path, columns: Columns) -> Layout:
    """Lay out a Parquet file.

    Args:
        path: The file, plain or packed.
        columns: What is asked for.

    Returns:
        The layout.

    Raises:
        DataError: No Parquet, or a column that is not there or holds no text.
    """
    with _parquet_file(path) as file:
        schema = _flat_schema(file.schema_arrow)
        use = _checked_use(schema, path, columns)

    def read() -> Iterator[Row]:
        wanted = _wanted(schema, use)
        with _parquet_file(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
                yield from _rows(_flat(batch), schema.names, use)

    names = tuple(map(fold, schema.names))
    return Layout(path, "Parquet", "UTF-8", names, len(names), use, read)


def parquet_cells(path: Path, names: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
    """Read some columns of a Parquet file, whatever they hold, as strings.

    Args:
        path: The file, plain or packed.
        names: Names of columns.

    Yields:
        Cells of a row; None for a null.

    Raises:
        DataError: No Parquet, or no such column.
    """
    with _parquet_file(path) as file:
        have = file.schema_arrow.names
        if missing := [name for name in names if have.count(name) != 1]:
            raise DataError(
                f"{name_of(path)} has no column {', '.join(missing)}; it has {', '.join(have)}"
            )
        for batch in file.iter_batches(batch_size=_BATCH, columns=list(names)):
            yield from zip(*(strings(batch.column(name)) for name in names), strict=True)


def saved(folder: Path, columns: Columns) -> Layout:
    """Lay out a folder that `save_to_disk` wrote.

    Args:
        folder: The folder of one split.
        columns: What is asked for.

    Returns:
        The layout.

    Raises:
        DataError: Its files are not those it names, or a column is not there or holds no text.
    """
    paths = saved_files(folder)
    with _arrow_stream(paths[0]) as stream:
        schema = _flat_schema(stream.schema)
        use = _checked_use(schema, folder, columns)

    def read() -> Iterator[Row]:
        for path in paths:
            with _arrow_stream(path) as stream:
                for batch in stream:
                    yield from _rows(_flat(batch), schema.names, use)

    names = tuple(map(fold, schema.names))
    form = "a dataset that save_to_disk wrote"
    return Layout(folder, form, "UTF-8", names, len(names), use, read)


def saved_files(folder: Path) -> list[Path]:
    """List the files of rows that `save_to_disk` wrote.

    Args:
        folder: The folder of one split.

    Returns:
        Files of this very folder.

    Raises:
        DataError: It names others, or none.
    """
    state = read_json(folder / _STATE)
    files = state.get("_data_files") if isinstance(state, dict) else None
    named = [one.get("filename") if isinstance(one, dict) else None for one in files or []]
    if not named or not all(isinstance(name, str) and Path(name).name == name for name in named):
        raise DataError(f"{name_of(folder)}: {_STATE} names no files of its own folder")
    return [folder / str(name) for name in named]


@contextmanager
def _arrow_stream(path: Path) -> Iterator[Any]:
    import pyarrow as pa

    try:
        with open_text(path, lines=False) as raw, pa.ipc.open_stream(raw) as stream:
            yield stream
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


@contextmanager
def _parquet_file(path: Path) -> Iterator[Any]:
    """Open a Parquet file; whatever Arrow trips over, then or in the block, is one line."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Through the door also where it is not packed: a pipe would hang.
        with (
            open_text(path, lines=False) as raw,
            pq.ParquetFile(io.BytesIO(raw.read()) if packing(path) else path) as file,
        ):
            yield file
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> DataError:
    reason = " ".join(str(error).split())
    return DataError(f"cannot read {name_of(path)}: {reason}; replace or remove the file")


def _checked_use(schema: Any, path: Path, columns: Columns) -> Use:
    use = use_of(schema.names, path, columns, True)
    for name in _wanted(schema, use):
        if schema.names.count(name) > 1:
            raise DataError(
                f"{name_of(path)}: {schema.names.count(name)} columns are named {name!r}; rename "
                "all but one"
            )
        position = schema.names.index(name)
        _require_text(schema.field(name), path, position in (use.id, use.attested))
    return use


def _flat_schema(schema: Any) -> Any:
    """Add the columns within columns, under the names that they are asked for by."""
    for field in schema.empty_table().flatten().schema:
        schema = schema if field.name in schema.names else schema.append(field)
    return schema


def _flat(batch: Any) -> Any:
    import pyarrow as pa

    if not any(pa.types.is_struct(field.type) for field in batch.schema):
        return batch
    return pa.Table.from_batches([batch]).flatten().combine_chunks().to_batches()[0]


def _wanted(schema: Any, use: Use) -> list[str]:
    return [schema.names[position] for position in use.names()]


def _require_text(field: Any, path: Path, number: bool) -> None:
    import pyarrow as pa

    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return
    if number and pa.types.is_integer(kind):
        return
    legal = "string or a whole number" if number else "string"
    raise DataError(f"{name_of(path)}: column {field.name!r} is {kind}; legal is {legal}")


def _rows(batch: Any, names: Sequence[str], use: Use) -> Iterator[Row]:
    empty: list[str | None] = [None] * batch.num_rows

    def cells(position: int | None) -> list[str | None]:
        return empty if position is None else strings(batch.column(names[position]))

    columns = (cells(use.id), cells(use.text), cells(use.transliteration), cells(use.attested))
    for row_id, text, latin, count in zip(*columns, strict=True):
        attested = int(count) if count and count.isascii() and count.isdigit() else None
        yield Row(row_id, text, latin, attested=attested)


def strings(column: Any) -> list[str | None]:
    """Read a column of Arrow, whatever kind of strings or numbers it holds.

    Args:
        column: An array.

    Returns:
        Strings, with lone surrogates for bytes that are no UTF-8; None for nulls.
    """
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        column = column.cast(pa.string())
    # Through bytes: a string column may hold invalid UTF-8, and one bad row must not end the file.
    binary = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
    return [
        None if value is None else value.decode("utf-8", "surrogateescape")
        for value in column.cast(binary).to_pylist()
    ]
