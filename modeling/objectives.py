"""The three training objectives as pure functions of the views of a batch.

Each takes the views, the language-modelling head and the options, and returns named
`(numerator, count)` pairs; the model divides and adds them up. Keeping the division outside is what
makes gradient accumulation exact. Source: arXiv 2406.19759, equations 1 and 2, section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.distributed as dist
import torch.nn.functional as F

from .alignment_config import AlignmentConfig
from .pooling import mean_pool, pooling_mask

LossParts = dict[str, tuple[torch.Tensor, torch.Tensor]]
Head = Callable[[torch.Tensor], torch.Tensor]


@dataclass
class View:
    """One view of a batch: original, Latin, or the joint of both.

    Attributes:
        hidden: Last layer's states. *Shape:* (batch, tokens, hidden).
        aligned: States of the alignment layer. *Shape:* (batch, tokens, hidden).
        attention_mask: 1 on tokens, 0 on padding. *Shape:* (batch, tokens).
        special_tokens_mask: 1 on special tokens, but 0 on `<mask>`. *Shape:* (batch, tokens).
        labels: Original ids at masked positions, -100 elsewhere. *Shape:* (batch, tokens).
        group: Equal numbers mark equal texts, across views too. *Shape:* (batch,).
    """

    hidden: torch.Tensor
    aligned: torch.Tensor
    attention_mask: torch.Tensor
    special_tokens_mask: torch.Tensor | None = None
    labels: torch.Tensor | None = None
    group: torch.Tensor | None = None


def masked_lm(views: dict[str, View], head: Head, config: AlignmentConfig) -> LossParts:
    """Masked language modelling on the original and on the Latin view.

    Returns:
        `mlm_original` and `mlm_latin`: summed cross-entropy in nats, and masked tokens.

    Source:
        Section 3.1: the mean over masked tokens is taken per script, and the two are added.
    """
    return {
        f"mlm_{name}": _masked_cross_entropy(views[name], head) for name in ("original", "latin")
    }


def translation_lm(views: dict[str, View], head: Head, config: AlignmentConfig) -> LossParts:
    """Language modelling on the concatenation of a sentence and its transliteration.

    Returns:
        `tlm`: summed cross-entropy in nats, and masked tokens.

    Source:
        Section 3.3, after Conneau and Lample (2019).
    """
    return {"tlm": _masked_cross_entropy(views["joint"], head)}


def sequence_contrast(views: dict[str, View], head: Head, config: AlignmentConfig) -> LossParts:
    """Pull a sentence and its transliteration together, all other sentences apart.

    Sentence embeddings are means over content tokens (`<mask>` included) of the alignment layer.
    Across ranks, the sentences of all ranks are candidates.

    Returns:
        `seq`: mean InfoNCE in nats, with count 1.

    Source:
        Section 3.2, equation 1; the batch is that of one micro-step over all ranks.
    """
    pooled, groups = [], []
    for name in ("original", "latin"):
        view = views[name]
        assert view.special_tokens_mask is not None
        mask = pooling_mask("content", view.attention_mask, view.special_tokens_mask)
        pooled.append(mean_pool(view.aligned.float(), mask))
        groups.append(view.group)
    group = torch.cat([g for g in groups if g is not None]) if groups[0] is not None else None
    loss = info_nce(torch.cat(pooled), group, config)
    return {"seq": (loss, torch.ones((), device=loss.device))}


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
        anchors, first = (local, _rank() * len(local))
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
        return gradient.chunk(dist.get_world_size())[_rank()]


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
    parts[_rank()] = rows
    return torch.cat(parts)


def _rank() -> int:
    return dist.get_rank() if dist.is_available() and dist.is_initialized() else 0


def _masked_cross_entropy(view: View, head: Head) -> tuple[torch.Tensor, torch.Tensor]:
    """Summed cross-entropy and number of masked tokens; the head runs on those alone."""
    assert view.labels is not None
    masked = view.labels != -100
    labels = view.labels[masked]
    logits = head(view.hidden[masked]).float()
    total = F.cross_entropy(logits, labels, reduction="sum")
    return total, masked.sum()


OBJECTIVES: dict[str, Callable[[dict[str, View], Head, AlignmentConfig], LossParts]] = {
    "mlm": masked_lm,
    "seq": sequence_contrast,
    "tlm": translation_lm,
}
VIEWS_OF = {"mlm": ("original", "latin"), "seq": ("original", "latin"), "tlm": ("joint",)}
