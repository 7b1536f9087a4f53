"""Tokenised pairs that know their draw number, handed over a batch at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from datasets import Dataset as ArrowDataset
from torch.utils.data import Dataset

from .token_table import SIDES, TokenRows


@dataclass(frozen=True, eq=False)
class PairBatch(Sequence[dict[str, Any]]):
    """Several pairs, their token ids in one array: what costs time is arrays, not numbers.

    As a sequence its items are rows: `input_ids`, `transliteration_input_ids` and `draw`.

    Attributes:
        tokens: Ids of all originals, one behind the other, then of all Latin forms. *Shape:*
            (tokens,), int64.
        sizes: Tokens of each original and of each Latin form. *Shape:* (2, pairs).
        draws: A number unique to (epoch, row). *Shape:* (pairs,), uint64.
        targets: Number of the teacher vector of each original; None: there is no teacher.
            *Shape:* (pairs,).
        languages: Number of each pair's language, -1 where its sides are equal; None: not known.
            *Shape:* (pairs,).
    """

    tokens: np.ndarray
    sizes: np.ndarray
    draws: np.ndarray
    targets: np.ndarray | None = None
    languages: np.ndarray | None = None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> PairBatch:
        """Gather rows."""
        sides = [[row[name] for row in rows] for name in SIDES]
        return cls(
            np.concatenate([ids for side in sides for ids in side], dtype=np.int64),
            np.array([[len(ids) for ids in side] for side in sides]),
            np.array([row["draw"] for row in rows], dtype=np.uint64),
            *(
                np.array([row[name] for row in rows]) if name in rows[0] else None
                for name in ("target", "language")
            ),
        )

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.draws)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        """Return one row, or several."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        ends = self.sizes.cumsum().reshape(2, -1)
        starts = ends - self.sizes
        row: dict[str, Any] = {
            name: self.tokens[starts[side, index] : ends[side, index]]
            for side, name in enumerate(SIDES)
        }
        row["draw"] = int(self.draws[index])
        for name, numbers in (("target", self.targets), ("language", self.languages)):
            if numbers is not None:
                row[name] = int(numbers[index])
        return row


class PairDataset(Dataset[dict[str, Any]]):
    """Tokenised pairs whose rows carry `draw`, a number unique to (epoch, row).

    The collator derives all randomness from (seed, draw). Masks therefore do not depend on the
    batch a row falls in, on workers, ranks or accumulation, and a resumed run repeats them.

    Attributes:
        targets: Number of the teacher vector of each row's original, where there is a teacher.
        languages: Number of each row's language, -1 where its sides are equal; None: not known.
    """

    def __init__(self, table: ArrowDataset, languages: np.ndarray | None = None) -> None:
        """Wrap a table made by `tokenize_pairs`, or a selection of its rows."""
        self.table = table
        self.languages = languages
        self.targets: np.ndarray | None = None
        self.epoch = 0
        self._rows: TokenRows | None = None

    def set_epoch(self, epoch: int) -> None:
        """Move to another epoch: every row draws new masks."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.table)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return one tokenised pair with its draw number."""
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> PairBatch:
        """Return several pairs; the loader of a batch asks this way.

        Raises:
            IndexError: If there is no such row; rows are not counted from the end.
        """
        count = len(self)
        if not 0 <= min(indices) <= max(indices) < count:
            raise IndexError(f"rows {min(indices)} to {max(indices)} of {count}")
        if self._rows is None:
            self._rows = TokenRows(self.table)
        tokens, sizes = self._rows.read(indices)
        draws = np.array(indices, dtype=np.uint64) + np.uint64(self.epoch * count)
        told = (None if of is None else of[indices] for of in (self.targets, self.languages))
        return PairBatch(tokens, sizes, draws, *told)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the views behind: another process makes its own."""
        return {**self.__dict__, "_rows": None}
