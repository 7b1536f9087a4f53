"""Exports a checkpoint as a sentence encoder: cut at the alignment layer, pooling attached.

Input: a checkpoint whose config names layer and pooling, or a sentence model. Output: a folder
that `AutoModel`, `SentenceTransformer` and the file format of Text Embeddings Inference (TEI) read
alike.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from transformers import AutoConfig, AutoModel, AutoTokenizer

from ..aligned.alignment_config import AlignmentConfig, AlignmentError
from ..aligned.packed_encoder import layers_of
from ..opening import OWN_CODE, opening, position_count, require_fitting, without_pooler
from .place import own_way, resolve_place
from .saving import save_checkpoint
from .sentence_files import write_json, write_sentence_files
from .sentence_way import SentenceWay, read_way
from .tokenizer_check import carry_sentencepiece

# <s>, one token, </s>.
SHORTEST = 3


@dataclass(frozen=True)
class SentenceTwin:
    """What was exported.

    Attributes:
        layer: The layer that the embeddings come from, now the last one.
        layers: How many layers the checkpoint has.
        pooling: `attended` or `content`.
        max_length: Longest input in tokens, special ones included.
        hidden_size: Length of an embedding.
        reasons: What each file is for, by path.
    """

    layer: int
    layers: int
    pooling: str
    max_length: int
    hidden_size: int
    reasons: dict[str, str]


def export_sentence_twin(
    checkpoint: str | os.PathLike[str], out: str | os.PathLike[str], *, max_length: int = 512
) -> SentenceTwin:
    """Write the twin of a checkpoint, in the checkpoint's own number type.

    Args:
        checkpoint: Folder or Hub id.
        out: Folder to write into.
        max_length: Longest input in tokens; at most what the position embeddings allow.

    Returns:
        What was written.

    Raises:
        AlignmentError: If the model cannot be opened, `max_length` is too short, or its alignment
            layer is the embedding output.
    """
    out = Path(out)
    if max_length < SHORTEST:
        raise AlignmentError(f"max_length is {max_length}. Legal: {SHORTEST} or more.")
    with opening(Path(checkpoint)):
        config: Any = AutoConfig.from_pretrained(checkpoint, **OWN_CODE)
        model: Any = AutoModel.from_pretrained(
            checkpoint, config=config, dtype="auto", **without_pooler(config), **OWN_CODE
        )
        tokenizer = AutoTokenizer.from_pretrained(checkpoint, **OWN_CODE)
    require_fitting(model, tokenizer, checkpoint)
    config = model.config
    way = read_way(str(checkpoint))
    layers = config.num_hidden_layers
    layer, pooling = resolve_place(config, way)
    if layer == 0:
        raise AlignmentError("the alignment layer is 0, the embedding output: nothing to export")
    own = own_way(way, layer, pooling, config)
    layers_of(model).cut(layer)
    config.architectures = [type(model).__name__]
    alignment = AlignmentConfig.from_dict(getattr(config, "alignment", None))
    config.alignment = {**alignment.to_dict(), "layer": layer, "pooling": pooling}
    config.auto_map = None
    max_length = min(max_length, position_count(config))
    if own is not None:
        max_length = min(max_length, own.max_length or tokenizer.model_max_length)
    tokenizer.model_max_length = max_length
    if tokenizer.pad_token is None:  # others pad by its name; what stands there is masked
        tokenizer.pad_token = tokenizer.sep_token
        config.pad_token_id = tokenizer.pad_token_id
    save_checkpoint(model, tokenizer, out)
    carry_sentencepiece(str(checkpoint), tokenizer, out)
    _drop_empty_auto_map(out / "config.json")
    reasons = {
        "config.json": f"configuration, {layer} layers",
        "model.safetensors": f"weights up to layer {layer} of {layers}",
        **write_sentence_files(
            out,
            tokenizer,
            replace(own, layer=None) if own else SentenceWay(pooling),
            hidden_size=config.hidden_size,
            max_length=max_length,
        ),
    }
    for file in out.iterdir():
        if file.is_file():
            reasons.setdefault(file.name, "tokenizer")
    return SentenceTwin(layer, layers, pooling, max_length, config.hidden_size, reasons)


def _drop_empty_auto_map(file: Path) -> None:
    values = json.loads(file.read_text(encoding="utf-8"))
    values.pop("auto_map", None)
    write_json(file, values)
