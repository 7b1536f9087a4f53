"""Texts, configs and tokens that tiny models are made of."""

from __future__ import annotations

SENTENCES = [
    "Ελλάδα και Τουρκία",
    "יוון וטורקיה",
    "ግሪክ እና ቱርክ",
    "اليونان وتركيا",
    "Greece and Turkey",
    "Yunanistan ve Türkiye",
    "Ἀθῆναι",
    "one two three four five six seven eight nine ten",
]
LATIN = [
    "Ellada kai Tourkia",
    "yvn vtvrqyh",
    "giric ina turc",
    "alywnan wtrkya",
    "Greece and Turkey",
    "Yunanistan ve Tuerkiye",
    "Athenai",
    "one two three four five six seven eight nine ten",
]


def small_config(tokenizer, **more):
    """XLM-R of three layers for a tokenizer; `more` changes what the stock class takes."""
    from transformers import XLMRobertaConfig

    return XLMRobertaConfig(
        vocab_size=len(tokenizer),
        num_hidden_layers=3,
        hidden_size=16,
        intermediate_size=32,
        num_attention_heads=2,
        max_position_embeddings=514,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        **more,
    )


def tokenised(texts, latin, tokenizer):
    """Tokenised pairs as a `PairDataset`."""
    from datasets import Dataset

    from translit_ppa.modeling.training.pair_dataset import PairDataset
    from translit_ppa.modeling.training.token_table import token_features, tokenize_pairs

    columns = tokenize_pairs({"text": texts, "transliteration": latin}, tokenizer)
    return PairDataset(Dataset.from_dict(columns, features=token_features(len(tokenizer))))
