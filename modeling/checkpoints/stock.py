"""Checkpoints as classes of transformers: with a language-modelling head, or the encoder alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import safe_open
from transformers import AutoModel, PreTrainedConfig
from transformers.utils import cached_file
from transformers.utils import logging as transformers_logging

from ..aligned.loading_report import Found, untrained
from ..aligned.modeling_families import FAMILIES, alignment_config_of
from ..opening import OWN_CODE, without_pooler

__all__ = ["head_in_files", "names_a_head", "open_stock"]

_WITH_HEAD = ("ForMaskedLM", "ForPreTraining")


def names_a_head(config: Any) -> bool:
    """Tell whether a config's `architectures` have a language-modelling head; so does one without.

    Args:
        config: Of a checkpoint, or its `config.json` as a dictionary.
    """
    told = config.get("architectures") if isinstance(config, dict) else config.architectures
    return not told or any(str(name).endswith(_WITH_HEAD) for name in told)


def open_stock(
    name: str,
    *,
    revision: str | None = None,
    dtype: Any = torch.float32,
    head: bool | None = None,
) -> tuple[Any, set[str]]:
    """Open a checkpoint of a known family as a class of transformers.

    Args:
        name: Hub id or folder.
        revision: Commit, tag or branch on the Hub.
        dtype: Type of the weights; `auto` is that of the file.
        head: Open it as a masked language model, or as an encoder alone; None: as its config says.

    Returns:
        The model, and the names of weights that it lacks.

    Raises:
        AlignmentError: It cannot be opened, or is no encoder of a known family.
    """
    config = alignment_config_of(name, revision=revision)
    more: dict[str, Any] = {"config": config, "revision": revision, "dtype": dtype}
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()  # what is missing is returned
    try:
        if names_a_head(config) if head is None else head:
            model, report = _stock_class(config).from_pretrained(
                name, output_loading_info=True, **more, **OWN_CODE
            )
        else:
            model, report = AutoModel.from_pretrained(
                name, output_loading_info=True, **without_pooler(config), **more, **OWN_CODE
            )
    finally:
        transformers_logging.set_verbosity(level)
    return model, set(report["missing_keys"])


def head_in_files(name: str, config: PreTrainedConfig, revision: str | None = None) -> Found | None:
    """Look for a trained head in the files of a checkpoint, without opening the model.

    Args:
        name: Hub id or folder.
        config: Of a known family.
        revision: Commit, tag or branch on the Hub.

    Returns:
        What was found of the head; None where the weights are not here as safetensors.
    """
    files = sorted(Path(name).glob("*.safetensors"))
    if not Path(name).is_dir():
        cached = cached_file(
            name,
            "model.safetensors",
            revision=revision,
            local_files_only=True,
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_connection_errors=False,
        )
        files = [Path(cached)] if isinstance(cached, str) else []
    if not files:
        return None
    with torch.device("meta"):
        model = _stock_class(config)(config)
    prefix = f"{model.base_model_prefix}."
    heads = {n for n, _ in model.named_parameters() if not n.startswith(prefix)}
    head, biases = {}, {}
    for file in files:
        with safe_open(file, "pt") as weights:
            for key in weights.keys():  # noqa: SIM118
                if key in heads:
                    head[key] = weights.get_tensor(key)
                elif key.endswith("bias"):
                    biases[key] = weights.get_tensor(key)
    if not head:
        return Found("missing")
    return Found("untrained" if untrained(head) and not untrained(biases) else "trained")


def _stock_class(config: PreTrainedConfig) -> Any:
    family: Any = FAMILIES[config.model_type]
    return getattr(transformers, family.stock_class)
