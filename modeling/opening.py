"""The one door for checkpoints: no code of theirs runs; whatever is broken in one is one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any

from safetensors import safe_open

from .aligned.errors import AlignmentError
from .checkpoints.tokenizer_check import check_tokenizer
from .json_file import read_object, require_regular

__all__ = [
    "OWN_CODE",
    "opening",
    "position_count",
    "require_fitting",
    "require_pieces",
    "without_pooler",
]

OWN_CODE: dict[str, Any] = {"trust_remote_code": False}
"""For every `from_pretrained`: without it transformers asks on a terminal, and takes y for yes."""
_OBJECTS = ("config.json", "tokenizer_config.json", "special_tokens_map.json")


@contextmanager
def opening(name: str | os.PathLike[str], what: str = "model") -> Iterator[None]:
    """Turn whatever the libraries trip over while they open a checkpoint into one line.

    Args:
        name: Hub id or folder; of a folder, files are looked at beforehand.
        what: What is opened of it.

    Raises:
        AlignmentError: It cannot be opened.
    """
    require_regular(name)
    for file in _OBJECTS:
        path = Path(name) / file
        if path.exists():
            read_object(path)
    try:
        _require_weights(Path(name))
        yield
    except AlignmentError:
        raise
    except OSError as error:
        raise AlignmentError(f"{_told(what, name)}: {error}") from error
    except Exception as error:  # a broken tokenizer.json raises what it likes, a pickle too
        reason = " ".join(str(error).split())[:300]
        raise AlignmentError(
            f"{_told(what, name)}: {type(error).__name__}: {reason}; is it whole, and do "
            "config, weights and tokenizer belong together?"
        ) from error


def _require_weights(folder: Path) -> None:
    """A file of weights may be whole and hold none: the model would be a random one."""
    files = sorted(folder.glob("*.safetensors"))
    if files and not any(safe_open(file, framework="numpy").keys() for file in files):
        raise AlignmentError(f"{folder}: {files[0].name} holds no weights; copy it again")


def _told(what: str, name: str | os.PathLike[str]) -> str:
    return (
        f"cannot open the model {name}" if what == "model" else f"cannot open the {what} of {name}"
    )


def require_pieces(tokenizer: Any, name: str | os.PathLike[str]) -> None:
    """See that a tokenizer was there: without its files transformers makes one up.

    Raises:
        AlignmentError: It has special tokens and nothing else.
    """
    if len(tokenizer) <= len(set(tokenizer.all_special_ids)):
        raise AlignmentError(
            f"{name}: its tokenizer has no pieces but special ones; is tokenizer.json there, or "
            "sentencepiece.bpe.model, or vocab.txt?"
        )


def require_fitting(model: Any, tokenizer: Any, name: str | os.PathLike[str]) -> None:
    """See that the model has an embedding for every piece of its tokenizer, which is whole.

    Raises:
        AlignmentError: The tokenizer is that of another model, none, or broken.
    """
    require_pieces(tokenizer, name)
    rows = int(model.get_input_embeddings().num_embeddings)
    if len(tokenizer) > rows:
        raise AlignmentError(
            f"{name}: the tokenizer has {len(tokenizer):,} pieces, the model {rows:,} embeddings; "
            "give the tokenizer that it was trained with"
        )
    check_tokenizer(model.config, rows, tokenizer, str(name))


def without_pooler(config: Any) -> dict[str, Any]:
    """Return what keeps `AutoModel` from adding a random pooler, where the family has one.

    Args:
        config: Of the checkpoint.
    """
    from transformers import MODEL_MAPPING

    encoder: Any = MODEL_MAPPING.get(type(config), None)
    taken = () if encoder is None else signature(encoder).parameters
    return {"add_pooling_layer": False} if "add_pooling_layer" in taken else {}


def position_count(config: Any) -> int:
    """Say how many tokens a checkpoint has positions for, special ones included.

    Args:
        config: Of the checkpoint. One that counts no positions sets no limit.
    """
    positions = getattr(config, "max_position_embeddings", None)
    if positions is None:
        return sys.maxsize
    # XLM-R counts from behind its padding index; BERT from 0.
    first = config.pad_token_id + 1 if config.model_type in ("roberta", "xlm-roberta") else 0
    return int(positions) - first
