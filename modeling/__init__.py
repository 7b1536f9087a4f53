"""Tensors: models, objectives, training and scoring; knows no corpora and no cards.

The names below are loaded on first use, so that a file without tensors does not cost the import of
torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .alignment_config import AlignmentConfig, AlignmentError
    from .encoder import SentenceEncoder, encode
    from .modeling_families import (
        FAMILIES,
        BertForTranslitAlignment,
        XLMRobertaForTranslitAlignment,
        load_for_alignment,
    )

__all__ = [
    "FAMILIES",
    "AlignmentConfig",
    "AlignmentError",
    "BertForTranslitAlignment",
    "SentenceEncoder",
    "XLMRobertaForTranslitAlignment",
    "encode",
    "load_for_alignment",
]

_HOMES = {
    "FAMILIES": "modeling.modeling_families",
    "AlignmentConfig": "modeling.alignment_config",
    "AlignmentError": "modeling.alignment_config",
    "BertForTranslitAlignment": "modeling.modeling_families",
    "SentenceEncoder": "modeling.encoder",
    "XLMRobertaForTranslitAlignment": "modeling.modeling_families",
    "encode": "modeling.encoder",
    "load_for_alignment": "modeling.modeling_families",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'modeling' has no attribute {name!r}")
