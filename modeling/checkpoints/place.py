"""Where an embedding comes from: layer, pooling, and what a sentence model does behind it."""

from __future__ import annotations

from typing import Any

from ..aligned.alignment_config import AlignmentConfig, resolve_layer
from ..aligned.errors import AlignmentError
from .sentence_way import SentenceWay, read_way

__all__ = ["label_of", "own_way", "read_way_for", "resolve_place"]


def resolve_place(
    config: Any, way: SentenceWay | None, layer: int | None = None, pooling: str | None = None
) -> tuple[int, str]:
    """Choose layer and pooling: as asked, an alignment's, a sentence model's, the paper's.

    Args:
        config: Of the model.
        way: Of the sentence model, if it is one.
        layer: As asked; None: choose.
        pooling: As asked; None: choose.

    Raises:
        AlignmentError: The layer lies beyond the model, or the pooling is unknown.
    """
    kept = getattr(config, "alignment", None)
    alignment = AlignmentConfig.from_dict(kept)
    layers = int(config.num_hidden_layers)
    if kept is None and way is not None:
        layer = way.resolve_layer(layers) if layer is None else layer
        pooling = pooling or way.pooling
    wanted = layer if layer is not None else alignment.layer
    chosen = AlignmentConfig(pooling=pooling or alignment.pooling).pooling
    return resolve_layer(wanted, layers), chosen


def own_way(way: SentenceWay | None, layer: int, pooling: str, config: Any) -> SentenceWay | None:
    """Return a sentence model's way where layer and pooling are its own: dense layers fit no other.

    Args:
        way: Of the sentence model, if it is one.
        layer: That is pooled.
        pooling: How.
        config: Of the model.
    """
    if way is None or way.pooling != pooling:
        return None
    return way if way.resolve_layer(int(config.num_hidden_layers)) == layer else None


def label_of(
    own: SentenceWay | None, pooling: str, prompt: str, searched: str | None = None
) -> str:
    """Name what decides a vector besides weights and layer, as signatures have it.

    Args:
        own: As `own_way` gives it.
        pooling: Its name.
        prompt: What stands before every text.
        searched: What stands before texts that are searched, where that is something else.

    Returns:
        Such as `attended`, `cls+dense`, `attended+prompt 'query: '`, or `attended+prompt 'query: '
        searched 'passage: '`. Length is no part of it: scores are cosines.
    """
    parts = [pooling]
    parts += ["dense"] * (own is not None and own.tail is not None)
    if searched not in (None, prompt):
        parts.append(f"prompt {prompt!r} searched {searched!r}")
    elif prompt:
        parts.append(f"prompt {prompt!r}")
    return "+".join(parts)


def read_way_for(
    name: str, revision: str | None, layer: int | None, pooling: str | None
) -> SentenceWay | None:
    """Read a sentence model's way; where it is not known, layer and pooling that are given do.

    Raises:
        AlignmentError: As `read_way`, unless both are given.
    """
    try:
        return read_way(name, revision)
    except AlignmentError:
        if layer is None or pooling is None:
            raise
        return None
