"""Tensors: models, objectives, training and scoring; knows no corpora and no cards.

The names below are loaded on first use, so that a file without tensors does not cost the import of
torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .aligned.alignment_config import AlignmentConfig
    from .aligned.errors import AlignmentError
    from .aligned.modeling_families import (
        FAMILIES,
        BertForTranslitAlignment,
        DebertaV2ForTranslitAlignment,
        ModernBertForTranslitAlignment,
        XLMRobertaForTranslitAlignment,
        load_for_alignment,
    )
    from .embedding.encoder import SentenceEncoder, encode

__all__ = [
    "FAMILIES",
    "AlignmentConfig",
    "AlignmentError",
    "BertForTranslitAlignment",
    "DebertaV2ForTranslitAlignment",
    "ModernBertForTranslitAlignment",
    "SentenceEncoder",
    "XLMRobertaForTranslitAlignment",
    "encode",
    "load_for_alignment",
]

_HOMES = {
    "AlignmentConfig": ".aligned.alignment_config",
    "AlignmentError": ".aligned.errors",
    "BertForTranslitAlignment": ".aligned.modeling_families",
    "FAMILIES": ".aligned.modeling_families",
    "DebertaV2ForTranslitAlignment": ".aligned.modeling_families",
    "ModernBertForTranslitAlignment": ".aligned.modeling_families",
    "SentenceEncoder": ".embedding.encoder",
    "XLMRobertaForTranslitAlignment": ".aligned.modeling_families",
    "encode": ".embedding.encoder",
    "load_for_alignment": ".aligned.modeling_families",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
