"""What a model of sentence-transformers does besides pooling: its prompt and its dense layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file
from transformers.utils import cached_file

ACTIVATIONS = {"Tanh": torch.tanh, "ReLU": torch.relu, "Identity": lambda values: values}
POOLINGS = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "attended"}


class Modules(NamedTuple):
    """How a sentence model makes a vector of the last layer.

    Attributes:
        pooling: `attended` or `cls`.
        prompt: What stands before every text; mostly nothing.
        dense: Weight, bias and activation of each dense layer.
    """

    pooling: str = "attended"
    prompt: str = ""
    dense: tuple[tuple[torch.Tensor, torch.Tensor | None, str], ...] = ()

    @classmethod
    def of(cls, name: str, revision: str | None = None) -> Modules | None:
        """Read them; None for a model that has none.

        Raises:
            OSError: A file that they name is not there.
            KeyError: An activation is not known.
        """
        modules = _read(name, "modules.json", revision)
        if modules is None:
            return None
        pooling, dense = "attended", []
        for module in modules:
            kind, folder = module["type"].rpartition(".")[2], module["path"]
            config: Any = _read(name, f"{folder}/config.json", revision) if folder else {}
            if kind == "Pooling":
                named = {"mean": "attended", "cls": "cls"}.get(config.get("pooling_mode"))
                pooling = named or next(p for key, p in POOLINGS.items() if config.get(key))
            elif kind == "Dense":
                weights = load_file(_file(name, f"{folder}/model.safetensors", revision, True))
                activation = config["activation_function"].rpartition(".")[2]
                ACTIVATIONS[activation]  # an unknown one shows here
                dense.append((weights["linear.weight"], weights.get("linear.bias"), activation))
        told: Any = _read(name, "config_sentence_transformers.json", revision) or {}
        prompt = (told.get("prompts") or {}).get(told.get("default_prompt_name"), "")
        return cls(pooling, prompt, tuple(dense))

    def behind(self, pooled: torch.Tensor) -> torch.Tensor:
        """Apply the dense layers. *Shape:* (rows, hidden) -> (rows, width)."""
        for weight, bias, activation in self.dense:
            given = None if bias is None else bias.to(pooled.device)
            pooled = torch.nn.functional.linear(pooled, weight.to(pooled.device), given)
            pooled = ACTIVATIONS[activation](pooled)
        return pooled


def _read(name: str, path: str, revision: str | None) -> Any:
    found = _file(name, path, revision, False)
    return json.loads(Path(found).read_text(encoding="utf-8")) if found else None


def _file(name: str, path: str, revision: str | None, needed: bool) -> Any:
    if Path(name).is_dir():
        found = Path(name) / path
        return found if needed or found.is_file() else None
    return cached_file(name, path, revision=revision, _raise_exceptions_for_missing_entries=needed)
