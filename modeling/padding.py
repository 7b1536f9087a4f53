"""Token ids of several lengths as one batch, padded on the right whatever the tokenizer prefers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

__all__ = ["fill_of", "padded"]


def fill_of(tokenizer: Any) -> int:
    """Return the id that stands where nothing is: the padding token, or 0 where there is none."""
    return 0 if tokenizer.pad_token_id is None else int(tokenizer.pad_token_id)


def padded(rows: Sequence[Sequence[int]], tokenizer: Any) -> dict[str, torch.Tensor]:
    """Pad token ids.

    Args:
        rows: Ids of each text.
        tokenizer: Names the padding token, if there is one.

    Returns:
        `input_ids`, and `attention_mask` with 1 on tokens. *Shape:* (rows, longest) each.
    """
    sizes = torch.tensor([len(ids) for ids in rows])
    mask = (torch.arange(int(sizes.max())) < sizes[:, None]).long()
    filled = torch.full_like(mask, fill_of(tokenizer))
    filled[mask.bool()] = torch.tensor([piece for ids in rows for piece in ids], dtype=torch.long)
    return {"input_ids": filled, "attention_mask": mask}
