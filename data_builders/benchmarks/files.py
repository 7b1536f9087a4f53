"""Aligned text files: which file is which language, and which text has which id.

In: a folder of files named by language, in any format that `reading` knows. Out: `{code: path}`
and `{id: text}`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from ..languages.groups import resolve_code
from ..notices import tell_once, tell_strange_names
from ..packed import unpacked_name
from ..reading.names import VREF, file_format, language_tags, why_no_format
from ..reading.recognise import recognise, why_stray
from ..reading.rows import Columns, Layout, Row
from ..sources.cldr.names import clean

MOST = 1 << 30
"""Characters of one language of a benchmark."""
_FLORES = r"(\w+)\.(?:dev|devtest)|(?:dev|devtest)\.(\w+)"
"""What files are called inside FLORES-200, and inside FLORES+ before it was on the Hub."""


def need_folder(directory: str | Path | None, benchmark: str, what: str) -> Path:
    """Return the folder as a path.

    Args:
        directory: What the user gave.
        benchmark: Name for the message.
        what: Which files belong there, for the message.

    Raises:
        DataError: No folder was given or there is none at that place.
    """
    if directory is None or not str(directory):
        raise DataError(
            f"{benchmark} reads a local folder and none was given; "
            f"give one, {benchmark}:DIR, with {what}"
        )
    folder = Path(directory)
    if not folder.is_dir():
        raise DataError(f"{benchmark}: {folder} is no folder; make it and place {what} there")
    return folder


def language_files(folder: Path) -> dict[str, Path]:
    """Find the files that are named by a language code.

    Two files may resolve to one code (`zho_Hans` and `zho_Hant` are both Han script). The file
    with the plain code has it, else the simplified one, else the first by name; the others stay
    reachable under their own spelling, `zho_Hant`.

    Args:
        folder: An existing folder.

    Returns:
        `code -> path`, sorted by code; a file whose rows say their language (`.tmx`) is there once
        for each of them. `files_passed_over` tells of the rest.

    Raises:
        DataError: Two files are the same language.
    """
    stems: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        for stem in _stems(path):
            if stem in stems:
                raise DataError(f"{stems[stem]} and {path} are the same language; remove one")
            stems[stem] = path
    return {code: stems[stem] for code, stem in by_code(stems, str(folder)).items()}


def by_code(stems: Iterable[str], where: str) -> dict[str, str]:
    """Map language codes to the spellings a source uses.

    Where two spellings are one code (`zho_Hans`, `zho_Hant`), the plain one has it, else the
    simplified one, else the first by name; the others keep their own spelling, and are told.

    Args:
        stems: Names of folders or configs; what names no language is left out, and told.
        where: What holds them, for that line.

    Returns:
        Spelling by code, sorted.
    """
    found: dict[str, str] = {}
    stems = list(stems)
    known = [stem for stem in stems if code_of(stem) is not None]
    tell_strange_names(where, set(stems).difference(known))
    beside = []
    for stem in sorted(known, key=lambda s: (s != code_of(s), not s.endswith("_Hans"), s)):
        code = code_of(stem) or stem
        if code in found:
            beside.append(f"{stem} (beside {found[code]})")
            code = stem
        found[code] = stem
    if beside:
        more = f" and {len(beside) - 5} more" if beside[5:] else ""
        tell_once(
            f"{where}: of one language and script, so under own names: "
            f"{', '.join(beside[:5])}{more}"
        )
    return dict(sorted(found.items()))


def _stems(path: Path) -> list[str]:
    """Spellings of the languages that a file holds; none for a file of no language."""
    if not path.is_file() or why_stray(path):
        return []
    if file_format(path) in (".tmx", ".xml") and (layout := _of_many_languages(path)):
        tags = dict.fromkeys(row.language for row in layout.read())
        return [tag for tag in tags if tag and code_of(tag)]
    name = unpacked_name(path)
    flores = re.fullmatch(_FLORES, name)
    stems = [flores[1] or flores[2]] if flores else list(language_tags(path))
    return next(([stem] for stem in stems if code_of(stem) is not None), [])


def _of_many_languages(path: Path) -> Layout | None:
    layout = recognise(path)
    return layout if layout.many_languages else None


def files_passed_over(folder: Path) -> dict[str, str]:
    """Say which files of a folder are none that `language_files` finds, and why.

    Args:
        folder: An existing folder.

    Returns:
        Reasons by file name; hidden files are not mentioned.
    """
    found = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file() or _stems(path):
            continue
        tag = next(language_tags(path), None)
        if why := why_stray(path):
            found[path.name] = why
        elif tag is None:
            found[path.name] = why_no_format(path)
        elif path.name != VREF:
            try:
                resolve_code(tag)
            except DataError as error:
                found[path.name] = str(error)
    return found


def code_of(stem: str | None) -> str | None:
    """Return the language that a file's stem names, or None where it names none."""
    try:
        return resolve_code(stem or "")
    except DataError:
        return None


@dataclass(frozen=True)
class Rows:
    """One language's texts.

    Attributes:
        texts: `id -> text` in the order of the file, NFC, rows without text left out.
        lines: Number of lines where line numbers are the ids, None where the file has ids.
    """

    texts: dict[str, str]
    lines: int | None = None


def read_rows(path: Path, code: str | None = None) -> Rows:
    """Read rows with their ids, or plain lines with their number as id.

    Args:
        path: Any file that `reading.recognise` knows; two columns without a header are id and text.
        code: The language, for a file of several.

    Returns:
        The rows.

    Raises:
        DataError: Unreadable, a row has fewer cells than others, or an id occurs twice.
    """
    try:
        layout = recognise(path, Columns(ids_if_any=True))
    except DataError as problem:
        raise DataError(f"cannot read {path}: {problem}") from problem
    texts: dict[str, str] = {}
    number = size = 0
    for number, row in enumerate(_wrapped(layout.read(), path), start=1):
        where = f"{path}, row {number}"
        if row.missing:
            raise DataError(f"{where} has fewer cells than the first row")
        if row.drop or (layout.many_languages and code and code_of(row.language) != code):
            continue
        text = clean(row.text or "")
        size += len(text)
        if size > MOST or any("\ud800" <= char <= "\udfff" for char in text):
            told = f"longer than {MOST:,} characters" if size > MOST else "not UTF-8"
            raise DataError(f"cannot read {where}: it is {told}")
        if not text:
            continue
        identifier = row.id if layout.has_ids and row.id is not None else str(number)
        if identifier in texts:
            raise DataError(f"{where}: id {identifier!r} occurs twice; keep one")
        texts[identifier] = text
    return Rows(texts, None if layout.has_ids else number)


def _wrapped(rows: Iterator[Row], path: Path) -> Iterator[Row]:
    """Say with each mistake in which of many folders the file lies."""
    try:
        yield from rows
    except DataError as problem:
        raise DataError(f"cannot read {path}: {problem}") from problem


def digest(paths: Iterable[Path], folder: Path) -> str:
    """Return `sha256:` and 12 hex digits over the places and contents of files.

    Args:
        paths: The files.
        folder: What their places are told from: where it lies itself does not count.
    """
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{total.hexdigest()[:12]}"
