"""A table of spellings: which Latin letters people write for a letter, and how often.

A table is a TSV. `letter<TAB>spellings` has one row for a letter or a pair of letters; a writer
keeps to what was drawn within a sentence. `letter<TAB>before<TAB>spellings`, as learnt from a
lexicon, has a row for each place of a letter, told by what stands behind it: there the vowel that
is heard but not written comes and goes, so that each occurrence is drawn. Letters are small ones;
capitals are spelled as these, and begin with a capital.
"""

from __future__ import annotations

import hashlib
import random
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ...errors import DataError

__all__ = ["ANYWHERE", "BEFORE", "SpellingTable", "before"]

BEFORE = ("mark", "letter", "end")
"""What may stand behind a letter: a vowel sign or another mark, a letter, anything else."""
ANYWHERE = ""
"""Behind a letter may stand whatever has no row of its own."""
_SHORT, _LONG = ["letter", "spellings"], ["letter", "before", "spellings"]
_Spellings = tuple[list[str], list[int]]


def before(text: str, place: int) -> str:
    """Say what stands at a place of a text, behind a letter: one of `BEFORE`."""
    while place < len(text) and unicodedata.category(text[place]) == "Cf":
        place += 1  # Joiners have no sound.
    kind = unicodedata.category(text[place])[0] if place < len(text) else ""
    return {"M": "mark", "L": "letter"}.get(kind, "end")


@dataclass(frozen=True)
class SpellingTable:
    """Spellings and their weights.

    Attributes:
        rows: Letter, and what stands behind it (`ANYWHERE`: no matter what) -> spellings and
            weights.
    """

    rows: Mapping[tuple[str, str], _Spellings] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, name: str) -> SpellingTable:
        """Read the text of a file.

        Args:
            text: Comments (`#`), a header, rows.
            name: What it is called in errors.

        Raises:
            DataError: It has no rows, a row is not such as the header says or comes twice, or a
                weight is no number.
        """
        lines = [line for line in text.splitlines() if line and line[0] != "#"]
        header = lines[0].split("\t") if lines else []
        if header not in (_SHORT, _LONG) or len(lines) == 1:
            legal = " or ".join("<TAB>".join(columns) for columns in (_SHORT, _LONG))
            raise DataError(
                f"{name} is no table of spellings: its header is {'<TAB>'.join(header)[:80]!r}, "
                f"with {max(0, len(lines) - 1)} rows; legal is {legal}, and rows"
            )
        rows: dict[tuple[str, str], _Spellings] = {}
        for line in lines[1:]:
            cells = line.split("\t")
            key = (cells[0], cells[1] if header == _LONG and len(cells) > 1 else ANYWHERE)
            if len(cells) != len(header) or not cells[0] or key[1] not in (*BEFORE, ANYWHERE):
                raise DataError(
                    f"{name}: the row {line[:80]!r} is not {'<TAB>'.join(header)}"
                    + (f", before being one of {', '.join(BEFORE)}" if header == _LONG else "")
                )
            if key in rows:
                raise DataError(f"{name}: {' before '.join(filter(None, key))} has two rows")
            rows[key] = _spellings(cells[-1], name)
        return cls(rows)

    @cached_property
    def digest(self) -> str:
        """Digest of the rows, 12 hexadecimal digits; comments count for nothing."""
        rows = sorted((*key, *spelled) for key, spelled in self.rows.items())
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:12]

    def written(self, comments: str = "") -> str:
        """Give the text of a file.

        Args:
            comments: Put before it, a line each.
        """
        told = "".join(f"# {line}\n" for line in comments.splitlines())
        rows = (
            "\t".join((*key, " ".join(f"{s}:{w}" for s, w in zip(*drawn, strict=True))))
            for key, drawn in self.rows.items()
        )
        return told + "\n".join(("\t".join(_LONG), *rows)) + "\n"

    def knows(self, sentence: str) -> bool:
        """Whether a letter of a sentence is in the table."""
        return bool(self.rows) and self._letters.search(sentence) is not None

    def write(self, sentence: str, chance: random.Random) -> str:
        """Write the letters of the table in Latin letters, pairs of letters first.

        Args:
            sentence: Text in its own script.
            chance: What draws.
        """
        if not self.rows:
            return sentence
        kept = {
            letter: chance.choices(*drawn)[0]
            for (letter, place), drawn in self.rows.items()
            if place == ANYWHERE
        }

        def spelled(found: re.Match[str]) -> str:
            text = found[0]
            letter = text if text in self._known else text.lower()
            drawn = self.rows.get((letter, before(sentence, found.end())))
            latin = chance.choices(*drawn)[0] if drawn else kept.get(letter, text)
            return latin if letter == text else latin[:1].upper() + latin[1:]

        return self._letters.sub(spelled, sentence)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(letter for letter, _ in self.rows)

    @cached_property
    def _letters(self) -> re.Pattern[str]:
        longest_first = sorted(self._known, key=lambda letter: (-len(letter), letter))
        return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)


def _spellings(cell: str, name: str) -> _Spellings:
    found = [spelling.rpartition(":") for spelling in cell.split()] or [("", "", cell)]
    names = [spelled if colon else weight for spelled, colon, weight in found]
    weights = [weight if colon else "1" for _, colon, weight in found]
    if not all(re.fullmatch("[1-9][0-9]{0,8}", weight) for weight in weights):
        raise DataError(f"{name}: {cell[:80]!r} has a weight that is no whole number above 0")
    return names, list(map(int, weights))
