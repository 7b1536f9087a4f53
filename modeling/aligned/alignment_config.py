"""The options of transliteration-based post-training alignment, validated and kept in the config.

A model's `config.json` carries them as a plain dictionary under `alignment`, next to the stock
fields, so that `model_type` stays that of the base model and no remote code is needed.
Source: arXiv 2406.19759, section 3 and appendix A.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .errors import AlignmentError
from .objectives import OBJECTIVES, PAPER_OBJECTIVES

__all__ = ["POOLING_NAMES", "AlignmentConfig", "AlignmentError", "resolve_layer"]

SIMILARITIES = ("dot", "cosine")
POOLING_NAMES = ("attended", "content", "cls")


@dataclass(frozen=True)
class AlignmentConfig:
    """What is optimised, where in the network, and how sentences are pooled afterwards.

    Attributes:
        objectives: Any non-empty subset of `OBJECTIVES` (paper, section 3.1-3.3: all three).
        weights: Objective -> its factor in the loss; what is not given has its row's weight. On
            disk each is an entry of its own, such as `seq_weight`.
        layer: Layer whose outputs are contrasted and pooled, counted from 1; 0 is the embedding
            output. `None` means `round(2/3 * number of layers)`, the paper's 8 of 12.
        similarity: `dot` (paper) or `cosine`.
        temperature: Divides the similarities; paper: 1.
        mask_equal_texts: Leave texts equal to the anchor or to its positive out of the negatives.
            False reproduces the authors' code.
        gather_with_gradient: Across ranks, differentiate through every rank's sentences. False
            reproduces the authors' code, whose gradient is 1/world_size of the true one.
        pooling: How sentence embeddings are pooled everywhere outside the loss, and in `anchor`:
            `attended` (all attended tokens, the paper's retrieval), `content` (without special
            tokens) or `cls` (the first token alone).
        anchor_temperature: Divides the cosines of `anchor`.
        anchor_hold: Factor of the term of `anchor` that holds originals where they were.
    """

    objectives: tuple[str, ...] = PAPER_OBJECTIVES
    weights: Mapping[str, float] = field(default_factory=dict)
    layer: int | None = None
    similarity: str = "dot"
    temperature: float = 1.0
    mask_equal_texts: bool = True
    gather_with_gradient: bool = True
    pooling: str = "attended"
    anchor_temperature: float = 0.05
    anchor_hold: float = 20.0

    def __post_init__(self) -> None:
        """Check every field against its legal values.

        Raises:
            AlignmentError: With the value that came and the legal ones.
        """
        unknown = [n for n in (*self.objectives, *self.weights) if n not in OBJECTIVES]
        if unknown or not self.objectives:
            came = ", ".join(unknown) or "none"
            raise AlignmentError(
                f"unknown objective: {came}. Legal: any of {', '.join(OBJECTIVES)}."
            )
        ordered = tuple(name for name in OBJECTIVES if name in self.objectives)
        object.__setattr__(self, "objectives", ordered)
        told = {*PAPER_OBJECTIVES, *ordered, *self.weights}
        weights = {n: self.weights.get(n, o.weight) for n, o in OBJECTIVES.items() if n in told}
        object.__setattr__(self, "weights", weights)
        for name, weight in weights.items():
            if not 0 <= weight < math.inf:
                raise AlignmentError(f"{name}_weight is {weight}. Legal: 0 or more, finite.")
        for name in ("temperature", "anchor_temperature"):
            if not 0 < getattr(self, name) < math.inf:
                raise AlignmentError(f"{name} is {getattr(self, name)}. Legal: more than 0.")
        if not 0 <= self.anchor_hold < math.inf:
            raise AlignmentError(f"anchor_hold is {self.anchor_hold}. Legal: 0 or more, finite.")
        _require("similarity", self.similarity, SIMILARITIES)
        _require("pooling", self.pooling, POOLING_NAMES)
        if self.layer is not None and self.layer < 0:
            raise AlignmentError(f"layer is {self.layer}. Legal: 0 or more, or None for 2/3.")

    @classmethod
    def from_dict(cls, values: dict[str, Any] | None) -> AlignmentConfig:
        """Build from the dictionary kept in `config.alignment`; None gives the defaults.

        Raises:
            AlignmentError: If a key is unknown or a value illegal.
        """
        if not isinstance(values or {}, dict):
            raise AlignmentError(f"alignment is {values!r:.60}. Legal: an object of options.")
        values = dict(values or {})
        weights = {n: values.pop(f"{n}_weight") for n in OBJECTIVES if f"{n}_weight" in values}
        known = {field.name for field in fields(cls)} - {"weights"}
        if unknown := sorted(set(values) - known):
            legal = sorted(known | {f"{name}_weight" for name in OBJECTIVES})
            raise AlignmentError(
                f"unknown alignment option: {', '.join(unknown)}. Legal: {', '.join(legal)}."
            )
        try:
            if "objectives" in values:
                values["objectives"] = tuple(values["objectives"])
            return cls(weights=weights, **values)
        except TypeError as error:  # in a config.json from anywhere, anything may stand
            raise AlignmentError(f"alignment has a value of the wrong type: {error}.") from error

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, as stored in `config.alignment`."""
        values = asdict(self)
        weights = {f"{name}_weight": weight for name, weight in values.pop("weights").items()}
        del values["objectives"]
        if not any(OBJECTIVES[name].anchored for name in self.objectives):
            del values["anchor_temperature"], values["anchor_hold"]
        return {"objectives": list(self.objectives), **weights, **values}

    def resolve_layer(self, num_hidden_layers: int) -> int:
        """Return the layer index for a model of `num_hidden_layers` layers.

        Raises:
            AlignmentError: If the layer lies beyond the model.
        """
        return resolve_layer(self.layer, num_hidden_layers)


def resolve_layer(layer: int | None, num_hidden_layers: int) -> int:
    """Return an index into `hidden_states`: 12 layers -> 8, 6 -> 4, 24 -> 16 when `layer` is None.

    Raises:
        AlignmentError: If `layer` lies beyond the model.
    """
    if layer is None:
        return round(2 / 3 * num_hidden_layers)
    if not 0 <= layer <= num_hidden_layers:
        raise AlignmentError(
            f"layer {layer} does not exist: the model has {num_hidden_layers} layers. "
            f"Legal: 0 (embeddings) to {num_hidden_layers}, or leave it out for 2/3 of the layers."
        )
    return layer


def _require(name: str, value: str, legal: tuple[str, ...]) -> None:
    if value not in legal:
        raise AlignmentError(f"{name} is {value!r}. Legal: {', '.join(legal)}.")
