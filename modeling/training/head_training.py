"""Teaches a language-modelling head alone, on the frozen encoder's states, until it learns no more.

A head that is drawn at random sends noise through the encoder from the first step on. Here nothing
but the head moves: its loss falls until it is flat, and then the encoder can be trained with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from ..aligned.errors import AlignmentError
from ..aligned.objectives import VIEW_PREFIXES
from ..aligned.packed_encoder import PaddedView, encode_views
from ..aligned.vocabulary_loss import linear_cross_entropy
from .data_collator import PairCollator
from .pair_dataset import PairDataset

WINDOW = 50
"""Steps whose mean loss is looked at together."""
PATIENCE = 3
FLAT = 0.01
"""The loss is flat where none of the last `PATIENCE` windows is this share below the best before.

One window would not do: masks differ from batch to batch, and a window of hard ones looks flat.
"""
MOST = 2000
"""Steps after which it is left as it is."""
LEARNING_RATE = 1e-3
PAIRS = 16
VIEWS = ("original", "latin")


@dataclass(frozen=True)
class HeadTraining:
    """How a head was taught.

    Attributes:
        steps: How many.
        first: Mean loss of the first window, in nats per masked token.
        last: Of the last window.
        flat: Whether the loss was flat; False after `MOST` steps.
    """

    steps: int
    first: float
    last: float
    flat: bool

    def told(self) -> str:
        """In one clause."""
        end = "flat" if self.flat else "not flat yet"
        return (
            f"trained alone for {self.steps} steps, loss {self.first:.2f} to {self.last:.2f}, {end}"
        )


def train_head(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    rows: PairDataset,
    *,
    max_length: int,
    mlm_probability: float,
    seed: int,
    bf16: bool = False,
    most: int = MOST,
) -> HeadTraining:
    """Train all weights outside the encoder to predict masked tokens of both sides of pairs.

    It ends where `PATIENCE` windows of `WINDOW` steps have brought the mean loss less than `FLAT`
    below the best before, or after `most` steps. A decoder that is tied to the word embeddings
    stays as it is.

    Args:
        model: Of `load_for_alignment`, on its device; whether its weights move afterwards is as
            before.
        tokenizer: Of the model.
        rows: What it is trained on, drawn at random.
        max_length: As the collator.
        mlm_probability: As the collator.
        seed: Of the draw.
        bf16: Compute in bfloat16 where autocast does.
        most: Steps at most.

    Raises:
        AlignmentError: The loss is no number.
    """
    encoder = {id(parameter) for parameter in model.base_model.parameters()}
    head = [p for p in model.parameters() if id(p) not in encoder]
    moving = {id(p): p.requires_grad for p in model.parameters()}
    collator = PairCollator(
        tokenizer,
        objectives=("mlm",),
        mlm_probability=mlm_probability,
        max_length=max_length,
        seed=seed,
    )
    for parameter in model.parameters():
        parameter.requires_grad_(id(parameter) not in encoder)
    was_training = model.training
    model.eval()  # dropout would only blur the states that the head is to read
    chance = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(head, lr=LEARNING_RATE, weight_decay=0.0)
    losses: list[float] = []
    flat = False
    epoch = rows.epoch
    bar = tqdm(total=most, desc="head", unit="step", disable=None)
    while len(losses) < most and not flat:
        rows.set_epoch(len(losses) * PAIRS // len(rows))  # new masks where rows come again
        chosen = torch.randint(len(rows), (min(PAIRS, len(rows)),), generator=chance)
        batch = collator(rows.__getitems__(chosen.tolist()))
        with torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=bf16):
            loss = _loss(model, {name: tensor.to(model.device) for name, tensor in batch.items()})
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if losses[-1] != losses[-1]:
            raise AlignmentError(
                f"the head's loss is no number after {len(losses)} steps; is the base whole?"
            )
        bar.update()
        flat = len(losses) % WINDOW == 0 and is_flat(losses)
    bar.close()
    rows.set_epoch(epoch)
    for parameter in model.parameters():
        parameter.requires_grad_(moving[id(parameter)])
        parameter.grad = None
    model.train(was_training)
    window = min(WINDOW, len(losses))
    first, last = sum(losses[:window]) / window, sum(losses[-window:]) / window
    return HeadTraining(len(losses), round(first, 4), round(last, 4), flat)


def is_flat(losses: list[float]) -> bool:
    """Tell whether the last windows of losses are hardly below the best before them."""
    ends = range(WINDOW, len(losses) + 1, WINDOW)
    means = [sum(losses[end - WINDOW : end]) / WINDOW for end in ends]
    if len(means) <= PATIENCE:
        return False
    return min(means[-PATIENCE:]) > (1 - FLAT) * min(means[:-PATIENCE])


def _loss(model: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Mean cross-entropy over the masked tokens of both sides, in nats. *Shape:* ()."""
    views = []
    for view in VIEWS:
        names = ("input_ids", "attention_mask", "labels")
        ids, mask, labels = (batch[f"{VIEW_PREFIXES[view]}{name}"] for name in names)
        views.append(PaddedView(ids, mask, labels=labels))
    with torch.no_grad():
        encoded = encode_views(model.base_model, views, 0)
    decoder = model.get_output_embeddings()
    count = len(encoded.labels)
    scales = torch.full((count,), 1 / max(1, count), device=encoded.states.device)
    loss, _ = linear_cross_entropy(
        model.lm_features(encoded.states), decoder.weight, decoder.bias, encoded.labels, scales
    )
    return loss
