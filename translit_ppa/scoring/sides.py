"""The two sides of a direction: languages, each in its own script or romanised.

In: a benchmark, and which directions are wanted. Out: what is scored, and the text as it is given
to a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sentences.forms import fold_forms
from translit_ppa.hub_cards.scores.directions import DIRECTIONS, LATIN, ORIGINAL

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks import Benchmark, ParallelPair
    from translit_ppa.data_builders.transliterators import Transliterator
    from translit_ppa.hub_cards import EvalRecord

ALL = "all"


class Sides(NamedTuple):
    """One direction of a benchmark: what is asked for, and what is searched."""

    source: str
    target: str
    source_latin: bool = False
    target_latin: bool = False

    @classmethod
    def of(cls, record: EvalRecord) -> Sides:
        """Say which direction a record is of."""
        target = record.target_input or record.input
        return cls(record.source, record.target, record.input == LATIN, target == LATIN)

    @property
    def romanised(self) -> bool:
        """Whether a side is given in Latin script."""
        return self.source_latin or self.target_latin

    @property
    def input(self) -> str:
        """Script of the queries, as records call it."""
        return LATIN if self.source_latin else ORIGINAL

    @property
    def target_input(self) -> str | None:
        """Script of what is searched, where it is another; as records call it."""
        same = self.source_latin == self.target_latin
        return None if same else LATIN if self.target_latin else ORIGINAL


class Written:
    """Text as a model is given it: as it is, or romanised; each text is romanised once."""

    def __init__(
        self, transliterator: Transliterator | None = None, fold_forms: bool = True
    ) -> None:
        """Keep a romaniser.

        Args:
            transliterator: None where everything is asked for as it is.
            fold_forms: Whether text that is romanised is first brought into the letters that
                Unicode has for it, as a build does.
        """
        self._transliterator = transliterator
        self._fold_forms = fold_forms
        self._latin: dict[tuple[str, str], str] = {}
        self._folded: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}

    @property
    def signature(self) -> str | None:
        """Of the romaniser."""
        return self._transliterator.signature() if self._transliterator else None

    def __call__(self, language: str, texts: Sequence[str], latin: bool) -> list[str]:
        """Write the texts of a language in its script or in Latin."""
        if not latin:
            return list(texts)
        if self._transliterator is None:
            raise DataError("romanised text is asked for; give a romaniser")
        new = list(dict.fromkeys(text for text in texts if (language, text) not in self._latin))
        given = [self._fold(language, text)[0] for text in new]
        for text, romanised in zip(new, self._transliterator(given, language), strict=True):
            self._latin[language, text] = romanised
        return [self._latin[language, text] for text in texts]

    def _fold(self, language: str, text: str) -> tuple[str, tuple[str, ...]]:
        """Return a text in its own letters, and the steps that changed it."""
        if not self._fold_forms:
            return text, ()
        if (language, text) not in self._folded:
            self._folded[language, text] = fold_forms(text, language.partition("_")[0])
        return self._folded[language, text]

    def folded(self, sides: Sides, pair: ParallelPair) -> str | None:
        """Name the steps that change a text of a direction before it is romanised, or None."""
        given = (
            (sides.source, pair.source, sides.source_latin),
            (sides.target, pair.target, sides.target_latin),
        )
        steps = {
            step
            for language, texts, latin in given
            for text in (texts if latin else ())
            for step in self._fold(language, text)[1]
        }
        return " ".join(sorted(steps)) or None

    def identical(self, sides: Sides, pair: ParallelPair) -> np.ndarray:
        """Say which queries are the string that they look for. *Shape:* (rows,), bool.

        Where both sides are in one script the originals are compared, else what models are given.
        """
        if sides.source_latin == sides.target_latin:
            return np.array(pair.identical, dtype=bool)
        source = self(sides.source, pair.source, sides.source_latin)
        target = self(sides.target, pair.target, sides.target_latin)
        return np.array([a == b for a, b in zip(source, target, strict=True)], dtype=bool)


def chosen_sides(
    benchmark: Benchmark, codes: Sequence[str], directions: str | Iterable[str]
) -> list[Sides]:
    """List what a benchmark has of some directions.

    Args:
        benchmark: A retrieval benchmark.
        codes: Languages.
        directions: Words of `DIRECTIONS`, or `all`.

    Returns:
        Each once, in the order of `DIRECTIONS`.

    Raises:
        DataError: There is no such direction.
    """
    named = [directions] if isinstance(directions, str) else list(directions)
    unknown = [name for name in named if name not in (ALL, *DIRECTIONS)]
    if unknown or not named:
        legal = ", ".join((ALL, *DIRECTIONS))
        raise DataError(f"directions: came {', '.join(unknown) or 'none'}; legal: {legal}")
    pairs = benchmark.directions(codes)
    languages = dict.fromkeys(code for pair in pairs for code in pair)
    # Romanised text is asked for in its own originals too.
    known = {*pairs, *((code, code) for code in languages)}
    every = [(a, b) for a in languages for b in languages if (a, b) in known]
    found = [
        Sides(*pair, direction.source == LATIN, direction.target == LATIN)
        for name, direction in DIRECTIONS.items()
        if name in named or ALL in named
        for pair in (pairs if name == ORIGINAL else every)
        if direction.covers(*pair)
    ]
    return list(dict.fromkeys(found))
