"""Sentence embeddings from token states: the only poolers of the project.

The contrastive loss pools content tokens (paper, section 3.2); retrieval, the sentence twin and
the cards use the pooling that the checkpoint's config names.
"""

from __future__ import annotations

import torch

from .alignment_config import POOLING_NAMES
from .errors import AlignmentError


def pool_packed(
    states: torch.Tensor, weights: torch.Tensor, row: torch.Tensor, rows: int
) -> torch.Tensor:
    """Average token states that lie one behind the other, without padding.

    Args:
        states: *Shape:* (tokens, hidden).
        weights: 1 where a token counts. *Shape:* (tokens,).
        row: Which sentence each token is of. *Shape:* (tokens,).
        rows: Number of sentences.

    Returns:
        float32. *Shape:* (rows, hidden). A sentence in which nothing counts is the zero vector.
    """
    counted = weights.nonzero().flatten()
    row = row[counted]
    sums = torch.zeros(rows, states.shape[1], device=states.device)
    sums = sums.index_add(0, row, states[counted].float())
    sizes = row.bincount(minlength=rows).clamp(min=1)
    return sums / sizes[:, None]


def pooling_mask(
    pooling: str, attention_mask: torch.Tensor, special_tokens_mask: torch.Tensor
) -> torch.Tensor:
    """Return which positions a pooling averages over.

    Args:
        pooling: `attended`: every attended token, `<s>` and `</s>` included (the paper's
            retrieval). `content`: attended tokens that are not special. `cls`: the first token.
        attention_mask: 1 on tokens, 0 on padding. *Shape:* (batch, tokens).
        special_tokens_mask: 1 on special tokens. *Shape:* (batch, tokens).

    Returns:
        *Shape:* (batch, tokens).

    Raises:
        AlignmentError: If the pooling is unknown.
    """
    if pooling == "attended":
        return attention_mask
    if pooling == "content":
        return attention_mask * (1 - special_tokens_mask)
    if pooling == "cls":
        first = torch.zeros_like(attention_mask)
        first[:, 0] = attention_mask[:, 0]
        return first
    raise AlignmentError(f"pooling is {pooling!r}. Legal: {', '.join(POOLING_NAMES)}.")
