"""Applies the edits of `mutations` to a file. One that finds nothing of its form edits bytes."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from soak.kinds.mutations import BIG, LONG, RAW, WHOLES, Edit

_RAW = re.compile(rf'"{RAW}(?:[^"\\]|\\.)*"')


def spelled(text: str) -> str:
    """Put in what a text of a case only names."""
    for name, meant in LONG.items():
        text = text.replace(name, meant)
    return text


def damage(path: Path, form: str, chosen: list[Edit]) -> None:
    """Apply edits to a file; one that finds nothing of its form edits the bytes instead."""
    for edit in chosen:
        if edit[0] == "place":
            _move(path, edit[1])
            return
        content = path.read_bytes()
        try:
            content = _edited(content, form, edit)
        except (ValueError, KeyError, IndexError, OSError, RecursionError, *_BROKEN):
            content = _bytes(content, ["flip", len(content) // 2, 3])
        path.unlink()
        path.write_bytes(content)


_BROKEN = (zlib.error, EOFError, struct.error, yaml.YAMLError, AttributeError, NotImplementedError)
_BROKEN += (ZeroDivisionError,)
"""What an earlier edit leaves is no longer of the form."""


def _edited(content: bytes, form: str, edit: Edit) -> bytes:
    name = edit[0]
    if name == "whole":
        return BIG[edit[1]]() if edit[1] in BIG else WHOLES[edit[1]]
    if name == "inside":
        return gzip.compress(_edited(gzip.decompress(content), "text", edit[1]), mtime=0)
    if name in ("flip", "cut", "remove", "insert", "repeat"):
        return _bytes(content, edit)
    if name.endswith(("line", "lines")):
        return _lines(content, edit)
    if name.endswith("cell"):
        return _cells(content, edit)
    if name.endswith(("column", "rows")):
        return _table(content, edit)
    return _FORMS[form](content, edit)


def _bytes(content: bytes, edit: Edit) -> bytes:
    name, at = edit[0], edit[1] % (len(content) + 1)
    if name == "flip":
        changed = bytearray(content or b"\0")
        changed[at % len(changed)] ^= 1 << edit[2]
        return bytes(changed)
    if name == "cut":
        return content[:at]
    if name == "remove":
        return content[:at] + content[at + edit[2] :]
    if name == "repeat":
        return content[:at] + content[at : at + edit[2]] * 2 + content[at + edit[2] :]
    return content[:at] + spelled(edit[2]).encode("utf-8", "surrogatepass") + content[at:]


def _lines(content: bytes, edit: Edit) -> bytes:
    lines = content.splitlines(keepends=True)
    at = edit[1] % len(lines) if lines else 0
    if edit[0] == "drop line":
        del lines[at]
    elif edit[0] == "double line":
        lines.insert(at, lines[at])
    else:
        other = edit[2] % len(lines)
        lines[at], lines[other] = lines[other], lines[at]
    return b"".join(lines)


def _cells(content: bytes, edit: Edit) -> bytes:
    lines = content.split(b"\n")
    at = edit[1] % len(lines)
    mark = b"\t" if b"\t" in content else b","
    cells = lines[at].split(mark)
    place = edit[2] % len(cells)
    if edit[0] == "cell":
        cells[place] = spelled(edit[3]).encode("utf-8", "surrogatepass")
    elif edit[0] == "drop cell":
        del cells[place]
    else:
        cells.insert(place, cells[place])
    lines[at] = mark.join(cells)
    return b"\n".join(lines)


def _json(content: bytes, edit: Edit) -> bytes:
    value = [json.loads(content)]
    _change(value, edit)
    return _dumped(value[0]).encode("utf-8", "surrogatepass")


def _jsonl(content: bytes, edit: Edit) -> bytes:
    lines = content.splitlines()
    at = edit[1] % len(lines)
    lines[at] = _json(lines[at], [edit[0], edit[1] // len(lines), *edit[2:]])
    return b"\n".join(lines) + b"\n"


def _card(content: bytes, edit: Edit) -> bytes:
    head, end, rest = content.decode().removeprefix("---\n").partition("\n---\n")
    value = [yaml.safe_load(head)]
    _change(value, edit)
    # JSON is YAML, and dumps what YAML would not.
    return f"---\n{_dumped(value[0])}{end}{rest}".encode("utf-8", "surrogatepass")


def _safetensors(content: bytes, edit: Edit) -> bytes:
    (size,) = struct.unpack("<Q", content[:8])
    header = _json(content[8 : 8 + size], edit)
    return struct.pack("<Q", len(header)) + header + content[8 + size :]


_FORMS: dict[str, Callable[[bytes, Edit], bytes]] = {
    "json": _json,
    "jsonl": _jsonl,
    "card": _card,
    "safetensors": _safetensors,
}


def _change(root: list[Any], edit: Edit) -> None:
    """Change one place of a value: anything that a list or an object holds, the root too."""
    places = list(_places(root))
    where, key = places[edit[1] % len(places)]
    if edit[0] == "node":
        where[key] = edit[2]
    elif edit[0] == "drop node" and where is not root:
        del where[key]
    elif edit[0] == "rename key" and isinstance(where, dict):
        where[edit[2]] = where.pop(key)
    elif isinstance(where, list):
        where.append(where[key])
    else:
        where[f"{key}2"] = where[key]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    below = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(below):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from _places(inner)


def _dumped(value: Any) -> str:
    """Dump a value as JSON, with what stands behind RAW as it is."""
    text = json.dumps(value, ensure_ascii=False)
    return spelled(_RAW.sub(lambda found: json.loads(found[0])[len(RAW) :], text))


def _table(content: bytes, edit: Edit) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(content))
    if edit[0] == "no rows":
        table = table.slice(0, 0)
    else:
        at = edit[1] % table.num_columns
        name = table.column_names[at]
        if edit[0] == "column":
            table = table.set_column(at, name, _odd_column(edit[2], table.num_rows))
        elif edit[0] == "drop column":
            table = table.remove_column(at)
        elif edit[0] == "double column":
            table = table.append_column(name, table.column(at))
        else:
            names = [edit[2] if i == at else n for i, n in enumerate(table.column_names)]
            table = table.rename_columns([n.encode("utf-8", "replace").decode() for n in names])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


def _odd_column(kind: str, rows: int) -> Any:
    import pyarrow as pa

    made = {
        "int": lambda: pa.array(range(rows)),
        "float": lambda: pa.array([0.5] * rows),
        "binary": lambda: pa.array([b"\xff"] * rows),
        "list": lambda: pa.array([["a", None]] * rows),
        "struct": lambda: pa.array([{"a": 1}] * rows),
        "map": lambda: pa.array([[("a", 1)]] * rows, pa.map_(pa.string(), pa.int64())),
        "null": lambda: pa.array([None] * rows, pa.string()),
        "date": lambda: pa.array([0] * rows, pa.date32()),
        "dictionary": lambda: pa.array(["a"] * rows).dictionary_encode(),
        "nan": lambda: pa.array([float("nan")] * rows),
    }
    return made[kind]()


def _move(path: Path, place: str) -> None:
    """Put something else where the file was."""
    path.unlink()
    if place == "a folder":
        path.mkdir()
    elif place == "a pipe":
        os.mkfifo(path)
    elif place == "a dangling link":
        path.symlink_to("nowhere")
    elif place == "a loop":
        path.symlink_to(path.name)
    elif place == "unreadable":
        path.write_bytes(b"x")
        path.chmod(0)
    elif place.startswith("/"):
        path.symlink_to(place)
