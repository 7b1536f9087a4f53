"""Cross-entropy over a large vocabulary without all its logits at once.

A batch has hundreds of masked tokens and a multilingual vocabulary hundreds of thousands of pieces:
logits, probabilities and their gradient would take gigabytes. Here some rows are taken at a time,
and their gradient is worked out while their probabilities are there, so that nothing of that size
is kept for the backward pass, nor computed twice.
"""

from __future__ import annotations

from typing import Any

import torch

# Logits at a time: enough for an efficient product, few enough to be small beside the weights.
CHUNK = {"cpu": 1 << 25, "cuda": 1 << 29}
PIECES = 1 << 15


def linear_cross_entropy(
    states: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    labels: torch.Tensor,
    scales: torch.Tensor,
    chunk: int | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Cross-entropy of `states @ weight.T + bias` against `labels`, row by row.

    Under autocast the products are in bfloat16 if that is its precision; sums and the loss, and all
    of it under float16, are float32.

    Args:
        states: *Shape:* (rows, hidden).
        weight: *Shape:* (vocabulary, hidden).
        bias: *Shape:* (vocabulary,). None: there is none.
        labels: *Shape:* (rows,).
        scales: What each row's loss is multiplied by in the total. *Shape:* (rows,).
        chunk: Logits at a time; None: by the device.

    Returns:
        The scaled total, with gradient, *Shape:* (), and each row's own loss in nats, without
        gradient, *Shape:* (rows,).
    """
    device = states.device.type
    half = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else states.dtype
    if half == torch.float16:
        # The gradient is made here, before a loss scale can lift it; most of its probabilities are
        # smaller than float16 can hold.
        half = torch.float32
    bias = weight.new_zeros(len(weight)) if bias is None else bias
    size = chunk or CHUNK.get(device, CHUNK["cpu"])
    rows = max(1, size // len(weight))
    with torch.autocast(device, enabled=False):
        total, losses = _LinearCrossEntropy.apply(
            states, weight, bias, labels, scales, half, rows, torch.is_grad_enabled()
        )
    return total, losses


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        states: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
        labels: torch.Tensor,
        scales: torch.Tensor,
        dtype: torch.dtype,
        rows: int,
        with_gradient: bool,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        low_states, low_weight = states.to(dtype), weight.to(dtype)
        losses = torch.empty(len(states), device=states.device)
        of_weight = None
        if with_gradient:
            of_states = torch.empty_like(states)
            if ctx.needs_input_grad[1]:  # not of a frozen decoder
                empty = torch.zeros_like if not len(states) else torch.empty_like
                of_weight = empty(weight)
            of_bias = torch.zeros_like(bias)
        for start in range(0, len(states), rows):
            part = slice(start, start + rows)
            logits = (low_states[part] @ low_weight.T).float().add_(bias)
            top, best = logits.max(dim=1, keepdim=True)
            gold = logits.gather(1, labels[part, None])
            chances = logits.softmax(dim=1)
            # log-sum-exp out of the largest probability, which is there already.
            losses[part] = (top - chances.gather(1, best).log() - gold).squeeze(1)
            if not with_gradient:
                continue
            del logits
            chances[torch.arange(len(chances)), labels[part]] -= 1
            chances *= scales[part, None]
            of_bias += chances.sum(dim=0)
            low = chances.to(dtype)
            of_states[part] = low @ low_weight
            if of_weight is None:
                continue
            # Piece by piece: in half precision the product would need a copy of the whole.
            for first in range(0, len(weight), PIECES):
                some = slice(first, first + PIECES)
                if dtype == weight.dtype:
                    torch.addmm(
                        of_weight[some],
                        low[:, some].T,
                        low_states[part],
                        beta=int(start > 0),
                        out=of_weight[some],
                    )
                elif start:
                    of_weight[some] += low[:, some].T @ low_states[part]
                else:
                    of_weight[some] = low[:, some].T @ low_states[part]
        if with_gradient:
            ctx.save_for_backward(of_states, of_weight, of_bias)
        ctx.mark_non_differentiable(losses)
        return (losses * scales).sum(), losses

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor, _: Any) -> tuple[Any, ...]:
        of_states, of_weight, of_bias = ctx.saved_tensors
        # A pass over the whole vocabulary that is mostly for nothing; on CUDA it costs less than
        # waiting for the number.
        if of_weight is not None and (gradient.device.type != "cpu" or gradient != 1):
            of_weight.mul_(gradient)
        return (of_states * gradient, of_weight, of_bias * gradient, None, None, None, None, None)
