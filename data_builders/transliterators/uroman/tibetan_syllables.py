"""Which letter of a Tibetan syllable bears its vowel; the others are bare consonants.

A written vowel decides, or a subjoined or final -A. Without one, the first of up to two letters
bears the vowel, unless another stands below it; of more letters the package decides, by
the clusters that begin and end a syllable.
"""

from __future__ import annotations

import re

from .character_classes import characters, one_of
from .core import UromanCore

__all__ = ["BARE", "FULL", "SILENT", "TibetanSyllables"]

BARE, FULL, SILENT = range(3)

_A = "\u0f60"
_SUBJOINED_A = "\u0fb0"
_VOWELS = frozenset("aeiou")


class TibetanSyllables:
    """Finds the syllables of a text and what becomes of each letter's inherent vowel.

    Args:
        core: The loaded package.
    """

    def __init__(self, core: UromanCore) -> None:
        self._core = core
        self._latin: dict[str, str] = {}
        self._subjoined = characters()["subjoined"]
        signs = core.chars_with("is-vowel-sign")
        for char in core.chars_by("script")["Tibetan"]:
            if "LETTER" in core.uroman.chr_name(char) or char in signs:
                rules = core.uroman.rom_rules[char]
                self._latin[char] = rules[0]["t"] if rules else "?"
        self._vowels = {
            c for c, t in self._latin.items() if c in signs or (t and set(t) <= _VOWELS)
        }
        self._apostrophes = {c for c, latin in self._latin.items() if c == _A or latin == "'"}
        self._syllables = re.compile(f"{one_of(self._latin)}+")

    def __call__(self, text: str) -> list[int]:
        """Place the vowels.

        Args:
            text: Any text.

        Returns:
            For each character `BARE`, `FULL` or `SILENT`; only those of letters matter.
        """
        placed = [BARE] * len(text)
        for found in self._syllables.finditer(text):
            placed[found.start() : found.end()] = self._syllable(found.group())
        return placed

    def _syllable(self, letters: str) -> list[int]:
        bears: list[int | None] = [None] * len(letters)
        written = silent = False
        for i, char in enumerate(letters):
            if char in self._vowels:
                bears[i] = FULL
                written = True
                silent |= i == 1 and letters[0] in self._apostrophes
            elif char in self._subjoined:
                if i:
                    bears[i - 1] = FULL if char == _SUBJOINED_A else BARE
                    written |= char == _SUBJOINED_A
            elif char == _A:
                bears[i] = BARE
                if i:
                    bears[i - 1] = FULL
                    written = True
        if not written:
            if len(letters) > 2:
                latin = [self._latin[char] for char in letters]
                return list(map(int, self._core.tibetan_vowels(letters, latin, self._subjoined)))
            if None in bears:
                bears[bears.index(None)] = FULL
        if silent:
            bears[0] = SILENT
        if letters[-1] == _A and len(letters) > 1:
            bears[-1] = SILENT
        return [place or BARE for place in bears]
