"""From paired text to token ids: tokenise once, then serve rows that know their draw number."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Protocol

import numpy as np
from datasets import Dataset as ArrowDataset
from datasets import Features, List, Value
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerBase

TEXT_COLUMN = "text"
TRANSLITERATION_COLUMN = "transliteration"


class Rows(Protocol):
    """What a table of tokenised pairs must offer; `datasets.Dataset` does."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Mapping[str, Any]: ...


def tokenize_pairs(
    batch: Mapping[str, Sequence[str]],
    tokenizer: PreTrainedTokenizerBase,
    max_length: int = 512,
    text_column: str = TEXT_COLUMN,
    transliteration_column: str = TRANSLITERATION_COLUMN,
) -> dict[str, list[Any]]:
    """Tokenise both sides of a batch of pairs, each alone, special tokens included.

    Args:
        batch: Columns of text, as `datasets.Dataset.map(batched=True)` hands them over.
        tokenizer: A tokenizer that frames a sequence as `<s> ... </s>`.
        max_length: Longest side in tokens, special tokens included (paper: 512).
        text_column: Column of the originals.
        transliteration_column: Column of the Latin forms.

    Returns:
        `input_ids`, `transliteration_input_ids`; `group`, `transliteration_group`: numbers that are
        equal exactly where the token ids are; and `length`, the tokens of both sides together.

    Source:
        Appendix A: one sentence is one example, truncated at 512 tokens, no packing.
    """
    columns: dict[str, list[Any]] = {}
    for prefix, column in (("", text_column), ("transliteration_", transliteration_column)):
        ids = tokenizer(list(batch[column]), truncation=True, max_length=max_length)["input_ids"]
        columns[f"{prefix}input_ids"] = ids
        columns[f"{prefix}group"] = [_group(row) for row in ids]
    sides = zip(columns["input_ids"], columns["transliteration_input_ids"], strict=True)
    columns["length"] = [len(a) + len(b) for a, b in sides]
    return columns


def token_features() -> Features:
    """Return the types of those columns in Arrow: half the size of what would be guessed."""
    ids = List(Value("int32"))
    return Features(
        {
            "input_ids": ids,
            "transliteration_input_ids": ids,
            "group": Value("int64"),
            "transliteration_group": Value("int64"),
            "length": Value("int32"),
        }
    )


def _group(ids: Sequence[int]) -> int:
    """A 64-bit fingerprint of token ids: what the encoder cannot tell apart is one group."""
    digest = hashlib.blake2b(array("q", ids).tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def piece_ids(table: ArrowDataset) -> set[int]:
    """Return the token ids that occur in a tokenised table, on either side."""
    found: set[int] = set()
    for name in ("input_ids", "transliteration_input_ids"):
        for chunk in table.data.column(name).chunks:
            found.update(np.unique(chunk.values.to_numpy()).tolist())
    return found


def renumber(batch: Mapping[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    """Give token ids the numbers they have after trimming: their places in `kept`, ascending."""
    return {
        name: [np.searchsorted(kept, ids) for ids in batch[name]]
        for name in ("input_ids", "transliteration_input_ids")
    }


class PairDataset(Dataset[dict[str, Any]]):
    """Tokenised pairs whose rows carry `draw`, a number unique to (epoch, row).

    The collator derives all randomness from (seed, draw). Masks therefore do not depend on the
    batch a row falls in, on workers, ranks or accumulation, and a resumed run repeats them.
    """

    def __init__(self, rows: Rows) -> None:
        """Wrap a table made by `tokenize_pairs`."""
        self.rows = rows
        self.epoch = 0
        self._views: ArrowRows | None = None

    def set_epoch(self, epoch: int) -> None:
        """Move to another epoch: every row draws new masks."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return one tokenised pair with its draw number."""
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[dict[str, Any]]:
        """Return several pairs; the loader of a batch asks this way."""
        rows: Any = self.rows
        if isinstance(rows, ArrowDataset) and rows._indices is None:
            if self._views is None:
                self._views = ArrowRows(rows)
            rows = self._views
        first = self.epoch * len(self.rows)
        return [{**rows[index], "draw": first + index} for index in indices]

    def __getstate__(self) -> dict[str, Any]:
        """Leave the views behind: another process makes its own."""
        return {**self.__dict__, "_views": None}


class ArrowRows:
    """Rows of a memory-mapped table, read where they lie: token ids are views, nothing is copied.

    Making it takes time by the chunk, not by the row.
    """

    def __init__(self, dataset: ArrowDataset) -> None:
        """Look at the buffers of every chunk of a table whose rows are in their own order."""
        self._columns: dict[str, list[Any]] = {}
        for name in dataset.column_names:
            chunks = dataset.data.column(name).chunks
            self._starts = [0, *accumulate(len(chunk) for chunk in chunks)]
            self._columns[name] = [
                (chunk.offsets.to_numpy(), chunk.values.to_numpy())
                if hasattr(chunk, "offsets")
                else chunk.to_numpy()
                for chunk in chunks
            ]

    def __len__(self) -> int:
        """Number of rows."""
        return self._starts[-1]

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return a row; lists are numpy views."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        chunk = bisect_right(self._starts, index) - 1
        place = index - self._starts[chunk]
        row = {}
        for name, chunks in self._columns.items():
            column = chunks[chunk]
            if isinstance(column, tuple):
                offsets, values = column
                row[name] = values[offsets[place] : offsets[place + 1]]
            else:
                row[name] = column[place]
        return row
