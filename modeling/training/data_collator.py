"""Batches of paired views: padding, the joint view, and 80/10/10 masks from counted randomness.

In: rows of `PairDataset`. Out: the keyword arguments of the alignment model's `forward`.
Source: arXiv 2406.19759 section 3; the authors' collator as described in protocol 2.2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from ..aligned.errors import AlignmentError
from ..aligned.objectives import (
    OBJECTIVES,
    PAPER_OBJECTIVES,
    VIEW_PREFIXES,
    views_of,
    whole_views,
)
from ..padding import fill_of
from .anchored.teacher_vectors import TeacherVectors
from .counted_random import LAST, ONE, STEP, below, fingerprints, mix, multiples, ranges, unit
from .pair_dataset import PairBatch

IGNORED = -100
COLUMNS = ("input_ids", "attention_mask", "special_tokens_mask", "labels")
SIDE_OF_VIEW = {"original": 0, "latin": 1}
# A token has three random numbers: whether it is chosen, what is done to it, what replaces it.
TOKEN_STEP = np.uint64(3 * int(STEP) % 2**64)
FURTHER = np.array([[1], [2]], dtype=np.uint64) * STEP
MASKED, REPLACED, HALF = below(0.8), below(0.9), np.uint64(2**63)
# In the joint view the second side goes without its `<s>`.
SKIPPED = np.array([[0], [1]])
# Behind the views: which originals are anchored too, and the bank.
CHOICE, BANK = np.uint64(len(VIEW_PREFIXES)), np.uint64(len(VIEW_PREFIXES) + 1)


@dataclass
class PairCollator:
    """Pads and masks the views that the objectives need.

    The batch holds, for each view with its prefix (none, `transliteration_`, `joint_`):
    `input_ids` (corrupted), `attention_mask`, `special_tokens_mask`, `labels`, all of *Shape:*
    (batch, tokens), int64; and for the first two `group`, *Shape:* (batch,). For `anchor` it also
    holds `anchored`, which rows are anchored in a view, and what `Teacher` reads.

    Attributes:
        tokenizer: Gives the ids of `<s>`, `</s>`, `<pad>` and `<mask>`.
        objectives: Which of `OBJECTIVES` are trained; decides the views.
        mlm_probability: Share of content tokens that are masked (paper: 0.15).
        max_length: Longest joint view in tokens (paper: 512).
        seed: With a row's draw number, fixes its masks and the order of its joint view.
        pad_to_multiple_of: Pads the token axis to a multiple of this; authors: 8.
        keep_separator: Truncate each side of the joint view so that both and the last `</s>` stay.
            False cuts the end off, as the authors' code does (protocol B6).
        replace_with_special: Let random replacements be special tokens, as the authors' code does.
        mask_at_least_one: Mask a token in every non-empty sequence. False as the authors' code.
        anchor_originals: Of the pairs whose sides differ, the share whose original is anchored too.
            A pair of equal sides is anchored as an original alone.
        anchor_bank: Teacher vectors that are drawn as negatives; half of them of the language of
            the batch, where it has one.
        teacher: The vectors of `anchor`; None is for other objectives.
    """

    tokenizer: PreTrainedTokenizerBase
    objectives: Sequence[str] = PAPER_OBJECTIVES
    mlm_probability: float = 0.15
    max_length: int = 512
    seed: int = 42
    pad_to_multiple_of: int | None = 8
    keep_separator: bool = True
    replace_with_special: bool = False
    mask_at_least_one: bool = True
    anchor_originals: float = 0.25
    anchor_bank: int = 4096
    teacher: TeacherVectors | None = None
    views: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Look up the special ids once.

        Raises:
            AlignmentError: If the tokenizer has no mask token, a probability is no share, or the
                teacher of `anchor` is missing.
        """
        if self.tokenizer.mask_token_id is None:
            raise AlignmentError(
                "the tokenizer has no mask token: masked language modelling needs one."
            )
        if not 0 < self.mlm_probability <= 1:
            raise AlignmentError(
                f"mlm_probability is {self.mlm_probability}. Legal: above 0, up to 1."
            )
        if not 0 <= self.anchor_originals <= 1:
            raise AlignmentError(f"anchor_originals is {self.anchor_originals}. Legal: 0 to 1.")
        if self.anchor_bank < 0:
            raise AlignmentError(f"anchor_bank is {self.anchor_bank}. Legal: 0 or more.")
        self._anchored = any(OBJECTIVES[name].anchored for name in self.objectives)
        if self._anchored and self.teacher is None:
            raise AlignmentError(
                "the objective anchor needs teacher vectors, as "
                "modeling.training.anchored.teacher_vectors makes them."
            )
        self.views = tuple(views_of(self.objectives))
        self._whole = tuple(whole_views(self.objectives))
        tok = self.tokenizer
        special = np.zeros(len(tok), dtype=bool)
        kept = {tok.mask_token_id, tok.unk_token_id}
        special[[i for i in tok.all_special_ids if i not in kept]] = True
        # Looked up once: a tokenizer takes longer over this than a batch over its masks.
        self._masked = tok.mask_token_id
        self._is_special = special
        never = special.copy()
        never[tok.all_special_ids] = True
        self._replacements = (
            np.arange(len(tok)) if self.replace_with_special else np.flatnonzero(~never)
        )
        fills = (fill_of(tok), 0, 1, IGNORED)
        self._fills = np.array(fills, dtype=np.int64)[:, None]
        self._limit = min(below(self.mlm_probability), LAST - ONE)
        self._stream = mix(np.array([self.seed], dtype=np.uint64))
        numbers = [number for number, view in enumerate(VIEW_PREFIXES) if view in self.views]
        self._numbers = np.array(numbers, dtype=np.uint64)[:, None]

    def __call__(self, features: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        """Collate a `PairBatch`, or rows of `PairDataset`, into one batch."""
        pairs = features if isinstance(features, PairBatch) else PairBatch.of(features)
        keys = mix(mix(pairs.draws ^ self._stream) ^ self._numbers)
        flat = pairs.sizes.ravel()
        starts = flat.cumsum() - flat
        groups = fingerprints(pairs.tokens, starts, flat).reshape(2, -1)
        starts = starts.reshape(2, -1)
        sides = pairs.tokens[: starts[1, 0]], pairs.tokens[starts[1, 0] :]
        batch: dict[str, torch.Tensor] = {}
        # All views go through as one row of tokens: what numpy costs is calls, not numbers.
        tokens, lengths = [], []
        for view, own in zip(self.views, keys, strict=True):
            if view == "joint":
                places, sizes = self._join(starts, pairs.sizes, own)
                tokens.append(pairs.tokens[places])
            else:
                side = SIDE_OF_VIEW[view]
                sizes = pairs.sizes[side]
                tokens.append(sides[side])
                batch[f"{VIEW_PREFIXES[view]}group"] = torch.from_numpy(groups[side])
            lengths.append(sizes)
        tables = self._corrupt(np.concatenate(tokens), np.array(lengths), keys)
        for view, table in zip(self.views, tables, strict=True):
            for name, column in zip(COLUMNS, table, strict=True):
                batch[f"{VIEW_PREFIXES[view]}{name}"] = torch.from_numpy(column)
        if self._anchored:
            self._anchor(batch, pairs, groups[0] == groups[1])
        return batch

    def _anchor(self, batch: dict[str, torch.Tensor], pairs: PairBatch, equal: np.ndarray) -> None:
        """Say which rows are anchored in which view, and add what the teacher says.

        A row that is not anchored in a view loses its tokens there, unless others read the view.
        """
        assert self.teacher is not None
        if pairs.targets is None:
            raise AlignmentError(
                "these pairs have no teacher vectors. Legal: rows of a PairDataset for which "
                "modeling.training.anchored.teacher_vectors made them."
            )
        drawn = mix(pairs.draws ^ self._stream)
        # By the lowest numbers, so that every batch has as many: their mean weighs the same.
        chance = np.where(equal, LAST, mix(drawn ^ CHOICE))
        count = math.ceil(self.anchor_originals * np.count_nonzero(~equal))
        original = equal.copy()
        original[np.argsort(chance, kind="stable")[:count]] = True
        for view, rows in (("original", original), ("latin", ~equal)):
            prefix = VIEW_PREFIXES[view]
            batch[f"{prefix}anchored"] = kept = torch.from_numpy(rows)
            if view in self._whole:
                batch[f"{prefix}attention_mask"] *= kept[:, None]
        of_language = None
        if pairs.languages is not None:
            spoken = np.unique(pairs.languages[pairs.languages >= 0])
            of_language = int(spoken[0]) if len(spoken) == 1 else None
        key = mix(drawn[:1] ^ BANK)
        bank = self.teacher.bank(self.anchor_bank, key, of_language)
        batch["teacher_targets"] = torch.from_numpy(self.teacher.read(pairs.targets))
        batch["teacher_mean"] = torch.from_numpy(self.teacher.mean)
        batch["teacher_bank"] = torch.from_numpy(self.teacher.read(bank))

    def _join(
        self, starts: np.ndarray, sizes: np.ndarray, keys: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Concatenate both sides as `<s> A </s> B </s>`, in an order drawn per row.

        Args:
            starts: Where each side begins among the tokens. *Shape:* (2, pairs).
            sizes: Tokens of each side, `<s>` and `</s>` included. *Shape:* (2, pairs).
            keys: Of each row's random numbers. *Shape:* (pairs,).

        Returns:
            Where each token of the joint view is found, and the length of each row.
        """
        latin_first = mix(keys) >= HALF
        starts, sizes = (np.where(latin_first, x[::-1], x) for x in (starts, sizes))
        if self.keep_separator:
            a, b = _fit(sizes[0] - 2, sizes[1] - 2, self.max_length - 3)
            a, b = a + 2, b + 1
        else:
            a = np.minimum(sizes[0], self.max_length)
            b = np.minimum(sizes[1] - 1, self.max_length - a)
        parts = np.array([a, b]).T.ravel()
        places = ranges((starts + SKIPPED).T.ravel(), parts)
        if self.keep_separator:
            places[parts.cumsum() - 1] = (starts + sizes - 1).T.ravel()
        return places, a + b

    def _corrupt(
        self, tokens: np.ndarray, lengths: np.ndarray, keys: np.ndarray
    ) -> list[np.ndarray]:
        """Pad, and corrupt what is selected: 80 % mask, 10 % random, 10 % kept.

        Args:
            tokens: All sequences, one behind the other. *Shape:* (tokens,).
            lengths: Of each sequence. *Shape:* (views, pairs).
            keys: Of each sequence's random numbers. *Shape:* (views, pairs).

        Returns:
            The columns of each view. *Shape:* (columns, pairs, width) each.
        """
        pairs, multiple = lengths.shape[1], self.pad_to_multiple_of or 1
        widths = -(-lengths.max(axis=1) // multiple) * multiple
        areas = pairs * widths
        ends = areas.cumsum()
        rows = (ends - areas)[:, None] + widths[:, None] * np.arange(pairs)
        sizes = lengths.ravel()
        starts = sizes.cumsum() - sizes
        place = ranges(rows.ravel(), sizes)
        # Channel 0 of the counter is the order of the joint view; tokens start behind it.
        origins = keys.ravel() + STEP - starts.astype(np.uint64) * TOKEN_STEP
        counters = np.repeat(origins, sizes)
        counters += multiples(TOKEN_STEP, len(tokens))
        special = self._is_special[tokens]
        chance = mix(counters)
        chance[special] = LAST
        if self._whole:
            of_view = lengths.sum(axis=1)
            chance[np.repeat([view in self._whole for view in self.views], of_view)] = LAST
        limit: Any = self._limit
        if self.mask_at_least_one:
            lowest = np.minimum.reduceat(chance, starts)
            if (lowest > limit).any():  # seldom
                limit = np.repeat(np.minimum(np.maximum(lowest, limit), LAST - ONE), sizes)
        chosen = np.flatnonzero(chance <= limit)
        table = np.empty((len(COLUMNS), ends[-1]), dtype=np.int64)
        table[:] = self._fills
        ids, attended, is_special, labels = table
        labels[place[chosen]] = tokens[chosen]
        action, choice = mix(counters[chosen] + FURTHER)
        tokens[chosen[action <= MASKED]] = self._masked
        swapped = np.flatnonzero((action > MASKED) & (action <= REPLACED))
        picks = (unit(choice[swapped]) * len(self._replacements)).astype(np.int64)
        tokens[chosen[swapped]] = self._replacements[picks]
        ids[place] = tokens
        attended[place] = 1
        is_special[place] = special.astype(np.int64)
        return [
            table[:, end - area : end].reshape(len(COLUMNS), pairs, -1)
            for end, area in zip(ends.tolist(), areas.tolist(), strict=True)
        ]


def _fit(a: np.ndarray, b: np.ndarray, budget: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut two lengths to `budget` together; what one leaves unused the other may take."""
    a = np.minimum(a, np.maximum(budget // 2, budget - b))
    return a, np.minimum(b, budget - a)
