"""The authors' way, written anew from its description, as the thing to measure against.

Random batches of 16 pairs, each view padded to a multiple of 8; one forward per view that returns
every layer's states; the language-modelling head on masked rows; the contrastive loss on layer 8 of
12. Tokens are stored as lists with attention and special-token masks beside them. Retrieval encodes
100 sentences at a time, unsorted, through all layers, and pools every layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from transformers import PreTrainedTokenizerBase

ENCODE_BATCH = 100
SIDES = {"": "text", "transliteration_": "transliteration"}


def step_loss(model: Any, batch: Mapping[str, torch.Tensor], layer: int) -> torch.Tensor:
    """Return the loss of one micro-batch of three masked views, with gradient.

    Args:
        model: The stock model, `XLMRobertaForMaskedLM` or `ModernBertForMaskedLM`.
        batch: As `PairCollator` makes it: `input_ids`, `attention_mask`, `special_tokens_mask` and
            `labels` of the original, and of the views `transliteration_` and `joint_`.
        layer: Index into `hidden_states` of the contrast.
    """
    total: Any = 0.0
    pooled = []
    for prefix in ("", "transliteration_", "joint_"):
        output = model.base_model(
            batch[f"{prefix}input_ids"],
            attention_mask=batch[f"{prefix}attention_mask"],
            output_hidden_states=True,
        )
        total = total + predict(model, output.last_hidden_state, batch[f"{prefix}labels"])
        if prefix != "joint_":
            special = batch[f"{prefix}special_tokens_mask"]
            states = output.hidden_states[layer]
            if hasattr(model.base_model, "final_norm"):  # a model cut there would end with it
                states = model.base_model.final_norm(states)
            pooled.append(pool(states, special))
    return total + contrast(*pooled)


def predict(model: Any, states: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy of the masked tokens; the head sees no others."""
    masked = labels != -100
    if model.config.model_type == "modernbert":
        logits = model.decoder(model.head(states[masked]))
    else:
        logits = model.lm_head(states[masked])
    return F.cross_entropy(logits, labels[masked])


def pool(states: torch.Tensor, special: torch.Tensor) -> torch.Tensor:
    """Average the states of all tokens that are not special. *Shape:* (batch, hidden)."""
    content = 1 - special
    return (states * content.unsqueeze(-1)).sum(dim=1) / content.sum(dim=1, keepdim=True)


def contrast(original: torch.Tensor, latin: torch.Tensor) -> torch.Tensor:
    """Half the cross-entropy of dot products between interleaved embeddings, own row left out."""
    rows = torch.stack([original, latin], dim=1).flatten(0, 1)
    similarity = rows @ rows.T
    similarity = similarity - torch.diag(similarity.new_full((len(rows),), torch.inf))
    target = torch.arange(len(rows), device=rows.device) ^ 1
    return 0.5 * F.cross_entropy(similarity.float(), target)


def tokenize(
    batch: Mapping[str, Sequence[str]], tokenizer: PreTrainedTokenizerBase
) -> dict[str, list[Any]]:
    """Tokenise both sides for the authors' cache: ids, attention mask, special-token mask."""
    columns: dict[str, list[Any]] = {}
    for prefix, column in SIDES.items():
        encoded = tokenizer(
            list(batch[column]),
            truncation=True,
            max_length=512,
            return_special_tokens_mask=True,
        )
        for name in ("input_ids", "attention_mask", "special_tokens_mask"):
            columns[f"{prefix}{name}"] = encoded[name]
    return columns


class Collator:
    """Pads and masks three views of a batch of rows that `tokenize` made."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, mlm_probability: float = 0.15) -> None:
        self.tokenizer = tokenizer
        self.mlm_probability = mlm_probability

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        """Collate; three independent draws of masks."""
        names = ("input_ids", "attention_mask", "special_tokens_mask")
        views = {
            prefix: [{name: row[f"{prefix}{name}"] for name in names} for row in rows]
            for prefix in SIDES
        }
        views["joint_"] = [
            self._join(a, b) for a, b in zip(views[""], views["transliteration_"], strict=True)
        ]
        batch: dict[str, torch.Tensor] = {}
        for prefix, examples in views.items():
            padded = self.tokenizer.pad(examples, return_tensors="pt", pad_to_multiple_of=8)
            ids, labels = self._mask(padded["input_ids"], padded["special_tokens_mask"])
            batch[f"{prefix}input_ids"], batch[f"{prefix}labels"] = ids, labels
            batch[f"{prefix}attention_mask"] = padded["attention_mask"]
            batch[f"{prefix}special_tokens_mask"] = padded["special_tokens_mask"]
        return batch

    def _join(self, original: Mapping[str, Any], latin: Mapping[str, Any]) -> dict[str, Any]:
        first, second = original, latin
        if np.random.choice([0, 1]) == 0:
            first, second = latin, original
        return {name: (first[name] + second[name][1:])[:512] for name in first}

    def _mask(self, ids: torch.Tensor, special: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        labels = ids.clone()
        chance = torch.full(labels.shape, self.mlm_probability)
        chance.masked_fill_(special.bool(), 0.0)
        masked = torch.bernoulli(chance).bool()
        labels[~masked] = -100
        hidden = torch.bernoulli(torch.full(labels.shape, 0.8)).bool() & masked
        ids[hidden] = self.tokenizer.mask_token_id
        swapped = torch.bernoulli(torch.full(labels.shape, 0.5)).bool() & masked & ~hidden
        random_ids = torch.randint(len(self.tokenizer), labels.shape)
        ids[swapped] = random_ids[swapped]
        return ids, labels


@torch.no_grad()
def encode(
    model: torch.nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    layer: int,
) -> np.ndarray:
    """Embed sentences as the retrieval script does. *Shape:* (texts, hidden)."""
    chosen = []
    for start in range(0, len(texts), ENCODE_BATCH):
        batch = tokenizer(
            list(texts[start : start + ENCODE_BATCH]),
            truncation=True,
            max_length=512,
            padding=True,
            return_tensors="pt",
        )
        output = model(**batch, output_hidden_states=True)
        mask = batch["attention_mask"].unsqueeze(-1)
        every_layer = [
            ((states * mask).sum(dim=1) / mask.sum(dim=1)).numpy()
            for states in output.hidden_states
        ]
        chosen.append(every_layer[layer])
    return np.concatenate(chosen)


def nearest(queries: np.ndarray, targets: np.ndarray, k: int = 10) -> np.ndarray:
    """Rank targets by Euclidean distance of unit vectors, over all differences at once."""
    q, t = (m / np.linalg.norm(m, axis=1, keepdims=True) for m in (queries, targets))
    distance = np.sqrt(((t[:, None, :] - q[None, :, :]) ** 2).sum(axis=2))
    order: np.ndarray = np.argsort(distance, axis=0)[:k].T
    return order
