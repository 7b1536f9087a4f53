"""The training objectives: a row of `OBJECTIVES` each, and the contrastive loss.

A row is all that an objective takes: its weight, its help, the views it reads, and what it predicts
in them or a function of sentence embeddings. Options, config and log are made from the rows.

Language modelling is declared: which part of the loss predicts the masked tokens of which view. The
model computes all such parts in one pass over the vocabulary. Each part comes with a count; the
model divides, which keeps gradient accumulation exact. Source: arXiv 2406.19759, equations 1 and 2,
section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
import torch.nn.functional as F

from .anchor_contrast import anchor_contrast

if TYPE_CHECKING:
    from .alignment_config import AlignmentConfig

Sentences = dict[str, torch.Tensor]
VIEW_PREFIXES = {"original": "", "latin": "transliteration_", "joint": "joint_"}
"""View -> what the names of its tensors in a batch begin with."""


@dataclass(frozen=True)
class Objective:
    """One term of the loss.

    Attributes:
        help: What its weight weighs, for `--help`.
        views: The views it reads: `original`, `latin`, or `joint`, the concatenation of both.
        predicts: Part of the loss -> the view whose masked tokens it predicts: cross-entropy in
            nats, summed over those tokens; its count is their number.
        contrasts: Part of the loss -> function of sentence embeddings, of the equal-text numbers
            (None: all texts differ), both by view, and of the options; the mean in nats over
            sentences, its count 1.
        anchored: Its contrasts are with a `Teacher`, which they are given in place of the numbers,
            and read vectors pooled as the config says. A view that no other objective reads is
            then left as it is, without masks.
        weight: Its factor in the loss, where none is given.
    """

    help: str
    views: tuple[str, ...]
    predicts: Mapping[str, str] = field(default_factory=dict)
    contrasts: Mapping[str, Callable[[Sentences, Any, AlignmentConfig], torch.Tensor]] = field(
        default_factory=dict
    )
    anchored: bool = False
    weight: float = 1.0


def sequence_contrast(
    sentences: Sentences, groups: Sentences | None, config: AlignmentConfig
) -> torch.Tensor:
    """Pull a sentence and its transliteration together, all other sentences apart.

    Across ranks, the sentences of all ranks are candidates.

    Args:
        sentences: `original` and `latin`: means over content tokens (`<mask>` included) of the
            alignment layer. *Shape:* (batch, hidden) each.
        groups: Equal numbers mark equal texts, across views too. *Shape:* (batch,) each.
        config: See `info_nce`.

    Returns:
        Mean InfoNCE in nats. *Shape:* ().

    Source:
        Section 3.2, equation 1; the batch is that of one micro-step over all ranks.
    """
    names = ("original", "latin")
    group = torch.cat([groups[name] for name in names]) if groups else None
    return info_nce(torch.cat([sentences[name] for name in names]), group, config)


def info_nce(
    embeddings: torch.Tensor, group: torch.Tensor | None, config: AlignmentConfig
) -> torch.Tensor:
    """InfoNCE over 2N embeddings in which row i and row i + N are each other's positive.

    Args:
        embeddings: N originals, then their N Latin forms. *Shape:* (2N, hidden).
        group: Equal numbers mark equal texts. *Shape:* (2N,). None: all texts differ.
        config: similarity, temperature, mask_equal_texts, gather_with_gradient.

    Returns:
        A scalar in nats: the mean over this rank's 2N anchors, or, without
        `gather_with_gradient`, over the anchors of all ranks.
    """
    # Half precision has steps of 0.25 at a dot product of 300 (protocol B3): always fp32 here.
    with torch.autocast(embeddings.device.type, enabled=False):
        local = embeddings.float()
        if config.similarity == "cosine":
            local = F.normalize(local, dim=-1)
        candidates = gather_rows(local, config.gather_with_gradient)
        all_groups = gather_rows(group, False) if group is not None else None
        anchors, first = (local, rank() * len(local))
        anchor_groups = group
        if not config.gather_with_gradient:
            anchors, first, anchor_groups = candidates, 0, all_groups
        rows = torch.arange(first, first + len(anchors), device=local.device)
        positive = _positives(rows, len(local) // 2)
        logits = anchors @ candidates.T / config.temperature  # (anchors, candidates)
        columns = torch.arange(len(candidates), device=local.device)
        is_self = rows[:, None] == columns[None, :]
        excluded = is_self
        if config.mask_equal_texts and anchor_groups is not None and all_groups is not None:
            same = anchor_groups[:, None] == all_groups[None, :]
            same |= all_groups[positive][:, None] == all_groups[None, :]
            excluded = is_self | (same & (positive[:, None] != columns[None, :]))
        return F.cross_entropy(logits.masked_fill(excluded, float("-inf")), positive)


def _positives(rows: torch.Tensor, pairs_per_rank: int) -> torch.Tensor:
    """Index of each row's positive, where every rank holds N originals, then N Latin forms."""
    block = 2 * pairs_per_rank
    within = (rows % block + pairs_per_rank) % block
    return rows - rows % block + within


class _GatherRows(torch.autograd.Function):
    """All ranks' rows, one after the other; the gradient is the sum over ranks of their use."""

    @staticmethod
    def forward(ctx, rows: torch.Tensor) -> torch.Tensor:  # type: ignore[no-untyped-def]  # noqa: ANN001
        parts = [torch.empty_like(rows) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> torch.Tensor:  # type: ignore[no-untyped-def]  # noqa: ANN001
        gradient = gradient.contiguous()
        dist.all_reduce(gradient)
        return gradient.chunk(dist.get_world_size())[rank()]


def gather_rows(rows: torch.Tensor, with_gradient: bool) -> torch.Tensor:
    """Concatenate the rows of all ranks; without torch.distributed, return them as they are.

    Args:
        rows: The same shape on every rank. *Shape:* (rows, ...).
        with_gradient: Differentiate through all ranks' rows. Otherwise only this rank's own rows
            carry a gradient, as in the authors' code.
    """
    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return rows
    if with_gradient:
        gathered: torch.Tensor = _GatherRows.apply(rows)
        return gathered
    parts = [torch.empty_like(rows) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, rows.detach().contiguous())
    parts[rank()] = rows
    return torch.cat(parts)


def rank() -> int:
    """The number of this process; 0 where there is one."""
    return dist.get_rank() if dist.is_available() and dist.is_initialized() else 0


PAPER_OBJECTIVES = ("mlm", "seq", "tlm")
"""Those of the paper, all three: what is trained where nothing else is asked for."""

OBJECTIVES = {
    # Section 3.1: the mean over masked tokens is taken per script, and the two are added.
    "mlm": Objective(
        "MLM on each script (paper, equation 2: 1).",
        ("original", "latin"),
        predicts={"mlm_original": "original", "mlm_latin": "latin"},
    ),
    "seq": Objective(
        "the contrastive loss (paper, equation 2: 1).",
        ("original", "latin"),
        contrasts={"seq": sequence_contrast},
    ),
    # Section 3.3, after Conneau and Lample (2019).
    "tlm": Objective("TLM (paper, equation 2: 1).", ("joint",), predicts={"tlm": "joint"}),
    # Ours, after Reimers and Gurevych (2020): the mean is taken per script, and the two are added.
    "anchor": Objective(
        "the contrast with the frozen base's vectors of the originals (ours: 1).",
        ("original", "latin"),
        contrasts={
            "anchor_original": partial(anchor_contrast, "original"),
            "anchor_latin": partial(anchor_contrast, "latin"),
        },
        anchored=True,
    ),
}


def views_of(objectives: Iterable[str]) -> list[str]:
    """Return the views that some objectives read, in the order of a batch."""
    needed = {view for name in objectives for view in OBJECTIVES[name].views}
    return [view for view in VIEW_PREFIXES if view in needed]


def whole_views(objectives: Iterable[str]) -> list[str]:
    """Return those views that only anchored objectives read: nothing is masked in them."""
    names = list(objectives)
    masked = views_of(name for name in names if not OBJECTIVES[name].anchored)
    return [view for view in views_of(names) if view not in masked]


def predicted_parts(objectives: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return part of the loss -> its objective, and the view whose masked tokens it predicts."""
    return {
        part: (name, view)
        for name in objectives
        for part, view in OBJECTIVES[name].predicts.items()
    }


def contrasted_parts(objectives: Iterable[str]) -> dict[str, str]:
    """Return part of the loss -> its objective, for the parts that contrast sentences."""
    return {part: name for name in objectives for part in OBJECTIVES[name].contrasts}
