"""Random numbers and fingerprints that are functions of their inputs, whole arrays at a time.

Counters instead of generators: one call serves a batch, and what a row draws does not depend on its
neighbours. Source: SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
generators").
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

STEP = np.uint64(0x9E3779B97F4A7C15)
LAST = np.uint64(2**64 - 1)
ONE = np.uint64(1)
_ROUNDS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST_SHIFT = np.uint64(31)
_UNUSED_BITS = np.uint64(11)


def mix(x: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser: a bijection of 64-bit integers that passes for random."""
    x = x + STEP
    for shift, factor in _ROUNDS:
        x ^= x >> shift
        x *= factor
    x ^= x >> _LAST_SHIFT
    return x


def unit(bits: np.ndarray) -> np.ndarray:
    """Turn 64 random bits into a number in [0, 1)."""
    return np.asarray((bits >> _UNUSED_BITS) * 2.0**-53)


def below(share: float) -> np.uint64:
    """Return the largest 64 bits that `unit` turns into less than `share`, which is above 0."""
    return np.uint64((math.ceil(share * 2**53) << 11) - 1)


def ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Concatenate the ranges of integers that begin at `starts` and have those lengths."""
    ends = lengths.cumsum()
    found = np.repeat(starts - (ends - lengths), lengths)
    found += multiples(np.int64(1), ends[-1])
    return found


def multiples(step: np.integer[Any], count: int) -> np.ndarray:
    """Return 0, `step`, twice `step` and so on; not to be changed."""
    return _multiples(step, int(count).bit_length())[:count]


@cache
def _multiples(step: np.integer[Any], bits: int) -> np.ndarray:
    return np.arange(2**bits, dtype=step.dtype) * step


def fingerprints(tokens: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Number sequences: equal exactly where the tokens are, in every batch and process.

    Multilinear hashing: the sum of the tokens, each times the 64 bits of its position. Sequences of
    one length that differ in one token never share a number; others do by chance, of about 2**-64.

    Args:
        tokens: Ids of all sequences, one behind the other. *Shape:* (tokens,), int64.
        starts: Where each sequence begins. *Shape:* (sequences,).
        sizes: Tokens of each, at least one. *Shape:* (sequences,).

    Returns:
        *Shape:* (sequences,), int64.
    """
    position = ranges(np.zeros_like(starts), sizes)
    weights = _weights(int(sizes.max()).bit_length())
    weighted = (tokens + 1).view(np.uint64) * weights[position]
    return np.add.reduceat(weighted, starts).view(np.int64)


@cache
def _weights(bits: int) -> np.ndarray:
    """Odd random numbers, one for each position below `2 ** bits`."""
    return mix(np.arange(2**bits, dtype=np.uint64)) | ONE
