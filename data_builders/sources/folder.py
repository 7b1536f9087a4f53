"""Which files there are for which language: by their names, or by what their rows say."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from ..errors import DataError
from ..languages.groups import resolve_code
from ..packed import unpacked_name
from ..reading.arrow import SPLITS_FILE, is_saved
from ..reading.names import MANY, VREF, file_format, language_tags, legal_names, why_no_format
from ..reading.recognise import recognise, why_stray
from ..reading.rows import Columns, Layout
from ..schema import TEXT, TRANSLITERATION
from ..text_file import name_of
from .in_folders import code_or_none, documents_layout, files_in_folders, inside_of, is_document

__all__ = [
    "TextFiles",
    "file_digest",
    "language_of_file",
]


def language_of_file(path: Path) -> str | None:
    """Read the language code out of the name of a file, or of a folder of `save_to_disk`.

    Args:
        path: Such as `amh_Ethi.txt`, `pes_Arab.tsv.gz` or `eng-x-bible-world.txt`.

    Returns:
        The canonical code, or None when the name is none.
    """
    if file_format(path) in MANY:
        return None  # Its rows tell, and the name does not: `my.tmx` need not be Burmese.
    # A folder of save_to_disk is named as a file of text would be.
    named = path.with_name(f"{path.name}.txt") if is_saved(path) else path
    return next(filter(None, map(code_or_none, language_tags(named))), None)


@dataclass(frozen=True)
class TextFiles:
    """A folder of files named by language, or one file.

    Attributes:
        path: The folder or the file.
        columns: Which columns hold text and ready romanisation.

    Raises:
        DataError: There is nothing to read.
    """

    path: Path
    columns: Columns

    def __post_init__(self) -> None:
        if not self.path.exists():
            raise DataError(f"no file or folder {self.path}; legal is files:DIR")
        if (self.path / SPLITS_FILE).is_file():
            raise DataError(
                f"{self.path} holds several splits that save_to_disk wrote; give one of them, such "
                f"as {self.path / 'train'}"
            )
        if not self.files and not self.mixed and not self.shared:
            reasons = [f"{name}: {why}" for name, why in self.why_skipped(()).items()]
            told = f" ({'; '.join(reasons[:3])})" if reasons else ""
            raise DataError(
                f"{self.path}: no file named by a language; legal are names such as amh_Ethi.txt "
                f"or pes_Arab.tsv.gz ({legal_names()}), and folders such as amh_Ethi{told}"
            )

    @property
    def _is_folder(self) -> bool:
        return self.path.is_dir() and not is_saved(self.path)

    @cached_property
    def _inside(self) -> list[Path]:
        return sorted(self.path.iterdir()) if self._is_folder else [self.path]

    @cached_property
    def files(self) -> dict[str, list[Path]]:
        """Files by language code, in the order of their names."""
        found: dict[str, list[Path]] = {}
        for path in self._inside:
            if path in self.shared or path in self._strays:
                continue
            code = language_of_file(path) if path.is_file() or is_saved(path) else None
            if code:
                found.setdefault(code, []).append(path)
        for code, paths in self._in_folders.items():
            found.setdefault(code, []).extend(paths)
        return found

    @cached_property
    def _strays(self) -> dict[Path, str]:
        """XML and SGML of a folder that is none of its text, and why; a single file is meant."""
        told = {path: why_stray(path) for path in self._inside} if self._is_folder else {}
        return {path: why for path, why in told.items() if why}

    @cached_property
    def _in_folders(self) -> dict[str, list[Path]]:
        return files_in_folders(self.path) if self._is_folder else {}

    @cached_property
    def whole(self) -> frozenset[Path]:
        """Files that are one document each: the plain text in folders named by a language."""
        every = (path for paths in self._in_folders.values() for path in paths)
        return frozenset(path for path in every if is_document(path))

    def layout(self, path: Path, columns: Columns) -> Layout:
        """Find out what a file is.

        Args:
            path: One of the files.
            columns: What is to be read.

        Returns:
            Its layout; that of a document is one row.

        Raises:
            DataError: As `recognise`.
        """
        if path not in self.whole:
            return recognise(path, columns)

        return documents_layout([path])

    def name(self, path: Path) -> str:
        """Name a file: with its folders where it lies in one named by a language."""
        folders = path.relative_to(self.path).parts[:-1] if self._is_folder else ()
        return "/".join([*(name_of(Path(part)) for part in folders), name_of(path)])

    @cached_property
    def shared(self) -> list[Path]:
        """Files whose rows say their language."""
        found = []
        for path in self._inside:
            likely = language_of_file(path) is None and path not in self._strays
            if path.is_file() and file_format(path) and likely:
                with suppress(DataError):
                    if recognise(path).many_languages:
                        found.append(path)
        return found

    @cached_property
    def _codes(self) -> dict[str, list[Path]]:
        """Files whose rows say their language, by the languages that they hold: a pass over all."""
        found: dict[str, list[Path]] = {}
        for path in self.shared:
            with closing(recognise(path).read()) as rows:  # type: ignore[type-var]
                tags = dict.fromkeys(row.language for row in rows)
            for code in dict.fromkeys(filter(None, map(code_or_none, tags))):
                found.setdefault(code, []).append(path)
        return found

    @cached_property
    def mixed(self) -> bool:
        """Whether this is one file of ready pairs that does not say which row is which language."""
        if self._is_folder or self.files or self.shared:
            return False
        if not self.path.is_file() and not is_saved(self.path):
            raise DataError(f"{self.path} is no regular file; give a file or a folder")
        told = ""
        if file_format(self.path) is not None or is_saved(self.path):
            try:
                if recognise(self.path, self.columns).is_pairs:
                    return True
            except DataError as error:
                told = f". It is not the latter: {error}"
        raise DataError(
            f"{name_of(self.path)}: a single file is either named by its language "
            f"(amh_Ethi.txt) or holds ready pairs (columns {TEXT} and {TRANSLITERATION}, or "
            f"--transliteration-column){told}"
        )

    def all(self) -> list[Path]:
        """List the files of all languages."""
        if self.mixed:
            return [self.path]
        return [p for paths in self.files.values() for p in paths] + self.shared

    def of(self, code: str) -> list[Path]:
        """List the files of a language.

        Args:
            code: Its code.

        Returns:
            Paths, in the order in which they are read.
        """
        if self.mixed:
            return [self.path]
        return self.files.get(code, []) + self._codes.get(code, [])

    def why_skipped(self, codes: Sequence[str]) -> dict[str, str]:
        """Say of each file that no language of a group uses why it is passed over.

        Args:
            codes: Codes of the languages built.

        Returns:
            Reasons by file name; hidden files are not mentioned.
        """
        if not self._is_folder:
            return {}
        used = {path for code in codes for path in self.of(code)}
        rest = [p for p in self._inside if p not in used and not p.name.startswith(".")]
        told = {name_of(path): self._why(path) for path in rest if path.is_file()}
        inside = (p for f in rest if f.is_dir() and code_or_none(f.name) for p in inside_of(f))
        return told | {self.name(path): why for path in inside if (why := why_stray(path))}

    def _why(self, path: Path) -> str:
        if path in self._strays:
            return self._strays[path]
        if path in self.shared:
            return "holds none of these languages"
        if file_format(path) is None:
            return why_no_format(path)
        code = language_of_file(path)
        if code:
            return f"{code} is none of these languages"
        if unpacked_name(path) == VREF:
            return "holds the numbers of verses"
        try:
            resolve_code(next(language_tags(path)))
        except DataError as error:
            return str(error)
        return "its name is no language code"


def file_digest(path: Path) -> str:
    """Digest the content of a file, or of all files of a folder.

    Args:
        path: The file or folder.

    Returns:
        Hexadecimal SHA-256.

    Raises:
        DataError: It cannot be read.
    """
    if path.is_dir():
        parts = [f"{name_of(p)}\0{file_digest(p)}" for p in sorted(path.iterdir()) if p.is_file()]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()
    try:
        found = path.stat()
        return _digest_of(path, found.st_size, found.st_mtime_ns)
    except OSError as error:
        raise DataError(f"cannot read {name_of(path)}: {error.strerror or error}") from error


@lru_cache(maxsize=1 << 16)
def _digest_of(path: Path, size: int, changed: int) -> str:
    """Digest a file; a build asks several times, and one that is as it was is not read again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
