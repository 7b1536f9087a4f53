"""How stock layers are applied to tokens that lie one behind the other: the form, and BERT's way.

BERT, XLM-R, and whoever is built like them; a structure that differs has a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
import torch.distributed as dist
import torch.nn.functional as F

from .errors import AlignmentError
from .variable_attention import Layout, take_rows

if dist.is_available():
    from torch.distributed.fsdp import FSDPModule


class PackedLayers(Protocol):
    """Applies the stock layers of an encoder to tokens that lie one behind the other.

    Attributes:
        blocks: The stock layers, from the bottom.
    """

    blocks: list[Any]

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


def is_sharded(module: Any) -> bool:
    """Tell whether a module's weights are spread over processes and gathered where it is called."""
    return dist.is_available() and isinstance(module, FSDPModule)


def word_vectors(words: Any, ids: torch.Tensor, sparse: bool) -> torch.Tensor:
    """Look words up. *Shape:* (tokens,) -> (tokens, hidden)."""
    if is_sharded(words):  # gathered when it is called
        looked_up: torch.Tensor = words(ids)
        return looked_up
    # Of a vocabulary's rows a batch touches few. Where the head gives all of them a gradient
    # anyway, these few are added to it; a second dense gradient would cost as much memory again.
    sparse = sparse and words.weight.requires_grad
    return F.embedding(ids, words.weight, words.padding_idx, sparse=sparse)


class BertLayers:
    """See `PackedLayers`."""

    def __init__(self, encoder: Any) -> None:
        """Look at an encoder.

        Raises:
            AlignmentError: It is built in another way.
        """
        blocks = getattr(getattr(encoder, "encoder", None), "layer", None)
        if blocks is None or not hasattr(encoder.embeddings, "position_embeddings"):
            raise AlignmentError(
                f"a {encoder.config.model_type!r} model is not built as BERT is, and has no page "
                "of its own; CONTRIBUTING.md, section A base family, says how one is added."
            )
        self._encoder = encoder
        self.blocks = list(blocks)

    def embed(self, ids: torch.Tensor, tokens: torch.Tensor, sparse: bool) -> torch.Tensor:
        """Embed packed tokens. *Shape:* (rows, width), (tokens,) -> (tokens, hidden)."""
        table = self._encoder.embeddings
        padding = table.position_embeddings.padding_idx
        if padding is None:  # BERT counts from 0; XLM-R behind its padding index
            numbers = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
        else:
            real = ids.ne(padding).long()
            numbers = real.cumsum(dim=1) * real + padding
        position_ids = numbers.flatten()[tokens][None]
        states: torch.Tensor = table(
            inputs_embeds=word_vectors(table.word_embeddings, ids.flatten()[tokens], sparse)[None],
            position_ids=position_ids,
            token_type_ids=torch.zeros_like(position_ids),
        )
        return states[0]

    def plan(
        self,
        lengths: Sequence[int],
        states: torch.Tensor,
        queries: Sequence[int] | None = None,
        asking: torch.Tensor | None = None,
    ) -> Layout:
        """Say where the sequences lie; it is the same for all layers."""
        return Layout(lengths, states.device, queries)

    def apply(
        self, block: Any, states: torch.Tensor, plan: Layout, asking: torch.Tensor | None
    ) -> torch.Tensor:
        """Apply a layer. *Shape:* (tokens, hidden) -> (asking, hidden)."""
        attention = block.attention.self
        asked = states if asking is None else take_rows(states, asking)
        heads = (attention.num_attention_heads, attention.attention_head_size)
        context = plan.attend(
            attention.query(asked).unflatten(-1, heads),
            attention.key(states).unflatten(-1, heads),
            attention.value(states).unflatten(-1, heads),
            attention.dropout.p if block.training else 0.0,
        )
        attended = block.attention.output(context.flatten(1), asked)
        result: torch.Tensor = block.feed_forward_chunk(attended)
        return result

    def finish(self, states: torch.Tensor) -> torch.Tensor:
        """Return them: the last layer has its norm inside."""
        return states

    def cut(self, layer: int) -> None:
        """Leave the layers above one out."""
        self.blocks = self.blocks[:layer]
        self._encoder.encoder.layer = self._encoder.encoder.layer[:layer]
        self._encoder.config.num_hidden_layers = layer

    def change_dense(self, change: Callable[[Any], Any]) -> None:
        """Change feed-forward layers and the projections behind attention."""
        for block in self.blocks:
            block.feed_forward_chunk = change(block.feed_forward_chunk)
            projection = block.attention.output
            projection.forward = change(projection.forward)
