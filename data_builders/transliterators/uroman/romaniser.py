"""The default romaniser: uroman, the Python package by the author of the Perl script of the paper.

The result is that of `Uroman.romanize_string` on the whole sentence, character for character
(uroman's own word cache, used by its command line, gives other results for some sentences). The
sentence is cut where that cannot matter (`boundaries`). Each part is romanised by our own lattice
over the package's rules (`lattice`) or, where that does not know how, by the package's. The answers
are remembered: of characters that stand alone in a table, of linked ones in a memo that is bounded
in entries and, because longer parts go past it, in bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import version

from ...errors import UnromanisableError
from ...languages.aliases import ROMANISER_LANGUAGES
from ...languages.codes import kin_of, romaniser_code
from .boundaries import linked_runs
from .core import UromanCore, core
from .lattice import LeanUroman, lean_uroman
from .readings import LeftOfPart, Unmodelled

__all__ = ["UromanTransliterator"]

_MEMO = 1 << 16
_LONGEST_KEPT = 64
"""Longer parts practically never come again; one may be as long as its sentence."""

_unreadable: set[str] = set()
"""Parts with a fraction that lacks a number (百分之 and then none); they are rare."""


@cache
def _lean(lcode: str | None) -> LeanUroman:
    return lean_uroman(core(), lcode)


def _ask(text: str, lcode: str | None) -> str:
    try:
        return _lean(lcode)(text, part=True)
    except Unmodelled:
        romanised = core().romanise_piece(text, lcode)
    if romanised is None:
        raise LeftOfPart
    if core().found_unreadable:
        _unreadable.add(text)
    return romanised


_part = lru_cache(maxsize=_MEMO)(_ask)
# Keeps nothing, and counts.
_long_part = lru_cache(maxsize=0)(_ask)


class _Singles(dict[int, str]):
    """Romanised characters that stand alone, each on first sight, for `str.translate`."""

    def __init__(self, lcode: str | None) -> None:
        super().__init__()
        self._lcode = lcode

    def __missing__(self, number: int) -> str:
        self[number] = romanised = _ask(chr(number), self._lcode)
        return romanised


class _Sentences:
    """Romanises the sentences of one language.

    Args:
        lcode: What uroman gets to know of the language.

    Attributes:
        unreadable: Sentences so far with a fraction that lacks a number.
    """

    def __init__(self, lcode: str | None) -> None:
        self.unreadable = 0
        self._lcode = lcode
        self._core: UromanCore = core()
        self._cut = linked_runs(self._core, lcode).split
        self._singles = _Singles(lcode)
        # Python refuses to read longer numbers, and uroman with it.
        self._longest = sys.get_int_max_str_digits() or sys.maxsize

    def __call__(self, sentence: str) -> str:
        if sentence.isascii() and len(sentence) <= self._longest:
            return sentence
        parts = self._cut(sentence)
        try:
            latin = self._parts(parts)
        except LeftOfPart:
            try:
                latin = self._parts_in_context(parts)
            except (LeftOfPart, Unmodelled):
                romanised = self._core.romanise(sentence, self._lcode)
                self.unreadable += self._core.found_unreadable
                return romanised
        if _unreadable:
            self.unreadable += any(part in _unreadable for part in parts)
        return "".join(latin)

    def _parts(self, parts: list[str]) -> list[str]:
        latin = parts.copy()
        latin[::2] = [part and part.translate(self._singles) for part in parts[::2]]
        latin[1::2] = [
            (_part if len(part) <= _LONGEST_KEPT else _long_part)(part, self._lcode)
            for part in parts[1::2]
        ]
        return latin

    def _parts_in_context(self, parts: list[str]) -> list[str]:
        latin: list[str] = []
        for number, part in enumerate(parts):
            try:
                latin.append("".join(self._parts(["", part] if number % 2 else [part])))
            except LeftOfPart:
                latin.append(self._next_part(parts, latin))
        return latin

    def _next_part(self, parts: list[str], latin: list[str]) -> str:
        """Romanise the part behind those with this Latin, with as many of them as it looks at."""
        number = len(latin)
        for first in range(number, 0, -1):
            with suppress(LeftOfPart):
                both = _lean(self._lcode)("".join(parts[first : number + 1]), part=True)
                return both[len("".join(latin[first:])) :]
        both = _lean(self._lcode)("".join(parts[: number + 1]), part=False)
        return both[len("".join(latin)) :]


@cache
def _sentences(lcode: str | None) -> _Sentences:
    return _Sentences(lcode)


class UromanTransliterator:
    """uroman, with or without the language code.

    Args:
        language_code: Hand uroman the ISO 639-3 code (changes Persian, Greek and Turkish); False
            is what the paper's authors did.
    """

    def __init__(self, *, language_code: bool = True) -> None:
        self.language_code = language_code
        self._unreadable = 0

    def __call__(self, sentences: Sequence[str], lang: str | None = None) -> list[str]:
        """Romanise sentences; equal sentences only once.

        Args:
            sentences: Text in its own script.
            lang: Language code, any spelling, or None.

        Returns:
            As many strings, in the same order.

        Raises:
            UnromanisableError: Uroman raised on a sentence (shown).
        """
        romanise = _sentences(romaniser_code(lang) if self.language_code else None)
        known: dict[str, str] = {}
        before = romanise.unreadable
        for sentence in sentences:
            if sentence in known:
                continue
            try:
                known[sentence] = romanise(sentence)
            except Exception as error:
                raise UnromanisableError(
                    f"uroman failed on {sentence[:80]!r} ({type(error).__name__}: {error}); "
                    "leave the sentence out or use another romaniser"
                ) from error
        self._unreadable += romanise.unreadable - before
        return [known[sentence] for sentence in sentences]

    def unreadable_count(self) -> int:
        """Count the sentences so far in which a fraction lacks a number, and was left as it is."""
        return self._unreadable

    def signature(self) -> str:
        """Name uroman, its version and whether it gets the language code.

        Returns:
            Such as `uroman-1.3.1.1|lcode:yes`.
        """
        return f"uroman-{version('uroman')}|lcode:{'yes' if self.language_code else 'no'}"

    def rules_told(self, codes: Sequence[str]) -> str:
        """Say by which language's rules each language is romanised, if by any.

        Args:
            codes: Language codes.

        Returns:
            A line, such as `uroman: rules of ell for ell_Grek, of fas for prs_Arab; the rules of
            the script alone for amh_Ethi`.
        """
        if not self.language_code:
            return "uroman: no language code, the rules of the script alone"
        ruled, alone = [], []
        for code in codes:
            language = romaniser_code(code)
            if language in ROMANISER_LANGUAGES:
                ruled.append(f"of {language} for {code}")
            elif language is not None:
                kin = "" if not kin_of(language) else " (none for its kin either)"
                alone.append(f"{code}{kin}")
        told = [f"rules {', '.join(ruled)}"] if ruled else []
        told += [f"the rules of the script alone for {', '.join(alone)}"] if alone else []
        return f"uroman: {'; '.join(told)}" if told else ""

    def forget(self) -> None:
        """Empty the memo, for all languages; only speed can tell."""
        _part.cache_clear()
        _unreadable.clear()
        _long_part.cache_clear()
        _sentences.cache_clear()

    def memo_counts(self) -> tuple[int, int]:
        """Count the look-ups of linked parts in this process, those past the memo included.

        Returns:
            Look-ups, and how many of them met a part that was not remembered.
        """
        kept = _part.cache_info()
        missed = kept.misses + _long_part.cache_info().misses
        return kept.hits + missed, missed
