"""Readers of numbers on a command line: what came, and what is legal."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

__all__ = ["number", "points", "whole_number", "whole_numbers"]

_MOST = 2**63 - 1
_NUMBER = re.compile(r"-?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,4})?")


def whole_number(text: str) -> int:
    """Read a whole number for argparse: plain digits, not all that Python takes for a number."""
    if not re.fullmatch("-?[0-9]{1,19}", text) or abs(int(text)) > _MOST:
        raise argparse.ArgumentTypeError(f"came {text[:40]!r}; legal: whole numbers, plain digits")
    return int(text)


def number(text: str) -> float:
    """Read a number for argparse: plain digits, with a point or an exponent."""
    if not _NUMBER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"came {text[:40]!r}; legal: numbers such as 0.1 or 1e-5")
    return float(text)


def whole_numbers(least: int) -> Callable[[str], int]:
    """Make a reader of whole numbers from `least` on, for argparse."""

    def from_least(text: str) -> int:
        if not re.fullmatch("[0-9]{1,18}", text) or int(text) < least:
            raise argparse.ArgumentTypeError(
                f"came {text[:40]!r}; legal: whole numbers from {least}"
            )
        return int(text)

    return from_least


def points(text: str) -> float:
    """Read percentage points for argparse."""
    if not _NUMBER.fullmatch(text) or not 0 <= float(text) <= 100:
        raise argparse.ArgumentTypeError(f"came {text[:40]!r}; legal: points from 0 to 100")
    return float(text)
