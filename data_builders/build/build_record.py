"""The record of a build: plain JSON that the card, the tables and a later reader go by."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..json_file import read_object
from ..transliterators.base import RomanisationStats
from .selection import Selection

__all__ = [
    "LanguageCounts",
    "environment",
    "languages_table",
    "package_version",
    "refuse_to_discard",
    "write_json",
]

_LIBRARIES = (
    *("babel", "datasets", "huggingface_hub", "myanmartools", "pyarrow", "pyicu-wheels"),
    *("python-iso639", "regex", "sentencex", "uroman"),
)


@dataclass
class LanguageCounts:
    """What became of the sentences of one language.

    Attributes:
        code: Language code.
        selection: Available, target, taken, dropped before romanisation.
        kept: Rows written.
        validation: Rows of them in the validation split.
        dropped: Sentences lost in romanisation, by reason.
        stats: What the romaniser did.
        shared: Sentences that an earlier language of the group has too.
    """

    code: str
    selection: Selection
    kept: int = 0
    validation: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    stats: RomanisationStats = field(default_factory=RomanisationStats)
    shared: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Give the entry of the record.

        Returns:
            Counts; `shortfall` = target minus kept, `identity_rate` 0 to 1.
        """
        selection = self.selection
        return {
            "code": self.code,
            "available": selection.available,
            "target": selection.target,
            "taken": selection.taken,
            "kept": self.kept,
            "train": self.kept - self.validation,
            "validation": self.validation,
            "shortfall": max(0, selection.target - self.kept),
            "dropped": dict(sorted((selection.dropped + self.dropped).items())),
            "folded": dict(sorted(selection.folded.items())),
            "unmapped": self.stats.top(),
            "unmapped_characters": self.stats.unmapped.total(),
            "identity_rate": self.stats.identity_rate,
            "unreadable_numbers": self.stats.unreadable,
            "shared": self.shared,
            "documents": selection.documents,
            "cut": selection.cut,
        }


def package_version() -> str:
    """Read the version of the installed package.

    Returns:
        Such as `0.1.0`; `0+unknown` when it runs uninstalled from a checkout.
    """
    try:
        return version("translit-ppa")
    except PackageNotFoundError:
        return "0+unknown"


def environment() -> dict[str, Any]:
    """Describe what a build ran on.

    Returns:
        The fields `version`, `created` (UTC), `machine` and `libraries`.
    """
    libraries = {}
    for name in _LIBRARIES:
        try:
            libraries[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "version": package_version(),
        "created": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        "machine": {
            "python": platform.python_version(),
            "platform": platform.platform(),
            "cpu_count": os.cpu_count(),
        },
        "libraries": libraries,
    }


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON aside and move it into place.

    Args:
        path: The file.
        content: Plain JSON values.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    aside.write_text(text, encoding="utf-8")
    os.replace(aside, path)


def refuse_to_discard(out: Path, group: str, codes: Sequence[str]) -> None:
    """See that a build takes the place of no pairs in languages that it does not build.

    Args:
        out: Dataset folder.
        group: Name of the config.
        codes: Languages of the build.

    Raises:
        DataError: There are such pairs, or a record that cannot be read.
    """
    path = out / group / "build_record.json"
    if not path.exists():
        return
    entries = read_object(path).get("languages")
    kept = [
        str(entry.get("code"))
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and entry.get("kept")
    ]
    lost = [code for code in kept if code not in codes]
    if lost:
        raise DataError(
            f"{out / group} holds pairs in {', '.join(lost)}, which would be lost: give these "
            f"languages too ({' '.join([*lost, *codes])}), another --out, or remove {out / group}"
        )


def languages_table(languages: Sequence[dict[str, Any]]) -> str:
    """Lay out the counts of a build for a terminal.

    Args:
        languages: The entries of the record.

    Returns:
        Lines of equal columns.
    """
    head = ("language", "available", "target", "kept", "short", "identity", "unmapped", "dropped")
    rows = [head]
    for entry in languages:
        dropped = ", ".join(f"{reason} {count:,}" for reason, count in entry["dropped"].items())
        rows.append(
            (
                entry["code"],
                f"{entry['available']:,}",
                f"{entry['target']:,}",
                f"{entry['kept']:,}",
                f"{entry['shortfall']:,}",
                f"{100 * entry['identity_rate']:.1f} %",
                f"{entry['unmapped_characters']:,}",
                dropped,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if i in (0, 7) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    notes = {
        "folded forms, in sentences": {
            entry["code"]: ", ".join(f"{step} {n:,}" for step, n in entry["folded"].items())
            for entry in languages
        },
        "sentences of documents": {
            entry["code"]: f"{entry['available']:,} of {entry['documents']:,}"
            + (f", {entry['cut']:,} cuts in what was too long" if entry["cut"] else "")
            for entry in languages
            if entry["documents"] is not None
        },
        "sentences that an earlier language has too": {
            entry["code"]: f"{entry['shared']:,}" if entry["shared"] else "" for entry in languages
        },
    }
    for title, by_code in notes.items():
        told = "; ".join(f"{code} {note}" for code, note in by_code.items() if note)
        lines += [f"{title}: {told}"] if told else []
    return "\n".join(lines)
