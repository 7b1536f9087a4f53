"""Shared fixtures: a tiny tokenizer and tiny random models, made on the spot, no network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

CORRIDORS = (
    "train",
    "train_inputs",
    "train_outputs",
    "train_runs",
    "train_checks",
    "eval",
    "demo",
    "publish",
    "publish_model",
    "publish_space",
    "corridor",
    "matrix",
    "matrix_tasks",
    "eval_report",
    "eval_map",
    "eval_results",
    "eval_sources",
    "relatedness",
    "eval_vocabulary",
)
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


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real multilingual text beside a developer's checkout; tests that need it skip."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside this checkout")
    return folder


@pytest.fixture(scope="session")
def tokenizer():
    from modeling.stand_in import train_tokenizer

    return train_tokenizer(SENTENCES + LATIN, pieces=40)


@pytest.fixture(scope="session")
def bert_tokenizer(tmp_path_factory):
    from transformers import BertTokenizer

    characters = sorted({c for s in SENTENCES + LATIN for c in s.lower() if not c.isspace()})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    pieces += [f"##{c}" for c in characters]
    return BertTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}, do_lower_case=True)


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


@pytest.fixture
def tiny_config(tokenizer):
    return small_config(tokenizer, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)


@pytest.fixture
def tiny_base(tmp_path, tiny_config, tokenizer):
    """A stock XLM-R masked language model with its tokenizer, saved to a folder."""
    import torch
    from transformers import XLMRobertaForMaskedLM

    torch.manual_seed(0)
    folder = tmp_path / "base"
    XLMRobertaForMaskedLM(tiny_config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory, tokenizer):
    """A checkpoint of three layers, trained for two steps on five languages; not to be changed."""
    import torch
    from corridor_examples import train_words, write_pairs
    from transformers import XLMRobertaForMaskedLM

    from train import main as train

    folder = tmp_path_factory.mktemp("trained")
    torch.manual_seed(0)
    config = small_config(tokenizer)
    XLMRobertaForMaskedLM(config).save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    pairs = write_pairs(folder / "data")
    words = train_words(folder / "base", pairs, folder / "run", "--max_steps", "2")
    assert train(words) == 0
    return folder / "run"


def tokenised(texts, latin, tokenizer):
    """Tokenised pairs as a `PairDataset`."""
    from datasets import Dataset

    from modeling.pair_dataset import PairDataset
    from modeling.token_table import token_features, tokenize_pairs

    columns = tokenize_pairs({"text": texts, "transliteration": latin}, tokenizer)
    return PairDataset(Dataset.from_dict(columns, features=token_features(len(tokenizer))))


@pytest.fixture
def rows(tokenizer):
    """Eight tokenised pairs as a `PairDataset`."""
    return tokenised(SENTENCES, LATIN, tokenizer)


@pytest.fixture
def models(tmp_path, tiny_config, tokenizer):
    """Two saved models of different random weights, as folder names."""
    import torch
    from transformers import XLMRobertaForMaskedLM

    folders = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        folder = tmp_path / f"model{seed}"
        XLMRobertaForMaskedLM(tiny_config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        folders.append(str(folder))
    return folders
