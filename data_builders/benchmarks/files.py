"""Reading of aligned text files: which file is which language, and one row a line.

In: a folder of `CODE.tsv`/`CODE.txt` files, optionally `.gz`. Out: `{code: path}` and
`{id: text}`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from ..languages.groups import resolve_code
from ..reading.lines import read_lines
from ..sources.cldr.names import clean

# .dev and .devtest are the names inside FLORES-200.
SUFFIXES = (".tsv", ".txt", ".dev", ".devtest")


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
        `code -> path`, sorted by code. Files whose name is no language code are passed over.
    """
    stems: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        name = path.name.removesuffix(".gz")
        if path.is_file() and name.endswith(SUFFIXES):
            stem = name.rpartition(".")[0]
            if code_of(stem) is not None and stem in stems:
                raise DataError(f"{stems[stem]} and {path} are the same language; remove one")
            if code_of(stem) is not None:
                stems[stem] = path
    found: dict[str, Path] = {}
    for stem in sorted(stems, key=lambda s: (s != code_of(s), not s.endswith("_Hans"), s)):
        code = code_of(stem)
        found[code if code is not None and code not in found else stem] = stems[stem]
    return dict(sorted(found.items()))


def code_of(stem: str) -> str | None:
    """Return the language that a file's stem names, or None where it names none."""
    try:
        return resolve_code(stem)
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


def read_rows(path: Path) -> Rows:
    """Read `id<TAB>text` rows, or plain lines with their number as id.

    Args:
        path: The file has ids when each of its non-empty lines has a tab.

    Returns:
        The rows.

    Raises:
        DataError: Unreadable, or an id occurs twice.
    """
    lines = read_lines(path)
    with_ids = any(lines) and all("\t" in line for line in lines if line)
    texts: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        identifier, text = str(number), line
        if with_ids:
            identifier, _, text = line.partition("\t")
        if not clean(text):
            continue
        if identifier in texts:
            raise DataError(f"{path}, line {number}: id {identifier!r} occurs twice; keep one")
        texts[identifier] = clean(text)
    return Rows(texts, None if with_ids else len(lines))


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
