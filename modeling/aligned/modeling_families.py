"""One small class per base model family; a new family is a new class and a row in `FAMILIES`."""

from __future__ import annotations

import sys
from typing import Any

import torch
import torch.nn.functional as F
from transformers import (
    AutoConfig,
    BertForMaskedLM,
    DebertaV2ForMaskedLM,
    ModernBertForMaskedLM,
    PreTrainedConfig,
    PreTrainedModel,
    XLMRobertaForMaskedLM,
)
from transformers.utils import logging as transformers_logging

from .alignment_config import AlignmentConfig
from .deberta_layers import why_not as why_not_deberta
from .errors import AlignmentError
from .loading_report import look_at, require_encoder
from .modeling_alignment import AlignmentMixin
from .objectives import rank


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


class ModernBertForTranslitAlignment(AlignmentMixin, ModernBertForMaskedLM):
    """mmBERT, Granite Embedding R2 and every other `model_type: modernbert` encoder."""

    stock_class = "ModernBertForMaskedLM"

    def lm_features(self, hidden: torch.Tensor) -> torch.Tensor:
        """What the decoder reads of the last layer. *Shape:* (..., hidden) -> (..., hidden)."""
        features: torch.Tensor = self.head(hidden)
        return features


class DebertaV2ForTranslitAlignment(AlignmentMixin, DebertaV2ForMaskedLM):
    """mDeBERTa v3 and every other `model_type: deberta-v2` encoder of its form."""

    stock_class = "DebertaV2ForMaskedLM"
    why_not = staticmethod(why_not_deberta)

    def lm_features(self, hidden: torch.Tensor) -> torch.Tensor:
        """What the decoder reads of the last layer. *Shape:* (..., hidden) -> (..., hidden)."""
        features: torch.Tensor = self.cls.predictions.transform(hidden)
        return features


FAMILIES: dict[str, type[PreTrainedModel]] = {
    "xlm-roberta": XLMRobertaForTranslitAlignment,
    "bert": BertForTranslitAlignment,
    "modernbert": ModernBertForTranslitAlignment,
    "deberta-v2": DebertaV2ForTranslitAlignment,
}


def load_for_alignment(
    model_name_or_path: str,
    alignment: AlignmentConfig | None = None,
    *,
    revision: str | None = None,
    tell_of_head: bool = True,
) -> PreTrainedModel:
    """Open a masked language model of a known family, ready for alignment training.

    What the checkpoint lacks is said in a line each, and kept in the model's `found`.

    Args:
        model_name_or_path: Hub id or folder of a stock masked language model.
        alignment: Options; None keeps those of the checkpoint, or the defaults.
        revision: Commit, tag or branch on the Hub.
        tell_of_head: Say where there is no trained language-modelling head, too.

    Raises:
        AlignmentError: As `alignment_config_of`, or none of the encoder's weights are there.
    """
    config = alignment_config_of(model_name_or_path, alignment, revision=revision)
    pinned: dict[str, Any] = {"revision": revision} if revision else {}
    family: Any = FAMILIES[config.model_type]
    # What is missing is said below in one line; what is left over, such as a pooler, is no matter.
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        # Half-precision weights would lose most small updates; mixed precision is the Trainer's.
        model, report = family.from_pretrained(
            model_name_or_path,
            config=config,
            dtype=torch.float32,
            output_loading_info=True,
            **pinned,
        )
    finally:
        transformers_logging.set_verbosity(level)
    prefix = model.base_model_prefix
    encoder = {f"{prefix}.{name}" for name, _ in model.base_model.named_parameters()}
    if encoder <= set(report["missing_keys"]):
        raise AlignmentError(
            f"{model_name_or_path} holds none of the encoder's weights; is it the right model, and "
            "whole?"
        )
    model.found = look_at(model, report)
    if rank() == 0:
        why = model.found.why_no_head() if tell_of_head else None
        told = [model.found.told(), f"{why}; it is one drawn at random." if why else None]
        for line in filter(None, told):
            print(f"notice: {model_name_or_path} {line}", file=sys.stderr)
    aligned: PreTrainedModel = model
    return aligned


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
        AlignmentError: If there is no such model, it is no encoder of a known family, or the layer
            lies beyond it; or it has a part that its family's page does not know.
    """
    pinned: dict[str, Any] = {"revision": revision} if revision else {}
    try:
        config = AutoConfig.from_pretrained(model_name_or_path, trust_remote_code=False, **pinned)
    except Exception as error:  # what a config.json that is no object makes of the library
        reason = str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        raise AlignmentError(
            f"cannot open the model {model_name_or_path}: {' '.join(reason.split())[:300]}"
        ) from error
    require_encoder(config, model_name_or_path, FAMILIES)
    family: Any = FAMILIES[config.model_type]
    if why := family.why_not(config):
        raise AlignmentError(f"{model_name_or_path} {why}.")
    if alignment is not None:
        config.alignment = alignment.to_dict()
    options = AlignmentConfig.from_dict(getattr(config, "alignment", None))
    options.resolve_layer(config.num_hidden_layers)
    return config
