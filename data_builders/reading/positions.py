"""Finds the columns of a table that are read: by name, by position, or because there is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..errors import DataError
from ..schema import TEXT, TRANSLITERATION
from ..text_file import name_of
from .rows import Columns, Use

__all__ = ["fold", "has_header", "use_of"]

_POSITION = re.compile("[0-9]{1,9}")
_IDS = ("id", "uniq_id", "verse", "verse_id", "index_id", "sentence_id", "key")
_NATIVE = ("native", "native word", "native_word")
_ROMAN = ("roman", "romanized", "romanised", "romanization", "romanisation", "english word")
_ATTESTED = ("count", "attestations")


def fold(cell: str | None) -> str:
    """Give the form in which names of columns are compared."""
    return (cell or "").strip().casefold()


def has_header(first: Sequence[str], columns: Columns) -> bool:
    """Tell whether a first row names the columns.

    Args:
        first: Its cells.
        columns: What is asked for.

    Returns:
        True where one cell is the name of the text column (`text` unless another name is given),
        or the row names the columns of a romanisation lexicon.
    """
    names = [fold(cell) for cell in first]
    if columns.text is not None and not _POSITION.fullmatch(columns.text):
        return fold(columns.text) in names
    return TEXT in names or _lexicon(names) is not None


def use_of(names: Sequence[str], path: Path, columns: Columns, header: bool) -> Use:
    """Find the positions of the columns that are read.

    Args:
        names: The cells of the first row.
        path: The file, for messages.
        columns: What is asked for.
        header: Whether the first row names the columns.

    Returns:
        The positions.

    Raises:
        DataError: A column that is not there, or of which nobody could say which it is.
    """
    folded = [fold(name) for name in names]
    lexicon = _lexicon(folded) if columns.text is None and columns.transliteration is None else None
    if columns.text is not None:
        text = _position(columns.text, folded, path, header)
    elif TEXT in folded and header:
        text = _only(TEXT, folded, path)
    elif lexicon:
        word, roman, count = lexicon
        return Use(word, roman, _id(folded, word, path, columns, header), attested=count)
    elif len(folded) == 1:
        text = 0
    elif len(folded) == 2 and not header and (columns.with_id or columns.ids_if_any):
        text = 1
    else:
        shown = f" ({', '.join(name[:40] for name in names[:12])})" if header else ""
        raise DataError(
            f"{name_of(path)} has {len(folded)} columns{shown} and none is named {TEXT!r}; "
            "say which one holds the text: --text-column NAME or INDEX (from 0)"
        )
    latin = None
    if columns.transliteration is not None:
        latin = _position(columns.transliteration, folded, path, header)
    elif columns.text is None and TRANSLITERATION in folded and header:
        latin = _only(TRANSLITERATION, folded, path)
    return Use(text, latin, _id(folded, text, path, columns, header))


def _lexicon(names: Sequence[str]) -> tuple[int, int, int | None] | None:
    """Positions of word, romanisation and count, where the names are those of a lexicon."""
    word, roman, count = (
        next((names.index(name) for name in legal if name in names), None)
        for legal in (_NATIVE, _ROMAN, _ATTESTED)
    )
    return None if word is None or roman is None else (word, roman, count)


def _id(names: Sequence[str], text: int, path: Path, columns: Columns, header: bool) -> int | None:
    if columns.ids_if_any:
        if header:
            return next((names.index(name) for name in _IDS if name in names), None)
        return 0 if text else None
    if not columns.with_id:
        return None
    position = _only("id", names, path) if header and "id" in names else 0
    if position == text:
        raise DataError(
            f"{name_of(path)} has no id column (its first column is the text); ids can only be "
            "left out of files with a column 'id', or with the id first"
        )
    return position


def _position(wanted: str, names: Sequence[str], path: Path, header: bool) -> int:
    if header and fold(wanted) in names:
        return _only(fold(wanted), names, path)
    if _POSITION.fullmatch(wanted):
        if int(wanted) < len(names):
            return int(wanted)
        raise DataError(
            f"{name_of(path)}: column {wanted} of {len(names)}; legal are 0 to {len(names) - 1}"
        )
    shown = ", ".join(name[:40] for name in names)
    raise DataError(
        f"{name_of(path)}: no column {wanted!r}; the first row is: {shown}. "
        "Give the position, counted from 0"
    )


def _only(name: str, names: Sequence[str], path: Path) -> int:
    """Find the one column of a name; of two, nobody could say which is meant."""
    if names.count(name) > 1:
        raise DataError(
            f"{name_of(path)}: {names.count(name)} columns are named {name!r}; rename all but one, "
            "or give the position of the text, counted from 0"
        )
    return names.index(name)
