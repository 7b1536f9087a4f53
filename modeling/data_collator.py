"""Batches of paired views: padding, the joint view, and 80/10/10 masks from counted randomness.

In: rows of `PairDataset`. Out: the keyword arguments of the alignment model's `forward`.
Source: arXiv 2406.19759 section 3; the authors' collator as described in protocol 2.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from .alignment_config import OBJECTIVE_NAMES, AlignmentError
from .modeling_alignment import VIEW_PREFIXES
from .objectives import OBJECTIVES

IGNORED = -100
STEP = np.uint64(0x9E3779B97F4A7C15)


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
        needed = {view for name in self.objectives for view in OBJECTIVES[name].views}
        self.views = tuple(view for view in VIEW_PREFIXES if view in needed)
        tok = self.tokenizer
        self._start = tok.bos_token_id if tok.bos_token_id is not None else tok.cls_token_id
        self._end = tok.eos_token_id if tok.eos_token_id is not None else tok.sep_token_id
        special = np.zeros(len(tok), dtype=bool)
        kept = {tok.mask_token_id, tok.unk_token_id}
        special[[i for i in tok.all_special_ids if i not in kept]] = True
        # Looked up once: a tokenizer takes longer over this than a batch over its masks.
        self._pad, self._masked = tok.pad_token_id, tok.mask_token_id
        self._is_special = special
        never = special.copy()
        never[tok.all_special_ids] = True
        self._replacements = (
            np.arange(len(tok)) if self.replace_with_special else np.flatnonzero(~never)
        )

    def __call__(self, features: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """Collate rows of `PairDataset` into one batch."""
        draws = np.array([row["draw"] for row in features], dtype=np.uint64)
        rows = _mix(_mix(np.uint64(self.seed)) ^ draws)
        batch: dict[str, torch.Tensor] = {}
        keys, segments, lengths = [], [], []
        for number, view in enumerate(VIEW_PREFIXES):
            if view not in self.views:
                continue
            prefix = VIEW_PREFIXES[view]
            keys.append(_mix(rows ^ np.uint64(number)))
            if view == "joint":
                for parts in self._join(features, keys[-1]):
                    segments += parts
                    lengths.append(sum(map(len, parts)))
            else:
                segments += [row[f"{prefix}input_ids"] for row in features]
                lengths += [len(row[f"{prefix}input_ids"]) for row in features]
                groups = np.array([row[f"{prefix}group"] for row in features], dtype=np.int64)
                batch[f"{prefix}group"] = torch.from_numpy(groups)
        # All views go through as one row of tokens: what numpy costs is calls, not numbers.
        tokens = np.concatenate(segments, dtype=np.int64, casting="unsafe")
        sizes = np.array(lengths)
        columns = self._corrupt(tokens, sizes, np.concatenate(keys))
        for index, view in enumerate(self.views):
            chosen = slice(index * len(features), (index + 1) * len(features))
            width = max(int(sizes[chosen].max()), 1)
            if self.pad_to_multiple_of:
                width = -(-width // self.pad_to_multiple_of) * self.pad_to_multiple_of
            for name, column in columns.items():
                # Stock models call `view` on what they get.
                batch[f"{VIEW_PREFIXES[view]}{name}"] = column[chosen, :width].contiguous()
        return batch

    def _join(self, features: Sequence[dict[str, Any]], keys: np.ndarray) -> list[list[Any]]:
        """Concatenate both sides as `<s> A </s> B </s>`, in an order drawn per row."""
        original_first = _uniform(keys, 1)[:, 0] < 0.5
        start, end = [self._start], [self._end]
        joined = []
        for row, first in zip(features, original_first.tolist(), strict=True):
            a, b = row["input_ids"][1:-1], row["transliteration_input_ids"][1:-1]
            if not first:
                a, b = b, a
            if self.keep_separator:
                a, b = _fit(a, b, self.max_length - 3)
            parts, left = [], self.max_length
            for part in (start, a, end, b, end):
                parts.append(part[:left])
                left -= len(parts[-1])
            joined.append(parts)
        return joined

    def _corrupt(
        self, tokens: np.ndarray, lengths: np.ndarray, keys: np.ndarray
    ) -> dict[str, torch.Tensor]:
        """Pad, and corrupt what is selected: 80 % mask, 10 % random, 10 % kept.

        Args:
            tokens: All sequences, one behind the other. *Shape:* (tokens,).
            lengths: Of each sequence. *Shape:* (sequences,).
            keys: Of each sequence's random numbers. *Shape:* (sequences,).

        Returns:
            The columns of a view, for all sequences. *Shape:* (sequences, width) each.
        """
        count = len(lengths)
        width = int(lengths.max()) + (self.pad_to_multiple_of or 1)
        row = np.repeat(np.arange(count), lengths)
        starts = np.cumsum(lengths) - lengths
        position = np.arange(len(tokens)) - starts[row]
        # Channel 0 of the counter is the order of the joint view; tokens start behind it.
        counters = keys[row] + (3 * position + 1).astype(np.uint64) * STEP
        chance = _mix(counters) >> np.uint64(11)
        special = self._is_special[tokens]
        selected = ~special & (chance < np.uint64(math.ceil(self.mlm_probability * 2**53)))
        if self.mask_at_least_one:
            hit = np.bincount(row[selected], minlength=count)
            for missed in np.flatnonzero(hit == 0):
                inside = slice(starts[missed], starts[missed] + lengths[missed])
                eligible = np.flatnonzero(~special[inside])
                if len(eligible):
                    lowest = eligible[chance[inside][eligible].argmin()]
                    selected[starts[missed] + lowest] = True
        chosen = np.flatnonzero(selected)
        place = row * width + position
        names = ("input_ids", "attention_mask", "special_tokens_mask", "labels")
        fills = (self._pad, 0, int(self._is_special[self._pad]), IGNORED)
        columns = {
            name: np.full(count * width, fill, dtype=np.int64)
            for name, fill in zip(names, fills, strict=True)
        }
        columns["labels"][place[chosen]] = tokens[chosen]
        action = _unit(_mix(counters[chosen] + STEP))
        tokens[chosen[action < 0.8]] = self._masked
        replaced = chosen[(action >= 0.8) & (action < 0.9)]
        choice = _unit(_mix(counters[replaced] + STEP + STEP))
        picks = (choice * len(self._replacements)).astype(np.int64)
        tokens[replaced] = self._replacements[picks]
        columns["input_ids"][place] = tokens
        columns["attention_mask"][place] = 1
        columns["special_tokens_mask"][place] = special
        return {name: torch.from_numpy(c).view(count, width) for name, c in columns.items()}


def _fit(a: Any, b: Any, budget: int) -> tuple[Any, Any]:
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
        x = np.asarray(x, dtype=np.uint64) + STEP
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


def _uniform(keys: np.ndarray, count: int) -> np.ndarray:
    """Uniform numbers in [0, 1), a function of key and position alone. *Shape:* (keys, count)."""
    # A counter instead of a generator per row: one vectorised call serves the whole batch, and a
    # row's numbers do not depend on its neighbours.
    with np.errstate(over="ignore"):
        counters = keys[:, None] + np.arange(count, dtype=np.uint64) * STEP
    return _unit(_mix(counters))


def _unit(bits: np.ndarray) -> np.ndarray:
    """64 random bits -> [0, 1)."""
    return np.asarray((bits >> np.uint64(11)) * 2.0**-53)
