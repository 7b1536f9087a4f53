"""Trimmed vocabularies: same segmentation, states and scores for kept pieces; and back again."""

from __future__ import annotations

import pytest
import torch
from conftest import LATIN, SENTENCES
from transformers import AutoModelForMaskedLM, AutoTokenizer, BertConfig, BertForMaskedLM

from modeling.alignment_config import AlignmentError
from modeling.trim_vocabulary import (
    kept_pieces,
    main,
    pieces_of,
    restore,
    trim_model,
    trim_tokenizer,
)

USED = SENTENCES[:4]


def trimmed_pair(folder, texts):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    kept = kept_pieces(tokenizer, pieces_of(tokenizer, texts))
    model = trim_model(AutoModelForMaskedLM.from_pretrained(folder), kept).eval()
    return tokenizer, kept, model, trim_tokenizer(tokenizer, kept)


def assert_same_outputs(folder, texts, more):
    tokenizer, kept, model, small = trimmed_pair(folder, texts)
    full = AutoModelForMaskedLM.from_pretrained(folder).eval()
    assert len(small) == len(kept) < len(tokenizer)
    assert model.num_parameters() < full.num_parameters()
    checked = 0
    for text in [*texts, *more]:
        ids = tokenizer(text, return_tensors="pt")
        if not set(ids["input_ids"][0].tolist()) <= set(kept):
            continue
        checked += 1
        new = small(text, return_tensors="pt")
        assert [kept[i] for i in new["input_ids"][0].tolist()] == ids["input_ids"][0].tolist()
        a = full(**ids, output_hidden_states=True)
        b = model(**new, output_hidden_states=True)
        for one, other in zip(a.hidden_states, b.hidden_states, strict=True):
            assert torch.equal(one, other)
        assert torch.allclose(a.logits[..., torch.tensor(kept)], b.logits, atol=1e-6)
    assert checked > len(texts)


def test_outputs_are_those_of_the_full_vocabulary(tiny_base):
    words = [word for text in USED for word in text.split()]
    more = ["", "漢字", *words, *(word[::-1] for word in words), *LATIN]
    assert_same_outputs(tiny_base, USED, more)


def test_a_wordpiece_vocabulary_is_trimmed_too(bert_tokenizer, tmp_path):
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(bert_tokenizer),
        num_hidden_layers=2,
        hidden_size=16,
        intermediate_size=32,
        num_attention_heads=2,
    )
    BertForMaskedLM(config).save_pretrained(tmp_path)
    bert_tokenizer.save_pretrained(tmp_path)
    assert_same_outputs(tmp_path, ["one two", "three"], ["two one", "wet", "漢"])


def test_a_trimmed_checkpoint_is_restored(tiny_base, tmp_path, capsys):
    tokenizer, kept, model, small = trimmed_pair(tiny_base, USED)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 1.0
    model.save_pretrained(tmp_path / "small")
    small.save_pretrained(tmp_path / "small")
    reopened = AutoTokenizer.from_pretrained(tmp_path / "small")
    assert reopened(USED)["input_ids"] == small(USED)["input_ids"]
    restore(str(tmp_path / "small"), str(tiny_base), tmp_path / "full")
    base = AutoModelForMaskedLM.from_pretrained(tiny_base).state_dict()
    full = AutoModelForMaskedLM.from_pretrained(tmp_path / "full")
    assert full.config.vocab_size == len(tokenizer)
    others = sorted(set(range(len(tokenizer))) - set(kept))
    for name, tensor in full.state_dict().items():
        if len(tensor) == len(tokenizer):
            assert torch.equal(tensor[others], base[name][others]), name
            assert torch.allclose(tensor[kept], base[name][kept] + 1.0), name
        else:
            assert torch.equal(tensor, model.state_dict()[name]), name
    status = main(["restore", str(tiny_base), str(tiny_base), str(tmp_path / "other")])
    assert status == 2 and "is no trimmed form" in capsys.readouterr().err
    with pytest.raises(AlignmentError, match="is there already"):
        restore(str(tmp_path / "small"), str(tiny_base), tmp_path / "full")


def test_a_training_is_trimmed_to_its_text(tiny_base, tmp_path, capsys):
    """Tables are renumbered, files to keep are read, and the outputs stay."""
    from datasets import Dataset

    from modeling.arguments import PostTrainingArguments
    from modeling.pair_dataset import PairDataset
    from modeling.token_table import token_features, tokenize_pairs
    from train_inputs import trim

    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    text = {"text": SENTENCES[:2], "transliteration": LATIN[:2]}
    table = Dataset.from_dict(text).map(
        tokenize_pairs,
        batched=True,
        remove_columns=list(text),
        features=token_features(len(tokenizer)),
        fn_kwargs={"tokenizer": tokenizer},
    )
    (tmp_path / "more.txt").write_text(SENTENCES[2] + "\n", encoding="utf-8")
    model = AutoModelForMaskedLM.from_pretrained(tiny_base)
    arguments = PostTrainingArguments(output_dir=str(tmp_path / "out"), use_cpu=True)
    keep = [str(tmp_path / "more.txt")]
    small, tables = trim(model, tokenizer, {"train": table}, [SENTENCES[3]], keep, arguments)
    rows = PairDataset(tables["train"])
    for row, sentence, latin in zip(rows, SENTENCES[:2], LATIN[:2], strict=True):
        assert row["input_ids"].tolist() == small(sentence)["input_ids"]
        assert row["transliteration_input_ids"].tolist() == small(latin)["input_ids"]
    for sentence in SENTENCES[:4]:
        assert small.unk_token_id not in small(sentence)["input_ids"]
    assert model.config.vocab_size == len(small) < len(tokenizer)
    assert f"{len(small):,} of {len(tokenizer):,} pieces" in capsys.readouterr().out
    with pytest.raises(AlignmentError, match="is or holds no text file"):
        trim(model, small, tables, [], [str(tmp_path / "nothing")], arguments)
