"""Writes what Sentence Transformers and Text Embeddings Inference (TEI) read besides the model.

File names, keys and names of types are the old ones: new releases of Sentence Transformers read
them too, TEI only them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from transformers import PreTrainedTokenizerBase

from ..aligned.errors import AlignmentError
from .sentence_way import MODULES, PROMPTS, SentenceWay

__all__ = ["carry_sentence_files", "sentence_files", "write_json", "write_sentence_files"]

SETTINGS = "sentence_bert_config.json"
_TYPES = "sentence_transformers.models."
_ACTIVATIONS = "torch.nn.modules."
_HOMES = {"Tanh": "activation.Tanh", "ReLU": "activation.ReLU", "GELU": "activation.GELU"}
_POOLED_BY = {"attended": "mean_tokens", "content": "mean_tokens", "cls": "cls_token"}
_KEYS = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens")


def write_sentence_files(
    out: Path,
    tokenizer: PreTrainedTokenizerBase,
    way: SentenceWay,
    *,
    hidden_size: int,
    max_length: int,
) -> dict[str, str]:
    """Write modules, their settings and the prompts into the folder of an encoder.

    Args:
        out: Folder of the encoder; its last layer is pooled.
        tokenizer: Of the encoder.
        way: How embeddings are made.
        hidden_size: Of the encoder.
        max_length: Longest input in tokens.

    Returns:
        What each file is for, by path.

    Raises:
        AlignmentError: The way pools a layer that is not the last.
    """
    if way.layer is not None:
        raise AlignmentError(f"layer {way.layer} is pooled: cut the encoder there first")
    names = ["Transformer", "Pooling"]
    if way.pooling == "content":
        # TEI knows no such module: with the pooling in another folder it refuses this model,
        # where it would otherwise average over <s> and </s> without a word.
        names.insert(1, "WordWeights")
    names += ["Dense"] * (len(way.tail.layers) if way.tail else 0)
    names += ["Normalize"] if way.normalize else []
    paths = [f"{i}_{name}" if i else "" for i, name in enumerate(names)]
    files: dict[str, Any] = {
        MODULES: [
            {"idx": i, "name": str(i), "path": path, "type": _TYPES + name}
            for i, (name, path) in enumerate(zip(names, paths, strict=True))
        ],
        SETTINGS: {
            "max_seq_length": max_length,
            "do_lower_case": way.lower_case,
        },
    }
    if way.settings:
        files[PROMPTS] = dict(way.settings)
    dense = iter(way.tail.layers if way.tail else ())
    for name, path in zip(names, paths, strict=True):
        if name == "Pooling":
            files[f"{path}/config.json"] = _pooling(way, hidden_size)
        elif name == "WordWeights":
            files[f"{path}/config.json"] = _word_weights(tokenizer)
        elif name == "Dense":
            weight, bias, activation = next(dense)
            files[f"{path}/config.json"] = {
                "in_features": weight.shape[1],
                "out_features": weight.shape[0],
                "bias": bias is not None,
                "activation_function": _ACTIVATIONS + _HOMES.get(activation, "linear.Identity"),
            }
            (out / path).mkdir(exist_ok=True)
            kept = {"linear.weight": weight.contiguous()}
            save_file(
                kept if bias is None else {**kept, "linear.bias": bias.contiguous()},
                out / path / "model.safetensors",
            )
    told = dict.fromkeys(files, "sentence-transformers: " + ", ".join(names))
    told |= {
        f"{path}/model.safetensors": "weights of the dense layer"
        for name, path in zip(names, paths, strict=True)
        if name == "Dense"
    }
    for path, content in files.items():
        (out / path).parent.mkdir(exist_ok=True)
        write_json(out / path, content)
    return told


def sentence_files(folder: Path) -> list[str]:
    """List those files of a folder that make it a sentence model, as paths in it."""
    if not (folder / MODULES).is_file():
        return []
    found = [name for name in (MODULES, PROMPTS, SETTINGS) if (folder / name).is_file()]
    kinds = ("Pooling", "WordWeights", "Dense")
    return found + [
        str(path.relative_to(folder))
        for kind in kinds
        for path in sorted(folder.glob(f"[0-9]_{kind}/*"))
        if path.name in ("config.json", "model.safetensors")
    ]


def carry_sentence_files(source: str | Path, out: Path) -> None:
    """Copy what makes a folder a sentence model into another of the same encoder.

    Args:
        source: Folder; a Hub id has nothing to copy.
        out: The other.
    """
    for path in sentence_files(Path(source)):
        (out / path).parent.mkdir(exist_ok=True)
        shutil.copyfile(Path(source) / path, out / path)


def _pooling(way: SentenceWay, hidden_size: int) -> Mapping[str, Any]:
    return {
        "word_embedding_dimension": hidden_size,
        **{f"pooling_mode_{key}": key == _POOLED_BY[way.pooling] for key in _KEYS},
        **({} if way.include_prompt else {"include_prompt": False}),
    }


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


def write_json(file: Path, content: Any) -> None:
    """Write JSON as a person would read it."""
    file.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
