"""What byte-pair encoding needs to come to the same pieces with fewer merges.

Of the pairs in a text, that with the earliest merge is joined first, until none has one. Where all
merges that a text takes are kept, and of the others only some, each step finds the same earliest.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

__all__ = ["kept_merges", "steps_of"]


def steps_of(model: dict[str, Any], pieces: Iterable[int]) -> set[int]:
    """Return the ids of all that is joined on the way to some pieces, down to characters.

    A piece is come to in a text as it is alone: no merge there reached across its ends.

    Args:
        model: Of a BPE tokenizer, as in `tokenizer.json`.
        pieces: Ids.
    """
    vocabulary: dict[str, int] = model["vocab"]
    names = {number: name for name, number in vocabulary.items()}
    order = {pair: place for place, pair in enumerate(_pairs(model))}
    found: set[int] = set()
    for piece in pieces:
        parts = list(names.get(piece, ""))
        found |= {vocabulary[part] for part in parts if part in vocabulary}
        while len(parts) > 1:
            places = {i: order[pair] for i, pair in enumerate(pairwise(parts)) if pair in order}
            if not places:
                break
            first = min(places, key=lambda i: (places[i], i))
            parts[first : first + 2] = [parts[first] + parts[first + 1]]
            found.add(vocabulary[parts[first]])
    return found


def kept_merges(model: dict[str, Any]) -> list[list[str]]:
    """Return the merges, in their order, whose parts and result are in the vocabulary.

    Args:
        model: Of a BPE tokenizer; its vocabulary is the trimmed one.
    """
    kept = model["vocab"]
    return [
        [one, other]
        for one, other in _pairs(model)
        if one in kept and other in kept and one + other in kept
    ]


def _pairs(model: dict[str, Any]) -> list[tuple[str, str]]:
    """The merges in their order; files of older releases have each as one text."""
    return [
        (one, other)
        for one, other in (m.split(" ") if isinstance(m, str) else m for m in model["merges"])
    ]
