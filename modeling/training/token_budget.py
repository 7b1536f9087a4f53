"""Micro-batches whose memory is bounded by tokens, with the gradient of the whole batch.

A batch is cut into parts of at most so many tokens. Sums over masked tokens add up by themselves.
The contrastive loss needs all sentences at once: their embeddings are computed first, without
keeping anything for a backward pass; the loss gives each embedding its gradient; and every part,
encoded again with the same dropout, passes on its share (gradient caching, Gao et al. 2021,
arXiv 2101.06983).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import torch

from ..aligned.objectives import VIEW_PREFIXES

Batch = dict[str, Any]
OF_ALL = ("teacher_mean", "teacher_bank")
"""What belongs to a batch, not to its pairs; only the contrast of the whole batch reads it."""


def split_by_tokens(batch: Batch, budget: int) -> list[Batch]:
    """Cut a batch of pairs into runs of at most `budget` tokens over all views, padding left out.

    A pair that is longer than the budget is a part of its own.
    """
    masks = [batch[k] for p in VIEW_PREFIXES.values() if (k := f"{p}attention_mask") in batch]
    sizes = torch.stack([mask.sum(dim=1) for mask in masks]).sum(dim=0).tolist()
    cuts, used = [0], 0
    for index, size in enumerate(sizes):
        if used and used + size > budget:
            cuts.append(index)
            used = 0
        used += size
    cuts.append(len(sizes))
    of_rows = {name: tensor for name, tensor in batch.items() if name not in OF_ALL}
    return [{name: tensor[a:b] for name, tensor in of_rows.items()} for a, b in pairwise(cuts)]


class CachedContrast:
    """The contrastive loss of a batch that is encoded part by part.

    Attributes:
        values: The parts of the loss that contrast, to be logged. *Shape:* () each.
        loss: What it adds to the loss. *Shape:* ().
    """

    def __init__(
        self, model: Any, parts: list[Batch], batch: Batch, normalizers: dict[str, Any] | None
    ) -> None:
        """Encode all parts and differentiate the loss by their embeddings.

        Args:
            model: An alignment model, not wrapped.
            parts: From `split_by_tokens`.
            batch: All of them together.
            normalizers: As the model's `forward`.
        """
        self._device = next(model.parameters()).device
        self._states = []
        found: dict[str, list[torch.Tensor]] = {}
        with torch.no_grad():
            for part in parts:
                self._states.append(self._random_state())
                for view, rows in model(**part, sentences_only=True).items():
                    found.setdefault(view, []).append(rows)
        leaves = {v: torch.cat(rows).requires_grad_() for v, rows in found.items()}
        loss, values = model.contrast(leaves, batch, normalizers)
        gradients = torch.autograd.grad(loss, list(leaves.values()))
        sizes = [len(part["input_ids"]) for part in parts]
        shares = {v: g.split(sizes) for v, g in zip(leaves, gradients, strict=True)}
        self._gradients = [{v: g[i] for v, g in shares.items()} for i in range(len(parts))]
        self.loss = loss.detach()
        self.values = {part: value.detach() for part, value in values.items()}

    @contextmanager
    def part(self, index: int) -> Iterator[dict[str, torch.Tensor]]:
        """Give a part's gradients by view, and the random numbers that its dropout had."""
        self._restore(self._states[index])
        yield self._gradients[index]

    def _random_state(self) -> tuple[torch.Tensor, torch.Tensor | None]:
        cuda = torch.cuda.get_rng_state(self._device) if self._device.type == "cuda" else None
        return torch.get_rng_state(), cuda

    def _restore(self, state: tuple[torch.Tensor, torch.Tensor | None]) -> None:
        torch.set_rng_state(state[0])
        if state[1] is not None:
            torch.cuda.set_rng_state(state[1], self._device)
