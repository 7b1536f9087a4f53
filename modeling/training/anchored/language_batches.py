"""Batches of one language: their sentences cannot be told apart by the language alone.

Pairs whose two sides are equal, as text in Latin script has them, are of no language here: every
batch has its share of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from torch.utils.data import Sampler

from ...aligned.errors import AlignmentError
from ..counted_random import STEP, mix, multiples
from ..pair_dataset import PairDataset

LANG_COLUMN = "lang"
READ_ROWS = 10_000


def language_numbers(rows: Any, text_column: str, transliteration_column: str) -> np.ndarray:
    """Number the languages of pairs.

    Args:
        rows: A `datasets.Dataset` of text.
        text_column: Column of the originals.
        transliteration_column: Column of the Latin forms.

    Returns:
        A number from 0 for each row's language, in alphabetical order; -1 where the sides are
        equal. *Shape:* (rows,), int32.

    Raises:
        AlignmentError: If there is no column of languages.
    """
    if LANG_COLUMN not in rows.column_names:
        raise AlignmentError(
            f"the pairs have no column {LANG_COLUMN}, which language_batches needs. Legal: "
            "pairs that translit-ppa build made, or --language-batches 0."
        )
    columns = (LANG_COLUMN, text_column, transliteration_column)
    names = []
    for batch in rows.data.select(list(columns)).to_batches(max_chunksize=READ_ROWS):
        spoken, *sides = (column.to_numpy(zero_copy_only=False) for column in batch.columns)
        names.append(np.where(sides[0] == sides[1], "", spoken.astype(str)))
    _, numbers = np.unique(np.concatenate([np.zeros(1, "U1"), *names]), return_inverse=True)
    # The empty name is the first in the alphabet.
    found = (numbers[1:] - 1).astype(np.int32)
    return found if rows._indices is None else found[rows._indices.column(0).to_numpy()]


class LanguageBatches(Sampler[int]):
    """Every row once an epoch, in an order whose batches are mostly of one language.

    Where several processes take batches in turn, each has a language of its own. The order follows
    from the seed and the dataset's epoch alone, so that a resumed run goes on with it.
    """

    def __init__(self, dataset: PairDataset, batch_size: int, share: float, seed: int) -> None:
        """Keep what decides the order.

        Args:
            dataset: Knows its `languages`, and its epoch.
            batch_size: Rows of a batch of one process.
            share: Of each language's rows, how many come in batches of that language.
            seed: Of the order.

        Raises:
            AlignmentError: If the share is none, or the languages are not known.
        """
        if not 0 <= share <= 1:
            raise AlignmentError(f"language_batches is {share}. Legal: 0 to 1.")
        if dataset.languages is None:
            raise AlignmentError("language_batches needs pairs whose languages are known.")
        self._dataset = dataset
        self._languages = dataset.languages
        self._size = batch_size
        self._share = share
        self._seed = np.array([seed], dtype=np.uint64)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self._dataset)

    def __iter__(self) -> Iterator[int]:
        """Give the rows of the dataset's epoch in order."""
        return iter(np.concatenate(self._batches(self._dataset.epoch)).tolist())

    def _batches(self, epoch: int) -> list[np.ndarray]:
        count, size = len(self), self._size
        key = mix(mix(self._seed) ^ np.uint64(epoch))
        chance = mix(key + multiples(STEP, count))
        shuffled = np.argsort(chance, kind="stable")
        spoken = self._languages[shuffled]
        unbound = shuffled[spoken < 0]
        # What has no language is spread evenly; the rest of a batch is of one.
        each = min(len(unbound) * size // max(count, 1), size - 1)
        own = size - each
        blocks, rest = [], []
        for number in np.unique(spoken[spoken >= 0]):
            rows = shuffled[spoken == number]
            bound = int(len(rows) * self._share) // own * own
            blocks += np.split(rows[:bound], bound // own) if bound else []
            rest.append(rows[bound:])
        blocks = [
            np.concatenate([block, unbound[i * each : (i + 1) * each]])
            for i, block in enumerate(blocks)
        ]
        mixed = np.concatenate([*rest, unbound[len(blocks) * each :]])
        mixed = mixed[np.argsort(chance[mixed], kind="stable")]
        whole = len(mixed) // size * size
        blocks += np.split(mixed[:whole], whole // size) if whole else []
        order = np.argsort(mix(key + multiples(STEP, len(blocks)) + STEP), kind="stable")
        # What is left over is the last batch, and not full.
        return [*(blocks[i] for i in order), mixed[whole:]]
