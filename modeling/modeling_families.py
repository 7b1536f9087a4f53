"""One small class per base model family; a new family is a new class and a row in `FAMILIES`."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AutoConfig, BertForMaskedLM, PreTrainedModel, XLMRobertaForMaskedLM

from .alignment_config import AlignmentConfig, AlignmentError
from .modeling_alignment import AlignmentMixin


class XLMRobertaForTranslitAlignment(AlignmentMixin, XLMRobertaForMaskedLM):
    """XLM-R, Glot500 and every other `model_type: xlm-roberta` masked language model."""

    stock_class = "XLMRobertaForMaskedLM"

    def lm_logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Scores over the vocabulary. *Shape:* (..., hidden) -> (..., vocabulary)."""
        logits: torch.Tensor = self.lm_head(hidden)
        return logits


class BertForTranslitAlignment(AlignmentMixin, BertForMaskedLM):
    """Multilingual BERT and every other `model_type: bert` masked language model."""

    stock_class = "BertForMaskedLM"

    def lm_logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Scores over the vocabulary. *Shape:* (..., hidden) -> (..., vocabulary)."""
        logits: torch.Tensor = self.cls(hidden)
        return logits


FAMILIES: dict[str, type[PreTrainedModel]] = {
    "xlm-roberta": XLMRobertaForTranslitAlignment,
    "bert": BertForTranslitAlignment,
}


def load_for_alignment(
    model_name_or_path: str,
    alignment: AlignmentConfig | None = None,
    *,
    revision: str | None = None,
) -> PreTrainedModel:
    """Open a masked language model of a known family, ready for alignment training.

    Args:
        model_name_or_path: Hub id or folder of a stock masked language model.
        alignment: Options; None keeps those of the checkpoint, or the defaults.
        revision: Commit, tag or branch on the Hub.

    Raises:
        AlignmentError: If the model's family is unknown or the layer lies beyond the model.
    """
    pinned: dict[str, Any] = {"revision": revision} if revision else {}
    config = AutoConfig.from_pretrained(model_name_or_path, **pinned)
    family = FAMILIES.get(config.model_type)
    if family is None:
        raise AlignmentError(
            f"{model_name_or_path} is a {config.model_type!r} model. Legal: {', '.join(FAMILIES)}; "
            "a further family is one class in modeling/modeling_families.py."
        )
    if alignment is not None:
        config.alignment = alignment.to_dict()
    model: PreTrainedModel = family.from_pretrained(model_name_or_path, config=config, **pinned)
    return model
