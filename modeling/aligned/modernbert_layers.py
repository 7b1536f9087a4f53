"""The layers of ModernBERT on packed tokens: mmBERT, Granite Embedding R2.

Every few layers attention is global, in the others it reaches half of `local_attention` tokens to
either side. Positions are rotations of queries and keys, with a base for each kind of layer; they
start anew in every sentence. Norms stand before attention and before the feed-forward layer, so
that the encoder ends with one: a vector of layer n is that norm of its states, which is what a
model of n layers returns.

Source: Warner et al. 2024, arXiv 2412.13663; mmBERT: Marone et al. 2025, arXiv 2509.06888.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from .packed_layers import word_vectors
from .variable_attention import Layout, take_rows

Rotation = tuple[torch.Tensor, torch.Tensor]
LOCAL = "sliding_attention"


@dataclass(frozen=True)
class Plan:
    """What the layers of each kind share.

    Attributes:
        layouts: Kind of layer -> where its attention reaches.
        rotations: Kind of layer -> cosines and sines of every token's place in its sentence.
            *Shape:* (tokens, 1, head size / 2) each.
    """

    layouts: dict[str, Layout]
    rotations: dict[str, Rotation]


class ModernBertLayers:
    """See `PackedLayers`."""

    def __init__(self, encoder: Any) -> None:
        """Look at a `ModernBertModel`."""
        self._encoder = encoder
        self.blocks = list(encoder.layers)

    def embed(self, ids: torch.Tensor, tokens: torch.Tensor, sparse: bool) -> torch.Tensor:
        """Embed packed tokens. *Shape:* (rows, width), (tokens,) -> (tokens, hidden)."""
        table = self._encoder.embeddings
        vectors = word_vectors(table.tok_embeddings, ids.flatten()[tokens], sparse)
        states: torch.Tensor = table(inputs_embeds=vectors)
        return states

    def plan(
        self,
        lengths: Sequence[int],
        states: torch.Tensor,
        queries: Sequence[int] | None = None,
        asking: torch.Tensor | None = None,
    ) -> Plan:
        """Say where the sequences lie, how far attention reaches, and how places are turned."""
        device = states.device
        places = torch.cat([torch.arange(size) for size in lengths]).to(device)
        asked = places if asking is None else places[asking]
        layouts, rotations = {}, {}
        for kind in {block.attention_type for block in self.blocks}:
            window = self._encoder.config.sliding_window if kind == LOCAL else None
            layouts[kind] = Layout(lengths, device, queries, window=window, places=asked)
            cosines, sines = self._encoder.rotary_emb(states, places[None], kind)
            half = cosines.shape[-1] // 2  # the second half repeats the first
            rotations[kind] = cosines[0, :, None, :half], sines[0, :, None, :half]
        return Plan(layouts, rotations)

    def apply(
        self, block: Any, states: torch.Tensor, plan: Plan, asking: torch.Tensor | None
    ) -> torch.Tensor:
        """Apply a layer. *Shape:* (tokens, hidden) -> (asking, hidden)."""
        attention, kind = block.attn, block.attention_type
        # All of the queries, though few may ask: the fused projection may have an adapter.
        fused = attention.Wqkv(block.attn_norm(states))
        query, key, value = fused.unflatten(-1, (3, -1, attention.head_dim)).unbind(-3)
        own = rotation = plan.rotations[kind]
        if asking is not None:
            states, query = take_rows(states, asking), take_rows(query, asking)
            own = rotation[0][asking], rotation[1][asking]
        dropout = attention.attention_dropout if block.training else 0.0
        query, key = rotated(query, own), rotated(key, rotation)
        context = plan.layouts[kind].attend(query, key, value, dropout)
        states = states + attention.out_drop(attention.Wo(context.flatten(1)))
        result: torch.Tensor = states + block.mlp(block.mlp_norm(states))
        return result

    def finish(self, states: torch.Tensor) -> torch.Tensor:
        """Apply the norm that the encoder ends with. *Shape:* (tokens, hidden), as it was."""
        normed: torch.Tensor = self._encoder.final_norm(states)
        return normed

    def cut(self, layer: int) -> None:
        """Leave the layers above one out; the norm at the end stays."""
        config = self._encoder.config
        self.blocks = self.blocks[:layer]
        self._encoder.layers = self._encoder.layers[:layer]
        # The kinds first: a config refuses fewer layers than kinds.
        config.layer_types = config.layer_types[:layer]
        config.num_hidden_layers = layer

    def change_dense(self, change: Callable[[Any], Any]) -> None:
        """Change feed-forward layers."""
        for block in self.blocks:
            block.mlp.forward = change(block.mlp.forward)


def keep_former_keys(config: Any) -> None:
    """Add the keys of a ModernBERT config that transformers 5 replaced, and others still read.

    Text Embeddings Inference and transformers 4 know nothing of `rope_parameters` and
    `layer_types`; they would take other rotations without a word, or not open the model.

    Args:
        config: Of any model; only a ModernBERT's changes.
    """
    if config.model_type != "modernbert":
        return
    kinds, rotations = config.layer_types, config.rope_parameters
    config.global_rope_theta = rotations["full_attention"]["rope_theta"]
    config.local_rope_theta = rotations[LOCAL]["rope_theta"]
    given = getattr(config, "global_attn_every_n_layers", None)
    for every in (given, *range(1, len(kinds) + 1)):
        if every and kinds == [LOCAL if i % every else "full_attention" for i in range(len(kinds))]:
            config.global_attn_every_n_layers = every
            return


def rotated(states: torch.Tensor, rotation: Rotation) -> torch.Tensor:
    """Turn queries or keys by their places. *Shape:* (tokens, heads, size), as it was."""
    cosines, sines = rotation
    # In float32 as the stock model, whatever autocast makes of the projection.
    one, other = states.float().chunk(2, dim=-1)
    turned = torch.cat([one * cosines - other * sines, other * cosines + one * sines], dim=-1)
    return turned.to(states.dtype)
