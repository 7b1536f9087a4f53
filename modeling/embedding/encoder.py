"""Sentences to embeddings: one layer, one pooling, the same in training, evaluation and serving."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from ..aligned.alignment_config import AlignmentConfig, AlignmentError, resolve_layer
from ..aligned.packed_encoder import PaddedView, encode_views
from ..aligned.pooling import pooling_mask


class SentenceEncoder:
    """Embeds sentences with the states of one layer of an encoder.

    Attributes:
        layer: Index into `hidden_states`; 0 is the embedding output.
        pooling: `attended` or `content`, see `modeling.pooling`.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        layer: int | None = None,
        pooling: str | None = None,
        max_length: int = 512,
        batch_size: int = 64,
    ) -> None:
        """Wrap a loaded model; layer and pooling default to those its config names.

        Raises:
            AlignmentError: If the layer lies beyond the model, the pooling is unknown, or a size
                is below 1.
        """
        for name, number in (("max_length", max_length), ("batch_size", batch_size)):
            if number < 1:
                raise AlignmentError(f"{name} is {number}. Legal: 1 or more.")
        alignment = AlignmentConfig.from_dict(getattr(model.config, "alignment", None))
        wanted = layer if layer is not None else alignment.layer
        self.layer = resolve_layer(wanted, model.config.num_hidden_layers)
        self.pooling = AlignmentConfig(pooling=pooling or alignment.pooling).pooling
        self.model = model
        self.tokenizer = tokenizer
        self.max_length = min(max_length, max_tokens(model))
        self.batch_size = batch_size

    @classmethod
    def from_pretrained(
        cls,
        model_name_or_path: str,
        *,
        revision: str | None = None,
        device: str | None = None,
        layer: int | None = None,
        pooling: str | None = None,
        max_length: int = 512,
        batch_size: int = 64,
    ) -> SentenceEncoder:
        """Open a checkpoint from the Hub or a folder, on CUDA when there is one.

        Raises:
            AlignmentError: If there is no such model, or as the class.
        """
        try:
            with _expected_load_report():
                model = AutoModel.from_pretrained(
                    model_name_or_path,
                    revision=revision,
                    add_pooling_layer=False,
                    # Not the type the file happens to have: scores are those of full precision.
                    dtype=torch.float32,
                )
            tokenizer = AutoTokenizer.from_pretrained(model_name_or_path, revision=revision)
        except OSError as error:
            raise AlignmentError(f"cannot open the model {model_name_or_path}: {error}") from error
        model.to(device or ("cuda" if torch.cuda.is_available() else "cpu")).eval()
        return cls(
            model,
            tokenizer,
            layer=layer,
            pooling=pooling,
            max_length=max_length,
            batch_size=batch_size,
        )

    @torch.inference_mode()
    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Embed sentences.

        Args:
            sentences: Any number of strings, empty ones included.

        Returns:
            float32, unnormalised. *Shape:* (sentences, hidden).
        """
        base: Any = self.model.base_model
        embeddings = np.zeros((len(sentences), self.model.config.hidden_size), dtype=np.float32)
        if not len(sentences):
            return embeddings
        encoded = self.tokenizer(
            list(sentences), truncation=True, max_length=self.max_length, padding=False
        )["input_ids"]
        # Sorted by length, batches need little padding; the order is restored on writing.
        order = np.argsort([len(ids) for ids in encoded], kind="stable")
        device = self.model.device
        # As in the loss: <unk> and <mask> stand for content.
        content_ids = {self.tokenizer.mask_token_id, self.tokenizer.unk_token_id}
        special_ids = torch.tensor(
            sorted(set(self.tokenizer.all_special_ids) - content_ids), device=device
        )
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            batch = self.tokenizer.pad(
                {"input_ids": [encoded[row] for row in rows]}, return_tensors="pt"
            ).to(device)
            ids, attended = batch["input_ids"], batch["attention_mask"]
            special = torch.isin(ids, special_ids).long()
            content = pooling_mask(self.pooling, attended, special)
            view = PaddedView(ids, attended, content)
            (pooled,) = encode_views(base, [view], self.layer).sentences
            assert pooled is not None
            embeddings[rows] = pooled.cpu().numpy()
        return embeddings


def max_tokens(model: PreTrainedModel) -> int:
    """Return the longest sequence that a model has positions for, special tokens included."""
    base: Any = model.base_model
    positions = base.embeddings.position_embeddings
    # XLM-R counts positions from padding_idx + 1; BERT from 0.
    first = 0 if positions.padding_idx is None else positions.padding_idx + 1
    return int(positions.num_embeddings) - first


@contextmanager
def _expected_load_report() -> Iterator[None]:
    """Keep quiet that the head of a masked language model is left out: it is meant to be."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)


def encode(
    sentences: Sequence[str],
    model_name_or_path: str,
    *,
    layer: int | None = None,
    pooling: str | None = None,
) -> np.ndarray:
    """Embed sentences with a checkpoint from the Hub or a folder.

    Returns:
        float32. *Shape:* (sentences, hidden).
    """
    encoder = SentenceEncoder.from_pretrained(model_name_or_path, layer=layer, pooling=pooling)
    return encoder.encode(sentences)
