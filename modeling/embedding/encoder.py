"""Sentences to embeddings: one layer, one pooling, the same in training, evaluation and serving."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from tqdm import tqdm
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from ..aligned.alignment_config import AlignmentError
from ..aligned.modeling_families import alignment_config_of
from ..aligned.packed_encoder import PaddedView, encode_views
from ..aligned.pooling import pooling_mask
from ..checkpoints.place import label_of, own_way, read_way_for, resolve_place
from ..checkpoints.sentence_way import SentenceWay, resolve_prompts
from ..checkpoints.stock import open_stock
from ..opening import OWN_CODE, opening, position_count, require_fitting
from ..padding import padded

MANY = 300
"""From so many sentences on, a person at a terminal wants to see how far it is."""

_log = logging.getLogger(__name__)


class SentenceEncoder:
    """Embeds sentences with the states of one layer of an encoder.

    Attributes:
        layer: Index into `hidden_states`; 0 is the embedding output.
        pooling: `attended`, `content` or `cls`, see `modeling.pooling`.
        max_length: Longest input in tokens, special ones included.
        prompt: What is put before every text; with two prompts, before queries.
        searched_prompt: What is put before texts that are searched; mostly the same.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        layer: int | None = None,
        pooling: str | None = None,
        max_length: int | None = None,
        batch_size: int = 64,
        way: SentenceWay | None = None,
        prompt: str | Sequence[str] | None = None,
    ) -> None:
        """Wrap a loaded model.

        Layer and pooling default to those that its config names, then to those of a sentence model,
        then to the paper's. A `max_length` of None is what the sentence model or else the tokenizer
        names; no more than the model has room for. Two prompts are for queries and for what is
        searched.

        Raises:
            AlignmentError: If the layer lies beyond the model, pooling or prompt are unknown, or a
                size is below 1.
        """
        if max_length is None:
            named = way.max_length if way else None
            max_length = int(tokenizer.model_max_length if named is None else named)
        for name, number in (("max_length", max_length), ("batch_size", batch_size)):
            if number < 1:
                raise AlignmentError(f"{name} is {number}. Legal: 1 or more.")
        self.layer, self.pooling = resolve_place(model.config, way, layer, pooling)
        self.prompt, self.searched_prompt = resolve_prompts(prompt, way)
        self.model = model
        self.tokenizer = tokenizer
        self.max_length = min(max_length, max_tokens(model))
        self.batch_size = batch_size
        self._way = way

    @classmethod
    def from_pretrained(
        cls,
        model_name_or_path: str,
        *,
        revision: str | None = None,
        device: str | None = None,
        layer: int | None = None,
        pooling: str | None = None,
        max_length: int | None = None,
        batch_size: int = 64,
        prompt: str | Sequence[str] | None = None,
    ) -> SentenceEncoder:
        """Open a checkpoint from the Hub or a folder, on CUDA when there is one.

        Says in one line where weights are missing: those would be random.

        Raises:
            AlignmentError: If there is no such model, or as the class.
        """
        alignment_config_of(model_name_or_path, revision=revision)
        with opening(model_name_or_path):
            way = read_way_for(model_name_or_path, revision, layer, pooling)
            model = _load(model_name_or_path, revision)
            tokenizer = AutoTokenizer.from_pretrained(
                model_name_or_path, revision=revision, **OWN_CODE
            )
        require_fitting(model, tokenizer, model_name_or_path)
        model.to(device or ("cuda" if torch.cuda.is_available() else "cpu")).eval()
        return cls(
            model,
            tokenizer,
            layer=layer,
            pooling=pooling,
            max_length=max_length,
            batch_size=batch_size,
            way=way,
            prompt=prompt,
        )

    @property
    def own_way(self) -> SentenceWay | None:
        """How the sentence model goes on behind the pooling, where this is its own pooling."""
        return own_way(self._way, self.layer, self.pooling, self.model.config)

    @property
    def label(self) -> str:
        """Everything besides the layer that decides the vectors: pooling, dense layers, prompt."""
        return label_of(self.own_way, self.pooling, self.prompt, self.searched_prompt)

    @torch.inference_mode()
    def encode(
        self,
        sentences: Sequence[str],
        *,
        searched: bool = False,
        show_progress: bool | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> np.ndarray:
        """Embed sentences.

        Args:
            sentences: Any number of strings, empty ones included.
            searched: They are what is searched, not queries: with the prompt for that.
            show_progress: Show a bar with an estimate; None does so on a terminal, for more than
                a few hundred sentences.
            progress: Is told after each batch how many sentences it had, instead of a bar.

        Returns:
            float32; of length 1 where the model is a sentence model that makes them so.
            *Shape:* (sentences, hidden), or the width of the model's dense layers.

        Raises:
            AlignmentError: Some of them are no finite numbers.
        """
        base: Any = self.model.base_model
        own = self.own_way
        tail = own.tail if own else None
        width = tail.width if tail else self.model.config.hidden_size
        embeddings = np.zeros((len(sentences), width), dtype=np.float32)
        if not len(sentences):
            return embeddings
        encoded = self.tokenizer(
            self._as_read(sentences, searched),
            truncation=True,
            max_length=self.max_length,
            padding=False,
        )["input_ids"]
        # Sorted by length, batches need little padding; the order is restored on writing.
        order = np.argsort([len(ids) for ids in encoded], kind="stable")
        device = self.model.device
        # As in the loss: <unk> and <mask> stand for content.
        content_ids = {self.tokenizer.mask_token_id, self.tokenizer.unk_token_id}
        special_ids = torch.tensor(
            sorted(set(self.tokenizer.all_special_ids) - content_ids), device=device
        )
        if show_progress is None:
            show_progress = len(sentences) > MANY and sys.stderr.isatty() and progress is None
        # In tokens: the long sentences come last and take longest, so an estimate by their number
        # would fall short.
        bar = tqdm(
            total=sum(map(len, encoded)),
            desc=f"encoding {len(sentences):,} sentences",
            unit="token",
            unit_scale=True,
            disable=not show_progress,
        )
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            batch = padded([encoded[row] for row in rows], self.tokenizer)
            ids, attended = (batch[name].to(device) for name in ("input_ids", "attention_mask"))
            special = torch.isin(ids, special_ids).long()
            content = pooling_mask(self.pooling, attended, special)
            view = PaddedView(ids, attended, content)
            (pooled,) = encode_views(base, [view], self.layer).sentences
            assert pooled is not None
            if tail is not None:
                pooled = tail(pooled)
            if own is not None and own.normalize:
                pooled = torch.nn.functional.normalize(pooled, dim=-1)
            embeddings[rows] = pooled.cpu().numpy()
            bar.update(sum(len(encoded[row]) for row in rows))
            if progress is not None:
                progress(len(rows))
        bar.close()
        if not np.isfinite(embeddings).all():
            raise AlignmentError(
                "some embeddings are no finite numbers: the weights are damaged, or the training "
                "diverged; use another checkpoint"
            )
        return embeddings

    def _as_read(self, sentences: Sequence[str], searched: bool) -> list[str]:
        """Put the prompt before texts, and both in lower case where the sentence model does."""
        prompt = self.searched_prompt if searched else self.prompt
        texts = [prompt + text for text in sentences] if prompt else list(sentences)
        lower = self._way is not None and self._way.lower_case
        return [text.lower() for text in texts] if lower else texts


def max_tokens(model: PreTrainedModel) -> int:
    """Return the longest sequence that a model has positions for, special tokens included."""
    base: Any = model.base_model
    positions = getattr(base.embeddings, "position_embeddings", None)
    if positions is None:
        return position_count(model.config)
    # XLM-R counts positions from padding_idx + 1; BERT from 0.
    first = 0 if positions.padding_idx is None else positions.padding_idx + 1
    return int(positions.num_embeddings) - first


def _load(name: str, revision: str | None) -> Any:
    """Open an encoder without its head, and tell of weights only where some are missing.

    Raises:
        OSError: If there is no such model.
    """
    model, lacking = open_stock(name, revision=revision, head=False)
    missing = sorted(lacking)
    if missing and len(missing) >= sum(1 for _ in model.parameters()):
        raise AlignmentError(
            f"{name} holds none of the encoder's weights; is it the right model, and whole?"
        )
    if missing:
        _log.warning(
            "%s lacks %d weights of the encoder, which are random now (%s%s): embeddings mean "
            "nothing until the checkpoint is whole",
            name,
            len(missing),
            ", ".join(missing[:3]),
            ", ..." if len(missing) > 3 else "",
        )
    return model


def encode(
    sentences: Sequence[str],
    model_name_or_path: str,
    *,
    layer: int | None = None,
    pooling: str | None = None,
    prompt: str | None = None,
) -> np.ndarray:
    """Embed sentences with a checkpoint from the Hub or a folder.

    Returns:
        float32. *Shape:* (sentences, hidden).
    """
    encoder = SentenceEncoder.from_pretrained(
        model_name_or_path, layer=layer, pooling=pooling, prompt=prompt
    )
    return encoder.encode(sentences)
