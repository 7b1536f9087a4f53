"""Readers of numbers on a command line: what came, and what is legal."""

from __future__ import annotations

import argparse
from collections.abc import Callable

__all__ = ["points", "whole_numbers"]


def whole_numbers(least: int) -> Callable[[str], int]:
    """Make a reader of whole numbers from `least` on, for argparse."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or int(text) < least:
            raise argparse.ArgumentTypeError(f"came {text!r}; legal: whole numbers from {least}")
        return int(text)

    return number


def points(text: str) -> float:
    """Read percentage points for argparse."""
    number = float(text)
    if not 0 <= number <= 100:  # this refuses nan too, below which nothing would ever fall
        raise argparse.ArgumentTypeError(f"came {text!r}; legal: points from 0 to 100")
    return number
