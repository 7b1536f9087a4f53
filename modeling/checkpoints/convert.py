"""Turns a model folder that holds a pickle into safetensors, without running what the pickle says.

Such folders are the authors' public checkpoints: plain XLM-R, `pytorch_model.bin`. Reading that
file is the only pickle read of this project, and it admits nothing but tensors.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig, AutoTokenizer

from ..aligned.alignment_config import AlignmentError
from ..aligned.modeling_families import FAMILIES
from ..json_file import read_object, require_regular
from ..opening import opening
from .saving import save_checkpoint
from .tokenizer_check import SENTENCEPIECE, carry_sentencepiece

WEIGHTS = "pytorch_model.bin"
VOCABULARY = ("tokenizer.json", *SENTENCEPIECE, "vocab.txt")
# Old releases saved what is made anew today; a pooler is of no use to a masked language model.
_HARMLESS = ("position_ids", "pooler.dense.weight", "pooler.dense.bias")


def convert_folder(folder: str | os.PathLike[str], out: str | os.PathLike[str]) -> None:
    """Write safetensors, config and tokenizer of a pickled checkpoint.

    Args:
        folder: Holds `config.json`, a tokenizer and `pytorch_model.bin`, or its shards.
        out: Folder to write into.

    Raises:
        AlignmentError: If the pickle holds more than tensors (then none of it has been run), or
            the weights do not fit the config.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise AlignmentError(f"there is no folder {folder}")
    require_regular(folder)
    # Without a vocabulary, the library makes up a tokenizer of five tokens.
    if not any((folder / name).is_file() for name in VOCABULARY):
        raise AlignmentError(f"{folder} holds no tokenizer. Legal: {', '.join(VOCABULARY)}.")
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # a broken tokenizer.json raises whatever it trips over
        raise AlignmentError(
            f"{folder} is no model folder: {type(error).__name__}: {error}"
        ) from error
    if config.model_type not in FAMILIES:
        raise AlignmentError(
            f"{folder} is a {config.model_type!r} model. Legal: {', '.join(FAMILIES)}."
        )
    state = _read(folder)
    dtypes = {tensor.dtype for tensor in state.values() if tensor.is_floating_point()}
    family: Any = FAMILIES[config.model_type]
    stock: Any = getattr(transformers, family.stock_class)
    with opening(folder):
        model, report = stock.from_pretrained(
            None,
            config=config,
            state_dict=state,
            output_loading_info=True,
            # Told in the report instead of raised, and refused below.
            ignore_mismatched_sizes=True,
            dtype=dtypes.pop() if len(dtypes) == 1 else torch.float32,
        )
    strange = [key for key in report["unexpected_keys"] if not key.endswith(_HARMLESS)]
    wrong = sorted([*report["missing_keys"], *strange, *map(str, report["mismatched_keys"])])
    if wrong:
        raise AlignmentError(
            f"{folder}: the weights do not fit the config ({', '.join(wrong[:5])}"
            f"{', ...' if len(wrong) > 5 else ''}); is it a masked language model?"
        )
    save_checkpoint(model, tokenizer, out)
    carry_sentencepiece(str(folder), tokenizer, Path(out))


def _read(folder: Path) -> dict[str, torch.Tensor]:
    """Read the tensors of one pickle or of all shards."""
    index = folder / f"{WEIGHTS}.index.json"
    names = [WEIGHTS]
    if index.is_file():
        try:
            shards: dict[str, str] = read_object(index)["weight_map"]
            names = sorted({str(name) for name in shards.values()})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise AlignmentError(f"{index} names no shards (weight_map).") from error
    state: dict[str, torch.Tensor] = {}
    for name in names:
        file = folder / name
        if Path(name).name != name or not file.is_file():
            raise AlignmentError(f"{folder} has no {name}; convert needs a folder with {WEIGHTS}.")
        try:
            found: Any = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            # A refused class is an UnpicklingError; a broken file fails in any way.
            raise AlignmentError(
                f"{file} is refused: it is broken, or holds more than tensors, and nothing of it "
                "was run. Get the checkpoint from a source you trust."
            ) from error
        if not isinstance(found, dict) or not all(map(torch.is_tensor, found.values())):
            raise AlignmentError(f"{file} is refused: it is no plain table of tensors.")
        state |= found
    return state
