"""LoRA: small matrices beside the layers are trained in place of the layers, and merged at the end.

A large model is then trained with the optimiser's memory of a small one. What comes out is a plain
checkpoint again. Source: Hu et al. 2021, arXiv 2106.09685; the adapters are those of `peft`.
"""

from __future__ import annotations

from typing import Any

import torch

from ..aligned.errors import AlignmentError
from ..aligned.packed_encoder import layers_of

__all__ = ["add_adapters", "freeze_for_adapters", "require_peft"]


def require_peft() -> Any:
    """Return `peft`.

    Raises:
        AlignmentError: It is not installed.
    """
    try:
        import peft
    except ImportError as error:
        raise AlignmentError(
            "lora_rank needs the package peft. Install it: pip install 'translit-ppa[lora]'; or "
            "leave the option out, and all weights are trained."
        ) from error
    return peft


def freeze_for_adapters(model: Any) -> list[str]:
    """Leave of a model only those weights to be trained that adapters will stand for.

    Args:
        model: An alignment model, changed in place.

    Returns:
        Names of the linear layers of all blocks.
    """
    blocks = set(layers_of(model.base_model).blocks)
    places = {name: module for name, module in model.named_modules() if module in blocks}
    model.requires_grad_(False)
    found = []
    for place, block in places.items():
        for name, module in block.named_modules():
            if isinstance(module, torch.nn.Linear):
                module.weight.requires_grad_(True)
                found.append(f"{place}.{name}")
    return found


def add_adapters(model: Any, names: list[str], rank: int) -> Any:
    """Put adapters beside linear layers; from then on they alone are trained.

    The model's class, forward and config stay. At the beginning the adapters change nothing.

    Args:
        model: An alignment model, changed in place.
        names: From `freeze_for_adapters`.
        rank: Of the adapters; what they add is weighed with 2.

    Returns:
        What merges them: its `merge_and_unload()` gives the model its own layers back.
    """
    peft = require_peft()
    options = peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=names)
    return peft.LoraModel(model, options, "default")
