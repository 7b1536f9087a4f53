"""Languages and groups of languages: codes such as `amh_Ethi`, and the TSV files that list them.

Source: the paper, Table 1 (the two groups of ten) and its section on evaluation (English).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from ..names import ConfigName
from ..text_file import read_text
from .codes import known_script, resolve_code, romaniser_code

__all__ = [
    "GROUPS_DIR",
    "ROLES",
    "Language",
    "LanguageGroup",
    "group_names",
    "known_script",
    "load_group",
    "resolve_code",
    "romaniser_code",
]

GROUPS_DIR = Path(__file__).parents[1] / "groups"
ROLES = ("train", "evaluation")
_FIELDS = ("code", "name", "role", "printed", "full", "source")
_MOST_BYTES = 1 << 24


@dataclass(frozen=True)
class Language:
    """One language in one script.

    Attributes:
        iso639_3: Language, ISO 639-3 (`amh`).
        iso15924: Script, ISO 15924 (`Ethi`).
        name: English name.
        printed: Sentences in Table 1 of the paper, None where it prints none.
        full: Sentences in the whole Glot500 corpus that Table 1 was sampled from, or None.
        role: `train` or `evaluation`.
    """

    iso639_3: str
    iso15924: str
    name: str = ""
    printed: int | None = None
    full: int | None = None
    role: str = "train"

    @property
    def code(self) -> str:
        """The code with its script, as in `amh_Ethi`."""
        return f"{self.iso639_3}_{self.iso15924}"


@dataclass(frozen=True)
class LanguageGroup:
    """Languages that are trained together.

    Attributes:
        name: Name of the group, and of the dataset config built from it.
        languages: Languages with role `train`, in the order of the file.
        evaluation_sources: Languages with role `evaluation` (never trained on).
        path: The TSV it was read from.
    """

    name: str
    languages: tuple[Language, ...]
    evaluation_sources: tuple[Language, ...]
    path: Path

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the languages trained on."""
        return tuple(language.code for language in self.languages)

    @property
    def scored_codes(self) -> tuple[str, ...]:
        """Codes that retrieval scores: those trained on, then the evaluation sources."""
        return (*self.codes, *(language.code for language in self.evaluation_sources))


def group_names() -> tuple[str, ...]:
    """List the groups that come with the package.

    Returns:
        Their names, sorted.
    """
    return tuple(sorted(path.stem for path in GROUPS_DIR.glob("*.tsv")))


def load_group(name_or_path: str | Path, languages: Sequence[str] | None = None) -> LanguageGroup:
    """Read a group of languages.

    Args:
        name_or_path: `mediterranean`, `sea`, or the path of a TSV with a header and the
            columns `code name role printed full source` (only `code` is needed; lines that
            start with `#` are comments).
        languages: Codes or aliases to keep; None keeps all. Evaluation sources always stay.

    Returns:
        The group, training languages in the order of the file.

    Raises:
        DataError: No such group, or a line or a code that is wrong (named, with what is legal).
    """
    path = GROUPS_DIR / f"{name_or_path}.tsv"
    if str(name_or_path) not in group_names():
        path = Path(name_or_path)
        if not path.is_file():
            raise DataError(
                f"unknown group {str(name_or_path)!r}; legal are {', '.join(group_names())} "
                "or the path of a TSV file with a column 'code'"
            )
    rows = _read_group(path)
    if languages is not None:
        wanted = _subset(languages, [row.code for row in rows], path.stem)
        rows = [row for row in rows if row.code in wanted or row.role == "evaluation"]
    trained = tuple(row for row in rows if row.role == "train")
    if not trained:
        raise DataError(
            f"{path.name}: no language to train on; "
            + ("add rows" if languages is None else "name one")
            + " with role 'train'"
        )
    sources = tuple(row for row in rows if row.role == "evaluation")
    return LanguageGroup(_group_name(path), trained, sources, path)


def _group_name(path: Path) -> str:
    try:
        return ConfigName(path.stem, path.name)
    except DataError as error:
        raise DataError(f"{error}: rename the file") from error


def _subset(wanted: Sequence[str], legal: Sequence[str], group: str) -> set[str]:
    codes = {code: resolve_code(code) for code in wanted}
    unknown = [code for code, resolved in codes.items() if resolved not in legal]
    if unknown:
        raise DataError(f"{', '.join(unknown)} not in group {group}; legal are {', '.join(legal)}")
    return set(codes.values())


def _read_group(path: Path) -> list[Language]:
    lines = read_text(path, _MOST_BYTES).split("\n")
    header: list[str] = []
    rows: dict[str, tuple[int, Language]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        where = f"{path.name} line {number}"
        cells = [cell.strip() for cell in line.rstrip("\r").split("\t")]
        if not header:
            if "code" not in cells or set(cells) - set(_FIELDS) or len(set(cells)) < len(cells):
                raise DataError(
                    f"{where}: header {' '.join(cells)[:80]!r}; legal are the columns "
                    f"{' '.join(_FIELDS)}, tab-separated, each once; 'code' is needed"
                )
            header = cells
            continue
        if not header.index("code") < len(cells) <= len(header):
            raise DataError(f"{where}: {len(cells)} cells, the header has {len(header)}")
        row = _language(dict(zip(header, cells, strict=False)), where)
        if row.code in rows:
            raise DataError(
                f"{where}: {cells[header.index('code')]!r} is {row.code}, already on line "
                f"{rows[row.code][0]}; keep one row per language"
            )
        rows[row.code] = (number, row)
    return [row for _, row in rows.values()]


def _language(cells: dict[str, str], where: str) -> Language:
    try:
        code = resolve_code(cells["code"])
    except DataError as error:
        raise DataError(f"{where}: {error}") from error
    role = cells.get("role") or "train"
    if role not in ROLES:
        raise DataError(f"{where}: role {role!r}; legal are {', '.join(ROLES)}")
    counts = {}
    for field in ("printed", "full"):
        value = cells.get(field, "")
        if value and not re.fullmatch("[0-9]{1,15}", value):
            raise DataError(
                f"{where}: {field} {value[:40]!r}; legal is a whole number of at most 15 digits, "
                "or nothing"
            )
        counts[field] = int(value) if value else None
    language, script = code.split("_")
    return Language(language, script, cells.get("name", ""), role=role, **counts)
