"""One encoder pass over many sequences without padding, computing only what is read.

The tokens of all views of a batch lie in one row, sorted by the length of their sequence. The
stock layers' own parameters do the work; how, says the page of their structure. Layers above the
alignment layer see only sequences in which something is predicted, and the last layer computes only
the positions that are predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from .deberta_layers import DebertaLayers
from .modernbert_layers import ModernBertLayers
from .packed_layers import BertLayers, PackedLayers, is_sharded
from .pooling import pool_packed
from .variable_attention import take_rows

LAYERS: dict[str, type[PackedLayers]] = {
    "modernbert": ModernBertLayers,
    "deberta-v2": DebertaLayers,
}
"""`model_type` -> the page of its layers, where they are not BERT's."""


def layers_of(encoder: Any) -> PackedLayers:
    """Return what applies an encoder's layers to packed tokens.

    Raises:
        AlignmentError: Its structure is neither BERT's nor that of a page in `LAYERS`.
    """
    return LAYERS.get(encoder.config.model_type, BertLayers)(encoder)


@dataclass
class PaddedView:
    """One view of a batch, padded on the right.

    Attributes:
        input_ids: *Shape:* (batch, tokens).
        attention_mask: 1 on tokens, 0 on padding. *Shape:* (batch, tokens).
        content: 1 on positions that sentence embeddings average. *Shape:* (batch, tokens). None:
            no embeddings are wanted.
        labels: Ids to predict, -100 elsewhere. *Shape:* (batch, tokens). None: nothing is
            predicted.
        anchored: As `content`, for a second kind of embeddings.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    content: torch.Tensor | None = None
    labels: torch.Tensor | None = None
    anchored: torch.Tensor | None = None


@dataclass
class Encoded:
    """What the objectives read of a batch.

    Attributes:
        states: Last layer at all positions that are predicted. *Shape:* (predicted, hidden).
        labels: Their ids. *Shape:* (predicted,).
        view: Index of the view that each belongs to. *Shape:* (predicted,).
        sentences: For each view its sentence embeddings from the alignment layer, or None.
            *Shape:* (batch, hidden) each.
        anchored: As `sentences`, over the positions that `PaddedView.anchored` names.
    """

    states: torch.Tensor
    labels: torch.Tensor
    view: torch.Tensor
    sentences: list[torch.Tensor | None]
    anchored: list[torch.Tensor | None]


def encode_views(
    encoder: Any,
    views: Sequence[PaddedView],
    layer: int,
    *,
    sentences_only: bool = False,
    tied: bool = False,
) -> Encoded:
    """Encode all views of a batch at once.

    Args:
        encoder: A base model, such as `XLMRobertaModel` or `ModernBertModel`.
        views: The views; the number of tokens may differ between them.
        layer: Index into `hidden_states` of the sentence embeddings, 0 for the embedding output. A
            norm that the encoder ends with is applied to them, as if it ended there.
        sentences_only: Stop at `layer` whatever the labels say. Up to there, dropout draws the
            same numbers as without.
        tied: The word embeddings are the weights of the head too.

    Returns:
        States, labels and sentence embeddings.
    """
    width = max(view.input_ids.shape[1] for view in views)

    def stacked(tensors: Sequence[torch.Tensor | None], fill: int) -> torch.Tensor:
        return torch.cat(
            [
                torch.full((len(view.input_ids), width), fill, device=view.input_ids.device)
                if tensor is None
                else F.pad(tensor, (0, width - tensor.shape[1]), value=fill)
                for tensor, view in zip(tensors, views, strict=True)
            ]
        )

    mask = stacked([view.attention_mask for view in views], 0)
    # A sequence without any token still needs one, or attention would divide by nothing.
    mask[:, 0] = 1
    rows = mask.sum(dim=1).argsort(stable=True)
    lengths = mask[rows].sum(dim=1).tolist()
    places = rows[:, None] * width + torch.arange(width, device=mask.device)
    tokens = places[mask[rows].bool()]  # of each packed token, its place in the stacked views
    labels = stacked([view.labels for view in views], -100).flatten()[tokens]
    predicted = (labels != -100).nonzero().flatten()
    if sentences_only:
        predicted = predicted[:0]

    ids = stacked([view.input_ids for view in views], encoder.config.pad_token_id or 0)
    layers = layers_of(encoder)
    states = layers.embed(ids, tokens, sparse=tied and len(predicted) > 0)
    pools = [[view.content for view in views], [view.anchored for view in views]]
    wanted = any(mask is not None for pool in pools for mask in pool)
    reach = layer if wanted else 0
    if reach:
        plan = layers.plan(lengths, states)
        for block in layers.blocks[:reach]:
            states = _run(layers, block, states, plan)
    pooled = layers.finish(states) if wanted else states
    origin = tokens.div(width, rounding_mode="floor")
    sentences, anchored = (
        _split(pool_packed(pooled, counted, origin, len(rows)), views, pool)
        for pool in pools
        for counted in [stacked(pool, 0).flatten()[tokens]]
    )
    if reach < len(layers.blocks) and len(predicted):
        states = _run_to_top(layers, reach, states, lengths, predicted)
    else:
        states = take_rows(states, predicted)
    states = layers.finish(states)
    sizes = torch.tensor([len(view.input_ids) for view in views], device=mask.device)
    view_of_row = torch.arange(len(views), device=mask.device).repeat_interleave(sizes)
    return Encoded(states, labels[predicted], view_of_row[origin[predicted]], sentences, anchored)


def _run(
    layers: PackedLayers,
    block: Any,
    states: torch.Tensor,
    plan: Any,
    asking: torch.Tensor | None = None,
) -> torch.Tensor:
    """Apply one stock layer, under activation checkpointing if the model asks for it.

    Args:
        layers: Whose block it is.
        block: A layer of the stock encoder.
        states: *Shape:* (tokens, hidden).
        plan: Of the sequences.
        asking: Which tokens' output is wanted; None: all. *Shape:* (asking,).

    Returns:
        *Shape:* (asking, hidden).
    """
    if is_sharded(block):
        # Called, it gathers its weights, and checkpoints itself.
        block.forward = partial(layers.apply, block)
        try:
            gathered: torch.Tensor = block(states, plan, asking)
        finally:
            del block.forward
        return gathered
    if getattr(block, "gradient_checkpointing", False) and block.training:
        checkpointed: torch.Tensor = block._gradient_checkpointing_func(
            layers.apply, block, states, plan, asking
        )
        return checkpointed
    return layers.apply(block, states, plan, asking)


def _run_to_top(
    layers: PackedLayers,
    reach: int,
    states: torch.Tensor,
    lengths: list[int],
    predicted: torch.Tensor,
) -> torch.Tensor:
    """Run the layers above `reach` for what is predicted. *Shape:* (predicted, hidden).

    Sequences in which nothing is predicted are left behind.
    """
    sizes = torch.tensor(lengths, device=states.device)
    sequence = torch.arange(len(lengths), device=states.device).repeat_interleave(sizes)
    counts = sequence[predicted].bincount(minlength=len(lengths))
    kept = counts > 0
    if not kept.all():
        staying = kept[sequence]
        states = take_rows(states, staying.nonzero().flatten())
        predicted = staying.cumsum(dim=0)[predicted] - 1
        lengths, counts = sizes[kept].tolist(), counts[kept]
    *lower, last = layers.blocks[reach:]
    if lower:
        plan = layers.plan(lengths, states)
        for block in lower:
            states = _run(layers, block, states, plan)
    plan = layers.plan(lengths, states, counts.tolist(), predicted)
    return _run(layers, last, states, plan, predicted)


def _split(
    means: torch.Tensor, views: Sequence[PaddedView], pool: Sequence[torch.Tensor | None]
) -> list[torch.Tensor | None]:
    """Sentence embeddings view by view; None for views that want none."""
    parts = means.split([len(view.input_ids) for view in views])
    return [part if mask is not None else None for part, mask in zip(parts, pool, strict=True)]
