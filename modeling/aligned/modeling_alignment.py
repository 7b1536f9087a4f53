"""The one forward that every model family shares: views in, named losses out, no new parameters."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import torch
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from .alignment_config import AlignmentConfig
from .anchor_contrast import Teacher
from .errors import AlignmentError
from .loading_report import Found
from .modernbert_layers import keep_former_keys
from .objectives import OBJECTIVES, VIEW_PREFIXES, contrasted_parts, predicted_parts, views_of
from .packed_encoder import Encoded, PaddedView, encode_views, layers_of
from .packed_layers import is_sharded
from .pooling import pooling_mask
from .vocabulary_loss import linear_cross_entropy


@dataclass(init=False)
class AlignmentOutput(ModelOutput):
    """What a training step returns; every part is what it adds to `loss` before its weight.

    Attributes:
        loss: Weighted sum of the parts, with gradient. *Shape:* ().
    """

    loss: torch.Tensor | None = None

    def __init__(
        self, loss: torch.Tensor | Mapping[str, torch.Tensor] | None = None, **parts: torch.Tensor
    ) -> None:
        """Keep the loss and the parts of the objectives, in nats, as entries.

        Args:
            loss: As the attribute; or, as wrappers of models rebuild an output, all entries.
            **parts: Mean cross-entropy over the masked tokens of a view, InfoNCE over all sentences
                of both scripts, and so on, as `OBJECTIVES` names them. *Shape:* () each.
        """
        entries = loss if isinstance(loss, Mapping) else {"loss": loss, **parts}
        self.loss = entries["loss"]
        self.__post_init__()
        for name, value in entries.items():
            self[name] = value


class SentenceTail(Protocol):
    """What a sentence model does with pooled vectors."""

    @property
    def width(self) -> int:
        """Length of what comes out."""

    def __call__(self, vectors: torch.Tensor) -> torch.Tensor:
        """Apply it. *Shape:* (rows, hidden) -> (rows, width)."""


if TYPE_CHECKING:
    _Stock = PreTrainedModel
else:
    _Stock = object


class AlignmentMixin(_Stock):
    """Adds alignment training to a stock masked language model class.

    A family class names the mixin first, then the stock class, and gives `stock_class` and
    `lm_features`. Its parameters, and so its state dict, are those of the stock class.
    """

    stock_class: str
    found = Found()
    """What the checkpoint had that it was opened from."""
    sentence_tail: SentenceTail | None = None
    """Frozen layers of a sentence model behind its pooling, which `anchor` sees sentences through.

    No module, so that the state dict stays that of the stock class.
    """

    def __init__(self, config: Any, *args: Any, **kwargs: Any) -> None:
        """Build the stock model after checking that the alignment options fit it."""
        alignment = AlignmentConfig.from_dict(getattr(config, "alignment", None))
        alignment.resolve_layer(config.num_hidden_layers)
        super().__init__(config, *args, **kwargs)
        # Sharded block by block: the stock list has the embeddings too, which may be tied.
        self._no_split_modules = {type(layers_of(self.base_model).blocks[0]).__name__}

    @property
    def alignment(self) -> AlignmentConfig:
        """The validated options in `config.alignment`."""
        return AlignmentConfig.from_dict(getattr(self.config, "alignment", None))

    @staticmethod
    def why_not(config: Any) -> str | None:
        """Say which part of a model the family's page does not know; None: it knows all."""
        return None

    def lm_features(self, hidden: torch.Tensor) -> torch.Tensor:
        """What the decoder reads of the last layer. *Shape:* (..., hidden) -> (..., hidden)."""
        raise NotImplementedError

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        normalizers: dict[str, torch.Tensor | float] | None = None,
        sentence_gradients: dict[str, torch.Tensor] | None = None,
        sentences_only: bool = False,
        **inputs: Any,
    ) -> Any:
        """Train on paired views, or behave as the stock model when no second view is given.

        Args:
            input_ids: Original view. *Shape:* (batch, tokens).
            attention_mask: *Shape:* (batch, tokens).
            labels: -100 where nothing is predicted. *Shape:* (batch, tokens).
            normalizers: What each part's sum is divided by, where that is not this call's own
                count: the trainer passes the counts of all micro-batches of a step.
            sentence_gradients: By view, the gradient of a contrastive loss that was computed over
                more sentences than these; it takes the place of this batch's own.
                *Shape:* (batch, hidden) each.
            sentences_only: Return sentence embeddings by view instead of a loss.
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
        names = views_of(config.objectives)
        encoded = self._encode(names, inputs, sentences_only)
        sentences = {
            name: states
            for name, states in zip(names, encoded.sentences, strict=True)
            if states is not None
        } | {
            f"anchored_{name}": self.sentence_tail(states) if self.sentence_tail else states
            for name, states in zip(names, encoded.anchored, strict=True)
            if states is not None
        }
        if sentences_only:
            return sentences
        losses, values = self._language_modelling(names, encoded, normalizers or {})
        if sentence_gradients is not None:
            # Its derivative by each embedding is the given one; its value is not a loss.
            losses += [(sentences[n] * g).sum() for n, g in sentence_gradients.items()]
        elif contrasted_parts(config.objectives):
            loss, contrasts = self.contrast(sentences, inputs, normalizers)
            losses.append(loss)
            values |= contrasts
        return AlignmentOutput(
            loss=torch.stack(losses).sum(), **{n: v.detach() for n, v in values.items()}
        )

    def contrast(
        self,
        sentences: dict[str, torch.Tensor],
        inputs: dict[str, Any],
        normalizers: dict[str, torch.Tensor | float] | None = None,
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Contrast sentence embeddings.

        Args:
            sentences: By view, and `anchored_` and view. *Shape:* (batch, hidden) each.
            inputs: The batch; `group` is read, of each view, or what the teacher says of it.
            normalizers: As `forward`.

        Returns:
            What is added to the loss, and by part the value that is logged. *Shape:* () each.
        """
        config = self.alignment
        groups = {n: inputs.get(f"{p}group") for n, p in VIEW_PREFIXES.items() if n in sentences}
        known = {n: group for n, group in groups.items() if group is not None}
        values, weighted = {}, []
        for part, name in contrasted_parts(config.objectives).items():
            objective = OBJECTIVES[name]
            given: Any = known or None
            if objective.anchored:
                prefixes = {view: VIEW_PREFIXES[view] for view in objective.views}
                tail = self.sentence_tail
                width = self.config.hidden_size if tail is None else tail.width
                given = Teacher.of(inputs, prefixes, width)
            value = objective.contrasts[part](sentences, given, config)
            values[part] = value / (normalizers or {}).get(part, 1.0)
            weighted.append(config.weights[name] * values[part])
        return torch.stack(weighted).sum(), values

    def _language_modelling(
        self,
        names: list[str],
        encoded: Encoded,
        normalizers: dict[str, torch.Tensor | float],
    ) -> tuple[list[torch.Tensor], dict[str, torch.Tensor]]:
        """Predict the masked tokens of all views in one pass over the vocabulary."""
        config = self.alignment
        parts = predicted_parts(config.objectives)
        if not parts:
            return [], {}
        counts = encoded.view.bincount(minlength=len(names))
        scales = torch.zeros(len(names), device=counts.device)
        divisors = {}
        for part, (objective, view) in parts.items():
            index = names.index(view)
            divisors[part] = normalizers.get(part, counts[index].clamp(min=1))
            scales[index] += config.weights[objective] / divisors[part]
        decoder = self.get_output_embeddings()
        if is_sharded(decoder):
            decoder.unshard()
        total, losses = linear_cross_entropy(
            self.lm_features(encoded.states),
            decoder.weight,
            decoder.bias,
            encoded.labels,
            scales[encoded.view],
        )
        sums = torch.zeros_like(scales).index_add(0, encoded.view, losses)
        values = {
            part: sums[names.index(view)] / divisors[part] for part, (_, view) in parts.items()
        }
        return [total], values

    def _encode(self, names: list[str], inputs: dict[str, Any], sentences_only: bool) -> Encoded:
        """Run the encoder once over all views that the objectives read."""
        for name in names:
            if inputs.get(f"{VIEW_PREFIXES[name]}input_ids") is None:
                raise AlignmentError(
                    f"the batch lacks {VIEW_PREFIXES[name]}input_ids, which "
                    f"{', '.join(self.alignment.objectives)} needs. "
                    "Use PairCollator of modeling.training.data_collator with the same objectives."
                )
        alignment = self.alignment
        objectives = [OBJECTIVES[name] for name in alignment.objectives]
        contrasted = {v for o in objectives if o.contrasts and not o.anchored for v in o.views}
        pooled = {v for o in objectives if o.anchored for v in o.views}
        predicted = {v for o in objectives for v in o.predicts.values()}
        views = []
        for name in names:
            prefix = VIEW_PREFIXES[name]
            mask = inputs[f"{prefix}attention_mask"]
            special = inputs[f"{prefix}special_tokens_mask"]
            content = pooling_mask("content", mask, special) if name in contrasted else None
            anchored = pooling_mask(alignment.pooling, mask, special) if name in pooled else None
            labels = inputs[f"{prefix}labels"] if name in predicted else None
            ids = inputs[f"{prefix}input_ids"]
            views.append(PaddedView(ids, mask, content, labels, anchored))
        layer = alignment.resolve_layer(self.config.num_hidden_layers)
        tied = self.get_output_embeddings().weight is self.get_input_embeddings().weight
        return encode_views(self.base_model, views, layer, sentences_only=sentences_only, tied=tied)

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        is_main_process: bool = True,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Save as the stock class: safetensors whose config names no class of this project."""
        keep_former_keys(self.config)
        result = super().save_pretrained(save_directory, is_main_process, *args, **kwargs)
        if is_main_process:
            config = self.config
            config.architectures = [self.stock_class]
            config.save_pretrained(save_directory)
        return result
