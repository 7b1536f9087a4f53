"""Token ids on disk: an Arrow table that spends two or three bytes on a token.

A row holds both sides of a pair, and nothing that follows from them: lengths are the differences of
Arrow's offsets. Where 16 bits name every piece of the vocabulary, a side is a list of `uint16`.
Above that (Glot500: 401,145 pieces) it is a list of `uint8`, three for a token, the lowest first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np
from datasets import Dataset, Features, List, Value
from transformers import PreTrainedTokenizerBase

TEXT_COLUMN = "text"
TRANSLITERATION_COLUMN = "transliteration"
SIDES = ("input_ids", "transliteration_input_ids")


def token_features(pieces: int) -> Features:
    """Return the types of the two columns for a vocabulary of so many pieces, at most 2**24."""
    return Features(dict.fromkeys(SIDES, List(Value("uint16" if pieces <= 1 << 16 else "uint8"))))


def tokenize_pairs(
    batch: Mapping[str, Sequence[str]],
    tokenizer: PreTrainedTokenizerBase,
    max_length: int = 512,
    text_column: str = TEXT_COLUMN,
    transliteration_column: str = TRANSLITERATION_COLUMN,
    prompt: str = "",
    lower_case: bool = False,
) -> dict[str, list[np.ndarray]]:
    """Tokenise both sides of a batch of pairs, each alone, special tokens included.

    Args:
        batch: Columns of text, as `datasets.Dataset.map(batched=True)` hands them over.
        tokenizer: A tokenizer that frames a sequence as `<s> ... </s>`.
        max_length: Longest side in tokens, special tokens included (paper: 512).
        text_column: Column of the originals.
        transliteration_column: Column of the Latin forms.
        prompt: What stands before every text.
        lower_case: Put both in lower case.

    Returns:
        The columns of `token_features(len(tokenizer))`.

    Source:
        Appendix A: one sentence is one example, truncated at 512 tokens, no packing.
    """
    columns = {}
    for side, column in zip(SIDES, (text_column, transliteration_column), strict=True):
        texts = [prompt + text for text in batch[column]] if prompt else list(batch[column])
        encoded = tokenizer(
            [text.lower() for text in texts] if lower_case else texts,
            truncation=True,
            max_length=max_length,
            return_attention_mask=False,
            return_token_type_ids=False,
        )["input_ids"]
        ids = np.fromiter(chain.from_iterable(encoded), dtype=np.int64)
        columns[side] = _pack(ids, list(map(len, encoded)), len(tokenizer))
    return columns


def piece_ids(table: Dataset) -> set[int]:
    """Return the token ids that occur in a table, on either side."""
    chunks = (chunk for name in SIDES for chunk in table.data.column(name).chunks)
    return {
        piece for chunk in chunks for piece in np.unique(_unpack(chunk.values.to_numpy())).tolist()
    }


def renumber(batch: Any, kept: Sequence[int]) -> dict[str, list[np.ndarray]]:
    """Give token ids the numbers they have after trimming: their places in `kept`, ascending.

    Args:
        batch: Arrow table of rows, as `with_format("arrow").map(batched=True)` hands it over.
        kept: Ids of the pieces that stay.

    Returns:
        The columns of `token_features(len(kept))`.
    """
    columns = {}
    for name in SIDES:
        rows = batch.column(name).combine_chunks()
        numbers = rows.flatten().to_numpy()
        sizes = rows.value_lengths().to_numpy() // _width(numbers)
        ids = np.searchsorted(kept, _unpack(numbers))
        columns[name] = _pack(ids, sizes.tolist(), len(kept))
    return columns


def _pack(ids: np.ndarray, sizes: Sequence[int], pieces: int) -> list[np.ndarray]:
    """Cut ids, one row behind the other, into rows of the numbers that the table holds."""
    numbers, width = ids.astype("<u2"), 1
    if pieces > 1 << 16:
        numbers, width = ids.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3].ravel(), 3
    cuts = accumulate(sizes, initial=0)
    return [numbers[width * a : width * b] for a, b in pairwise(cuts)]


def _width(numbers: np.ndarray) -> int:
    """How many of the table's numbers stand for a token."""
    return 3 if numbers.dtype == np.uint8 else 1


def _unpack(numbers: np.ndarray) -> np.ndarray:
    """The ids that the table's numbers stand for. *Shape:* (tokens,), int64."""
    if _width(numbers) == 3:
        wide = np.zeros((len(numbers) // 3, 4), dtype=np.uint8)
        wide[:, :3] = numbers.reshape(-1, 3)
        numbers = wide.reshape(-1).view("<u4")
    return numbers.astype(np.int64)


class TokenRows:
    """Rows of a memory-mapped table, read where they lie.

    Making it takes time by the chunk of the file, not by the row.
    """

    def __init__(self, table: Dataset) -> None:
        """Look at the buffers of every chunk of a table made by `tokenize_pairs`."""
        batches = table.data.to_batches()
        self._starts = list(accumulate(map(len, batches), initial=0))
        self._sides = [
            [
                (column.offsets.to_numpy(), column.values.to_numpy())
                for column in (batch.column(name) for batch in batches)
            ]
            for name in SIDES
        ]
        chosen: Any = table._indices
        self._order = None if chosen is None else chosen.column(0).to_numpy()

    def read(self, rows: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Return the token ids of some rows, and how many each side has.

        Returns:
            All originals, one behind the other, then all Latin forms. *Shape:* (tokens,), int64.
            Tokens of each side. *Shape:* (2, rows).
        """
        if self._order is not None:
            rows = self._order[list(rows)].tolist()
        chunks = [bisect_right(self._starts, row) - 1 for row in rows]
        places = [row - self._starts[chunk] for row, chunk in zip(rows, chunks, strict=True)]
        parts = []
        for side in self._sides:
            for chunk, place in zip(chunks, places, strict=True):
                offsets, values = side[chunk]
                parts.append(values[offsets[place] : offsets[place + 1]])
        sizes = np.array([len(part) for part in parts]).reshape(2, -1) // _width(parts[0])
        return _unpack(np.concatenate(parts)), sizes
