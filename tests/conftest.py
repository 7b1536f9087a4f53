"""Shared fixtures: a tiny tokenizer and tiny random models, made on the spot, no network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from places import SHARED
from tiny_models import LATIN, SENTENCES, small_config, tokenised

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real multilingual text beside a developer's checkout; tests that need it skip."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def tokenizer():
    from translit_ppa.modeling.training.stand_in import train_tokenizer

    return train_tokenizer(SENTENCES + LATIN, pieces=40)


@pytest.fixture(scope="session")
def bert_tokenizer(tmp_path_factory):
    from transformers import BertTokenizer

    characters = sorted({c for s in SENTENCES + LATIN for c in s.lower() if not c.isspace()})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    pieces += [f"##{c}" for c in characters]
    return BertTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}, do_lower_case=True)


@pytest.fixture
def tiny_config(tokenizer):
    return small_config(tokenizer, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)


@pytest.fixture
def tiny_base(tmp_path, tiny_config, tokenizer):
    """A stock XLM-R masked language model with its tokenizer, saved to a folder."""
    import torch
    from transformers import XLMRobertaForMaskedLM

    from translit_ppa.modeling.checkpoints.saving import save_tokenizer

    torch.manual_seed(0)
    folder = tmp_path / "base"
    XLMRobertaForMaskedLM(tiny_config).save_pretrained(folder)
    # The tokenizer is the session's: another test may have left its cutting in it.
    save_tokenizer(tokenizer, folder)
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory, tokenizer):
    """A checkpoint of three layers, trained for two steps on five languages; not to be changed."""
    import torch
    from transformers import XLMRobertaForMaskedLM

    from corridor_examples import train, train_words, write_pairs

    folder = tmp_path_factory.mktemp("trained")
    torch.manual_seed(0)
    config = small_config(tokenizer)
    XLMRobertaForMaskedLM(config).save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    pairs = write_pairs(folder / "data")
    words = train_words(folder / "base", pairs, folder / "run", "--max-steps", "2")
    assert train(words) == 0
    return folder / "run"


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
