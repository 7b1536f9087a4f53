"""The anchored contrast: the frozen base says where a sentence lies, whatever script it comes in.

The base is the teacher. Its vector of the ORIGINAL sentence is the target of the student's vector
of the romanised sentence, and on some rows of the original itself, which holds the student where
the base was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from .errors import AlignmentError

if TYPE_CHECKING:
    from .alignment_config import AlignmentConfig

EQUAL = 0.9999
"""Targets of a larger cosine are those of one text, or as good as that."""


@dataclass(frozen=True)
class Teacher:
    """What the frozen base says of a batch.

    Attributes:
        targets: Its unit vectors of the originals. *Shape:* (batch, hidden).
        mean: The mean of all its unit vectors. *Shape:* (hidden,).
        bank: Its unit vectors of other originals, at random. *Shape:* (bank, hidden).
        rows: By view, which sentences are anchored in it. *Shape:* (batch,) each, bool.
    """

    targets: torch.Tensor
    mean: torch.Tensor
    bank: torch.Tensor
    rows: Mapping[str, torch.Tensor]

    @classmethod
    def of(cls, batch: Mapping[str, Any], prefixes: Mapping[str, str], hidden: int) -> Teacher:
        """Take it out of a batch.

        Args:
            batch: Of `PairCollator`.
            prefixes: View -> what the names of its tensors begin with.
            hidden: Width of the student.

        Raises:
            AlignmentError: If it is not there, or of another width.
        """
        names = [f"teacher_{part}" for part in ("targets", "mean", "bank")]
        rows = {view: batch.get(f"{prefix}anchored") for view, prefix in prefixes.items()}
        missing = [name for name in names if batch.get(name) is None]
        missing += [f"{prefixes[view]}anchored" for view, given in rows.items() if given is None]
        if missing:
            raise AlignmentError(
                f"the batch lacks {', '.join(missing)}, which anchor needs. Give the PairCollator "
                "teacher vectors, as modeling.training.anchored.teacher_vectors makes them."
            )
        targets, mean, bank = (batch[name] for name in names)
        width = targets.shape[-1]
        if width != hidden:
            raise AlignmentError(
                f"the teacher's vectors have {width} numbers, the model's {hidden}. Legal: vectors "
                "of the base that is trained; delete the kept ones, and they are made again."
            )
        return cls(targets, mean, bank, {view: of for view, of in rows.items() if of is not None})


def anchor_contrast(
    view: str, sentences: Mapping[str, torch.Tensor], teacher: Teacher, config: AlignmentConfig
) -> torch.Tensor:
    """Draw the student's vectors of one view to the teacher's vectors of the originals.

    With t_i the teacher's unit vector of original i, m the mean of all t, and s_i the student's
    vector of sentence i in this view (the layer and the pooling that embeddings have everywhere):

        c(x) = (x / |x| - m) / |x / |x| - m|
        loss = - mean_i log( exp(c(s_i) . c(t_i) / tau) / sum_j exp(c(s_i) . c(t_j) / tau) )
               + [originals only] hold * mean_i (1 - c(s_i) . c(t_i))

    where j runs over the originals of this rank's batch and the bank, but for those that equal
    t_i. The contrast is content as soon as a sentence is nearest to its own target, wherever that
    is; the second term keeps originals at their place, and with them what lies between sentences
    that are related without being translations. Nothing flows back into the teacher. Ranks exchange
    nothing: the bank has negatives enough.

    Args:
        view: `original` or `latin`.
        sentences: `anchored_VIEW`: vectors of all rows of the batch; those of rows that are not
            anchored in the view are not read. *Shape:* (batch, hidden).
        teacher: Targets and negatives.
        config: `anchor_temperature` is tau, `anchor_hold` is hold.

    Returns:
        Mean over the rows anchored in this view; 0 if there are none. *Shape:* ().

    Source:
        The teacher's vector of one language as target for another: Reimers and Gurevych 2020,
        arXiv 2004.09813, with the contrast of van den Oord et al. 2018, arXiv 1807.03748, in place
        of regression. Vectors are centred because those of such encoders lie in a narrow cone, in
        which raw cosines hardly tell one sentence from another.
    """
    embeddings = sentences[f"anchored_{view}"]
    own = teacher.rows[view].nonzero().flatten()
    # Differences of cosines over a small temperature: fp32, as in the other contrast.
    with torch.autocast(embeddings.device.type, enabled=False):
        if not len(own):
            return embeddings.float().sum() * 0
        targets = centred(teacher.targets, teacher.mean)
        candidates = torch.cat([targets, centred(teacher.bank, teacher.mean)]).detach()
        student = centred(embeddings[own], teacher.mean)
        logits = student @ candidates.T / config.anchor_temperature  # (anchored, batch + bank)
        equal = candidates[own] @ candidates.T > EQUAL
        equal[torch.arange(len(own), device=own.device), own] = False
        loss = F.cross_entropy(logits.masked_fill(equal, float("-inf")), own)
        if view == "original":
            loss = loss + config.anchor_hold * (1 - (student * targets[own]).sum(-1)).mean()
        return loss


def centred(vectors: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
    """Unit vectors of what is left of unit vectors when their mean is taken away, in float32."""
    return F.normalize(F.normalize(vectors.float(), dim=-1) - mean.float(), dim=-1)
