"""The layers of BERT's structure on packed tokens: BERT, XLM-R, and whoever is built like them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from .errors import AlignmentError
from .packed_layers import word_vectors
from .variable_attention import Layout, take_rows


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
