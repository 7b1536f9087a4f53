"""How a sentence-transformers model makes an embedding, read from its own files.

In: `modules.json`, the settings of pooling, dense layers and encoder, the prompts. Out: a
`SentenceWay`, with which our encoder gives the vectors that sentence-transformers gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from transformers.utils import cached_file

from ..aligned.errors import AlignmentError
from ..json_file import read_json, read_object

__all__ = ["MODULES", "DenseTail", "SentenceWay", "read_way", "resolve_prompt", "resolve_prompts"]

MODULES = "modules.json"
PROMPTS = "config_sentence_transformers.json"
ENCODER_SETTINGS = ("sentence_bert_config.json", "sentence_xlm-roberta_config.json")
KNOWN = ("Transformer", "WordWeights", "Pooling", "Dense", "Normalize")
_POOLINGS = {"mean": "attended", "cls": "cls"}
_LEGACY = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "Tanh": torch.tanh,
    "Identity": lambda values: values,
    "ReLU": torch.relu,
    "GELU": torch.nn.functional.gelu,
}


@dataclass(frozen=True)
class DenseTail:
    """Dense layers behind the pooling, frozen: what LaBSE and distiluse have.

    Attributes:
        layers: Weight, bias or None, and the name of the activation, for each.
    """

    layers: tuple[tuple[torch.Tensor, torch.Tensor | None, str], ...]

    @property
    def width(self) -> int:
        """Length of what comes out."""
        return len(self.layers[-1][0])

    def __call__(self, vectors: torch.Tensor) -> torch.Tensor:
        """Apply them, with gradient to what comes in. *Shape:* (rows, in) -> (rows, out)."""
        with torch.autocast(vectors.device.type, enabled=False):
            vectors = vectors.float()
            for weight, bias, activation in self.layers:
                given = None if bias is None else bias.to(vectors.device)
                vectors = torch.nn.functional.linear(vectors, weight.to(vectors.device), given)
                vectors = _ACTIVATIONS[activation](vectors)
        return vectors


@dataclass(frozen=True)
class SentenceWay:
    """How a sentence model makes an embedding.

    Attributes:
        pooling: `attended`, `content` or `cls`.
        layer: That is pooled, where its settings name one; None: the last.
        tail: Dense layers behind the pooling, if there are any.
        normalize: Whether embeddings have length 1.
        max_length: Longest input in tokens; None: what the tokenizer says.
        lower_case: Whether text is put in lower case first.
        prompts: What can stand before a text, by name.
        default_prompt: Name of the one that stands there if nothing is said; None: none.
        include_prompt: Whether the prompt's own tokens are pooled too.
        modules: The list in `modules.json`.
        settings: Content of `config_sentence_transformers.json`.
    """

    pooling: str = "attended"
    layer: int | None = None
    tail: DenseTail | None = None
    normalize: bool = False
    max_length: int | None = None
    lower_case: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)
    default_prompt: str | None = None
    include_prompt: bool = True
    modules: tuple[dict[str, Any], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def resolve_layer(self, layers: int) -> int:
        """Return the layer that is pooled, of so many."""
        return layers if self.layer is None else min(self.layer, layers)

    def prompt(self, asked: str | None) -> str:
        """Return what stands before a text.

        Args:
            asked: Name of a prompt, or the prompt itself, which has a space or a colon in it; an
                empty one is none. None: the default of the model.

        Raises:
            AlignmentError: There is no such prompt, or its tokens would have to be left out.
        """
        return resolve_prompt(asked, self)


def resolve_prompt(asked: str | None, way: SentenceWay | None) -> str:
    """As `SentenceWay.prompt`, also for a model without such files."""
    prompts = dict(way.prompts) if way else {}
    if asked is None:
        named = way.default_prompt if way else None
        found = prompts[named] if named is not None else ""
    elif asked in prompts:
        found = prompts[asked]
    elif not asked or " " in asked or ":" in asked:
        found = asked
    else:
        known = f"one of {', '.join(prompts)}, or " if prompts else ""
        raise AlignmentError(
            f"prompt is {asked!r}, which the model has not. Legal: {known}the words themselves, "
            "such as 'query: '."
        )
    if found and way is not None and not way.include_prompt:
        raise AlignmentError(
            f"the model leaves the tokens of its prompt out of the pooling (include_prompt false), "
            f"which is not supported; came {found!r}. Legal: an empty prompt."
        )
    return found


def resolve_prompts(asked: str | Sequence[str] | None, way: SentenceWay | None) -> tuple[str, str]:
    """Return what stands before queries, and before what is searched.

    Args:
        asked: One for both, or two; each as for `SentenceWay.prompt`.
        way: Of the sentence model, if it is one.

    Raises:
        AlignmentError: There are more than two, or one is unknown.
    """
    sides = [asked] if asked is None or isinstance(asked, str) else list(asked)
    if not 1 <= len(sides) <= 2:
        raise AlignmentError(
            f"prompt: came {len(sides)}. Legal: one, or two: for queries, and for what is searched."
        )
    found = [resolve_prompt(side, way) for side in sides]
    return found[0], found[-1]


def read_way(name: str, revision: str | None = None) -> SentenceWay | None:
    """Read how a sentence-transformers model makes an embedding; None if it is none.

    Args:
        name: Hub id or folder.
        revision: Commit, tag or branch on the Hub.

    Raises:
        AlignmentError: A file is broken, or has what is not known here: says what, and what is.
    """
    files = _Files(name, revision)
    path = files.find(MODULES)
    if path is None:
        return None
    try:
        modules = read_json(path)
        kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    except (ValueError, TypeError, KeyError) as error:
        raise AlignmentError(f"{path} is no list of modules with a type; copy it again") from error
    values: dict[str, Any] = {"modules": tuple(modules)}
    for kind, module in zip(kinds, modules, strict=True):
        folder = str(module.get("path", ""))
        if kind not in KNOWN or (kind == "Transformer" and folder):
            raise AlignmentError(
                f"{name}: {MODULES} has {module['type']} in {folder or 'the folder itself'}. "
                f"Legal: Transformer in the folder itself, then any of {', '.join(KNOWN[1:])}."
            )
        if kind == "Pooling":
            values |= _pooling(files.object(f"{folder}/config.json"), name, values)
        elif kind == "WordWeights":
            values["pooling"] = "content"
        elif kind == "Normalize":
            values["normalize"] = True
        elif kind == "Dense":
            before = values.get("tail")
            values["tail"] = DenseTail((*(before.layers if before else ()), _dense(files, folder)))
    values |= _encoder_settings(files) | _prompts(files, name)
    return SentenceWay(**values)


class _Files:
    """Finds a model's small files, in a folder or on the Hub."""

    def __init__(self, name: str, revision: str | None) -> None:
        self.name, self.revision = name, revision

    def find(self, path: str) -> Path | None:
        if Path(self.name).is_dir():
            found = Path(self.name) / path
            return found if found.is_file() else None
        cached = cached_file(
            self.name,
            path,
            revision=self.revision,
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_connection_errors=False,
            _raise_exceptions_for_gated_repo=False,
        )
        return Path(cached) if cached else None

    def object(self, path: str) -> dict[str, Any]:
        found = self.find(path)
        return read_object(found) if found else {}

    def need(self, path: str) -> Path:
        found = self.find(path)
        if found is None:
            raise AlignmentError(f"{self.name} lacks {path}, which its {MODULES} needs")
        return found


def _pooling(config: Mapping[str, Any], name: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """Read the settings of pooling, in their old form or their new one."""
    mode = config.get("pooling_mode")
    if mode is None:
        modes = [k for k, on in config.items() if k.startswith("pooling_mode_") and on is True]
        told = [_LEGACY.get(key, key) for key in modes] or ["mean"]
    else:
        told = [mode] if isinstance(mode, str) else [str(one) for one in mode]
    if len(told) != 1 or told[0] not in _POOLINGS:
        raise AlignmentError(
            f"{name} pools by {' + '.join(told)}. Legal: {', '.join(_POOLINGS)}; give --layer and "
            "--pooling to read it as a plain encoder."
        )
    pooling = _POOLINGS[told[0]]
    if before.get("pooling") == "content" and pooling == "attended":
        pooling = "content"  # WordWeights before the mean
    return {"pooling": pooling, "include_prompt": config.get("include_prompt", True) is not False}


def _dense(files: _Files, folder: str) -> tuple[torch.Tensor, torch.Tensor | None, str]:
    """Read one dense layer.

    Raises:
        AlignmentError: Its weights are not there as safetensors, or its activation is not known.
    """
    config = files.object(f"{folder}/config.json")
    activation = str(config.get("activation_function", "Tanh")).rpartition(".")[2]
    if activation not in _ACTIVATIONS or config.get("use_residual"):
        raise AlignmentError(
            f"{files.name}: {folder} has activation {activation}"
            f"{' and a residual' if config.get('use_residual') else ''}. Legal: "
            f"{', '.join(_ACTIVATIONS)}, without residual."
        )
    state = load_file(files.need(f"{folder}/model.safetensors"))
    return state["linear.weight"].float(), state.get("linear.bias"), activation


def _encoder_settings(files: _Files) -> dict[str, Any]:
    """Read longest input, lower case and layer."""
    for name in ENCODER_SETTINGS:
        if told := files.object(name):
            deeper = {**(told.get("config_args") or {}), **(told.get("config_kwargs") or {})}
            return {
                "max_length": told.get("max_seq_length"),
                "lower_case": bool(told.get("do_lower_case")),
                "layer": deeper.get("num_hidden_layers"),
            }
    return {}


def _prompts(files: _Files, name: str) -> dict[str, Any]:
    """Read the prompts that are texts, and the default one."""
    settings = files.object(PROMPTS)
    found = settings.get("prompts") or {}
    prompts = {str(key): text for key, text in found.items() if isinstance(text, str)}
    default = settings.get("default_prompt_name")
    if default is not None and default not in prompts:
        raise AlignmentError(
            f"{name}: {PROMPTS} names the default prompt {default!r}, which is none of its prompts"
        )
    return {"prompts": prompts, "default_prompt": default, "settings": settings}
