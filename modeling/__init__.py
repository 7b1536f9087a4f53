"""Tensors: models, objectives, training and scoring; knows no corpora and no cards."""

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
