"""What was tried besides: changes of the authors' step alone, and two of our own parts taken apart.

Every row has the plain way left and the variant right; a ratio near 1 is why we do without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F

from speed import authors_way
from speed.settings import Settings, Shape
from speed.timing import Comparison, alternate
from speed.training.step import ALIGNMENT, build, over_batches, shape_of
from translit_ppa.modeling.aligned.variable_attention import block_attention
from translit_ppa.modeling.aligned.vocabulary_loss import linear_cross_entropy

Batch = Mapping[str, torch.Tensor]
NOTE = "left the plain way, right the variant"


def measure_variants(settings: Settings) -> list[dict[str, object]]:
    """Time the authors' step with one thing changed at a time, and single parts of ours."""
    shape = shape_of("12x256", settings)
    return [*_of_the_step(settings, shape), *_of_attention(settings), *_of_the_loss(settings)]


def _of_the_step(settings: Settings, shape: Shape) -> list[dict[str, object]]:
    batches = settings.batches(settings.rounds + 1)
    eager, fused = build(shape), build(shape)
    layer = ALIGNMENT.resolve_layer(shape.layers)

    def step(loss: Callable[..., torch.Tensor], model: Any) -> Callable[[], None]:
        return over_batches(lambda m, batch: loss(m, batch, layer).backward(), model, batches)

    fused.set_attn_implementation("sdpa")
    ways: dict[str, Callable[[], None]] = {
        "plain": step(authors_way.step_loss, eager),
        "sdpa instead of eager attention": step(authors_way.step_loss, fused),
        "layer 8 by a hook": step(_by_hook, eager),
        "both scripts in one padded forward": step(_stacked, eager),
    }
    samples = alternate(ways, settings.rounds)
    return [
        Comparison(samples["plain"], samples[name]).row(
            f"authors' step, {shape}, fp32: {name}", "s", note=NOTE
        )
        for name in list(ways)[1:]
    ]


def _by_hook(model: Any, batch: Batch, layer: int) -> torch.Tensor:
    """As the authors' step, without collecting the states of all layers."""
    seen: list[torch.Tensor] = []

    def keep(_: Any, __: Any, output: Any) -> None:
        seen.append(output[0] if isinstance(output, tuple) else output)

    hook = model.roberta.encoder.layer[layer - 1].register_forward_hook(keep)
    try:
        total: Any = 0.0
        pooled = []
        for prefix in ("", "transliteration_", "joint_"):
            ids, mask = batch[f"{prefix}input_ids"], batch[f"{prefix}attention_mask"]
            states = model.roberta(ids, attention_mask=mask).last_hidden_state
            total = total + authors_way.predict(model, states, batch[f"{prefix}labels"])
            if prefix != "joint_":
                pooled.append(authors_way.pool(seen[-1], batch[f"{prefix}special_tokens_mask"]))
    finally:
        hook.remove()
    loss: torch.Tensor = total + authors_way.contrast(*pooled)
    return loss


def _stacked(model: Any, batch: Batch, layer: int) -> torch.Tensor:
    """As the authors' step, with both scripts padded to one width and encoded at once."""
    prefixes = ("", "transliteration_")
    width = max(batch[f"{prefix}input_ids"].shape[1] for prefix in prefixes)

    def both(name: str, fill: int) -> torch.Tensor:
        sides = [batch[f"{prefix}{name}"] for prefix in prefixes]
        return torch.cat([F.pad(s, (0, width - s.shape[1]), value=fill) for s in sides])

    ids = both("input_ids", model.config.pad_token_id)
    output = model.roberta(ids, attention_mask=both("attention_mask", 0), output_hidden_states=True)
    labels = both("labels", -100)
    halves = zip(output.last_hidden_state.chunk(2), labels.chunk(2), strict=True)
    total: Any = sum(authors_way.predict(model, states, side) for states, side in halves)
    pooled = authors_way.pool(output.hidden_states[layer], both("special_tokens_mask", 1)).chunk(2)
    joint = model.roberta(
        batch["joint_input_ids"],
        attention_mask=batch["joint_attention_mask"],
        output_hidden_states=True,
    )
    total = total + authors_way.predict(model, joint.last_hidden_state, batch["joint_labels"])
    loss: torch.Tensor = total + authors_way.contrast(*pooled)
    return loss


def _of_attention(settings: Settings) -> list[dict[str, object]]:
    """Stock attention with dropout against products and a softmax written out."""
    query, key, value = torch.randn(3, 16, 4, 64, 64).requires_grad_().unbind()
    mask = torch.zeros(16, 1, 1, 64).masked_fill_(torch.rand(16, 1, 1, 64) > 0.9, float("-inf"))

    def stock() -> None:
        F.scaled_dot_product_attention(query, key, value, mask, 0.1).sum().backward()

    def written_out() -> None:
        block_attention(query, key, value, mask, 0.1).sum().backward()

    found = alternate({"stock": stock, "ours": written_out}, settings.rounds, repeat=20)
    note = "left stock, right ours: products and a softmax; 16 x 4 heads, 64 tokens of 64"
    what = "attention of one block with dropout"
    return [Comparison(found["stock"], found["ours"]).row(what, "ms", 1000, note)]


def _of_the_loss(settings: Settings) -> list[dict[str, object]]:
    """The vocabulary loss in one piece and in many, at a vocabulary of 32,000."""
    rows, pieces = 256, 2_000 if settings.quick else 32_000
    states = torch.randn(rows, 256, requires_grad=True)
    weight = (torch.randn(pieces, 256) / 16).requires_grad_()
    bias = torch.zeros(pieces, requires_grad=True)
    labels, scales = torch.randint(pieces, (rows,)), torch.full((rows,), 1 / rows)

    def loss(chunk: int) -> Callable[[], None]:
        def run() -> None:
            linear_cross_entropy(states, weight, bias, labels, scales, chunk)[0].backward()

        return run

    ways = {"whole": loss(rows * pieces), "chunks": loss(rows * pieces // 8)}
    found = alternate(ways, settings.rounds, repeat=3)
    what = f"vocabulary loss of {rows} tokens, {pieces:,} pieces: in 8 chunks"
    return [Comparison(found["whole"], found["chunks"]).row(what, "ms", 1000, NOTE)]
