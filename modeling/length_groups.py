"""One encoder pass for all views of a batch, with little padding.

Sentences of a random batch differ in length by a factor of five, so that padding to the longest
triples the work. On a CPU the rows of all views are sorted by length and encoded in groups of
similar length; a GPU, where many small calls cost more than padding, takes each view whole.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

MIN_ROWS = 8
MIN_FILL = 0.8

States = tuple[torch.Tensor, torch.Tensor]


def encode_views(
    encoder: torch.nn.Module,
    views: Sequence[tuple[torch.Tensor, torch.Tensor]],
    layer: int,
) -> list[States]:
    """Encode several views of a batch.

    Args:
        encoder: A base model such as `XLMRobertaModel`.
        views: `(input_ids, attention_mask)` of each view, padded on the right.
            *Shape:* (batch, tokens) each; the number of tokens may differ between views.
        layer: Index into `hidden_states`, 0 for the embedding output.

    Returns:
        For each view the states of the last layer and of `layer`. *Shape:* (batch, tokens, hidden);
        zero on padding when encoded in groups.
    """
    if views[0][0].device.type != "cpu":
        return [_encode(encoder, ids, mask, layer) for ids, mask in views]
    width = max(ids.shape[1] for ids, _ in views)
    all_ids = torch.cat([_widen(ids, width) for ids, _ in views])
    all_masks = torch.cat([_widen(mask, width) for _, mask in views])
    lengths = all_masks.sum(dim=1)
    order = lengths.argsort(stable=True)
    pieces: list[States] = []
    for rows in _groups(order, lengths):
        longest = max(int(lengths[rows].max()), 1)
        states = _encode(encoder, all_ids[rows, :longest], all_masks[rows, :longest], layer)
        pieces.append((_widen(states[0], width), _widen(states[1], width)))
    back = order.argsort()
    last, aligned = (torch.cat(side)[back] for side in zip(*pieces, strict=True))
    result, start = [], 0
    for ids, _ in views:
        stop, tokens = start + ids.shape[0], ids.shape[1]
        result.append((last[start:stop, :tokens], aligned[start:stop, :tokens]))
        start = stop
    return result


def _encode(encoder: torch.nn.Module, ids: torch.Tensor, mask: torch.Tensor, layer: int) -> States:
    output = encoder(ids, attention_mask=mask, output_hidden_states=True)
    return output.last_hidden_state, output.hidden_states[layer]


def _groups(order: torch.Tensor, lengths: torch.Tensor) -> list[torch.Tensor]:
    """Cut rows sorted by length where a group's shortest would fill less than MIN_FILL of it."""
    sizes = lengths[order].tolist()
    starts = [0]
    for index, size in enumerate(sizes):
        first = max(sizes[starts[-1]], 1)
        if index - starts[-1] >= MIN_ROWS and first < MIN_FILL * size:
            starts.append(index)
    return [order[a:b] for a, b in zip(starts, [*starts[1:], len(sizes)], strict=True)]


def _widen(tensor: torch.Tensor, width: int) -> torch.Tensor:
    """Append zeros along the token axis up to `width`."""
    missing = width - tensor.shape[1]
    shape = (tensor.shape[0], missing, *tensor.shape[2:])
    return torch.cat([tensor, tensor.new_zeros(shape)], dim=1) if missing else tensor
