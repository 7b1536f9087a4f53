"""The layers of DeBERTa v2 and v3 on packed tokens: mDeBERTa.

A score is the sum of three products: content with content, content with the distance of the key,
and the key's content with its distance from the query. Distances have vectors of their own, one for
each near distance and one for a bucket of far ones; they say nothing of padding, so that sentences
of similar length can be padded to one another for attention alone. No fused kernel knows such
scores: they are worked out in full on every device.

Source: He et al. 2021, arXiv 2006.03654 and 2111.09543.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position

from .packed_layers import word_vectors
from .variable_attention import Layout, take_rows

Distances = tuple[int, int, torch.Tensor]


@dataclass(frozen=True)
class Plan:
    """What all layers share.

    Attributes:
        layout: Where the sequences lie.
        distances: Of each block of sequences, as `_distances` has them.
    """

    layout: Layout
    distances: list[Distances]


class DebertaLayers:
    """See `PackedLayers`."""

    def __init__(self, encoder: Any) -> None:
        """Look at a `DebertaV2Model`."""
        self._encoder = encoder
        self.blocks = list(encoder.encoder.layer)

    def embed(self, ids: torch.Tensor, tokens: torch.Tensor, sparse: bool) -> torch.Tensor:
        """Embed packed tokens. *Shape:* (rows, width), (tokens,) -> (tokens, hidden)."""
        table = self._encoder.embeddings
        vectors = word_vectors(table.word_embeddings, ids.flatten()[tokens], sparse)
        # Read only where a model adds places to words, as mDeBERTa does not.
        places = tokens % ids.shape[1]
        states: torch.Tensor = table(inputs_embeds=vectors[None], position_ids=places[None])
        return states[0]

    def plan(
        self,
        lengths: Sequence[int],
        states: torch.Tensor,
        queries: Sequence[int] | None = None,
        asking: torch.Tensor | None = None,
    ) -> Plan:
        """Say where the sequences lie, and how far apart their tokens are."""
        places = torch.cat([torch.arange(size) for size in lengths]).to(states.device)
        asked = places if asking is None else places[asking]
        layout = Layout(lengths, states.device, queries, places=asked, fused=False)
        if not self._encoder.encoder.relative_attention:
            return Plan(layout, [])
        attention = self.blocks[0].attention.self
        return Plan(layout, [_distances(attention, *block) for block in layout.places])

    def apply(
        self, block: Any, states: torch.Tensor, plan: Plan, asking: torch.Tensor | None
    ) -> torch.Tensor:
        """Apply a layer. *Shape:* (tokens, hidden) -> (asking, hidden)."""
        attention = block.attention.self
        asked = states if asking is None else take_rows(states, asking)
        heads = (attention.num_attention_heads, attention.attention_head_size)
        context = plan.layout.attend(
            attention.query_proj(asked).unflatten(-1, heads),
            attention.key_proj(states).unflatten(-1, heads),
            attention.value_proj(states).unflatten(-1, heads),
            kernel=_kernel(attention, self._encoder.encoder.get_rel_embedding(), plan.distances),
        )
        attended = block.attention.output(context.flatten(1), asked)
        result: torch.Tensor = block.output(block.intermediate(attended), attended)
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
            for module in (block.intermediate, block.output, block.attention.output):
                module.forward = change(module.forward)


def why_not(config: Any) -> str | None:
    """Say which part of a DeBERTa is not known here; None for those of mDeBERTa's form.

    Args:
        config: Of the model.
    """
    if getattr(config, "conv_kernel_size", 0):
        return (
            "has a convolution over neighbouring tokens (conv_kernel_size), as DeBERTa v2 XL has. "
            "Legal: the form of mDeBERTa v3, without"
        )
    if not config.legacy:
        return (
            "has a language-modelling head of the form legacy false, whose vocabulary transformers "
            "cannot change. Legal: legacy true in its config.json; then it counts as a model "
            "without a head, and --lm-head train teaches one"
        )
    return None


def _kernel(
    attention: Any, vectors: torch.Tensor | None, distances: Sequence[Distances]
) -> Callable[..., torch.Tensor]:
    """What attends within sequences that are padded to one another.

    Args:
        attention: Of a stock layer.
        vectors: One for each distance; None: the model knows none. *Shape:* (2 span, hidden).
        distances: Of the blocks.
    """
    heads = (attention.num_attention_heads, attention.attention_head_size)
    kinds = [kind for kind in ("c2p", "p2c") if kind in attention.pos_att_type]
    scale = math.sqrt(heads[1] * (1 + len(kinds)))
    of_distances: dict[str, torch.Tensor] = {}
    if vectors is not None:
        known = attention.pos_dropout(vectors)[: 2 * attention.pos_ebd_size]
        for kind, side in (("c2p", "key"), ("p2c", "query")):
            if kind in kinds:
                own = "" if attention.share_att_key else "pos_"
                project = getattr(attention, f"{own}{side}_proj")
                of_distances[kind] = project(known).unflatten(-1, heads).transpose(0, 1)

    def attend(
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        mask: torch.Tensor | None,
        number: int,
    ) -> torch.Tensor:
        scores = query @ (key.transpose(-1, -2) / scale)
        if of_distances:
            first, last, rows = distances[number]
            rows = rows.expand(len(query), heads[0], -1, -1)
        if "c2p" in of_distances:
            found = query @ of_distances["c2p"][:, first:last].transpose(-1, -2)
            scores = scores + found.gather(-1, rows) / scale
        if "p2c" in of_distances:
            found = key @ of_distances["p2c"][:, first:last].transpose(-1, -2)
            found = found.gather(-1, rows.transpose(-1, -2)).transpose(-1, -2)
            scores = scores + found / scale
        if mask is not None:
            scores = scores + mask.to(scores.dtype)
        return attention.dropout(F.softmax(scores, dim=-1)) @ value

    return attend


def _distances(attention: Any, places: torch.Tensor, width: int) -> Distances:
    """Number how far each key is from each query: near ones each, far ones by their logarithm.

    Args:
        attention: Of a stock layer.
        places: Of the queries. *Shape:* (rows, queries).
        width: Keys of a row.

    Returns:
        Of the vectors of distances, the first that is met and the one behind the last, and from
        there which it is. *Shape:* (rows, 1, queries, width).
    """
    apart = places[:, None, :, None] - torch.arange(width, device=places.device)
    if attention.position_buckets > 0:
        most = attention.max_relative_positions
        apart = make_log_bucket_position(apart, attention.position_buckets, most).long()
    span = attention.pos_ebd_size
    rows = (apart + span).clamp(0, 2 * span - 1)
    # In short sentences they are few of all: the products with the others are never made.
    first, last = (int(rows.min()), int(rows.max()) + 1) if rows.numel() else (0, 0)
    return first, last, rows - first
