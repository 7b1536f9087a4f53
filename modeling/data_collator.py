"""Batches of paired views: padding, the joint view, and 80/10/10 masks from counted randomness.

In: rows of `PairDataset`. Out: the keyword arguments of the alignment model's `forward`.
Source: arXiv 2406.19759 section 3; the authors' collator as described in protocol 2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from .alignment_config import OBJECTIVE_NAMES, AlignmentError
from .modeling_alignment import VIEW_PREFIXES
from .objectives import VIEWS_OF

IGNORED = -100


@dataclass
class PairCollator:
    """Pads and masks the views that the objectives need.

    The batch holds, for each view with its prefix (none, `transliteration_`, `joint_`):
    `input_ids` (corrupted), `attention_mask`, `special_tokens_mask`, `labels`, all of *Shape:*
    (batch, tokens), int64; and for the first two `group`, *Shape:* (batch,).

    Attributes:
        tokenizer: Gives the ids of `<s>`, `</s>`, `<pad>` and `<mask>`.
        objectives: Which of `mlm`, `seq`, `tlm` are trained; decides the views.
        mlm_probability: Share of content tokens that are masked (paper: 0.15).
        max_length: Longest joint view in tokens (paper: 512).
        seed: With a row's draw number, fixes its masks and the order of its joint view.
        pad_to_multiple_of: Pads the token axis to a multiple of this; authors: 8.
        keep_separator: Truncate each side of the joint view so that both and the last `</s>` stay.
            False cuts the end off, as the authors' code does (protocol B6).
        replace_with_special: Let random replacements be special tokens, as the authors' code does.
        mask_at_least_one: Mask a token in every non-empty sequence. False as the authors' code.
    """

    tokenizer: PreTrainedTokenizerBase
    objectives: Sequence[str] = OBJECTIVE_NAMES
    mlm_probability: float = 0.15
    max_length: int = 512
    seed: int = 42
    pad_to_multiple_of: int | None = 8
    keep_separator: bool = True
    replace_with_special: bool = False
    mask_at_least_one: bool = True
    views: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Look up the special ids once.

        Raises:
            AlignmentError: If the tokenizer has no mask token or the probability is no share.
        """
        if self.tokenizer.mask_token_id is None:
            raise AlignmentError(
                "the tokenizer has no mask token: masked language modelling needs one."
            )
        if not 0 < self.mlm_probability <= 1:
            raise AlignmentError(
                f"mlm_probability is {self.mlm_probability}. Legal: above 0, up to 1."
            )
        needed = {view for objective in self.objectives for view in VIEWS_OF[objective]}
        self.views = tuple(view for view in VIEW_PREFIXES if view in needed)
        tok = self.tokenizer
        self._start = tok.bos_token_id if tok.bos_token_id is not None else tok.cls_token_id
        self._end = tok.eos_token_id if tok.eos_token_id is not None else tok.sep_token_id
        special = np.zeros(len(tok), dtype=bool)
        kept = {tok.mask_token_id, tok.unk_token_id}
        special[[i for i in tok.all_special_ids if i not in kept]] = True
        self._is_special = special
        never = special.copy()
        never[tok.all_special_ids] = True
        self._replacements = (
            np.arange(len(tok)) if self.replace_with_special else np.flatnonzero(~never)
        )

    def __call__(self, features: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """Collate rows of `PairDataset` into one batch."""
        draws = np.array([row["draw"] for row in features], dtype=np.uint64)
        batch: dict[str, torch.Tensor] = {}
        for number, view in enumerate(VIEW_PREFIXES):
            if view not in self.views:
                continue
            prefix = VIEW_PREFIXES[view]
            keys = _mix(_mix(_mix(np.uint64(self.seed)) ^ draws) ^ np.uint64(number))
            if view == "joint":
                sequences = self._join(features, keys)
            else:
                sequences = [row[f"{prefix}input_ids"] for row in features]
                groups = [row[f"{prefix}group"] for row in features]
                batch[f"{prefix}group"] = torch.tensor(groups, dtype=torch.int64)
            ids, attention = self._pad(sequences)
            special = self._is_special[ids]
            labels = self._mask(ids, attention & ~special, keys)
            batch[f"{prefix}input_ids"] = torch.from_numpy(ids)
            batch[f"{prefix}attention_mask"] = torch.from_numpy(attention.astype(np.int64))
            batch[f"{prefix}special_tokens_mask"] = torch.from_numpy(special.astype(np.int64))
            batch[f"{prefix}labels"] = torch.from_numpy(labels)
        return batch

    def _join(self, features: Sequence[dict[str, Any]], keys: np.ndarray) -> list[list[int]]:
        """Concatenate both sides as `<s> A </s> B </s>`, in an order drawn per row."""
        original_first = _uniform(keys, 1)[:, 0] < 0.5
        joined = []
        for row, first in zip(features, original_first, strict=True):
            sides = [row["input_ids"], row["transliteration_input_ids"]]
            a, b = (side[1:-1] for side in (sides if first else sides[::-1]))
            if self.keep_separator:
                a, b = _fit(a, b, self.max_length - 3)
            joint = [self._start, *a, self._end, *b, self._end]
            joined.append(joint[: self.max_length])
        return joined

    def _pad(self, sequences: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and a boolean attention mask. *Shape:* (batch, tokens) each."""
        lengths = np.array([len(sequence) for sequence in sequences])
        width = max(int(lengths.max()), 1)
        if self.pad_to_multiple_of:
            width = -(-width // self.pad_to_multiple_of) * self.pad_to_multiple_of
        attention = np.arange(width)[None, :] < lengths[:, None]
        ids = np.full(attention.shape, self.tokenizer.pad_token_id, dtype=np.int64)
        ids[attention] = np.concatenate([np.asarray(s, dtype=np.int64) for s in sequences])
        return ids, attention

    def _mask(self, ids: np.ndarray, eligible: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Corrupt `ids` in place (80 % mask, 10 % random, 10 % kept) and return the labels."""
        # Channel 0 of the counter is the order of the joint view; tokens start behind it.
        chance, action, choice = (
            _uniform(keys, 3 * ids.shape[1] + 1)[:, 1:]
            .reshape(len(ids), ids.shape[1], 3)
            .transpose(2, 0, 1)
        )
        selected = eligible & (chance < self.mlm_probability)
        if self.mask_at_least_one:
            missed = np.flatnonzero(eligible.any(axis=1) & ~selected.any(axis=1))
            lowest = np.where(eligible, chance, np.inf)[missed].argmin(axis=1)
            selected[missed, lowest] = True
        labels = np.where(selected, ids, IGNORED)
        replaced = selected & (action >= 0.8) & (action < 0.9)
        ids[selected & (action < 0.8)] = self.tokenizer.mask_token_id
        picks = (choice[replaced] * len(self._replacements)).astype(np.int64)
        ids[replaced] = self._replacements[picks]
        return labels


def _fit(a: list[int], b: list[int], budget: int) -> tuple[list[int], list[int]]:
    """Shorten two sides to `budget` tokens together; what one leaves unused the other may take."""
    if len(a) + len(b) > budget:
        half = budget // 2
        room_a = max(half, budget - len(b))
        a = a[:room_a]
        b = b[: budget - len(a)]
    return a, b


def _mix(x: np.ndarray | np.uint64) -> np.ndarray:
    """SplitMix64's finaliser: a bijection of 64-bit integers that passes for random."""
    with np.errstate(over="ignore"):
        x = np.asarray(x, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


def _uniform(keys: np.ndarray, count: int) -> np.ndarray:
    """Uniform numbers in [0, 1), a function of key and position alone. *Shape:* (keys, count)."""
    # A counter instead of a generator per row: one vectorised call serves the whole batch, and a
    # row's numbers do not depend on its neighbours.
    with np.errstate(over="ignore"):
        counters = keys[:, None] + np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (_mix(counters) >> np.uint64(11)) * 2.0**-53
