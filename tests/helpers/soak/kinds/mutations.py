"""Edits that damage a good file: drawn by hypothesis, plain JSON, so that a case fits on a screen.

An edit is a list: its name and its arguments. Places are numbers that are taken modulo what the
file has, so that one edit fits every file of its form.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st

Edit = list[Any]
FORMS = ("text", "table", "json", "jsonl", "card", "gzip", "parquet", "safetensors", "bytes")
"""What a file is made of; every form is also edited as the bytes that it is."""

RAW = "@@raw@@"
_RAW = re.compile(rf'"{RAW}(?:[^"\\]|\\.)*"')
"""Stands in a JSON value for text that no value gives, such as a number of 5,000 digits."""

LONG = {"@digits": "9" * 5000, "@long": "a" * 70_000, "@deep": "[" * 3000 + "]" * 3000}
"""What a case names instead of holding it."""
PIECES = (
    *(
        "\0",
        "\r",
        "\n",
        "\t",
        "\t\t",
        ",",
        '"',
        "'",
        "\\",
        "#",
        "---\n",
        "\ufeff",
        "\u2028",
        "\x85",
    ),
    *("\u202e", "\x1b[2J", "\ud800", "²", "٣", "١", "½", "NaN", "-1", "1-", "1-2-3", "x", "2-9999"),
    *("9" * 20, "@digits", "@long", "=1+1", "{}", "[]", "null", "../../up", "/etc/hostname"),
    *(
        "%s%n",
        "{code}",
        "ell_Grek",
        "en",
        "mul_Zyyy",
        "translit",
        "<s>",
        "</s>",
        "<mask>",
        "é",
        "é",
    ),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, [], {}, "", "x", "\0", "\ud800", "../../up", "/etc", "@long"),
    *(-1, 0, 1, 2, 3, 0.5, 1e308, 10**18, 2**63, [None], [1, "x", None], {"": None}, {"x": {}}),
    *([[[]]], "null", "true", "1", "NaN", "hf://datasets/org/x", "org/name", "ell_Grek", "\x1b[2J"),
    *("XLMRobertaForMaskedLM", "gpt2", "auto", "cldr-47", "files:text", "uroman", "os:system"),
    *(f"{RAW}NaN", f"{RAW}-Infinity", f"{RAW}1e999", f"{RAW}@digits", f"{RAW}-0"),
    *(f"{RAW}@deep", f"{RAW}{{", f"{RAW}", f"{RAW}1,", f'{RAW}{{"a":1,"a":2}}'),
)
WHOLES: dict[str, bytes] = {
    **{text: text.encode() for text in ("", "null", "[]", "{}", "3", '"x"', "true", "\n", "---\n")},
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "digits": b"9" * 5000,
    "zeros": bytes(1000),
    "mark": b"\xef\xbb\xbf",
    "utf-16": "text\tε\n".encode("utf-16"),
    "latin-1": "é\té\n".encode("latin-1"),
    "a pickle": b"\x80\x04\x95\x15\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x8c\x06getpid\x93)R.",
    "parquet": b"PAR1" + bytes(20) + b"PAR1",
    "a zip": b"PK\x03\x04" + bytes(40),
}
BIG: dict[str, Callable[[], bytes]] = {
    "a long line": lambda: b"a" * (17 << 20),
    "a bomb": cache(lambda: gzip.compress(bytes(200 << 20), 1)),
}
PLACES = ("missing", "a folder", "a pipe", "a dangling link", "a loop", "unreadable", "/dev/zero")
COLUMNS = ("int", "float", "binary", "list", "struct", "map", "null", "date", "dictionary", "nan")

_somewhere = st.integers(0, 2**32 - 1)
_piece = st.one_of(st.sampled_from(PIECES), st.text(max_size=20))
_value = st.one_of(
    st.sampled_from(VALUES),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below),
        max_leaves=6,
    ),
)


def _edit(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Edit]:
    return st.tuples(st.just(name), *arguments).map(list)


_BYTES = [
    _edit("flip", _somewhere, st.integers(0, 7)),
    _edit("cut", _somewhere),
    _edit("remove", _somewhere, st.integers(1, 64)),
    _edit("insert", _somewhere, _piece),
    _edit("repeat", _somewhere, st.integers(1, 64)),
]
_WHOLE = [
    _edit("whole", st.sampled_from(sorted(WHOLES))),
    _edit("place", st.sampled_from(PLACES)),
]
_LINES = [
    _edit("drop line", _somewhere),
    _edit("double line", _somewhere),
    _edit("swap lines", _somewhere, _somewhere),
]
_CELLS = [
    _edit("cell", _somewhere, _somewhere, _piece),
    _edit("drop cell", _somewhere, _somewhere),
    _edit("double cell", _somewhere, _somewhere),
]
_NODES = [
    _edit("node", _somewhere, _value),
    _edit("drop node", _somewhere),
    _edit("rename key", _somewhere, _piece),
    _edit("double node", _somewhere),
]
_TABLE = [
    _edit("column", _somewhere, st.sampled_from(COLUMNS)),
    _edit("drop column", _somewhere),
    _edit("double column", _somewhere),
    _edit("rename column", _somewhere, _piece),
    _edit("no rows"),
]
_OF_FORM = {
    "text": _LINES,
    "table": [*_LINES, *_CELLS, *_CELLS],
    "json": [*_NODES, *_NODES, *_NODES],
    "jsonl": [*_LINES, *_NODES, *_NODES],
    "card": [*_NODES, *_NODES, *_LINES],
    "gzip": [st.one_of(*_BYTES, *_LINES).map(lambda edit: ["inside", edit])],
    "parquet": _TABLE,
    "safetensors": [*_NODES, *_NODES],
    "bytes": [],
}


def edits(form: str) -> st.SearchStrategy[list[Edit]]:
    """Draw one to three edits of a file of a form; whole replacements come alone."""
    few = st.lists(st.one_of(*_OF_FORM[form], *_BYTES), min_size=1, max_size=3)
    alone = st.one_of(*_WHOLE).map(lambda edit: [edit])
    rare = st.sampled_from(sorted(BIG)).map(lambda name: [["whole", name]])
    return st.integers(0, 299).flatmap(lambda at: rare if at == 0 else alone if at < 30 else few)
