"""What every benchmark is told, and the small things that several of them share."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import (
    AutoTokenizer,
    ModernBertConfig,
    PreTrainedConfig,
    PreTrainedTokenizerBase,
    XLMRobertaConfig,
)

from speed.text import TextOptions, pairs
from translit_ppa.modeling.training.data_collator import PairCollator
from translit_ppa.modeling.training.pair_dataset import PairDataset
from translit_ppa.modeling.training.stand_in import train_tokenizer
from translit_ppa.modeling.training.token_table import token_features, tokenize_pairs


class NotMeasured(Exception):
    """This machine cannot run a benchmark; the message says why."""


@dataclass(frozen=True)
class Shape:
    """Size of an encoder; the weights are random.

    Attributes:
        layers: Transformer layers.
        hidden: Width; the feed-forward layers are four times as wide.
        heads: Attention heads.
        vocabulary: Rows of the embedding and of the language-modelling head.
    """

    layers: int
    hidden: int
    heads: int
    vocabulary: int

    def config(self, dropout: float = 0.1) -> PreTrainedConfig:
        """Return the configuration of an XLM-R of this shape."""
        config = XLMRobertaConfig(
            vocab_size=self.vocabulary,
            num_hidden_layers=self.layers,
            hidden_size=self.hidden,
            intermediate_size=4 * self.hidden,
            num_attention_heads=self.heads,
            max_position_embeddings=514,
            type_vocab_size=1,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
            layer_norm_eps=1e-5,
        )
        # The attention that the authors' transformers had; ours brings its own.
        config._attn_implementation = "eager"
        return config

    def __str__(self) -> str:
        return f"{self.layers}x{self.hidden}, {self.vocabulary:,} pieces"


class ModernBertShape(Shape):
    """Size of a ModernBERT whose feed-forward layers are 1,152 wide, as those of mmBERT."""

    def config(self, dropout: float = 0.0) -> PreTrainedConfig:
        """Return the configuration of a ModernBERT of this shape, with what mmBERT has else.

        Stock attention is the fused one, and there is no dropout, as published.
        """
        values: dict[str, Any] = {
            "vocab_size": self.vocabulary,
            "num_hidden_layers": self.layers,
            "hidden_size": self.hidden,
            "intermediate_size": 1152,
            "num_attention_heads": self.heads,
            "local_rope_theta": 160_000,
        }
        values |= {f"{name}_token_id": 0 for name in ("pad", "bos", "eos", "cls", "sep")}
        return ModernBertConfig(**values)

    def __str__(self) -> str:
        """Name the family too."""
        return f"ModernBERT {super().__str__()}"


SMALL = Shape(12, 256, 4, 32_000)
GLOT500 = Shape(12, 768, 12, 401_145)
MODERNBERT = ModernBertShape(12, 256, 4, 32_000)
MMBERT_SMALL = ModernBertShape(22, 384, 6, 256_000)
TINY = Shape(3, 32, 2, 2_000)
TINY_MODERNBERT = ModernBertShape(3, 32, 2, 2_000)


@dataclass(frozen=True)
class Settings:
    """How to measure.

    Attributes:
        text: Where the text comes from.
        folder: For records, and for text and tokenizers that several benchmarks share.
        rounds: Timed rounds.
        threads: Of torch, and so of everything here.
        quick: Tiny sizes: shows that everything runs, and measures nothing.
        model: Whose embeddings the large search takes (None: random ones), and which is given
            new pieces.
    """

    text: TextOptions = field(default_factory=TextOptions)
    folder: Path = Path("runs/bench")
    rounds: int = 5
    threads: int = 1
    quick: bool = False
    model: str | None = None

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Sentences and their romanisation."""
        return pairs(self.text, 200 if self.quick else 2_000, self.folder / "text")

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """A Unigram tokenizer trained on `pairs`: 8,000 pieces and one per character."""
        pieces = 300 if self.quick else 8_000
        name = hashlib.sha256(json.dumps([self.pairs, pieces]).encode()).hexdigest()[:16]
        folder = self.folder / "text" / f"tokenizer-{name}"
        if not (folder / "tokenizer.json").is_file():
            train_tokenizer([s for pair in self.pairs for s in pair], pieces).save_pretrained(
                folder
            )
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder)
        return tokenizer

    @cached_property
    def dataset(self) -> PairDataset:
        """The pairs as token ids."""
        texts, latin = zip(*self.pairs, strict=True)
        columns = tokenize_pairs({"text": texts, "transliteration": latin}, self.tokenizer)
        return PairDataset(Dataset.from_dict(columns, features=token_features(len(self.tokenizer))))

    def batches(self, count: int, size: int = 16) -> list[dict[str, torch.Tensor]]:
        """Return random batches of masked pairs, each view padded to a multiple of 8."""
        draw = torch.Generator().manual_seed(0)
        order = torch.randperm(len(self.dataset), generator=draw).tolist()
        collate = PairCollator(self.tokenizer)
        picks = [[order[(b * size + i) % len(order)] for i in range(size)] for b in range(count)]
        return [collate([self.dataset[i] for i in rows]) for rows in picks]

    def facts(self) -> dict[str, Any]:
        """What a reader must know of the text."""
        content = [len(row["input_ids"]) for row in (self.dataset[i] for i in range(100))]
        return {
            "text": self.text.name,
            "pairs": len(self.pairs),
            "tokens_per_original": round(sum(content) / len(content), 1),
            "pieces": len(self.tokenizer),
        }
