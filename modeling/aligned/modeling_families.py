"""One small class per base model family; a new family is a new class and a row in `FAMILIES`."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from transformers import (
    AutoConfig,
    BertForMaskedLM,
    PreTrainedConfig,
    PreTrainedModel,
    XLMRobertaForMaskedLM,
)

from .alignment_config import AlignmentConfig, AlignmentError
from .modeling_alignment import AlignmentMixin


class XLMRobertaForTranslitAlignment(AlignmentMixin, XLMRobertaForMaskedLM):
    """XLM-R, Glot500 and every other `model_type: xlm-roberta` masked language model."""

    stock_class = "XLMRobertaForMaskedLM"

    def lm_features(self, hidden: torch.Tensor) -> torch.Tensor:
        """What the decoder reads of the last layer. *Shape:* (..., hidden) -> (..., hidden)."""
        head = self.lm_head
        features: torch.Tensor = head.layer_norm(F.gelu(head.dense(hidden)))
        return features


class BertForTranslitAlignment(AlignmentMixin, BertForMaskedLM):
    """Multilingual BERT and every other `model_type: bert` masked language model."""

    stock_class = "BertForMaskedLM"

    def lm_features(self, hidden: torch.Tensor) -> torch.Tensor:
        """What the decoder reads of the last layer. *Shape:* (..., hidden) -> (..., hidden)."""
        features: torch.Tensor = self.cls.predictions.transform(hidden)
        return features


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
        AlignmentError: As `alignment_config_of`.
    """
    config = alignment_config_of(model_name_or_path, alignment, revision=revision)
    pinned: dict[str, Any] = {"revision": revision} if revision else {}
    family = FAMILIES[config.model_type]
    # Half-precision weights would lose most small updates; mixed precision is the Trainer's.
    model: PreTrainedModel = family.from_pretrained(
        model_name_or_path, config=config, dtype=torch.float32, **pinned
    )
    return model


def alignment_config_of(
    model_name_or_path: str,
    alignment: AlignmentConfig | None = None,
    *,
    revision: str | None = None,
) -> PreTrainedConfig:
    """Open the configuration of a base model and see that alignment fits it; reads no weights.

    Args:
        model_name_or_path: Hub id or folder.
        alignment: Options put into the configuration; None keeps those that it has.
        revision: Commit, tag or branch on the Hub.

    Raises:
        AlignmentError: If there is no such model, its family is unknown, or the layer lies
            beyond it.
    """
    pinned: dict[str, Any] = {"revision": revision} if revision else {}
    try:
        config = AutoConfig.from_pretrained(model_name_or_path, **pinned)
    except OSError as error:
        raise AlignmentError(f"cannot open the model {model_name_or_path}: {error}") from error
    if config.model_type not in FAMILIES:
        raise AlignmentError(
            f"{model_name_or_path} is a {config.model_type!r} model. Legal: {', '.join(FAMILIES)}; "
            "a further family is one class in modeling/modeling_families.py."
        )
    if alignment is not None:
        config.alignment = alignment.to_dict()
    options = AlignmentConfig.from_dict(getattr(config, "alignment", None))
    options.resolve_layer(config.num_hidden_layers)
    return config
