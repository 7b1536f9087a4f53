"""From paired text to token ids: tokenise once, then serve rows that know their draw number."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

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
        `input_ids`, `transliteration_input_ids`, and `group`, `transliteration_group`: numbers that
        are equal exactly where the token ids are.

    Source:
        Appendix A: one sentence is one example, truncated at 512 tokens, no packing.
    """
    columns: dict[str, list[Any]] = {}
    for prefix, column in (("", text_column), ("transliteration_", transliteration_column)):
        ids = tokenizer(list(batch[column]), truncation=True, max_length=max_length)["input_ids"]
        columns[f"{prefix}input_ids"] = ids
        columns[f"{prefix}group"] = [_group(row) for row in ids]
    return columns


def _group(ids: Sequence[int]) -> int:
    """A 64-bit fingerprint of token ids: what the encoder cannot tell apart is one group."""
    digest = hashlib.blake2b(array("q", ids).tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


class PairDataset(Dataset[dict[str, Any]]):
    """Tokenised pairs whose rows carry `draw`, a number unique to (epoch, row).

    The collator derives all randomness from (seed, draw). Masks therefore do not depend on the
    batch a row falls in, on workers, ranks or accumulation, and a resumed run repeats them.
    """

    def __init__(self, rows: Rows) -> None:
        """Wrap a table made by `tokenize_pairs`."""
        self.rows = rows
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Move to another epoch: every row draws new masks."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return one tokenised pair with its draw number."""
        return {**self.rows[index], "draw": self.epoch * len(self.rows) + index}
