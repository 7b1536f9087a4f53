"""Small texts that one CLDR locale makes: dates, units, relative times, amounts, lists.

In: a language code and a seeded random generator. Out: `Piece` objects, each a text and the
strings that were put into it. A piece is `None` where the locale has nothing of its own (CLDR's
root would answer `+3 d` or `12 mm`), so that no English or code text is passed off as, say,
Tibetan.

Source: Unicode CLDR through Babel.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .names import clean, in_own_script, locale_of

_DATE_FORMATS = ("full", "long", "medium")
_SKELETONS = ("yMMMM", "yMMMd", "yMMMEd", "MMMMd", "MMMd", "MMMEd", "yMMM", "GyMMM", "GyMMMd")
_INTERVALS = ("yMMMd", "yMMM", "MMMd", "yMMMEd", "yMMMM")
_RELATIVE_UNITS = ("year", "month", "week", "day", "hour", "minute", "second")
_SECONDS = dict(zip(_RELATIVE_UNITS, (31536000, 2592000, 604800, 86400, 3600, 60, 1), strict=True))
_FIRST_DAY = dt.datetime(1900, 1, 1)
_DAYS = 73_000


@dataclass(frozen=True)
class Piece:
    """A text and its constituents.

    Attributes:
        text: The text as the locale writes it.
        constituents: Every string that was put into a pattern to make it (names, unit and
            month names), for the check against held-out forms.
    """

    text: str
    constituents: tuple[str, ...]


class LocalePieces:
    """Makes the pieces of one language.

    Args:
        code: A language code that has a locale.
    """

    def __init__(self, code: str) -> None:
        from babel import Locale

        self.code = code
        self.locale = Locale.parse(locale_of(code))

    @cached_property
    def list_styles(self) -> tuple[str, ...]:
        """The list styles that this locale defines completely; `standard` always is."""
        from babel import localedata

        needed = {"start", "middle", "end", "2"}
        patterns = {style: dict(table) for style, table in self.locale.list_patterns.items()}
        inherited = localedata.load("root")["list_patterns"]
        # The root's "or" is English, which only English owns; some "unit" styles join with a
        # bare space, so that two names would read as one.
        return tuple(
            sorted(
                style
                for style, table in patterns.items()
                if needed <= set(table)
                and not style.startswith("unit")
                and (
                    style == "standard"
                    or self.code == "eng_Latn"
                    or table != dict(inherited.get(style, {}))
                )
            )
        )

    @cached_property
    def unit_patterns(self) -> tuple[tuple[str, str], ...]:
        """`(unit, length)` pairs, long or short, whose pattern is the locale's own."""
        from babel import localedata

        def table(name: str) -> dict[tuple[str, str], dict[str, str]]:
            data: Any = localedata.load(name)
            units = localedata.LocaleDataDict(data)["unit_patterns"]
            return {(u, n): dict(units[u][n]) for u in units for n in units[u]}

        root, own = table("root"), table(str(self.locale))
        return tuple(
            sorted(k for k, v in own.items() if v and v != root.get(k) and k[1] != "narrow")
        )

    def join(self, parts: Sequence[str], style: str) -> str:
        """Join names with the locale's list pattern.

        Args:
            parts: At least two names.
            style: One of `list_styles`.

        Returns:
            For example `"Kroazja, Brażil u Ċilì"`.
        """
        from babel.lists import format_list

        return clean(format_list(list(parts), style=style, locale=self.locale))  # type: ignore[arg-type]

    def date(self, rng: random.Random) -> Piece | None:
        """Return a date, a date and time, or an interval of dates between 1900 and 2099."""
        from babel import dates

        moment = _FIRST_DAY + dt.timedelta(
            days=rng.randrange(_DAYS), minutes=rng.randrange(24 * 60)
        )
        way = rng.randrange(8)
        if way < 3:
            text = dates.format_date(moment, rng.choice(_DATE_FORMATS), locale=self.locale)
        elif way < 6:
            text = dates.format_skeleton(rng.choice(_SKELETONS), moment, locale=self.locale)
        elif way < 7:
            text = dates.format_datetime(moment, "medium", locale=self.locale)
        else:
            end = moment + dt.timedelta(days=rng.randrange(2, 600))
            text = dates.format_interval(moment, end, rng.choice(_INTERVALS), locale=self.locale)
        return self._piece(text)

    def relative(self, rng: random.Random) -> Piece | None:
        """Return a relative time such as `"πριν από 30 ημέρες"`."""
        from babel.dates import format_timedelta

        unit = rng.choice(_RELATIVE_UNITS)
        amount = rng.choice((-1, 1)) * rng.randrange(1, 60)
        try:
            text = format_timedelta(
                dt.timedelta(seconds=amount * _SECONDS[unit]),
                granularity=unit,  # type: ignore[arg-type]
                threshold=1e9,
                add_direction=True,
                format=rng.choice(("long", "long", "short")),
                locale=self.locale,
            )
        except KeyError:  # Babel's answer for a field and length that the locale does not have
            return None
        # Only the root writes a sign; every own pattern has words for before and after.
        return None if text.startswith(("+", "-")) else self._piece(text)

    def unit(self, rng: random.Random) -> Piece | None:
        """Return a measured amount such as `"12,5 χιλιόμετρα"`."""
        from babel.units import format_unit

        if not self.unit_patterns:
            return None
        unit, length = rng.choice(self.unit_patterns)
        text = format_unit(
            self._number(rng),
            unit,
            length=length,  # type: ignore[arg-type]
            locale=self.locale,
            numbering_system=rng.choice(("latn", "default")),
        )
        # Babel writes the unit's id where a pattern has no plural form for the number.
        return None if unit in text else self._piece(text)

    def amount(self, currency: str, rng: random.Random) -> Piece | None:
        """Return an amount of money with the currency's name.

        Args:
            currency: The code after `currency:` in a key.
            rng: Source of the number.

        Returns:
            For example `"1.234,50 ευρώ"`.
        """
        from babel.numbers import format_currency, get_currency_name

        number = self._number(rng)
        text = format_currency(
            number,
            currency,
            locale=self.locale,
            format_type="name",
            numbering_system=rng.choice(("latn", "default")),
        )
        name = get_currency_name(currency, count=number, locale=self.locale)
        return self._piece(text, name)

    @staticmethod
    def _number(rng: random.Random) -> float:
        way = rng.randrange(4)
        if way == 0:
            return rng.randrange(1, 11)
        if way == 1:
            return rng.randrange(2, 1000)
        if way == 2:
            return round(rng.uniform(0, 100), 1)
        return rng.randrange(1, 10_000) * 100

    def _piece(self, text: str, *constituents: str) -> Piece | None:
        text = clean(text)
        if not in_own_script(text, self.code):
            return None
        words = (w.strip() for w in re.split(r"[\d.,:;()\[\]–—/-]+", text))
        return Piece(text, tuple(dict.fromkeys((*constituents, *(w for w in words if w)))))
