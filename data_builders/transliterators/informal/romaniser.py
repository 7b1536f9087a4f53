"""Romanise as people do: a spelling a letter drawn for each sentence, then uroman, then slips.

uroman knows one spelling of a text; people write Greeklish and Arabizi, each in a way of their own.
The spellings of a script are data (`spellings/Arab.tsv`), each file with what it comes from:
publications that describe them, or a lexicon that they were learnt from. A writer keeps to a
spelling within a sentence. What has no row goes to uroman.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path

from ...errors import DataError
from ...languages.groups import resolve_code
from ...text_file import read_text
from ..uroman.romaniser import UromanTransliterator
from .table import SpellingTable

__all__ = ["InformalTransliterator", "is_spelled"]

FOLDERS = {"informal": "spellings", "informal-held-out": "held_out"}
"""Name of the romaniser -> the folder of its tables."""

_VERSION = 2
"""Raised whenever the same text is spelled otherwise; a test ties it to the tables."""
# Shares of sentences: as in the runs that showed that a model so trained reads real Arabizi.
_LOWER, _MIXED, _SLIPS = 0.4, 0.2, 0.3
_WORDS_LEFT = 0.3
_LETTERS_PER_SLIP = 40
_SHORTEST_MIXED = 3
_EMPTY = SpellingTable()
_SPEC = re.compile(
    r"(?P<name>[a-z-]+)(?::(?P<file>.+?)(?:#(?P<digest>[0-9a-f]{12}))?)?(?:@(?P<draw>[0-9]{0,9}))?",
    re.DOTALL,
)
_LONGEST_TABLE = 1 << 22


@cache
def _table(folder: str, name: str) -> SpellingTable:
    """Read the table of a language or a script; empty where it has no file."""
    file = resources.files(__package__).joinpath(folder, f"{name}.tsv")
    return SpellingTable.read(file.read_text("utf-8"), file.name) if file.is_file() else _EMPTY


def _known_table(folder: str, lang: str | None) -> SpellingTable:
    """Find the table of a language, or else that of its script."""
    if lang is None:
        return _EMPTY
    code = resolve_code(lang)
    return _table(folder, code) if _table(folder, code).rows else _table(folder, code[-4:])


def is_spelled(lang: str) -> bool:
    """Whether it is known how people romanise a language, such as `ell_Grek`."""
    return bool(_known_table(FOLDERS["informal"], lang).rows)


class InformalTransliterator:
    """Informal romanisation, drawn by the text and a number: the same text, the same spelling.

    Args:
        name: `informal`, or `informal-held-out`, whose spellings no training should see.
        draw: which draw; another number gives other spellings of the same text.
        language_code: hand uroman the language code for what it romanises.

    Attributes:
        pinned: what opens the same table, or fails if the file is another by then; None without a
            file.
    """

    def __init__(
        self,
        name: str = "informal",
        draw: int = 0,
        *,
        language_code: bool = True,
    ) -> None:
        self._name = name
        self._draw = draw
        self._given: SpellingTable | None = None
        self.pinned: str | None = None
        self._uroman = UromanTransliterator(language_code=language_code)

    @classmethod
    def named(cls, spec: str, *, language_code: bool = True) -> InformalTransliterator:
        """Open `informal` or `informal@NUMBER`, the held-out spellings, or `informal:FILE`.

        Raises:
            DataError: What follows `@` is no number, or the file is no table of spellings, or not
                the one that `pinned` named.
        """
        found = _SPEC.fullmatch(spec)
        if found is None or (found["file"] and found["name"] != "informal"):
            name = re.split("[:@]", spec)[0]
            raise DataError(
                f"romaniser {spec!r}; legal is {name} or {name}@NUMBER, such as {name}@1, and "
                "informal:FILE or informal:FILE@NUMBER with a table of spellings"
            )
        made = cls(found["name"], int(found["draw"] or 0), language_code=language_code)
        if found["file"]:
            try:
                path = Path(found["file"]).expanduser().resolve()
                made._given = SpellingTable.read(read_text(path, _LONGEST_TABLE), path.name)
            except (DataError, ValueError, RuntimeError) as error:
                raise DataError(f"romaniser {spec!r}: {error}") from error
            made.pinned = f"informal:{path}#{made._given.digest}@{made._draw}"
            if found["digest"] not in (None, made._given.digest):
                raise DataError(
                    f"romaniser {spec!r}: the table was changed while it was in use; give the "
                    "same command again"
                )
        return made

    def __call__(self, sentences: Sequence[str], lang: str | None = None) -> list[str]:
        """Romanise sentences.

        Args:
            sentences: text in its own script.
            lang: language code, any spelling, or None: then only uroman's letters and slips.

        Returns:
            As many strings, in the same order.

        Raises:
            UnromanisableError: uroman raised on a sentence.
        """
        known, given = _known_table(FOLDERS[self._name], lang), self._given or _EMPTY
        randoms = [self._random(sentence) for sentence in sentences]
        spelled = [
            (given if given.knows(sentence) else known).write(sentence, random_)
            for sentence, random_ in zip(sentences, randoms, strict=True)
        ]
        latin = self._uroman(spelled, lang)
        rows = zip(sentences, latin, randoms, strict=True)
        return [_mix(text, _slip(new, random_), random_) for text, new, random_ in rows]

    def signature(self) -> str:
        """Name the spellings, the draw and uroman.

        Returns:
            Such as `informal-2@0|uroman-1.3.1.1|lcode:yes`; of a table that was given, its digest
            stands before the `@`.
        """
        given = f":{self._given.digest}" if self._given is not None else ""
        return f"{self._name}-{_VERSION}{given}@{self._draw}|{self._uroman.signature()}"

    def unreadable_count(self) -> int:
        """Count the sentences so far in which a fraction lacks a number, as uroman does."""
        return self._uroman.unreadable_count()

    def _random(self, sentence: str) -> random.Random:
        text = f"{self._name}\n{self._draw}\n{sentence}".encode("utf-8", "surrogatepass")
        return random.Random(int.from_bytes(blake2b(text, digest_size=8).digest()))


def _mix(sentence: str, latin: str, random_: random.Random) -> str:
    """Leave some words of some sentences in their own script, as people mix the two."""
    if random_.random() >= _MIXED:
        return latin
    words, new = sentence.split(), latin.split()
    if len(words) != len(new) or len(words) < _SHORTEST_MIXED:
        return latin
    pairs = zip(words, new, strict=True)
    return " ".join(a if random_.random() < _WORDS_LEFT else b for a, b in pairs)


def _slip(latin: str, random_: random.Random) -> str:
    """Drop or doubles a letter here and there; write some sentences in lower case."""
    if random_.random() < _SLIPS:
        letters = list(latin)
        places = [i for i, letter in enumerate(letters) if letter.isalpha()]
        for _ in range(1 + len(places) // _LETTERS_PER_SLIP if places else 0):
            place = random_.choice(places)
            letters[place] = "" if random_.random() < 0.5 else letters[place] * 2
        # A sentence of one letter stays one.
        latin = "".join(letters) or latin
    return latin.lower() if random_.random() < _LOWER else latin
