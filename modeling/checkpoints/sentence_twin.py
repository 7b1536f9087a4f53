"""Exports a checkpoint as a sentence encoder: cut at the alignment layer, pooling attached.

Input: a checkpoint whose config names layer and pooling. Output: a folder that `AutoModel`,
`SentenceTransformer` and the file format of Text Embeddings Inference (TEI) read alike. Sentence
Transformers' file names and keys are the old ones: new releases read them too, TEI only them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerBase

from ..aligned.alignment_config import AlignmentConfig, AlignmentError
from ..aligned.packed_encoder import layers_of
from ..opening import OWN_CODE, opening, position_count, require_fitting, without_pooler
from .saving import save_checkpoint

# <s>, one token, </s>.
SHORTEST = 3
_TYPES = "sentence_transformers.models."


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
        model: Any = AutoModel.from_pretrained(
            checkpoint, dtype="auto", **without_pooler(checkpoint), **OWN_CODE
        )
        tokenizer = AutoTokenizer.from_pretrained(checkpoint, **OWN_CODE)
    require_fitting(model, tokenizer, checkpoint)
    config = model.config
    alignment = AlignmentConfig.from_dict(getattr(config, "alignment", None))
    layers = config.num_hidden_layers
    layer = alignment.resolve_layer(layers)
    if layer == 0:
        raise AlignmentError("the alignment layer is 0, the embedding output: nothing to export")
    layers_of(model).cut(layer)
    config.architectures = [type(model).__name__]
    config.alignment = {**alignment.to_dict(), "layer": layer}
    config.auto_map = None
    max_length = min(max_length, position_count(config))
    tokenizer.model_max_length = max_length
    if tokenizer.pad_token is None:  # others pad by its name; what stands there is masked
        tokenizer.pad_token = tokenizer.sep_token
        config.pad_token_id = tokenizer.pad_token_id
    save_checkpoint(model, tokenizer, out)
    _drop_empty_auto_map(out / "config.json")
    reasons = {
        "config.json": f"configuration, {layer} layers",
        "model.safetensors": f"weights up to layer {layer} of {layers}",
        **_write_modules(out, tokenizer, config.hidden_size, alignment.pooling, max_length),
    }
    for file in out.iterdir():
        if file.is_file():
            reasons.setdefault(file.name, "tokenizer")
    return SentenceTwin(layer, layers, alignment.pooling, max_length, config.hidden_size, reasons)


def _drop_empty_auto_map(file: Path) -> None:
    values = json.loads(file.read_text(encoding="utf-8"))
    values.pop("auto_map", None)
    _write_json(file, values)


def _write_modules(
    out: Path, tokenizer: PreTrainedTokenizerBase, hidden_size: int, pooling: str, max_length: int
) -> dict[str, str]:
    """Write what Sentence Transformers and TEI need besides the model."""
    names = ["Transformer", "Pooling"]
    if pooling == "content":
        # TEI knows no such module: with the pooling in another folder it refuses this model,
        # where it would otherwise average over <s> and </s> without a word.
        names.insert(1, "WordWeights")
    modules = [
        {"idx": i, "name": str(i), "path": f"{i}_{name}" if i else "", "type": _TYPES + name}
        for i, name in enumerate(names)
    ]
    bert = {"max_seq_length": max_length, "do_lower_case": False}
    mean = {
        "word_embedding_dimension": hidden_size,
        "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": True,
        "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False,
    }
    files: dict[str, Any] = {
        "modules.json": modules,
        "sentence_bert_config.json": bert,
        f"{len(names) - 1}_Pooling/config.json": mean,
    }
    if pooling == "content":
        files["1_WordWeights/config.json"] = _word_weights(tokenizer)
    for path, content in files.items():
        (out / path).parent.mkdir(exist_ok=True)
        _write_json(out / path, content)
    return dict.fromkeys(files, "sentence-transformers: " + ", ".join(names))


def _word_weights(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    """Weigh special tokens with 0 and all others with 1; `<mask>` counts as content."""
    special = {i for i in tokenizer.all_special_ids if i != tokenizer.mask_token_id}
    vocab = [
        str(tokenizer.convert_ids_to_tokens(i)) if i in special else ""
        for i in range(len(tokenizer))
    ]
    return {
        "vocab": vocab,
        "word_weights": {vocab[i]: 0 for i in sorted(special)},
        "unknown_word_weight": 1,
    }


def _write_json(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
