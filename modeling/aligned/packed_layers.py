"""What the packed encoder asks of a structure: one page for BERT's, one for ModernBERT's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
import torch.nn.functional as F


class PackedLayers(Protocol):
    """Applies the stock layers of an encoder to tokens that lie one behind the other.

    Attributes:
        blocks: The stock layers, from the bottom.
    """

    blocks: Sequence[Any]

    def __init__(self, encoder: Any) -> None:
        """Look at an encoder; its parameters stay its own."""

    def embed(self, ids: torch.Tensor, tokens: torch.Tensor, sparse: bool) -> torch.Tensor:
        """Embed packed tokens.

        Args:
            ids: Padded ids. *Shape:* (rows, width).
            tokens: Places of the packed tokens among them. *Shape:* (tokens,).
            sparse: Give the word embeddings a sparse gradient.

        Returns:
            *Shape:* (tokens, hidden).
        """

    def plan(
        self,
        lengths: Sequence[int],
        states: torch.Tensor,
        queries: Sequence[int] | None = None,
        asking: torch.Tensor | None = None,
    ) -> Any:
        """Work out what all blocks share.

        Args:
            lengths: Of the sequences, in packed order.
            states: Of their tokens; type and device are read. *Shape:* (tokens, hidden).
            queries: How many tokens of each sequence ask; None: all.
            asking: Which those are, of all tokens. *Shape:* (asking,).
        """

    def apply(
        self, block: Any, states: torch.Tensor, plan: Any, asking: torch.Tensor | None
    ) -> torch.Tensor:
        """Apply a block to all tokens, for those that ask. *Shape:* (asking, hidden)."""

    def finish(self, states: torch.Tensor) -> torch.Tensor:
        """Apply what stands behind the last block. *Shape:* (tokens, hidden), as it was."""

    def cut(self, layer: int) -> None:
        """Make the encoder one of so many blocks, for good; its config says so."""

    def change_dense(self, change: Callable[[Any], Any]) -> None:
        """Put `change(function)` in place of what the blocks do to single tokens."""


def word_vectors(words: Any, ids: torch.Tensor, sparse: bool) -> torch.Tensor:
    """Look words up. *Shape:* (tokens,) -> (tokens, hidden)."""
    # Of a vocabulary's rows a batch touches few. Where the head gives all of them a gradient
    # anyway, these few are added to it; a second dense gradient would cost as much memory again.
    sparse = sparse and words.weight.requires_grad
    return F.embedding(ids, words.weight, words.padding_idx, sparse=sparse)
