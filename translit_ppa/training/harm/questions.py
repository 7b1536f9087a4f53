"""What a model is asked before and after a training: retrieval that needs no labels.

In: the validation split of the pairs, and a parallel benchmark if there is one. Out: for each line
of questions what became of every query.

Romanised text is asked for in its originals, a line for each romaniser of the pairs. Of originals,
and of text that is the same romanised, the first half of a sentence is asked for and the second
halves are searched: what belongs together is found by meaning more than by spelling.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from translit_ppa.data_builders import get_transliterator
from translit_ppa.data_builders.schema import VALIDATION
from translit_ppa.hub_cards.scores.directions import DIRECTIONS
from translit_ppa.modeling.embedding.retrieval import gold_ranks, retrieval_accuracy
from translit_ppa.modeling.tasks.outcomes import rank_outcomes
from translit_ppa.pairs import build_facts, open_pairs
from translit_ppa.scoring.retrieval import TextEmbeddings, score_directions
from translit_ppa.scoring.sides import ALL, Written, chosen_sides

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks import Benchmark, ParallelPair
    from translit_ppa.modeling import SentenceEncoder

MOST, FEWEST = 300, 20
"""Rows of a line: more cost minutes, fewer say nothing."""
ORIGINAL = "original text, half -> other half"
SAME = "Latin-script text, half -> other half"
SCORE = "top10"
_WORDS, _CHARACTERS = 6, 20


@dataclass(frozen=True)
class Measured:
    """One line of one model: what became of each query in each cell, and the mean top-10."""

    items: tuple[str, ...]
    score: float

    @property
    def n(self) -> int:
        """How many queries count."""
        return sum(word != "-" for cell in self.items for word in cell.split())


Lines = dict[str, Measured]


class Questions:
    """What a model is asked before and after a training."""

    def __init__(
        self,
        texts: dict[str, list[tuple[str, str]]],
        benchmark: Benchmark | None = None,
        codes: Sequence[str] = (),
        split: str = "test",
    ) -> None:
        """Keep questions.

        Args:
            texts: By line, pairs of what is asked for and what is to be found.
            benchmark: Parallel text, of which the first rows are asked in all directions.
            codes: Its languages.
            split: Its split.
        """
        self.texts = texts
        self._benchmark: Any = FewRows(benchmark) if benchmark else None
        self._split = split
        self._sides = chosen_sides(benchmark, codes, ALL) if benchmark else []
        self._written = Written(get_transliterator("uroman") if benchmark else None)

    @classmethod
    def of_pairs(
        cls,
        named: Sequence[tuple[str, str]],
        columns: tuple[str, str],
        revision: str | None = None,
        seed: int = 42,
        **benchmark: Any,
    ) -> Questions:
        """Take them from the validation splits of pairs.

        Args:
            named: Name and config of each.
            columns: Of originals and of romanised text.
            revision: Of pairs on the Hub.
            seed: Of the draw, where a split has more rows than are asked for.
            **benchmark: As the class takes it.
        """
        found: dict[str, dict[str, str]] = {}
        halves: dict[str, dict[str, str]] = {ORIGINAL: {}, SAME: {}}
        for name, config in named:
            rows = open_pairs(name, config, revision, columns=columns).dataset.get(VALIDATION)
            if rows is None:
                continue
            told = build_facts(name, config, revision).get("transliterator") or "ready pairs"
            # What it is, without its version: informal-1@0|uroman-1.3 is `informal`.
            line = f"{re.split('[-@|:]', told)[0]} -> its original"
            for text, latin in zip(*(rows[column] for column in columns), strict=True):
                if text != latin:
                    found.setdefault(line, {}).setdefault(text, latin)
                if (parts := two_halves(text)) is not None:
                    halves[SAME if text == latin else ORIGINAL].setdefault(*parts[::-1])
        lines = {
            name: [(a, b) for b, a in rows.items()] for name, rows in {**found, **halves}.items()
        }
        chance = random.Random(seed)
        drawn = {n: chance.sample(rows, min(MOST, len(rows))) for n, rows in lines.items()}
        return cls({n: rows for n, rows in drawn.items() if len(rows) >= FEWEST}, **benchmark)

    def __bool__(self) -> bool:
        """Whether there is anything to ask."""
        return bool(self.texts or self._benchmark)

    def ask(self, encoder: SentenceEncoder) -> Lines:
        """Ask a model; each text is encoded once."""
        embed = TextEmbeddings(encoder, self._written)
        lines: Lines = {}
        for name, rows in self.texts.items():
            queries, targets = ([row[side] for row in rows] for side in (0, 1))
            ranks = gold_ranks(embed("", queries), embed("", targets))
            score = retrieval_accuracy(ranks)[SCORE]
            items = " ".join(rank_outcomes(ranks, np.ones(len(ranks), dtype=bool)))
            lines[name] = Measured((items,), score)
        if self._benchmark is not None:
            cells = list(score_directions(self._benchmark, embed, self._sides, self._split))
            for direction in DIRECTIONS.values():
                mine = [cell for cell in cells if direction.has(_Key.of(cell["sides"]))]
                if mine:
                    name = f"{self._benchmark.name} {direction.title}"
                    mean = fmean(cell["scores"][SCORE] for cell in mine)
                    lines[name] = Measured(tuple(cell["items"] for cell in mine), mean)
        return lines


@dataclass(frozen=True)
class _Key:
    """Of a direction's fields those that tell which it is."""

    source: str
    target: str
    input: str
    target_input: str | None

    @classmethod
    def of(cls, sides: Any) -> _Key:
        return cls(sides.source, sides.target, sides.input, sides.target_input)


class FewRows:
    """The first rows of each pair of a benchmark."""

    def __init__(self, benchmark: Benchmark) -> None:
        """Keep the benchmark."""
        self._benchmark = benchmark
        self.name = benchmark.name

    def load_pair(self, source: str, target: str, split: str = "test") -> ParallelPair:
        """Load at most `MOST` rows."""
        pair = self._benchmark.load_pair(source, target, split)
        return type(pair)(pair.ids[:MOST], pair.source[:MOST], pair.target[:MOST])


def two_halves(text: str) -> tuple[str, str] | None:
    """Cut a sentence in the middle, between words where it has some; None if it is too short."""
    words = text.split()
    if len(words) >= _WORDS:
        middle = len(words) // 2
        return " ".join(words[:middle]), " ".join(words[middle:])
    if len(words) <= 2 and len(text) >= _CHARACTERS:
        middle = len(text) // 2
        return text[:middle].strip(), text[middle:].strip()
    return None
