"""The uroman package behind one small door: a string in, its romanisation out, nothing kept.

The module is loaded a second time under a private name, so that what is replaced here touches no
other user of the package: patterns stay compiled, tables do not grow with what is looked up in
them, and where several edges of a lattice are equally good the first one drawn is taken (the
package takes one by memory address). Tables and rules are the package's own.
"""

from __future__ import annotations

import importlib.util
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

__all__ = ["BRAILLE", "UromanCore", "core"]

BRAILLE = ("\u2800", "\u28ff")
"""First and last character of the script whose capitals reach over a whole sentence."""


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


class _InOrder(list[Any]):
    """A set of edges, or of positions, that is walked in the order of arrival."""

    add = list.append


class _NoNumber:
    """What follows a fraction connector and is no number."""

    value = None


_NO_NUMBER = _NoNumber()


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


def _lattice_class(package: Any) -> type:
    """Derive a lattice that passes over the steps that have nothing to do."""

    class Lattice(package.Lattice):
        def __init__(self, s: str, uroman: Any, lcode: str | None = None) -> None:
            super().__init__(s, uroman, lcode)
            self.reads_numbers = False
            self.lattice: defaultdict[Any, _InOrder] = defaultdict(_InOrder)

        def check_for_scripts(self) -> None:
            script_of = self.uroman.dict_str
            for char in set(self.s):
                self.contains_script[script_of["script", char]] = True
                if BRAILLE[0] <= char <= BRAILLE[1]:
                    self.contains_script["Braille"] = True

        def add_default_abugida_vowel(
            self, rom: str, start: int, end: int, annotation: str = ""
        ) -> str:
            if self.uroman.dict_str["script", self.s[start]] in self.uroman.vowel_scripts:
                return super().add_default_abugida_vowel(rom, start, end, annotation)
            return rom

        def add_numbers(self, uroman: Any, **options: Any) -> None:
            for char in self.s:
                if char in uroman.num_props or unicodedata.numeric(char, None) is not None:
                    self.reads_numbers = True
                    super().add_numbers(uroman, **options)
                    self.reads_numbers = False
                    return

        def best_right_neighbor_edge(self, start: int, skip_num_edge: bool = False) -> Any:
            found = super().best_right_neighbor_edge(start, skip_num_edge)
            if (
                self.reads_numbers
                and not hasattr(found, "value")
                and any(self.s.endswith(word, 0, start) for word in self.uroman.fraction_connectors)
            ):
                # Behind a connector (分之) the package asks whatever follows for its value, and
                # raises where that is no number, or nothing. It leaves such a number as it is when
                # the answer is None.
                self.uroman.unreadable = True
                return _NO_NUMBER
            return found

        def best_edge_in_span(self, start: int, end: int, skip_num_edge: bool = False) -> Any:
            edges = self.lattice[start, end]
            if len(edges) == 1 and not skip_num_edge:
                return edges[0]
            return super().best_edge_in_span(start, end, skip_num_edge)

        def find_rom_edge_path_backwards(
            self, start: int, end: int, *args: Any, **options: Any
        ) -> Any:
            found = super().find_rom_edge_path_backwards(start, end, *args, **options)
            if end > start and not found:
                # Nothing up to the start: in a longer text the search would have gone on.
                self.uroman.left_the_piece = True
            return found

    return Lattice


class UromanCore:
    """One loaded uroman.

    Attributes:
        uroman: The package's `Uroman`: its tables.
        package: The private copy of the module.
    """

    def __init__(self) -> None:
        self.package = _load_package()
        self.package.regex = _CompiledRegex(self.package.regex)
        self.package.Lattice = _lattice_class(self.package)
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


@cache
def core() -> UromanCore:
    """Load uroman, once in a process: it takes seconds and 70 MiB."""
    return UromanCore()
