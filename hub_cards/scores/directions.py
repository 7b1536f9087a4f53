"""Directions of retrieval: in which script a sentence is asked for, and in which it is searched.

A direction is told by the key of a record: the scripts of both sides, and the languages. Text of
languages that are written in Latin letters has no other script: it is searched, never romanised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from .scores import Scores

ENGLISH = "eng_Latn"
ORIGINAL, LATIN = "original", "latin"
_Same = TypeVar("_Same", bound=Scores)


@dataclass(frozen=True)
class Direction:
    """One direction.

    Attributes:
        title: As tables call it.
        source: Script of the queries, `original` or `latin`.
        target: Script that is searched.
        covers: Whether two languages, source and target, belong to it.
    """

    title: str
    source: str
    target: str
    covers: Callable[[str, str], bool]

    @property
    def target_input(self) -> str | None:
        """The field of the key: None where both sides are in one script."""
        return None if self.target == self.source else self.target

    def has(self, record: Any) -> bool:
        """Whether a record, or a key, is of this direction."""
        scripts = (record.input, record.target_input)
        return scripts == (self.source, self.target_input) and self.covers(
            record.source, record.target
        )


def is_romanised(code: str) -> bool:
    """Whether text of a language has a form in Latin letters besides its own."""
    return not code.endswith("_Latn")


DIRECTIONS = {
    "original": Direction(
        "original -> original", ORIGINAL, ORIGINAL, lambda source, target: source != target
    ),
    "english": Direction(
        "romanised -> English",
        *(LATIN, ORIGINAL),
        lambda source, target: is_romanised(source) and target == ENGLISH,
    ),
    "own": Direction(
        "romanised -> own original",
        *(LATIN, ORIGINAL),
        lambda source, target: is_romanised(source) and source == target,
    ),
    "others": Direction(
        "romanised -> other originals",
        *(LATIN, ORIGINAL),
        lambda source, target: is_romanised(source) and source != target,
    ),
    "romanised": Direction(
        "romanised -> romanised",
        *(LATIN, LATIN),
        lambda source, target: source != target and is_romanised(source) and is_romanised(target),
    ),
}
"""By the word on the command line. `english` is a part of `others`."""


def has_directions(scores: Scores) -> bool:
    """Whether queries in one script were scored on text in another."""
    return any(getattr(record, "target_input", None) is not None for record in scores.records)


def in_one_script(scores: _Same) -> _Same:
    """Keep what the tables of a benchmark show besides its directions.

    Where directions were scored these are the originals alone: the directions have tables of their
    own, and romanised text does not have all cells.
    """
    if not has_directions(scores):
        return scores
    return scores.where(input=ORIGINAL, target_input=None)


def of_direction(scores: _Same, name: str) -> _Same:
    """Keep the records of one direction; it may be none."""
    kept = tuple(record for record in scores.records if DIRECTIONS[name].has(record.cell()))
    return replace(scores, records=kept)
