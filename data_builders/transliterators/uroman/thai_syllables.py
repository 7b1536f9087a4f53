"""What uroman asks of the letters around a Thai consonant.

Does a syllable end behind it? Does a vowel that is written before it, alone or together with what
follows, sound behind it? And is O ANG a vowel's bearer without a sound of its own?
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from .readings import O_ANG, Readings, Unmodelled

if TYPE_CHECKING:
    from .lattice import Lattice

__all__ = ["ThaiSyllables"]

_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxyz")
_FINALS = _CONSONANTS - {"w", "y"}
_AROUND_O_ANG = _CONSONANTS - {"y"}
_VOWELS = tuple("aeiou")
_LONGEST_BEHIND = 3


class ThaiSyllables:
    """The questions, over the readings of one language.

    Args:
        readings: Of that language.

    Attributes:
        letters: The script.
        before: The vowels that are written before their consonant.
    """

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        core = readings.tables.core
        rules = core.uroman.rom_rules
        self.letters = core.chars_by("script")["Thai"]
        self.before = core.chars_with("syllable-info")
        self._tones = core.chars_with("tone-mark")
        self._first = {char: rules[char][0]["t"] for char in self.letters if rules[char]}
        self._letters_or_marks = {c for c in self._first if unicodedata.category(c)[0] in "LM"}
        self._around = {
            (key[0], key[2:]): rules[key][0]["t"]
            for key in rules
            if key[1:2] == "–" and key[0] in self.before
        }

    def ends(self, lattice: Lattice, position: int) -> bool:
        """Tell whether a syllable ends at a position.

        Args:
            lattice: With all edges that begin before the last character.
            position: Behind a Thai letter.

        Raises:
            Unmodelled: A letter of another script follows, whose reading depends on its place.
        """
        text, length = lattice.text, lattice.length
        if position < 2 or text[position - 2] in self.before:
            return False
        if not self._letter_or_mark(text[position - 2]):
            return False
        after = position + (text[position : position + 1] in self._tones)
        following = text[after : after + 1]
        if following in self.before or not following or not self._letter_or_mark(following):
            return True
        left = lattice.left[position - 1]
        if left is not None and left[1][-1:] in _FINALS:
            return False
        sound = self._sound(lattice, after, after + 2)
        if sound is None:
            sound = self._sound(lattice, after, after + 1)
        if sound is None or not sound.startswith(_VOWELS):
            return True
        if following == O_ANG and after + 1 < length:
            sound = self._sound(lattice, after + 1, after + 2)
            return sound is not None and sound.startswith(_VOWELS)
        return False

    def _sound(self, lattice: Lattice, start: int, end: int) -> str | None:
        if end > lattice.length:
            return None
        key = lattice.text[start:end]
        readings = key in self._readings.tables.prefixes and self._readings[key]
        if not readings:
            return None
        if readings[0].asks is not None:
            # The package asks here for the start of a word before it can know.
            raise Unmodelled
        return readings[0].latin.lower()

    def move(self, lattice: Lattice, latin: str, start: int, end: int) -> tuple[str, int, int]:
        """Put a vowel that is written before a consonant behind it, and silence O ANG.

        Args:
            lattice: With all edges that begin before.
            latin: Of the letters from start to end, not empty.
            start: Of a Thai letter.
            end: Of these letters.

        Returns:
            Latin, start and end of what it spans then.

        Raises:
            LeftOfPart: What precedes O ANG is outside this part of a text.
            Unmodelled: The package fails.
        """
        text = lattice.text
        before = text[start - 1] if start else ""
        if before in self.before:
            if start + 1 == end and _CONSONANTS.issuperset(latin):
                for behind in range(min(_LONGEST_BEHIND, lattice.length - end), 0, -1):
                    vowel = self._around.get((before, text[end : end + behind]))
                    if vowel is not None:
                        return latin + vowel, start - 1, end + behind
            if latin[0] in _CONSONANTS:
                return latin + self._first[before], start - 1, end
        if text[start] == O_ANG and start + 1 == end and not self._sounds(lattice, start, before):
            return "", start, end
        return latin, start, end

    def _sounds(self, lattice: Lattice, start: int, before: str) -> bool:
        """O ANG sounds between two consonants only."""
        after = lattice.text[start + 1 : start + 2]
        if before not in self.letters or after not in self.letters:
            return False
        if not _AROUND_O_ANG.issuperset(lattice.before(start) or " "):
            return False
        if after not in self._first:
            raise Unmodelled
        return _AROUND_O_ANG.issuperset(self._first[after] or " ")

    def _letter_or_mark(self, char: str) -> bool:
        if char in self._letters_or_marks:
            return True
        category = unicodedata.category(char)
        if category == "Cn":
            # The package asks another, newer table.
            raise Unmodelled
        return category[0] in "LM"
