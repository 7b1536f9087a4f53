"""Sentence embeddings of both models, at the layer and with the pooling of the aligned one.

The aligned checkpoint keeps both in its `config.json` under `alignment`; a layer of null stands for
2/3 of the layers. Both models are cut above that layer, which nothing reads. A model of
sentence-transformers has its own pooling, prompt and dense layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging

from sentence_modules import Modules

MAX_TOKENS = 512
BATCH = 64


class Tokens(NamedTuple):
    """How a tokenizer sees a text: content tokens, those it does not know, those it can take."""

    total: int
    unknown: int
    limit: int


class Embedding(NamedTuple):
    """Where sentences are embedded.

    Attributes:
        layer: Index into the hidden states, at least 1.
        pooling: `attended` (all tokens), `content` (without the special ones) or `cls` (the first).
    """

    layer: int
    pooling: str

    @classmethod
    def of(cls, name: str, revision: str | None = None) -> Embedding:
        """Read layer and pooling from the config of an aligned checkpoint, or of its modules."""
        config = AutoConfig.from_pretrained(name, revision=revision, trust_remote_code=False)
        alignment = getattr(config, "alignment", None) or {}
        modules = None if alignment else Modules.of(name, revision)
        if modules is not None:
            return cls(config.num_hidden_layers, modules.pooling)
        layer = alignment.get("layer")
        layer = round(2 / 3 * config.num_hidden_layers) if layer is None else layer
        return cls(layer, alignment.get("pooling", "attended"))


class Encoder:
    """A model of the XLM-R, BERT or ModernBERT family, from the Hub or a folder."""

    def __init__(self, name: str, embedding: Embedding, revision: str | None = None) -> None:
        """Load weights and tokenizer, on CUDA when there is one.

        Raises:
            OSError: If there is no such model.
            ValueError: If it has fewer layers than are needed.
        """
        # The report would list the head of the language model, which is left out on purpose.
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        model: Any = AutoModel.from_pretrained(name, revision=revision, trust_remote_code=False)
        self.tokenizer: Any = AutoTokenizer.from_pretrained(
            name, revision=revision, trust_remote_code=False
        )
        if self.tokenizer.pad_token is None:  # what stands there is masked
            self.tokenizer.pad_token = self.tokenizer.sep_token
        self.name, self.embedding = name, embedding
        self.layers = model.config.num_hidden_layers
        if embedding.layer > self.layers:
            raise ValueError(
                f"{name} has {self.layers} layers, the aligned model embeds at layer "
                f"{embedding.layer}; give the base that it was trained from"
            )
        modules = Modules.of(name, revision)
        own = modules is not None and embedding == (self.layers, modules.pooling)
        self.modules = modules if modules is not None and own else Modules()
        self.limit = MAX_TOKENS
        if model.config.model_type == "modernbert":
            model.layers = model.layers[: embedding.layer]
        else:
            model.encoder.layer = model.encoder.layer[: embedding.layer]
            positions = model.embeddings.position_embeddings
            room = model.config.max_position_embeddings
            if positions is not None:  # DeBERTa knows distances alone
                # XLM-R counts positions from padding_idx + 1; BERT from 0.
                first = 0 if positions.padding_idx is None else positions.padding_idx + 1
                room = positions.num_embeddings - first
            self.limit = min(MAX_TOKENS, room)
        self.model = model.to("cuda" if torch.cuda.is_available() else "cpu").eval()

    @torch.inference_mode()
    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Embed sentences.

        Returns:
            float32, of length 1 each. *Shape:* (sentences, hidden).
        """
        dense = self.modules.dense
        width = len(dense[-1][0]) if dense else self.model.config.hidden_size
        rows = np.zeros((len(sentences), width), dtype=np.float32)
        texts = [self.modules.prompt + sentence for sentence in sentences]
        ids = self.tokenizer(texts, truncation=True, max_length=self.limit)["input_ids"]
        # Sorted by length, batches hold little padding.
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        special = torch.tensor(
            [i for i in self.tokenizer.all_special_ids if i != self.tokenizer.mask_token_id],
            device=self.model.device,
        )
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            batch = self.tokenizer.pad({"input_ids": [ids[i] for i in part]}, return_tensors="pt")
            batch = batch.to(self.model.device)
            states = self.model(**batch).last_hidden_state.float()
            mask = batch["attention_mask"]
            if self.embedding.pooling == "content":
                mask = mask * ~torch.isin(batch["input_ids"], special)
            mask = mask.unsqueeze(-1)
            pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
            if self.embedding.pooling == "cls":
                pooled = states[:, 0]
            pooled = self.modules.behind(pooled)
            rows[part] = torch.nn.functional.normalize(pooled, dim=1).cpu().numpy()
        return rows

    def tokens(self, text: str) -> Tokens:
        """Say how much of a text the model can read."""
        ids = self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return Tokens(len(ids), ids.count(self.tokenizer.unk_token_id), self.limit - 2)
