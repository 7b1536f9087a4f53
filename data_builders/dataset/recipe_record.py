"""The record of a recipe, checked: it came from elsewhere, and decides what is opened and written.

What a rebuild reads of it is checked here once: names have their shape, numbers their range, and
options of the source are those that a source of ours writes down.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..json_file import read_object
from ..names import LanguageCode, Sha256

__all__ = ["read_record"]

_MOST = 1 << 62
_OPTIONS = (
    *("text_column", "transliteration_column", "hub_config", "split", "count"),
    "romanisations",
)
"""What `options()` of the sources gives; never a path, which a record has no business to name."""


def read_record(folder: Path, group: str) -> dict[str, Any]:
    """Read the record of a build, and check all that a rebuild goes by.

    Args:
        folder: Dataset folder, or that of recipes.
        group: Name of the config.

    Returns:
        The record, as it is.

    Raises:
        DataError: It is not there, no record of a build, or holds what none of ours holds.
    """
    path = folder / group / "build_record.json"
    try:
        record = read_object(path)
    except DataError as error:
        raise DataError(f"{error}; build {group} again") from error
    if record.get("kind") != "build":
        raise DataError(f"{path} is no record of a build; build {group} again")
    _check(record, path)
    return record


def _check(record: dict[str, Any], path: Path) -> None:
    def need(place: dict[str, Any], name: str, fits: Callable[[Any], bool], legal: str) -> Any:
        value = place.get(name)
        if not fits(value):
            came = repr(value)
            came = came if len(came) <= 60 else f"{came[:57]}..."
            raise DataError(f"{path}: {name}: came {came}; legal: {legal}")
        return value

    for name in ("source", "transliterator"):
        need(record, name, _is_text, "a line of text")
    need(record, "seed", _is_count, "a whole number from 0")
    filters = need(record, "filters", _is_object, "an object")
    need(filters, "validation", _is_share, "a number from 0 to below 1")
    need(filters, "validation_cap", _is_count, "a whole number from 0")
    if "fold_forms" in filters:  # builds of before had no such step
        need(filters, "fold_forms", lambda x: isinstance(x, bool), "true or false")
    options = need(record, "source_options", _is_object, "an object")
    for name in options:
        if name not in _OPTIONS:
            raise DataError(f"{path}: source_options.{name[:60]!r}; legal: {', '.join(_OPTIONS)}")
        fits, legal = (_is_phrases, "1 to 10,000,000") if name == "count" else (_is_name, "a name")
        need(options, name, fits, legal)
    languages = need(record, "languages", lambda x: isinstance(x, list) and bool(x), "a list")
    codes = []
    for entry in languages:
        if not _is_object(entry):
            raise DataError(f"{path}: languages: each is an object with code and counts")
        codes.append(LanguageCode(entry.get("code"), path))
        need(entry, "kept", _is_count, "a whole number from 0")
    if len(set(codes)) < len(codes):
        raise DataError(f"{path}: languages: a code stands there twice; legal: each once")
    splits = need(record, "splits", _is_object, "an object")
    for name in splits:
        need(splits, name, _is_count, "a whole number from 0")
    Sha256(record.get("digest"), path)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 1000 and value.isprintable()


def _is_name(value: Any) -> bool:
    return value is None or _is_text(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


def _is_phrases(value: Any) -> bool:
    return _is_count(value) and 1 <= value <= 10_000_000


def _is_share(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value < 1


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)
