"""A table of spellings: which Latin letters people write for a letter, and how often.

A table is a TSV. `letter<TAB>spellings` has one row for a letter or a pair of letters; a writer
keeps to what was drawn within a sentence. `letter<TAB>before<TAB>spellings`, as learnt from a
lexicon, has a row for each place of a letter, told by what stands behind it: there the vowel that
is heard but not written comes and goes, so that each occurrence is drawn.
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
_HEADERS = (["letter", "spellings"], ["letter", "before", "spellings"])
_Spellings = tuple[list[str], list[int]]


def before(text: str, place: int) -> str:
    """Say what stands at a place of a text, behind a letter: one of `BEFORE`."""
    kind = unicodedata.category(text[place])[0] if place < len(text) else ""
    return {"M": "mark", "L": "letter"}.get(kind, "end")


@dataclass(frozen=True)
class SpellingTable:
    """Spellings and their weights.

    Attributes:
        rows: Letter, and what stands behind it (`ANYWHERE`: no matter what) -> spellings and
            weights.
        digest: Of the file, 12 hexadecimal digits; empty for a table that came from none.
    """

    rows: Mapping[tuple[str, str], _Spellings] = field(default_factory=dict)
    digest: str = ""

    @classmethod
    def read(cls, text: str, name: str) -> SpellingTable:
        """Read the text of a file.

        Args:
            text: Comments (`#`), a header, rows.
            name: What it is called in errors.

        Raises:
            DataError: A row is not such as the header says, or a weight is no number.
        """
        lines = [line for line in text.split("\n") if line and line[0] != "#"]
        header = lines[0].split("\t") if lines else []
        if header not in _HEADERS:
            legal = " or ".join(repr("\t".join(columns)) for columns in _HEADERS)
            raise DataError(
                f"{name}: its header is {'<TAB>'.join(header)[:80]!r}, legal is {legal}"
            )
        rows: dict[tuple[str, str], _Spellings] = {}
        for line in lines[1:]:
            cells = line.split("\t")
            place = cells[1] if len(header) == len(_HEADERS[1]) and len(cells) > 1 else ANYWHERE
            known = place in BEFORE if len(header) == len(_HEADERS[1]) else True
            if len(cells) != len(header) or not cells[0] or not known:
                raise DataError(
                    f"{name}: the row {line[:80]!r} is not {'<TAB>'.join(header)}"
                    f"{'' if known else ', before being one of ' + ', '.join(BEFORE)}"
                )
            rows[cells[0], place] = _spellings(cells[-1], name)
        return cls(rows, hashlib.sha256(text.encode()).hexdigest()[:12])

    def written(self, comments: str = "") -> str:
        """Give the text of a file with a row for each place of a letter.

        Args:
            comments: Put before it, a line each.
        """
        told = "".join(f"# {line}\n" for line in comments.splitlines())
        rows = (
            "\t".join((*key, " ".join(f"{s}:{w}" for s, w in zip(*drawn, strict=True))))
            for key, drawn in self.rows.items()
        )
        return told + "\n".join(("\t".join(_HEADERS[1]), *rows)) + "\n"

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

        def drawn_for(found: re.Match[str]) -> str:
            if found[0] in kept:
                return kept[found[0]]
            drawn = self.rows.get((found[0], before(sentence, found.end())))
            return chance.choices(*drawn)[0] if drawn else found[0]

        return self._letters.sub(drawn_for, sentence)

    @cached_property
    def _letters(self) -> re.Pattern[str]:
        longest_first = sorted({letter for letter, _ in self.rows}, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)))


def _spellings(cell: str, name: str) -> _Spellings:
    found = [spelling.rpartition(":") for spelling in cell.split(" ")]
    names = [spelled if colon else weight for spelled, colon, weight in found]
    weights = [weight if colon else "1" for _, colon, weight in found]
    if not all(re.fullmatch("[1-9][0-9]{0,8}", weight) for weight in weights):
        raise DataError(f"{name}: {cell[:80]!r} has a weight that is no whole number above 0")
    return names, list(map(int, weights))
