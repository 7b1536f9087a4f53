"""The embedded source: real names and phrases in real languages, from the Unicode CLDR.

In: a language code and a seed. Out: about 10,000 distinct phrases, deterministic, without any
download: every training name once alone, lists of names, names with a date, a unit or an amount,
and dates, units and relative times by themselves. Names of validation and test keys never occur.

Phrases of two languages are not aligned: each language is composed by itself.

Source: Unicode CLDR (https://cldr.unicode.org) through Babel.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from ...errors import DataError
from ...languages.groups import resolve_code
from .names import (
    LOCALES,
    key_splits,
    locale_of,
    may_train_on,
    training_cities,
    training_names,
)
from .pieces import LocalePieces, Piece

__all__ = [
    "LOCALES",
    "MAX_USES",
    "compose",
    "covers",
    "iter_phrases",
    "key_splits",
    "signature",
    "why_missing",
]

MAX_USES = 100
"""No name occurs in more phrases of a language than this, whatever the count asked for."""

# Weights of the ways to make a phrase beside the names alone; the first three carry names.
_WAYS = {"list": 50, "annotated": 22, "amount": 8, "date": 8, "unit": 7, "relative": 5}
_LIST_SIZES = (2, 2, 2, 2, 3, 3, 3, 4)
_MIXED_LISTS = 0.2
_CITY_SHARE = 0.15
_PATIENCE = 100
_LEAST_NAMES = 50
"""Of a language that the benchmark does not have."""

_MISSING = {
    "arb_Arab": "CLDR's ar is Modern Standard Arabic, used for ara_Arab: arb would repeat it",
    "ary_Arab": "CLDR's ar_MA repeats the names of ar (ara_Arab): trivial matches",
    "arz_Arab": "CLDR's ar_EG repeats the names of ar (ara_Arab): trivial matches",
    "lzh_Hani": "CLDR has no locale for Literary Chinese",
    "wuu_Hani": "CLDR has no locale for Wu Chinese",
    "lhu_Latn": "CLDR has no locale for Lahu",
}


def covers(code: str) -> bool:
    """Tell whether this source has phrases for a language.

    Args:
        code: A language code or an alias of one (`pes_Arab`, `el`).

    Returns:
        True for the languages of `LOCALES`, and for others whose locale has names enough.

    Raises:
        DataError: The code is no language code.
    """
    return not why_missing(code)


def why_missing(code: str) -> str:
    """Say why this source lacks a language.

    Args:
        code: A language code or an alias of one.

    Returns:
        A reason to print, or an empty string when the language is covered.

    Raises:
        DataError: The code is no language code.
    """
    return _why_missing(resolve_code(code))


@cache
def _why_missing(code: str) -> str:
    if code in LOCALES:
        return ""
    if code in _MISSING:
        return _MISSING[code]
    if locale_of(code) is None:
        return "the CLDR has no locale for it"
    names = len(training_names(code))
    return "" if names >= _LEAST_NAMES else f"its CLDR locale has {names} names to train on"


def signature() -> str:
    """Return the version of the data, such as `cldr-47`.

    A Babel that does not tell its CLDR version answers with its own: `cldr-babel-2.16.0`.
    """
    import babel.core

    version = getattr(babel.core, "get_cldr_version", None)
    return f"cldr-{version()}" if version else f"cldr-babel-{babel.__version__}"


def iter_phrases(code: str, *, seed: int, count: int = 10_000) -> Iterator[str]:
    """Yield the phrases of one language.

    Args:
        code: A language code or an alias of one.
        seed: Any integer; the same (seed, code, count) gives the same phrases.
        count: How many; fewer come when the locale's names are used up (`MAX_USES`).

    Yields:
        Distinct phrases in NFC.

    Raises:
        DataError: The language is not covered.
    """
    for phrase in compose(code, seed=seed, count=count):
        yield phrase.text


def compose(code: str, *, seed: int, count: int = 10_000) -> list[Piece]:
    """Make the phrases of one language together with what was put into them.

    Args:
        code: A language code or an alias of one.
        seed: Any integer.
        count: How many; at most half of them are names alone.

    Returns:
        Distinct phrases in a seeded order. No constituent is a held-out form.

    Raises:
        DataError: The language is not covered, or `count` is negative.
    """
    code = resolve_code(code)
    if why := why_missing(code):
        raise DataError(
            f"cldr has no phrases for {code}: {why}. Covered: {', '.join(sorted(LOCALES))}, and "
            "other languages with a locale. Leave the language out or give another source."
        )
    if count < 0:
        raise DataError(f"count is {count}; give 0 or more phrases")
    composer = _Composer(code, random.Random(f"cldr|{code}|{seed}|{count}"))
    return composer.run(count)


class _Deck:
    """Names drawn without repeats until all are used, then shuffled again: even use."""

    def __init__(self, items: Sequence[str], rng: random.Random, rounds: int) -> None:
        self.items = list(items)
        self.left: list[str] = []
        self.rounds = rounds
        self.rng = rng

    def draw(self, n: int) -> list[str] | None:
        """Return n different items, or None when the deck is used up or too small."""
        if len(self.left) < n:
            if self.rounds == 0 or len(self.items) < n:
                return None
            self.rounds -= 1
            self.left = self.rng.sample(self.items, len(self.items))
        taken, self.left = self.left[:n], self.left[n:]
        return taken


class _Composer:
    """One language's phrases, one call of `run`."""

    def __init__(self, code: str, rng: random.Random) -> None:
        self.rng = rng
        self.pieces = LocalePieces(code)
        self.names = training_names(code)
        by_kind: dict[str, list[str]] = {}
        for key in self.names:
            by_kind.setdefault(key.partition(":")[0], []).append(key)
        # One of the permitted uses is the name alone.
        self.decks = {kind: _Deck(keys, rng, MAX_USES - 1) for kind, keys in by_kind.items()}
        self.sizes = {kind: float(len(keys)) for kind, keys in by_kind.items()}
        towns = training_cities(code)
        self.decks["city"] = _Deck(towns, rng, MAX_USES)
        self.sizes["city"] = min(float(len(towns)), _CITY_SHARE * len(self.names))
        self.makers: dict[str, Callable[[], Piece | None]] = {
            "list": self._list,
            "annotated": self._annotated,
            "amount": self._amount,
            "date": lambda: self.pieces.date(rng),
            "unit": lambda: self.pieces.unit(rng),
            "relative": lambda: self.pieces.relative(rng),
        }

    def run(self, count: int) -> list[Piece]:
        """Return up to `count` distinct phrases."""
        alone = [Piece(name, (name,)) for name in self.names.values()]
        self.rng.shuffle(alone)
        made = {piece.text: piece for piece in alone[: max(count // 2, min(count, 1))]}
        ways, weights = list(_WAYS), list(_WAYS.values())
        # Only lists count: a language whose names are used up ends, not as a heap of dates.
        failed_lists = 0
        while len(made) < count and failed_lists < _PATIENCE:
            way = self.rng.choices(ways, weights)[0]
            piece = self.makers[way]()
            if piece is None or piece.text in made or not may_train_on(piece.constituents):
                failed_lists += way == "list"
                continue
            failed_lists = 0 if way == "list" else failed_lists
            made[piece.text] = piece
        phrases = list(made.values())
        self.rng.shuffle(phrases)
        return phrases

    def _some(self, n: int, kind: str | None = None) -> list[str] | None:
        """Draw n names of one kind (seeded, by the number of names)."""
        if kind is None:
            kind = self.rng.choices(list(self.sizes), list(self.sizes.values()))[0]
        drawn = self.decks[kind].draw(n)
        if drawn is None or kind == "city":
            return drawn
        return [self.names[key] for key in drawn]

    def _list(self) -> Piece | None:
        size = self.rng.choice(_LIST_SIZES)
        if self.rng.random() < _MIXED_LISTS:
            draws = [self._some(1) for _ in range(size)]
            parts = [part for draw in draws for part in draw or ()]
        else:
            parts = self._some(size) or []
        if len(set(parts)) < 2:
            return None
        style = self.rng.choice(self.pieces.list_styles)
        return Piece(self.pieces.join(parts, style), tuple(parts))

    def _annotated(self) -> Piece | None:
        """A name with something beside it: a date, an amount, a unit, a time, another name."""
        name = self._some(1)
        way = self.rng.choice(("name", "date", "unit", "relative", "amount"))
        if way == "name":
            other = self._some(1)
            note = Piece(other[0], tuple(other)) if other else None
        else:
            note = self.makers[way]()
        if name is None or note is None or note.text == name[0]:
            return None
        pattern = self.rng.choice(("{0}: {1}", "{0} ({1})", "{0} – {1}", "{1}: {0}"))
        return Piece(
            pattern.format(name[0], note.text), tuple(dict.fromkeys((name[0], *note.constituents)))
        )

    def _amount(self) -> Piece | None:
        drawn = self.decks["currency"].draw(1) if "currency" in self.decks else None
        return self.pieces.amount(drawn[0].partition(":")[2], self.rng) if drawn else None
