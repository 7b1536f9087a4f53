"""What names of files tell: their format, and the language, as those who released them write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..packed import PACKINGS, packing, unpacked_name

__all__ = ["SUFFIXES", "file_format", "language_tags", "legal_names", "why_no_format"]

SUFFIXES = (".txt", ".tsv", ".csv", ".parquet", ".jsonl", ".ndjson", ".tmx")
VREF = "vref.txt"
"""The numbers of the verses of all Bibles in a folder of eBible, one a line."""
MOSES = ".moses"
"""Stands for the sides of a pair of OPUS, `Books.el-en.el`, whose suffix is their language."""

_MOSES = re.compile(r".+\.([a-z]{2,3}(?:_[A-Za-z]{2})?)-([a-z]{2,3}(?:_[A-Za-z]{2})?)\.(\1|\2)")
_AKSHARANTAR = re.compile(r"[a-z]{3}_(train|valid|test)\.json")
_RELEASED = (
    r"([a-z]{3})-x-bible(-.*)?",  # the Parallel Bible Corpus
    r"([a-z]{3})(-[a-z]{2})?_.+-sentences",  # Leipzig
    r"([a-z]{3})_sentences(_detailed|_CC0)?",  # Tatoeba
    r"([a-z]{2})\.(translit\.sampled|romanized)\..*",  # Dakshina
    r"([a-z]{3})_(train|valid|test)",  # Aksharantar
    r"(?P<e>[a-z]{3})-(?P=e)[A-Za-z0-9-]*",  # eBible
    r"udhr_([a-z]{3})(_[A-Za-z0-9_]+)?",  # the Universal Declaration of Human Rights
)
_TRANSLATION = re.compile(r"([a-z]{3})[A-Za-z0-9-]*")
"""A Bible as eBible names it, such as `turobt`: the language comes first."""
_ARCHIVE = re.compile(r".+\.(zip|tar|tgz|tbz2|7z|rar)", re.IGNORECASE)


def legal_names() -> str:
    """Say which ends of names are legal."""
    return f"{', '.join(SUFFIXES)}, each also {', '.join(PACKINGS)}"


def why_no_format(path: Path) -> str:
    """Say why a file is not read, where `file_format` knows no format of it.

    Args:
        path: Its path.

    Returns:
        A sentence.
    """
    if _ARCHIVE.fullmatch(unpacked_name(path)):
        return "an archive: unpack it and give the files in it"
    if unpacked_name(path).lower().endswith(".json"):
        return "JSON of no known layout; legal is .jsonl, one object a line"
    return f"no format that is read by this name; legal are {legal_names()}"


def file_format(path: Path) -> str | None:
    """Name the format of a file by its name.

    Args:
        path: A path, packed or not.

    Returns:
        One of `SUFFIXES`, `.moses`, or None for any other file.
    """
    name = unpacked_name(path)
    form = next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), None)
    if form is None and _AKSHARANTAR.fullmatch(name):
        return ".jsonl"
    if form is None and (match := _MOSES.fullmatch(name)):
        stem, partner = name.removesuffix(match[3]), match[2] if match[3] == match[1] else match[1]
        return MOSES if path.with_name(stem + partner + packing(path)).is_file() else None
    return form


def language_tags(path: Path) -> Iterator[str]:
    """Read what may be a language out of the name of a file.

    Args:
        path: Such as `amh_Ethi.txt`, `eng-x-bible-world.txt` or `Books.el-en.el`.

    Yields:
        Spellings, the likeliest first; none is sure to be a language.
    """
    form = file_format(path)
    name = unpacked_name(path)
    if form == MOSES:
        yield name.rpartition(".")[2]
        return
    if form is None:
        return
    end = ".json" if name.endswith(".json") else form
    stem = name[: len(name) - len(end)]
    yield stem
    for pattern in _RELEASED:
        if match := re.fullmatch(pattern, stem):
            yield match[1]
    if (
        stem != "vref"
        and path.with_name(VREF).is_file()
        and (match := _TRANSLATION.fullmatch(stem))
    ):
        yield match[1]
