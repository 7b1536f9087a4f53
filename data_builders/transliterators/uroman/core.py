"""The uroman package behind one small door: a string in, its romanisation out, nothing kept.

The module is loaded a second time under a private name, so that what is replaced here touches no
other user of the package: patterns stay compiled, tables do not grow with what is looked up in
them, and where several edges of a lattice are equally good the first one drawn is taken (the
package takes one by memory address). Tables and rules are the package's own.
"""

from __future__ import annotations

import importlib.util
import sys
from collections import defaultdict
from collections.abc import Iterator, Set
from functools import cache
from types import ModuleType
from typing import Any

from .package_lattices import BRAILLE, lattice_class, syllable_class

__all__ = ["UromanCore", "core"]


class _CompiledRegex:
    """The module `regex` as uroman uses it, patterns kept compiled instead of looked up."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._compiled = cache(module.compile)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def match(self, pattern: str, string: str, *args: Any) -> Any:
        return self._compiled(pattern, *args).match(string)

    def search(self, pattern: str, string: str, *args: Any) -> Any:
        return self._compiled(pattern, *args).search(string)

    def sub(self, pattern: str, new: Any, string: str) -> str:
        return self._compiled(pattern).sub(new, string)


class _FixedTable(dict[Any, Any]):
    """A table that answers for what it lacks without storing the question."""

    def __init__(self, known: dict[Any, Any], absent: Any) -> None:
        super().__init__((key, value) for key, value in known.items() if value != absent)
        self._absent = absent

    def __missing__(self, key: Any) -> Any:
        return self._absent


def _load_package() -> Any:
    origin = importlib.util.find_spec("uroman.uroman")
    assert origin is not None
    assert origin.origin is not None
    name = f"{__name__}._package"
    spec = importlib.util.spec_from_file_location(name, origin.origin)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class UromanCore:
    """One loaded uroman.

    Attributes:
        uroman: The package's `Uroman`: its tables.
        package: The private copy of the module.
    """

    def __init__(self) -> None:
        self.package = _load_package()
        self.package.regex = _CompiledRegex(self.package.regex)
        self.package.Lattice = lattice_class(self.package)
        self._syllable_class = syllable_class(self.package)
        self.package.DictClass.__getitem__ = lambda self, key: self.__dict__.get(key)
        self.uroman = uroman = self.package.Uroman()
        uroman.left_the_piece = False
        uroman.unreadable = False
        uroman.rom_rules = _FixedTable(uroman.rom_rules, [])
        uroman.dict_bool = _FixedTable(uroman.dict_bool, False)
        uroman.dict_str = _FixedTable(uroman.dict_str, "")
        uroman.num_props = _FixedTable(uroman.num_props, {})
        uroman.scripts = _FixedTable(uroman.scripts, self.package.Script())
        uroman.vowel_scripts = {
            name
            for name in self.chars_by("script")
            if uroman.scripts[name.lower()]["abugida-default-vowels"]
        }

    def romanise(self, text: str, lcode: str | None) -> str:
        """Romanise a whole text as `Uroman.romanize_string` does.

        Args:
            text: Any text.
            lcode: ISO 639-3 code or None.

        Returns:
            Its romanisation.

        Raises:
            Exception: Whatever the package raises on this text.
        """
        self.uroman.unreadable = False
        return self.uroman.romanize_string(text, lcode=lcode)

    @property
    def found_unreadable(self) -> bool:
        """Whether the text romanised last had a fraction that lacks a number."""
        return bool(self.uroman.unreadable)

    def romanise_piece(self, text: str, lcode: str | None) -> str | None:
        """Romanise a part of a text.

        Args:
            text: The part.
            lcode: ISO 639-3 code or None.

        Returns:
            Its romanisation, or None when uroman looked for something further to the left than the
            part goes, or when the part holds Braille: then only the whole text will do.

        Raises:
            Exception: Whatever the package raises on this part; it raises on the whole, too.
        """
        if any(BRAILLE[0] <= char <= BRAILLE[1] for char in text):
            return None
        self.uroman.left_the_piece = self.uroman.unreadable = False
        romanised = self.uroman.romanize_string(text, lcode=lcode)
        return None if self.uroman.left_the_piece else romanised

    def rules(self) -> Iterator[tuple[str, Any]]:
        """Walk all rules, of whatever language.

        Yields:
            Source string, not empty, and rule.
        """
        for key, rules in self.uroman.rom_rules.items():
            if key:
                yield from ((key, rule) for rule in rules)

    def script(self, char: str) -> str:
        """Name the script of a character as uroman knows it, empty for none."""
        return self.uroman.dict_str["script", char]

    def chars_with(self, prop: str) -> set[str]:
        """Pick the characters with a property of uroman's, such as `is-virama`."""
        tables = (self.uroman.dict_bool, self.uroman.dict_str)
        return {key[1] for table in tables for key in table if key[0] == prop}

    def chars_by(self, prop: str) -> dict[str, set[str]]:
        """Groups characters by the value of a property of uroman's, such as `script`."""
        groups = defaultdict(set)
        for (name, char), value in self.uroman.dict_str.items():
            if name == prop:
                groups[value].add(char)
        return groups

    def with_vowel(self, key: str, latin: str) -> tuple[str | None, str | None, str] | None:
        """Tell what uroman makes of a rule in a script with an inherent vowel.

        Args:
            key: Source of the rule.
            latin: Its Latin.

        Returns:
            Without the vowel (None: the vowel plays no part), with it, and as the rule has it;
            None where the script has no inherent vowel.
        """
        script = self.uroman.scripts[self.script(key[0]).lower()]
        if not script["abugida-default-vowels"]:
            return None
        lattice = self.package.Lattice(key, self.uroman, None)
        lattice.add_default_abugida_vowel(latin, 0, len(key))
        return self.uroman.abugida_cache[script, latin]

    def tibetan_vowels(self, letters: str, latin: list[str], subjoined: Set[str]) -> list[bool]:
        """Ask which letter bears the vowel of a Tibetan syllable where none is written.

        Args:
            letters: Of the syllable.
            latin: Of each letter.
            subjoined: All letters, of whatever syllable, that stand below others.

        Returns:
            An answer for each.
        """
        syllable = self._syllable_class(letters, latin, subjoined, self.uroman)
        syllable.pick_tibetan_vowel_edge()
        return [bool(syllable.props.get(("edge-vowel", i))) for i in range(len(letters))]


@cache
def core() -> UromanCore:
    """Load uroman, once in a process: it takes seconds and 70 MiB."""
    return UromanCore()
