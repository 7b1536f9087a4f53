"""The package's own lattices, derived from so that they pass over what has nothing to do."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Set
from typing import Any

__all__ = ["BRAILLE", "lattice_class", "syllable_class"]

BRAILLE = ("\u2800", "\u28ff")
"""First and last character of the script whose capitals reach over a whole sentence."""


class _InOrder(list[Any]):
    """A set of edges, or of positions, that is walked in the order of arrival."""

    add = list.append


class _NoNumber:
    """What follows a fraction connector and is no number."""

    value = None


_NO_NUMBER = _NoNumber()


def lattice_class(package: Any) -> type:
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


def syllable_class(package: Any) -> type:
    """Derive a Tibetan syllable of which all is known but where its vowel stands."""

    class Syllable(package.Lattice):
        def __init__(
            self, letters: str, latin: list[str], subjoined: Set[str], uroman: Any
        ) -> None:
            self.s, self.max_vertex, self.uroman = letters, len(letters), uroman
            self.latin, self.subjoined = latin, subjoined
            self.contains_script = {"Tibetan": True}
            self.props: dict[Any, Any] = {}

        def simple_top_romanization_candidate_for_span(self, start: int, end: int) -> str:
            return self.latin[start]

        def char_is_letter_or_vowel_sign(self, char: str) -> bool:
            return True

        def char_is_vowel_sign(self, char: str) -> bool:
            return False

        def char_is_subjoined_letter(self, char: str) -> bool:
            return char in self.subjoined

    return Syllable
