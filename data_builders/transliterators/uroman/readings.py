"""How uroman reads each string of its tables in one language, compiled for the lean lattice.

All comes from the tables of the installed package, a string's readings on first sight of it. What
the lean lattice does not treat is told apart here, as `Unmodelled`: characters with a number among
others, Braille, and what doubles, lengthens or palatalises the Latin of a neighbour.
"""

from __future__ import annotations

import unicodedata
from typing import Any, NamedTuple

from .boundaries import BARE_AT_END, DOUBLERS, FOLLOWERS
from .character_classes import characters
from .core import UromanCore
from .package_lattices import BRAILLE

__all__ = [
    "O_ANG",
    "Character",
    "Forms",
    "LeftOfPart",
    "Reading",
    "Readings",
    "Tables",
    "Unmodelled",
]

O_ANG = "\u0e2d"
_CHANGES_NEIGHBOUR = frozenset(DOUBLERS + FOLLOWERS)
_YO_TAKES_VOWEL = ("bcdfghklmnpqrstvwz", "ng")


class Unmodelled(Exception):
    """A text that only the package itself can romanise."""


class LeftOfPart(Exception):
    """A part of a text that only makes sense with what stands on the left of it."""


class Forms(NamedTuple):
    """A consonant with an inherent vowel: its Latin by what stands around it."""

    bare: str
    full: str
    plain: str
    script: str
    at_end: str
    bare_before_yo: bool
    full_at_start: bool
    vocalic: bool


class Reading(NamedTuple):
    """One rule: what it asks of its place, and its Latin."""

    asks: tuple[bool | None, bool | None] | None
    """Whether to stand at the start and at the end of a word; None for no matter."""
    plain: bool
    """Whether nothing but a virama behind it, or Thai, changes the edge."""
    latin: str
    final: str | None
    """Latin at the end of a Thai syllable."""
    forms: Forms | None
    titled: str | None
    """Latin before a small letter."""
    thai: bool


class Character(NamedTuple):
    """What a character is beside its rules."""

    longest: int
    """Length of the longest rule that begins with it, or 0."""
    own: str
    """Its Latin as a Hangul syllable, or by its compatibility decomposition; empty for none."""
    fallback: str
    """What is left of it where nothing romanises it."""
    latin: str
    """Its Latin by a plain rule that asks nothing; empty for none."""


class Tables:
    """What the tables of a package say whatever the language.

    Args:
        core: The loaded package.

    Attributes:
        core: The same.
        scripts: Character -> script, of Thai and of scripts with an inherent vowel.
        longest: Character -> length of the longest rule that begins with it.
        prefixes: What some rule begins with.
        lettered: Sources of rules that give a letter, also within a word.
        without_latin: Characters that begin a rule without Latin.
        digits: Decimal digit -> its ASCII digit.
        marks: Nonspacing marks.
        nuktas: Those that the end of a word is looked for behind.
        viramas: Signs that silence the inherent vowel.
        bare_before: Characters that leave a consonant before them bare.
        bare_over_mark: The same, where a nonspacing mark stands between.
    """

    def __init__(self, core: UromanCore) -> None:
        self.core = core
        uroman = core.uroman
        treated = {*uroman.vowel_scripts, "Thai"}
        scripts = core.chars_by("script")
        self.scripts = {char: name for name in treated for char in scripts[name]}
        self.longest: dict[str, int] = {}
        self.prefixes: set[str] = set()
        self.lettered: set[str] = set()
        self.without_latin: set[str] = set()
        self._ruled = {"san", *BARE_AT_END}
        is_letter = core.package.regex.compile(r"\pL").search
        for key, rule in core.rules():
            self.longest[key[0]] = max(len(key), self.longest.get(key[0], 0))
            self.prefixes.update(key[:end] for end in range(1, len(key) + 1))
            self._ruled.update(rule["lcodes"] or ())
            if rule["t"] is None:
                self.without_latin.add(key[0])
            elif not rule["use-only-at-start-of-word"] and is_letter(rule["t"]):
                self.lettered.add(key)
        self.digits = {
            char: str(number["value"])
            for char, number in uroman.num_props.items()
            if number["type"] == "digit" and self.longest.get(char, 1) == 1
        }
        kinds = characters()
        self.marks = kinds["mark"]
        self.nuktas = {char for char in self.marks if "NUKTA" in unicodedata.name(char, "")}
        self.viramas = core.chars_with("is-virama")
        self.bare_over_mark = core.chars_with("is-vowel-sign") | self.viramas
        medials = core.chars_with("is-medial-consonant-sign")
        self.bare_before = self.bare_over_mark | medials | kinds["subjoined"]

    def language(self, lcode: str | None) -> str | None:
        """Give the code back if uroman treats its language otherwise than no language."""
        return lcode if lcode in self._ruled else None


class Readings(dict[str, tuple[Reading, ...]]):
    """What begins some rule -> its readings, best first.

    Args:
        tables: Of the package.
        lcode: ISO 639-3 code or None.

    Attributes:
        tables: The same.
        lcode: The same.
        characters: What they are in this language.
    """

    def __init__(self, tables: Tables, lcode: str | None) -> None:
        super().__init__()
        self.tables = tables
        self.lcode = lcode
        self.characters = Characters(self)
        self._core = tables.core

    def __missing__(self, key: str) -> tuple[Reading, ...]:
        rules = [rule for rule in self._core.uroman.rom_rules[key] if rule["t"] is not None]
        rules = [rule for rule in rules if not rule["lcodes"] or self.lcode in rule["lcodes"]]
        rules.sort(key=lambda rule: -(rule["n-restr"] or 0))
        self[key] = tuple(self._reading(key, rule) for rule in rules)
        return self[key]

    def _reading(self, key: str, rule: Any) -> Reading:
        latin: str = rule["t"]
        tail = latin[:1] == "+" and latin[1:2] in tuple("mnhr")
        latin = latin[1:] if tail else latin
        asks = self._asks(rule, "start"), self._asks(rule, "end")
        forms = None
        if latin and (found := self._core.with_vowel(key, latin)):
            bare, full, latin = found
            if bare is not None and full is not None and not tail:
                forms = self._forms(key, bare, full, latin)
        final = rule["t-at-end-of-syllable"]
        titled = latin.capitalize() if len(key) == 1 and latin.isupper() else None
        thai = self.tables.scripts.get(key[0]) == "Thai"
        special = not latin or " " in latin or final is not None or key == O_ANG
        return Reading(
            asks if asks != (None, None) else None,
            not special and forms is None and titled in (None, latin),
            latin,
            final,
            forms,
            titled,
            thai,
        )

    @staticmethod
    def _asks(rule: Any, edge: str) -> bool | None:
        if rule["use-only-for-whole-word"] or rule[f"use-only-at-{edge}-of-word"]:
            return True
        return False if rule[f"dont-use-at-{edge}-of-word"] else None

    def _forms(self, key: str, bare: str, full: str, plain: str) -> Forms:
        script = self.tables.scripts[key[0]]
        devanagari = script == "Devanagari" and self.lcode != "san"
        plain_at_end = devanagari or self.lcode in BARE_AT_END
        return Forms(
            bare,
            full,
            plain,
            script,
            at_end=plain if plain_at_end else full,
            bare_before_yo=bare in _YO_TAKES_VOWEL[0] or bare == _YO_TAKES_VOWEL[1],
            # The package looks for an `r` before a vowel here.
            full_at_start=not any(f"r{vowel}" in plain for vowel in "aeiou"),
            vocalic="VOCALIC" in self._core.uroman.chr_name(key[-1]),
        )


class Characters(dict[str, Character]):
    """What characters are in one language; for those that are not modelled it raises `Unmodelled`.

    Args:
        readings: Of that language.
    """

    def __init__(self, readings: Readings) -> None:
        super().__init__()
        self._readings = readings
        self._core = readings.tables.core

    def __missing__(self, char: str) -> Character:
        if (
            char in _CHANGES_NEIGHBOUR
            or BRAILLE[0] <= char <= BRAILLE[1]
            or char in self._core.uroman.num_props
            or unicodedata.numeric(char, None) is not None
        ):
            raise Unmodelled
        category = unicodedata.category(char)
        longest = self._readings.tables.longest.get(char, 0)
        first = self._readings[char][:1] if longest else ()
        found = Character(
            longest,
            self._own(char),
            "" if category in ("Mn", "Cf", "Co") else char,
            first[0].latin if first and first[0].plain and not first[0].asks else "",
        )
        self[char] = found
        return found

    def _own(self, char: str) -> str:
        if "\uac00" <= char <= "\ud7a3":
            return str(self._core.uroman.unicode_hangul_romanization(char))
        if not unicodedata.decomposition(char).startswith("<"):
            return ""
        lattice = self._core.package.Lattice(char, self._core.uroman, self._readings.lcode)
        return lattice.decomp_rom(0) or ""
