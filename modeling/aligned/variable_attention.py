"""Attention over sequences that lie one behind the other, without padding between them.

On CUDA the sequences go as one jagged tensor to the fastest variable-length kernel that torch has
(FlashAttention in half precision, memory-efficient attention otherwise; FlexAttention and torch's
`varlen_attn` know no dropout). Elsewhere sequences of similar length, which are neighbours, are
padded to one another and attended group by group: attention is a small part of the work, and all
other layers never see padding. So are, on CUDA too, sequences longer than the window of local
attention, which jagged tensors do not know.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F

MIN_ROWS = 8
MIN_FILL = 0.8


class Layout:
    """Where the sequences of packed queries and keys begin and end.

    Attributes:
        keys: Tokens of each sequence; ascending where little padding is wanted.
        places: Of each block, where its queries stand, *Shape:* (rows, queries), and how many keys
            a row has; for a window, or where attention is not fused.
    """

    def __init__(
        self,
        keys: Sequence[int],
        device: torch.device,
        queries: Sequence[int] | None = None,
        *,
        window: int | None = None,
        places: torch.Tensor | None = None,
        fused: bool = True,
    ) -> None:
        """Plan the attention once; all layers share it.

        Args:
            keys: Length of every sequence, in packed order.
            device: Where the states are.
            queries: How many positions of every sequence ask; None: all of them.
            window: How many tokens away a key may be; None: anywhere in the sequence.
            places: Where in its sequence each position that asks stands; for a kernel of one's
                own, and for a window where `queries` are given. *Shape:* (queries,).
            fused: Whether scores are plain products, which kernels of the device know.
        """
        self.keys = list(keys)
        self._queries = self.keys if queries is None else list(queries)
        if window is not None and max(self.keys, default=0) <= window + 1:
            window = None
        self._jagged = device.type == "cuda" and window is None and fused and jagged_works(device)
        if self._jagged:
            self._offsets = [_offsets(side, device) for side in (self._queries, self.keys)]
            return
        cuts = _cuts(self.keys)
        self._key_blocks = _blocks(self.keys, cuts, device)
        self._query_blocks = (
            self._key_blocks if queries is None else _blocks(self._queries, cuts, device)
        )
        self._masks = [block.mask for block in self._key_blocks]
        self.places: list[tuple[torch.Tensor, int]] = []
        if window is not None or not fused:
            if places is None:
                places = torch.cat([torch.arange(size) for size in self.keys]).to(device)
            shares = places.split([block.tokens for block in self._query_blocks])
            self.places = [
                (ours.spread(share), theirs.width)
                for ours, theirs, share in zip(
                    self._query_blocks, self._key_blocks, shares, strict=True
                )
            ]
        if window is not None:
            self._masks = [
                block.mask if block.width <= window + 1 else block.near(asked, window)
                for block, (asked, _) in zip(self._key_blocks, self.places, strict=True)
            ]

    def attend(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        dropout: float = 0.0,
        kernel: Callable[..., torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """Let every query attend to all keys of its own sequence.

        Args:
            query: *Shape:* (queries, heads, size).
            key: *Shape:* (tokens, heads, size).
            value: *Shape:* (tokens, heads, size).
            dropout: Share of attention weights that are dropped.
            kernel: Attends in a layout that is not fused, instead of plain products: is given
                query, key and value, *Shape:* (rows, heads, width, size) each, what is added to
                scores or None, and the number of the block in `places`.

        Returns:
            *Shape:* (queries, heads, size).
        """
        if self._jagged:
            asking, known = self._offsets
            return jagged_attention(
                jagged(query, asking, self._queries),
                jagged(key, known, self.keys),
                jagged(value, known, self.keys),
                dropout,
            )
        # Split, not sliced one by one: every slice's gradient would be as large as the whole.
        states = (
            query.split([block.tokens for block in self._query_blocks]),
            key.split([block.tokens for block in self._key_blocks]),
            value.split([block.tokens for block in self._key_blocks]),
        )
        parts = []
        blocks = zip(self._query_blocks, self._key_blocks, self._masks, *states, strict=True)
        for number, (ours, theirs, mask, q, k, v) in enumerate(blocks):
            if ours.tokens:
                padded = (ours.pad(q), theirs.pad(k), theirs.pad(v))
                if kernel is None:
                    context = block_attention(*padded, mask, dropout)
                else:
                    context = kernel(*padded, mask, number)
                parts.append(ours.unpad(context))
        return torch.cat(parts) if parts else query


def block_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    dropout: float,
) -> torch.Tensor:
    """Scaled dot-product attention of one block. *Shape:* (rows, heads, width, size)."""
    if not dropout:
        return F.scaled_dot_product_attention(
            query, key, value, attn_mask=None if mask is None else mask.to(query.dtype)
        )
    # With dropout the stock function has no fused kernel on a CPU, looks for rows without any key,
    # which there are not, and takes half precision back to single.
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-2, -1)
    if mask is not None:
        scores += mask.to(scores.dtype)
    weights = scores.softmax(dim=-1, dtype=torch.float32).to(query.dtype)
    return F.dropout(weights, dropout) @ value


class _Block:
    """Neighbouring sequences that are padded to the longest of them."""

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        self.rows, self.width, self.tokens = len(lengths), max(lengths), sum(lengths)
        sizes = torch.tensor(lengths)
        filled = torch.arange(self.width)[None, :] < sizes[:, None]
        full = bool(filled.all())
        self.places = None if full else filled.flatten().nonzero().flatten().to(device)
        self.mask = None  # added to scores: -inf where there is no key
        if not full:
            empty = torch.zeros(filled.shape).masked_fill_(~filled, float("-inf"))
            self.mask = empty[:, None, None, :].to(device)

    def spread(self, places: torch.Tensor) -> torch.Tensor:
        """Lay numbers of tokens out. *Shape:* (tokens,) -> (rows, width)."""
        # A place that is padding asks as the row's first token does: it must see some key.
        spread = places
        if self.places is not None:
            spread = places.new_zeros(self.rows * self.width)
            spread[self.places] = places
        return spread.view(self.rows, self.width)

    def near(self, asked: torch.Tensor, window: int) -> torch.Tensor:
        """Mask what lies too far off. *Shape:* (rows, queries) -> (rows, 1, queries, width)."""
        of_key = torch.arange(self.width, device=asked.device)
        far = (asked[:, None, :, None] - of_key).abs() > window
        mask = torch.zeros(far.shape, device=asked.device).masked_fill_(far, float("-inf"))
        return mask if self.mask is None else mask + self.mask

    def pad(self, states: torch.Tensor) -> torch.Tensor:
        """(tokens, heads, size) -> (rows, heads, width, size)."""
        if self.places is not None:
            states = _Place.apply(states, self.places, self.rows * self.width)
        return states.unflatten(0, (self.rows, self.width)).transpose(1, 2)

    def unpad(self, states: torch.Tensor) -> torch.Tensor:
        """(rows, heads, width, size) -> (tokens, heads, size)."""
        flat = states.transpose(1, 2).flatten(0, 1)
        taken: torch.Tensor = flat if self.places is None else _Take.apply(flat, self.places)
        return taken


# Stock indexing adds gradients up row by row; places are distinct here, so that a copy will do.
class _Place(torch.autograd.Function):
    """Put rows at distinct places among zeros."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor, places: torch.Tensor, size: int) -> torch.Tensor:
        ctx.save_for_backward(places)
        return rows.new_zeros((size, *rows.shape[1:])).index_copy_(0, places, rows)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (places,) = ctx.saved_tensors
        return gradient.index_select(0, places), None, None


class _Take(torch.autograd.Function):
    """Take the rows at distinct places."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(places)
        ctx.size = len(rows)
        return rows.index_select(0, places)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        (places,) = ctx.saved_tensors
        zeros = gradient.new_zeros((ctx.size, *gradient.shape[1:]))
        return zeros.index_copy_(0, places, gradient), None


def take_rows(rows: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Return `rows[places]` for places that are distinct. *Shape:* (places, ...)."""
    taken: torch.Tensor = _Take.apply(rows, places)
    return taken


def _cuts(lengths: Sequence[int]) -> list[int]:
    """Cut sorted lengths where a group's shortest would fill less than MIN_FILL of the longest."""
    cuts = [0]
    for index, size in enumerate(lengths):
        if index - cuts[-1] >= MIN_ROWS and lengths[cuts[-1]] < MIN_FILL * size:
            cuts.append(index)
    return [*cuts, len(lengths)]


def _blocks(lengths: Sequence[int], cuts: Sequence[int], device: torch.device) -> list[_Block]:
    return [_Block(lengths[a:b], device) for a, b in pairwise(cuts)]


def _offsets(lengths: Sequence[int], device: torch.device) -> torch.Tensor:
    return F.pad(torch.tensor(lengths, dtype=torch.int64), (1, 0)).cumsum(0).to(device)


def jagged(states: torch.Tensor, offsets: torch.Tensor, lengths: Sequence[int]) -> torch.Tensor:
    """Wrap packed states as one jagged tensor. *Shape:* (sequences, heads, ragged, size)."""
    wrapped = torch.nested.nested_tensor_from_jagged(
        states, offsets, min_seqlen=min(lengths), max_seqlen=max(lengths)
    )
    return wrapped.transpose(1, 2)


def jagged_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, dropout: float
) -> torch.Tensor:
    """Attend within the sequences of jagged tensors; returns packed states."""
    context = F.scaled_dot_product_attention(query, key, value, dropout_p=dropout)
    return context.transpose(1, 2).values()


@lru_cache
def jagged_works(device: torch.device) -> bool:
    """Try jagged attention as a training uses it on a device; say so once where it fails."""
    asking, known = [1, 2], [2, 5]
    try:
        for dtype in (torch.float32, torch.bfloat16)[: 2 if device.type == "cuda" else 1]:
            query, key, value = (
                jagged(
                    torch.ones(sum(n), 2, 64, device=device, dtype=dtype, requires_grad=True),
                    _offsets(n, device),
                    n,
                )
                for n in (asking, known, known)
            )
            jagged_attention(query, key, value, 0.1).sum().backward()
    except (RuntimeError, NotImplementedError, AttributeError) as error:
        warnings.warn(
            f"no variable-length attention on {device} ({error}); "
            "sequences of similar length are padded to one another instead.",
            stacklevel=2,
        )
        return False
    return True
