"""Turns a parsed JSON value into a frozen dataclass, strictly: the grammar of all records.

Input: a JSON value and a type (a dataclass, or any mix of str, int, float, None, list, dict and
Literal). Output: the typed value, or a RecordError that names the field, what came, what is legal.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


class RecordError(ValueError):
    """A record that cannot be used; the message names the field, what came and what is legal."""


def parse(value: Any, kind: Any, where: str) -> Any:
    """Check a JSON value against a type and convert it.

    Args:
        value: What `json.load` returned.
        kind: The type: a dataclass or a `typing` form built from JSON types.
        where: Path of the value within the record, for messages.

    Returns:
        The value; objects become dataclass instances, integers become floats where floats are due.

    Raises:
        RecordError: If the value, or anything inside it, does not fit.
    """
    if kind is Any:
        _require_finite(value, where)
        return value
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return parse_dataclass(value, kind, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        if value not in arguments:
            raise _refusal(where, value, kind)
        return value
    if origin in (Union, types.UnionType):
        return _parse_optional(value, kind, where)
    if origin is list:
        if not isinstance(value, list):
            raise _refusal(where, value, kind)
        return [parse(item, arguments[0], f"{where}[{i}]") for i, item in enumerate(value)]
    if origin is dict:
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise _refusal(where, value, kind)
        return {key: parse(item, arguments[1], f"{where}.{key}") for key, item in value.items()}
    return _parse_scalar(value, kind, where)


def parse_dataclass(value: Any, kind: type, where: str) -> Any:
    """Build a dataclass from a JSON object that has its fields; those with a default may lack.

    Args:
        value: A JSON object.
        kind: The dataclass.
        where: Path of the object within the record, for messages; empty at the top.

    Returns:
        An instance of `kind`.

    Raises:
        RecordError: If it is no object, or a field is missing, unknown or of the wrong type.
    """
    if not isinstance(value, Mapping):
        raise RecordError(f"{where or kind.__name__}: came {_show(value)}; legal: a JSON object")
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    prefix = f"{where}." if where else ""
    needed = [
        field.name
        for field in dataclasses.fields(kind)
        if field.default is field.default_factory is dataclasses.MISSING
    ]
    missing = [name for name in needed if name not in value]
    unknown = [str(name) for name in value if name not in names]
    if missing or unknown:
        parts = [f"missing field {prefix}{name}" for name in missing]
        parts += [f"unknown field {prefix}{name}" for name in unknown]
        raise RecordError(f"{kind.__name__}: {', '.join(parts)}; legal: {', '.join(names)}")
    return kind(
        **{name: parse(value[name], hints[name], prefix + name) for name in names if name in value}
    )


def _parse_optional(value: Any, kind: Any, where: str) -> Any:
    """Check a value against `X | None`, the only union that records use."""
    if value is None:
        return None
    (inner,) = (option for option in get_args(kind) if option is not type(None))
    return parse(value, inner, where)


def _parse_scalar(value: Any, kind: type, where: str) -> Any:
    """Check a string, an integer or a finite number."""
    # bool is an int to Python, but `true` is no count.
    if isinstance(value, bool) and kind is not bool:
        raise _refusal(where, value, kind)
    if kind is float and isinstance(value, (int, float)) and _is_finite(value):
        return float(value)
    if kind is not float and isinstance(value, kind):
        return value
    raise _refusal(where, value, kind)


def _require_finite(value: Any, where: str) -> None:
    """NaN and Infinity are no JSON, although Python reads them: the record could not be written."""
    if isinstance(value, float) and not math.isfinite(value):
        raise _refusal(where, value, float)
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for inner in below:
        _require_finite(inner, where)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float reaches
        return False


def _refusal(where: str, value: Any, kind: Any) -> RecordError:
    return RecordError(f"{where}: came {_show(value)}; legal: {_describe(kind)}")


def _show(value: Any) -> str:
    # The list or string that came may be of any length.
    text = repr(value[:60]) if isinstance(value, (str, list)) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _describe(kind: Any) -> str:
    """Say a type in words that a reader of JSON understands."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(repr(argument) for argument in arguments)
    if origin is list:
        return f"a list, each item {_describe(arguments[0])}"
    if origin is dict:
        return f"an object, each value {_describe(arguments[1])}"
    words = {str: "a string", int: "an integer", float: "a finite number", bool: "true or false"}
    return words.get(kind, "a JSON object")
