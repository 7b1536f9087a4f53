"""What names of files tell: their format, and the language, as those who released them write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ..packed import PACKINGS, packing, unpacked_name
from ..text_file import open_text

__all__ = [
    "MANY",
    "SUFFIXES",
    "file_format",
    "language_tags",
    "legal_names",
    "unpacked_stem",
    "why_no_format",
]

SUFFIXES = (".txt", ".tsv", ".csv", ".parquet", ".jsonl", ".ndjson", ".tmx", ".xml", ".sgm")
MANY = (".tmx",)
"""Formats whose rows say their language."""
VREF = "vref.txt"
"""The numbers of the verses of all Bibles in a folder of eBible, one a line."""
MOSES = ".moses"
"""Stands for the sides of a pair of OPUS, `Books.el-en.el`, whose suffix is their language."""

_CODE = "[a-z]{2,3}(?:_[A-Za-z]{2})?"
_MOSES = re.compile(rf".+\.({_CODE})-({_CODE})(?:-(?:train|dev|test))?\.(\1|\2)")
_WMT = re.compile(rf".+\.({_CODE})-({_CODE})\.(?:src|ref(?:\.ref[A-Z])?)\.(\1|\2)")
_SEGMENTS = re.compile(
    rf".+(?:-(?:src|ref|tst)\.(?P<one>{_CODE})|\.({_CODE})-({_CODE})\.(?P<side>\2|\3))"
)
"""Of WMT, `newstest2014-deen-src.de`; of IWSLT, `IWSLT16.TED.tst2010.de-en.de`."""
_SPLIT = re.compile("(train|dev|valid|validation|test|devtest|tune)[.]([a-z]{2,3})")
_PIVOTS = ("en", "eng", "es", "spa", "fr", "fra", "ru", "zh")
"""One side of nearly every pair, as `train.es` beside `train.gn`; `train.sh` has no such side."""
_NO_SIDE = ("bin", "bpe", "idx", "log", "out", "pt", "py", "sh")
"""Ends of other files of a training; a model, `test.pt`, is no Portuguese."""
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
_TAGGED = (".conllu", ".conll", ".conllup", ".iob2", ".iob", ".bio", ".testa", ".testb")
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
    if unpacked_name(path).lower().endswith(_TAGGED):
        return "words with a tag each, which benchmarks read: pos:DIR or ner:DIR"
    if unpacked_name(path).lower().endswith(".json"):
        return "JSON of no known layout; with one object a line, name it .jsonl"
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
    if form is None and (_WMT.fullmatch(name) or _is_side(path, name)):
        return MOSES
    if form is None and (match := _MOSES.fullmatch(name)):
        stem, partner = name.removesuffix(match[3]), match[2] if match[3] == match[1] else match[1]
        return MOSES if path.with_name(stem + partner + packing(path)).is_file() else None
    return form


def unpacked_stem(path: Path) -> str:
    """Give the name of a file without the ends that say its format and packing.

    Args:
        path: A file of a format of `SUFFIXES`.
    """
    name = unpacked_name(path)
    end = ".json" if name.endswith(".json") else file_format(path) or ""
    return name[: len(name) - len(end)]


def _is_side(path: Path, name: str) -> bool:
    """Tell whether a file such as `train.gn` has its other side beside it."""
    match = _SPLIT.fullmatch(name)
    if not match or match[2] in _NO_SIDE:
        return False
    sides = {match[2]}
    for other in path.parent.glob(f"{match[1]}.*"):
        if found := _SPLIT.fullmatch(unpacked_name(other)):
            sides.add(found[2])
    return len(sides) > 1 and not sides.isdisjoint(_PIVOTS)


@cache
def _lines(path: Path, size: int, changed: int) -> int:
    with open_text(path, lines=False) as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def _is_translation(path: Path) -> bool:
    """Tell whether a file beside `vref.txt` has its lines; notes and licences have far fewer."""
    counts = []
    for one in (path, path.with_name(VREF)):
        if not one.is_file():
            return False
        told = one.stat()
        counts.append(_lines(one, told.st_size, told.st_mtime_ns))
    # One that is cut short is still a Bible, and whoever reads its numbers says so.
    return counts[1] <= 2 * (counts[0] + 1) and counts[0] <= counts[1] + 1


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
    stem = unpacked_stem(path)
    yield stem
    if form in (".xml", ".sgm") and (match := _SEGMENTS.fullmatch(stem)):
        yield match["one"] or match["side"]
    for pattern in _RELEASED:
        if match := re.fullmatch(pattern, stem):
            yield match[1]
    if stem != "vref" and (match := _TRANSLATION.fullmatch(stem)) and _is_translation(path):
        yield match[1]
