"""The one forward that every model family shares: views in, named losses out, no new parameters."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from .alignment_config import AlignmentConfig, AlignmentError
from .length_groups import encode_views
from .objectives import OBJECTIVES, VIEWS_OF, LossParts, View

VIEW_PREFIXES = {"original": "", "latin": "transliteration_", "joint": "joint_"}


@dataclass
class AlignmentOutput(ModelOutput):
    """What a training step returns; every part is what it adds to `loss` before its weight.

    Attributes:
        loss: Weighted sum of the parts, with gradient. *Shape:* ().
        mlm_original: Mean cross-entropy over masked tokens of the originals, in nats. *Shape:* ().
        mlm_latin: The same over the transliterations. *Shape:* ().
        seq: InfoNCE over all sentences of both scripts, in nats. *Shape:* ().
        tlm: Mean cross-entropy over masked tokens of the joint view, in nats. *Shape:* ().
    """

    loss: torch.Tensor | None = None
    mlm_original: torch.Tensor | None = None
    mlm_latin: torch.Tensor | None = None
    seq: torch.Tensor | None = None
    tlm: torch.Tensor | None = None


if TYPE_CHECKING:
    _Stock = PreTrainedModel
else:
    _Stock = object


class AlignmentMixin(_Stock):
    """Adds alignment training to a stock masked language model class.

    A family class names the mixin first, then the stock class, and gives `stock_class` and
    `lm_logits`. Its parameters, and so its state dict, are those of the stock class.
    """

    stock_class: str

    def __init__(self, config: Any, *args: Any, **kwargs: Any) -> None:
        """Build the stock model after checking that the alignment options fit it."""
        alignment = AlignmentConfig.from_dict(getattr(config, "alignment", None))
        alignment.resolve_layer(config.num_hidden_layers)
        super().__init__(config, *args, **kwargs)

    @property
    def alignment(self) -> AlignmentConfig:
        """The validated options in `config.alignment`."""
        return AlignmentConfig.from_dict(getattr(self.config, "alignment", None))

    def lm_logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Scores over the vocabulary. *Shape:* (..., hidden) -> (..., vocabulary)."""
        raise NotImplementedError

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        normalizers: dict[str, torch.Tensor | float] | None = None,
        **inputs: Any,
    ) -> Any:
        """Train on paired views, or behave as the stock model when no second view is given.

        Args:
            input_ids: Original view. *Shape:* (batch, tokens).
            attention_mask: *Shape:* (batch, tokens).
            labels: -100 where nothing is predicted. *Shape:* (batch, tokens).
            normalizers: What each part's sum is divided by, where that is not this call's own
                count: the trainer passes the counts of all micro-batches of a step.
            **inputs: `special_tokens_mask`, `group`; the same names with prefix `transliteration_`
                for the Latin view and `joint_` for the concatenation; or the stock model's own
                arguments.

        Returns:
            `AlignmentOutput`, or the stock model's output.

        Raises:
            AlignmentError: If an objective's view is missing.
        """
        views_given = [n for n, p in VIEW_PREFIXES.items() if p and f"{p}input_ids" in inputs]
        if not views_given:
            for name in ("special_tokens_mask", "group"):
                inputs.pop(name, None)
            return super().forward(
                input_ids=input_ids, attention_mask=attention_mask, labels=labels, **inputs
            )
        inputs |= {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels}
        config = self.alignment
        needed = {view for objective in config.objectives for view in VIEWS_OF[objective]}
        views = self._encode([name for name in VIEW_PREFIXES if name in needed], inputs)
        parts: LossParts = {}
        weights: dict[str, float] = {}
        for objective in config.objectives:
            named = OBJECTIVES[objective](views, self.lm_logits, config)
            parts |= named
            weights |= dict.fromkeys(named, getattr(config, f"{objective}_weight"))
        divisors: dict[str, Any] = {n: count.clamp(min=1) for n, (_, count) in parts.items()}
        divisors |= {name: n for name, n in (normalizers or {}).items() if name in parts}
        values = {name: total / divisors[name] for name, (total, _) in parts.items()}
        loss = torch.stack([weights[name] * value for name, value in values.items()]).sum()
        return AlignmentOutput(loss=loss, **{name: v.detach() for name, v in values.items()})

    def _encode(self, names: list[str], inputs: dict[str, Any]) -> dict[str, View]:
        """Run the encoder once over all views that the objectives read."""
        for name in names:
            if inputs.get(f"{VIEW_PREFIXES[name]}input_ids") is None:
                raise AlignmentError(
                    f"the batch lacks {VIEW_PREFIXES[name]}input_ids, which "
                    f"{', '.join(self.alignment.objectives)} needs. "
                    "Use modeling.data_collator.PairCollator with the same objectives."
                )
        prefixes = [VIEW_PREFIXES[name] for name in names]
        layer = self.alignment.resolve_layer(self.config.num_hidden_layers)
        pairs = [(inputs[f"{p}input_ids"], inputs[f"{p}attention_mask"]) for p in prefixes]
        states = encode_views(self.base_model, pairs, layer)
        return {
            name: View(
                hidden=hidden,
                aligned=aligned,
                attention_mask=inputs[f"{prefix}attention_mask"],
                special_tokens_mask=inputs.get(f"{prefix}special_tokens_mask"),
                labels=inputs.get(f"{prefix}labels"),
                group=inputs.get(f"{prefix}group"),
            )
            for name, prefix, (hidden, aligned) in zip(names, prefixes, states, strict=True)
        }

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        is_main_process: bool = True,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Save as the stock class: safetensors whose config names no class of this project."""
        result = super().save_pretrained(save_directory, is_main_process, *args, **kwargs)
        if is_main_process:
            config = self.config
            config.architectures = [self.stock_class]
            config.save_pretrained(save_directory)
        return result
