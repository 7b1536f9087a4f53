"""Splits a document into sentences and says which characters each of them is.

In: text as it comes, and its language. Out: pieces from start to end; between them, and at the ends
of the text, lies white space only. Lines are boundaries. Package `sentencex` (Wikimedia) finds the
sentences of about 300 languages; `marks` has what it lacks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import NamedTuple

from ...languages.codes import kin_of, short_code
from .marks import LEAST, best_cut, further_ends, lines

__all__ = ["Piece", "Splitter"]

_RULES = 1
"""Raised whenever `marks` splits the same text otherwise."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_WINDOW = 1 << 20
"""Characters that `sentencex` gets at once: a document may be one line of any length."""
_SPELLED_AS = {"grc": "el"}
"""Languages that have no sentences of their own in `sentencex`, and those that end theirs alike."""


class Piece(NamedTuple):
    """A sentence of a document, or a part of one that was too long.

    Attributes:
        start: Its first character.
        end: The one behind its last.
        cut: Whether it ends where no sentence does.
    """

    start: int
    end: int
    cut: bool


@dataclass(frozen=True)
class Splitter:
    """Splits documents.

    Attributes:
        longest: Most characters of a piece after normalisation; longer sentences are cut.
    """

    longest: int = 2000

    def signature(self) -> str:
        """Name all that decides where sentences end.

        Returns:
            Such as `sentencex-1.0.32|rules-1|spaces-40|longest-2000`.
        """
        library = f"sentencex-{version('sentencex')}"
        return f"{library}|rules-{_RULES}|spaces-{LEAST}|longest-{self.longest}"

    def split(self, text: str, language: str | None) -> Iterator[Piece]:
        """Split a document.

        Args:
            text: As it comes; normalisation would take its lines away.
            language: ISO 639-3, None where it is not known.

        Yields:
            Pieces in order, none of them empty or beginning or ending with white space.
        """
        if _SURROGATES.search(text):
            # Broken bytes, which a filter drops later; sentencex takes valid text only.
            text = _SURROGATES.sub("\ufffd", text)
        code = _sentencex_code(language)
        for start, end in lines(text):
            for stop, cut in _ends(text, start, end, code):
                yield from self._fitting(text, start, stop, cut)
                start = stop

    def _fitting(self, text: str, start: int, end: int, cut: bool) -> Iterator[Piece]:
        """Trim a sentence, and cut it as long as it is too long."""
        start, end = _trimmed(text, start, end)
        while self._too_long(text, start, end):
            most = min(self.longest, end - start)
            place = best_cut(text, start, start + most)
            while most > 1 and self._too_long(text, start, place):
                most //= 2
                place = best_cut(text, start, start + most)
            yield Piece(*_trimmed(text, start, place), place < end)
            start, end = _trimmed(text, place, end)
        if start < end:
            yield Piece(start, end, cut)

    def _too_long(self, text: str, start: int, end: int) -> bool:
        size = end - start
        # NFC makes some letters longer, at most three times as long.
        return size > self.longest or (
            3 * size > self.longest
            and len(unicodedata.normalize("NFC", text[start:end])) > self.longest
        )


def _ends(text: str, start: int, end: int, code: str) -> Iterator[tuple[int, bool]]:
    """Yield where the sentences of a line end, and whether one was only cut there."""
    from sentencex import segment

    while start < end:
        window = min(end, start + _WINDOW)
        sizes = [len(sentence) for sentence in segment(code, text[start:window])]
        cut = window < end and len(sizes) == 1
        if window < end:
            # The last one may go on behind the window.
            sizes = sizes[:-1] or [best_cut(text, start, window) - start]
        for size in sizes:
            yield from ((place, False) for place in further_ends(text, start, start + size))
            start += size
            yield start, cut


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    begin = start + len(piece) - len(piece.lstrip())
    return begin, max(begin, start + len(piece.rstrip()))


@cache
def _sentencex_code(language: str | None) -> str:
    """Give the code that sentencex knows a language by: ISO 639-1, of itself or its kin."""
    if language is None:
        return "mul"
    if language in _SPELLED_AS:
        return _SPELLED_AS[language]
    return next(filter(None, map(short_code, (language, *kin_of(language)[:1]))), language)
