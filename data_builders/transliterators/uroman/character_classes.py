"""Character classes for regular expressions, and what Unicode says of the characters in them."""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

__all__ = ["characters", "inside", "one_of", "ranges"]


def ranges(chars: Iterable[str]) -> list[tuple[int, int]]:
    """Join neighbouring characters.

    Args:
        chars: Characters, in any order.

    Returns:
        First and last code point of each range.
    """
    ranges: list[tuple[int, int]] = []
    for number in sorted(map(ord, chars)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def inside(chars: Iterable[str]) -> str:
    """Write the inside of a character class.

    Args:
        chars: Its characters.

    Returns:
        What stands between the brackets; empty for no characters.
    """
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges(chars))


def one_of(chars: Iterable[str], *, outside: bool = False) -> str:
    """Write a character class, also an empty one.

    Args:
        chars: Its characters.
        outside: Match all but these.

    Returns:
        A regular expression.
    """
    return f"[{'^' if outside else ''}{inside(chars)}]" if chars else "[^\\s\\S]"


@cache
def characters() -> dict[str, frozenset[str]]:
    """Sort all assigned characters by what Python's Unicode tables say of them.

    Returns:
        Sets `mark`, `subjoined`, `lower`, `numeric`, `no letter`, `compatibility` and
        `contains number` (in a compatibility decomposition).
    """
    found = defaultdict(set)
    for char in map(chr, range(sys.maxunicode + 1)):
        category = unicodedata.category(char)
        if category in ("Cn", "Co", "Cs"):
            continue
        if category == "Mn":
            found["mark"].add(char)
        if "SUBJOINED LETTER" in unicodedata.name(char, ""):
            found["subjoined"].add(char)
        if char.islower():
            found["lower"].add(char)
        if unicodedata.numeric(char, None) is not None:
            found["numeric"].add(char)
        if category[0] in "ZPS" or category in ("Cc", "Cf", "Nd"):
            found["no letter"].add(char)
        decomposition = unicodedata.decomposition(char).split()
        if decomposition and decomposition[0][0] == "<":
            found["compatibility"].add(char)
            parts = [chr(int(number, 16)) for number in decomposition[1:]]
            if any(unicodedata.numeric(part, None) is not None for part in parts):
                found["contains number"].add(char)
    return {name: frozenset(chars) for name, chars in found.items()}
