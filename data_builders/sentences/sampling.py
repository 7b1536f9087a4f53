"""How many sentences of a language are taken, and which.

`n = max(fraction * available, floor)`, at most `cap`; a sentence is taken when a hash of
(seed, text) lies under n / available, so that neither the order of the rows nor the shards matter.

Source: the paper, section on data and Table 1 (10 %, at least 10,000; no temperature).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple, TypeVar

from ..errors import DataError

__all__ = [
    "END",
    "START",
    "SamplingOptions",
    "SelectedRow",
    "TextHash",
    "evenly",
    "further",
    "limit_of",
    "reach",
    "target_counts",
]

START, END = b"", b"\xff" * 17
"""Below and above every hash of 16 bytes."""
_SPAN = 1 << 64
_Row = TypeVar("_Row")


class SelectedRow(NamedTuple):
    """A sentence that becomes a pair.

    Attributes:
        text: Normalised.
        transliteration: A ready romanisation, or None.
        origin: What the column `source` will say.
        row: Row of its language in the source, from 0.
        start: First character of the sentence in the text of that row, as it came; None for all.
        end: The character behind its last one; None for all.
    """

    text: str
    transliteration: str | None
    origin: str
    row: int
    start: int | None
    end: int | None


@dataclass(frozen=True)
class SamplingOptions:
    """What is asked of every language.

    Attributes:
        fraction: Share of the available sentences, above 0 and at most 1.
        floor: Least number of sentences (as far as there are so many).
        cap: Greatest number of sentences, or None.
        temperature: T at which the languages' targets n become proportional to n ** (1 / T), their
            sum kept; None or 1 leaves them, greater values flatten.
    """

    fraction: float = 0.1
    floor: int = 10_000
    cap: int | None = None
    temperature: float | None = None

    @property
    def takes_all(self) -> bool:
        """Whether every sentence is drawn, however many there are."""
        return self.fraction == 1 and self.cap is None and self.temperature in (None, 1)

    def __post_init__(self) -> None:
        if not 0 < self.fraction <= 1:
            raise DataError(f"fraction {self.fraction}; legal is above 0 and at most 1")
        if self.floor < 0:
            raise DataError(f"floor {self.floor}; legal is 0 or more sentences")
        if self.cap is not None and self.cap < 1:
            raise DataError(f"cap {self.cap}; legal is 1 or more sentences, or none")
        if self.temperature is not None and self.temperature <= 0:
            raise DataError(f"temperature {self.temperature}; legal is above 0")


def target_counts(available: Mapping[str, int], options: SamplingOptions) -> dict[str, int]:
    """Say how many sentences each language should give.

    Args:
        available: Rows before filtering, by language code.
        options: Fraction, floor, cap, temperature.

    Returns:
        Target by code. It may exceed what is available: the difference is the shortfall.
    """
    targets = {
        code: max(_ceil(options.fraction * count), options.floor)
        for code, count in available.items()
    }
    if options.temperature not in (None, 1):
        # Shares of the largest target cannot overflow, however low the temperature.
        largest = max(targets.values(), default=0) or 1
        weights = {code: (n / largest) ** (1 / options.temperature) for code, n in targets.items()}
        scale = sum(targets.values()) / max(sum(weights.values()), 1e-300)
        targets = {code: round(weight * scale) for code, weight in weights.items()}
    if options.cap is not None:
        targets = {code: min(n, options.cap) for code, n in targets.items()}
    return targets


def _ceil(value: float) -> int:
    # 0.1 * 30 is 3.0000000000000004: without rounding first the ceiling would be 4.
    return -int(-round(value, 6) // 1)


class TextHash:
    """A hash of (seed, purpose, text), uniform on 64 bits; the same on every machine.

    Args:
        seed: Any integer.
        purpose: Keeps draws apart that use the same seed (`sample`, `validation`).
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self._start = hashlib.blake2b(f"{seed}|{purpose}|".encode(), digest_size=16)

    def key(self, text: str) -> bytes:
        """Hash a text.

        Args:
            text: Any text, lone surrogates included.

        Returns:
            16 bytes.
        """
        state = self._start.copy()
        state.update(text.encode("utf-8", "surrogatepass"))
        return state.digest()

    def number(self, text: str) -> int:
        """Hash a text to a number.

        Args:
            text: Any text.

        Returns:
            0 to 2 ** 64 - 1.
        """
        return int.from_bytes(self.key(text)[:8], "big")

    @staticmethod
    def limit(rate: float) -> int:
        """Give the number under which a share of all texts lies.

        Args:
            rate: Share, 0 to 1.

        Returns:
            0 to 2 ** 64.
        """
        return min(_SPAN, max(0, int(rate * _SPAN)))


def limit_of(share: float) -> bytes:
    """Give the hash under which a share of all texts lies.

    Args:
        share: 0 to 1.

    Returns:
        16 bytes, or `END` for all.
    """
    limit = TextHash.limit(share)
    return END if limit >> 64 else limit.to_bytes(8, "big") + bytes(8)


def further(count: int) -> float:
    """Look a little further than a number: a tenth, and what chance may take."""
    return 1.1 * count + 5 * sqrt(count) + 10


def reach(limit: bytes, given: int, missing: int) -> bytes:
    """Say up to which hash there should be as many usable sentences as are missing.

    Args:
        limit: Below it, all were drawn.
        given: Usable ones among them.
        missing: How many more are wanted.

    Returns:
        A limit above that one.
    """
    so_far = int.from_bytes(limit[:8], "big") / _SPAN
    if not given:
        return limit_of(max(4 * so_far, 0.001))
    return limit_of(so_far * (1 + further(missing) / given))


def evenly(rows: Sequence[_Row], most: int | None) -> list[_Row]:
    """Take evenly spaced rows: the same of parallel texts, and not only the first chapters.

    Args:
        rows: Any rows, in order.
        most: How many at most; None takes all.

    Returns:
        The rows taken, in order.
    """
    if most is None or len(rows) <= most:
        return list(rows)
    return [rows[place * len(rows) // most] for place in range(most)]
