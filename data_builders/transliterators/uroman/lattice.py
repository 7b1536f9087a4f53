"""uroman's lattice, lean: the same edges from the same rules, and the same path through them.

An edge spans characters and carries their Latin. From the start, the path takes the longest edge,
and of equally long ones the first, then goes on at its end. A rule may ask for the start or the end
of a word, so all edges are drawn from left to right, also those that no path takes. What is not
modelled (`Unmodelled`, see `readings`) is left to the package's own lattice.
"""

from __future__ import annotations

from functools import cache

from .boundaries import KHMER_YO
from .core import UromanCore
from .readings import O_ANG, Forms, LeftOfPart, Reading, Readings, Tables, Unmodelled
from .thai_syllables import ThaiSyllables
from .tibetan_syllables import FULL, SILENT, TibetanSyllables

__all__ = ["Lattice", "LeanUroman", "lean_uroman"]

_LONG_NUMBER = 500
"""Python refuses to read numbers that are longer than its limit, 640 digits at least."""


class LeanUroman:
    """Romanises texts in one language.

    Args:
        tables: Of the package.
        lcode: ISO 639-3 code or None.
    """

    def __init__(self, tables: Tables, lcode: str | None) -> None:
        self.tables = tables
        self.lcode = lcode
        self.numerals: dict[str, str] = {}
        self.readings = Readings(tables, lcode)
        self.thai = ThaiSyllables(self.readings)
        self.tibetan = TibetanSyllables(tables.core)

    def __call__(self, text: str, *, part: bool) -> str:
        """Romanise a text, or a part of one.

        Args:
            text: Not empty.
            part: Whether more may stand on the left of it.

        Returns:
            Its romanisation, as the package has it.

        Raises:
            Unmodelled: Only the package knows.
            LeftOfPart: Only the whole text will do.
        """
        if len(text) == 1:
            return self._alone(text)
        if len(text) < _LONG_NUMBER:
            if text.isascii():
                return text
            digits = self.tables.digits
            number = text.replace(".", "", 1)
            if text[0] in digits and text[-1] in digits and digits.keys() >= set(number):
                return "".join(digits.get(char, char) for char in text)
        if not self.tables.without_latin.isdisjoint(text):
            # The package fails when it looks for the end of a word before some of them.
            raise Unmodelled
        return Lattice(text, self, part=part).path()

    def _alone(self, char: str) -> str:
        """Romanise a character that has no neighbours."""
        if char in self.numerals:
            return self.numerals[char]
        if char in self.tables.core.uroman.num_props:
            # One edge for its value and others for its sound: the package knows which counts.
            latin = self.tables.core.romanise_piece(char, self.lcode)
            assert latin is not None
            self.numerals[char] = latin
            return latin
        longest, own, fallback, latin = self.readings.characters[char]
        if latin or char == O_ANG:
            return latin
        for reading in self.readings[char] if longest else ():
            if reading.asks is None or False not in reading.asks:
                if reading.forms is not None:
                    return Lattice(char, self, part=True).path()
                return reading.latin.removeprefix(" ")
        return own or fallback


class Lattice:
    """The edges over one text.

    Args:
        text: The text.
        lean: Readings of its language.
        part: Whether more may stand on the left of it.

    Attributes:
        left: For each position the edge that ends there and begins first: its start and Latin.
    """

    def __init__(self, text: str, lean: LeanUroman, *, part: bool) -> None:
        self.text = text
        self.length = len(text)
        self.left: list[tuple[int, str] | None] = [None] * (self.length + 1)
        self._tables = lean.tables
        self._lean = lean
        self._thai = lean.thai
        self._part = part
        self._ends = [0] * self.length
        self._latin = [""] * self.length
        self._behind_letter = [False] * (self.length + 1)
        self._moved: dict[int, str] = {}
        self._vowels: list[int] | None = None
        self._draw_all()

    def _draw_all(self) -> None:
        text, length, tables = self.text, self.length, self._tables
        characters, table = self._lean.readings.characters, self._lean.readings
        prefixes, viramas, before = tables.prefixes, tables.viramas, self._thai.before
        previous = ""
        for start, char in enumerate(text):
            longest, own, _, latin = characters[char]
            # What most characters have: one rule, whatever their place.
            if latin and previous not in before:
                end = start + 1
                if end < length and text[end] in viramas:
                    end += 1
                self._add(start, end, latin)
            elif longest:
                self._draw(table[char], start, start + 1)
            for end in range(start + 2, start + longest + 1):
                key = text[start:end]
                if key not in prefixes or end > length:
                    break
                if readings := table[key]:
                    self._draw(readings, start, end)
            if own:
                self._add(start, start + 1, own)
            previous = char

    def path(self) -> str:
        """Join the Latin of the edges on the path."""
        parts = []
        position = 0
        while position < self.length:
            end = self._ends[position]
            if end:
                parts.append(self._latin[position])
            else:
                end = position + 1
                rest = self._lean.readings.characters[self.text[position]].fallback
                parts.append(self._moved.get(position, rest) if rest else rest)
            position = end
        return "".join(parts)

    def before(self, position: int) -> str:
        """Give the Latin that stands before a position, back to the first that is not empty.

        Raises:
            LeftOfPart: There is none in this part of a text.
        """
        latin = ""
        while position > 0 and not latin:
            edge = self.left[position]
            # Before an edge without Latin, the package passes over one character more.
            position, latin = edge if edge else (position, "")
            position -= not latin
        if not latin and self._part:
            raise LeftOfPart
        return latin

    def _add(self, start: int, end: int, latin: str) -> None:
        if end > self._ends[start]:
            self._ends[start] = end
            self._latin[start] = latin
        left = self.left[end]
        if left is None or start < left[0]:
            self.left[end] = (start, latin)
        if latin[-1:].isalpha():
            self._behind_letter[end] = True

    def _draw(self, readings: tuple[Reading, ...], start: int, end: int) -> None:
        """Draw the edge of the first reading that fits; its neighbours may change it."""
        for reading in readings:
            if reading[0] is None or self._fits(reading[0], start, end):
                break
        else:
            return
        _, plain, latin, final, forms, titled, thai = reading
        text = self.text
        following = text[end : end + 1]
        previous = text[start - 1 : start]
        moves = thai and (previous in self._thai.before or text[start] == O_ANG)
        if plain and not moves:
            self._add(start, end + (following in self._tables.viramas), latin)
            return
        if final is not None and self._thai.ends(self, end):
            latin = final
        if forms is not None:
            latin = self._with_vowel(forms, start, end)
        if not latin:
            self._add(start, end, latin)
            return
        if titled is not None and following.islower():
            latin = titled
        if moves:
            moved, first, last = self._thai.move(self, latin, start, end)
            if first < start or not moved:
                if start + 1 == end:
                    self._moved[start] = latin
                self._add(first, last, moved)
                return
        if following in self._tables.viramas:
            end += 1
        else:
            if latin[0] == " " and previous in ("", " "):
                latin = latin[1:]
            if latin[-1:] == " " and following == " ":
                latin = latin[:-1]
        self._add(start, end, latin)

    def _with_vowel(self, forms: Forms, start: int, end: int) -> str:
        """Choose between a consonant and the consonant with its inherent vowel."""
        bare, full, plain, script, at_end, bare_before_yo, full_at_start, vocalic = forms
        if script == "Tibetan":
            if self._vowels is None:
                self._vowels = self._lean.tibetan(self.text)
            place = self._vowels[start]
            return "" if place == SILENT else full if place == FULL else bare
        text, tables = self.text, self._tables
        before = text[start - 1] if start else ""
        after = text[end] if end < self.length else ""
        if after and (
            after in tables.bare_before
            or (after in tables.marks and text[end + 1 : end + 2] in tables.bare_over_mark)
            or (after == KHMER_YO and bare_before_yo)
        ):
            return bare
        if before in tables.viramas or (full_at_start and self._starts_word(start)):
            return full
        if self._ends_word(end):
            return at_end
        if tables.scripts.get(before, "") != script:
            return full
        if vocalic:
            return bare
        return full if tables.scripts.get(after, "") == script else plain

    def _fits(self, asks: tuple[bool | None, bool | None], start: int, end: int) -> bool:
        at_start, at_end = asks
        if at_start is not None and self._starts_word(start) != at_start:
            return False
        return at_end is None or self._ends_word(end) == at_end

    def _starts_word(self, position: int) -> bool:
        if position and self.text[position - 1].isalpha():
            return False
        return not self._behind_letter[position]

    def _ends_word(self, position: int) -> bool:
        """Look whether a letter follows, or a rule that begins there and gives one."""
        text, tables = self.text, self._tables
        if position < self.length and text[position].isalpha():
            return False
        while position + 1 < self.length and text[position] in tables.nuktas:
            position += 1
        for end in range(position + 1, self.length + 1):
            key = text[position:end]
            if key not in tables.prefixes:
                break
            if key in tables.lettered:
                return False
        return True


_tables = cache(Tables)
_lean = cache(LeanUroman)


def lean_uroman(core: UromanCore, lcode: str | None) -> LeanUroman:
    """Prepare a language, once in a process; all that uroman treats alike are one."""
    tables = _tables(core)
    return _lean(tables, tables.language(lcode))
