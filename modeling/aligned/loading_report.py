"""What a checkpoint lacks of a masked language model, as far as it matters; and what is no encoder.

transformers lists every weight that it drew at random or left aside. Of these a pooler, position
numbers or the head of another task are no matter. A missing head, weights of the encoder that are
missing, and layers that the config does not count are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.models.auto import modeling_auto

from .errors import AlignmentError

__all__ = ["Found", "look_at", "require_encoder", "untrained"]


@dataclass(frozen=True)
class Found:
    """What a checkpoint had of a masked language model.

    Attributes:
        head: Of language modelling: `trained`; `missing`, then it was drawn at random on loading;
            or `untrained`, then somebody saved it as it was drawn.
        lacking: Weights of the encoder that were drawn at random.
        left_over: Weights of the encoder that the config has no place for.
    """

    head: str = "trained"
    lacking: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()

    def told(self) -> str | None:
        """Say in one line what is wrong with the encoder; None if nothing is."""
        told = []
        if self.lacking:
            told.append(
                f"lacks {len(self.lacking)} weights of the encoder, such as {self.lacking[0]}; "
                "they are drawn at random"
            )
        if self.left_over:
            told.append(
                f"has {len(self.left_over)} weights of the encoder that its config has no place "
                f"for, such as {self.left_over[0]}; they are left out"
            )
        return f"{', and '.join(told)}. Is it the right model, and whole?" if told else None

    def why_no_head(self) -> str | None:
        """Say in one clause why there is no head that could be trained on; None if there is."""
        if self.head == "missing":
            return "has no language-modelling head"
        if self.head == "untrained":
            return "has a language-modelling head that was never trained: its biases are all 0"
        return None


def look_at(model: PreTrainedModel, report: Mapping[str, Iterable[Any]]) -> Found:
    """Find what matters in what transformers reports of loading a masked language model.

    Args:
        model: As it was loaded.
        report: Of `from_pretrained(..., output_loading_info=True)`.
    """
    prefix = f"{model.base_model_prefix}."
    missing = sorted(report["missing_keys"])
    lacking = tuple(name for name in missing if name.startswith(prefix))
    unexpected = sorted(map(str, report["unexpected_keys"]))
    left_over = tuple(name for name in unexpected if _of_layers(name))
    named = dict(model.named_parameters())
    head = {name: weight for name, weight in named.items() if not name.startswith(prefix)}
    if any(name in missing for name in head):
        state = "missing"
    elif untrained(head) and not untrained(
        {name: weight for name, weight in named.items() if name.startswith(prefix)}
    ):
        state = "untrained"
    else:
        state = "trained"
    return Found(state, lacking, left_over)


def untrained(weights: Mapping[str, torch.Tensor]) -> bool:
    """Tell whether weights are as they were drawn: biases are set to 0, and one step moves them.

    A model that is random as a whole is a beginning, not a broken one: ask of the encoder too.

    Args:
        weights: By name. Those without any bias of more than one number are never untrained.
    """
    biases = [weight for name, weight in weights.items() if name.endswith("bias")]
    return bool(biases) and not any(bool(bias.any()) for bias in biases)


def _of_layers(name: str) -> bool:
    """Whether a left-over weight is of a layer; poolers, heads and position numbers are not."""
    return any(part in ("layer", "layers") for part in name.split("."))


def require_encoder(config: PreTrainedConfig, name: str, families: Iterable[str]) -> None:
    """See that a model is an encoder of a known family.

    Args:
        config: Of the model.
        name: Hub id or folder.
        families: Those that are known, as `model_type`.

    Raises:
        AlignmentError: It is not; says what came, what is legal, and how a family is added.
    """
    known = list(families)
    if config.model_type in known and not getattr(config, "is_decoder", False):
        return
    raise AlignmentError(
        f"{name} is {_kind_of(config)} of the family {config.model_type!r}. Legal: an encoder of "
        f"the families {', '.join(known)}; CONTRIBUTING.md shows how a family is added."
    )


def _kind_of(config: PreTrainedConfig) -> str:
    """Say what a model is that is none of ours."""
    kind = config.model_type
    if getattr(config, "is_encoder_decoder", False):
        return "an encoder-decoder"
    tables = modeling_auto
    if getattr(config, "is_decoder", False):
        return "a decoder"
    if kind in tables.MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        return "an encoder"
    if kind in tables.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        return "a decoder"
    if kind in tables.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES:
        return "a vision model"
    return "a model"
