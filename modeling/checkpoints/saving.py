"""Writes a checkpoint without what its use left in the tokenizer: cutting, padding, places.

A fast tokenizer keeps the cutting and padding of its last call, and writes them into
`tokenizer.json`; opened again, it writes them into `tokenizer_config.json` too. Plain `tokenizers`
and Sentence Transformers obey them, so that a model trained on 48 tokens would never see more.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..aligned.modernbert_layers import keep_former_keys
from ..json_file import read_object
from ..writing import writing

__all__ = ["forget_use", "save_checkpoint", "save_tokenizer"]

_OF_CALLS = ("truncation", "padding")
_OF_USE = (
    *("max_length", "stride", "truncation_strategy", "pad_to_multiple_of", "pad_token_type_id"),
    *("is_local", "local_files_only", "name_or_path", "tokenizer_file", "special_tokens_map_file"),
)
"""Keys of tokenizer_config.json that tell of a call, or of the place it was opened from."""
_SIDES = ("truncation_side", "padding_side")


def save_checkpoint(model: Any, tokenizer: Any, folder: str | os.PathLike[str]) -> None:
    """Write weights, config and tokenizer, the latter as if it had never been used.

    Args:
        model: Of transformers.
        tokenizer: Of transformers.
        folder: To write into.

    Raises:
        AlignmentError: They cannot be written.
    """
    keep_former_keys(model.config)
    with writing(folder):
        model.save_pretrained(folder)
        save_tokenizer(tokenizer, folder)


def save_tokenizer(tokenizer: Any, folder: str | os.PathLike[str]) -> None:
    """Write a tokenizer as if it had never been used.

    Args:
        tokenizer: Of transformers; whoever calls it next sets cutting and padding anew.
        folder: To write into.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.no_truncation()
        backend.no_padding()
    tokenizer.save_pretrained(folder)
    forget_use(folder)


def forget_use(folder: str | os.PathLike[str]) -> None:
    """Take out of a saved tokenizer what its use left there; files without it stay untouched.

    The longest input stays in `model_max_length`, which is the model's.

    Args:
        folder: Holds `tokenizer.json`, `tokenizer_config.json`, both or none.
    """
    backend = Path(folder) / "tokenizer.json"
    if backend.is_file():
        state = read_object(backend)
        _rewrite(backend, state, {**state, **{key: None for key in _OF_CALLS if key in state}})
    settings = Path(folder) / "tokenizer_config.json"
    if settings.is_file():
        state = read_object(settings)
        # The side is a choice of the model's author only where it is not the library's own.
        used = {*_OF_USE, *(side for side in _SIDES if state.get(side) == "right")}
        _rewrite(settings, state, {key: value for key, value in state.items() if key not in used})


def _rewrite(path: Path, before: dict[str, Any], after: dict[str, Any]) -> None:
    if after == before:
        return
    # Aside and moved: the file may be a hard link to that of another checkpoint.
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(json.dumps(after, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    os.replace(aside, path)
