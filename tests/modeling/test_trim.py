"""Trimmed vocabularies: same segmentation, states and scores for kept pieces; and back again."""

from __future__ import annotations

import gzip

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, BertConfig, BertForMaskedLM

from modernbert_models import save_modernbert
from tiny_models import LATIN, SENTENCES
from translit_ppa import restoring
from translit_ppa.command_line import main
from translit_ppa.modeling.aligned.alignment_config import AlignmentError
from translit_ppa.modeling.training.arguments import InputArguments
from translit_ppa.modeling.vocabulary.trim import (
    kept_pieces,
    pieces_of,
    restore,
    trim_model,
    trim_tokenizer,
)
from translit_ppa.training.inputs import texts_to_keep

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


@pytest.mark.parametrize("kind", ["gemma-like", "byte-level"])
def test_merges_are_trimmed_with_the_steps_that_lead_to_kept_pieces(tmp_path, kind):
    tokenizer = save_modernbert(tmp_path, kind)
    words = [word for text in USED for word in text.split()]
    assert_same_outputs(tmp_path, USED, ["", *words, *LATIN, "e", "a a", USED[0][::-1]])
    # What lost its pieces is spelt with what is left, and none of it is lost.
    small = trim_tokenizer(tokenizer, kept_pieces(tokenizer, pieces_of(tokenizer, USED)))
    text = "Yunanistan ve 漢字 Türkiye"
    ids = small(text, add_special_tokens=False)["input_ids"]
    assert small.decode(ids) == text
    assert len(ids) > len(tokenizer(text, add_special_tokens=False)["input_ids"])


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
    with pytest.raises(AlignmentError, match="is there already"):
        restore(str(tmp_path / "small"), str(tiny_base), tmp_path / "full")


@pytest.fixture
def small(tiny_base, tmp_path):
    """A trimmed checkpoint of the tiny base, with weights that half precision cannot hold."""
    _, _, model, tokenizer = trimmed_pair(tiny_base, USED)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 1e-6
    model.save_pretrained(tmp_path / "small")
    tokenizer.save_pretrained(tmp_path / "small")
    return tmp_path / "small"


def test_a_base_of_half_precision_rounds_nothing_that_was_trained(tiny_base, small, tmp_path):
    AutoModelForMaskedLM.from_pretrained(tiny_base).half().save_pretrained(tmp_path / "half")
    AutoTokenizer.from_pretrained(tiny_base).save_pretrained(tmp_path / "half")
    restore(str(small), str(tmp_path / "half"), tmp_path / "full")
    trained = AutoModelForMaskedLM.from_pretrained(small)
    full = AutoModelForMaskedLM.from_pretrained(tmp_path / "full")
    assert full.dtype == trained.dtype == torch.float32
    names = AutoTokenizer.from_pretrained(small).get_vocab()
    rows = AutoTokenizer.from_pretrained(tmp_path / "full").get_vocab()
    for name, tensor in trained.state_dict().items():
        restored = full.state_dict()[name]
        if restored.shape != tensor.shape:
            restored = restored[[rows[name] for name in names]]
            tensor = tensor[list(names.values())]
        assert torch.equal(restored, tensor), name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden_size": 8}, "hidden_size is 16, and 8 in the base."),
        ({"num_hidden_layers": 2}, "num_hidden_layers is 3, and 2 in the base."),
        ({"num_attention_heads": 1}, "num_attention_heads is 2, and 1 in the base."),
        ({"vocab_size": 999}, "pieces, and the base has 999."),
        ({}, "the base's tokenizer lacks some pieces, or has them in another order."),
        (None, "its config has no full_vocab_size."),
    ],
)
def test_a_base_that_does_not_fit_is_refused(small, tiny_config, tmp_path, capsys, change, said):
    """Another shape, another tokenizer of as many pieces, or a checkpoint that is not trimmed."""
    from transformers import XLMRobertaForMaskedLM

    from translit_ppa.modeling.training.stand_in import train_tokenizer

    base = tmp_path / "base"  # of `small`
    if change is not None:
        base = tmp_path / "other"
        for name, value in change.items():
            setattr(tiny_config, name, value)
        XLMRobertaForMaskedLM(tiny_config).save_pretrained(base)
        train_tokenizer(["one two three"] * 5, pieces=10).save_pretrained(base)
    before = sorted(tmp_path.iterdir())
    trimmed = base if change is None else small
    capsys.readouterr()
    assert main(["restore-vocabulary", str(trimmed), str(base), str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    assert f"is no trimmed form of {base}: " in error and said in error
    assert sorted(tmp_path.iterdir()) == before


def test_the_command_line_of_restore(monkeypatch, capsys):
    given = []
    monkeypatch.setattr(restoring, "restore", lambda *words: given.append(words))
    assert main(["restore-vocabulary", "small", "base", "out", "--revision", "v1"]) == 0
    assert [str(word) for word in given[0]] == ["small", "base", "out", "v1"]
    assert capsys.readouterr().out == "wrote out\n"
    for words in ([], ["small"], ["a", "b", "c", "d"]):
        assert main(["restore-vocabulary", *words]) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: ") and error.count("\n") == 1


def test_files_to_keep_are_known_by_what_is_in_them(tmp_path, capsys):
    """The benchmarks of the paper have names such as these, and weights may lie beside them."""
    for name, text in {
        "bible.amh_Ethi-eng_Latn.amh_Ethi": "one",
        "tatoeba.ell-eng.ell": "two",
        "ell_Grek.devtest": "three",
        "ell_Grek/test": "four\n",
        ".hidden": "five",
        ".git/config": "six",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "more.gz").write_bytes(gzip.compress("seven".encode("utf-8-sig")))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"eight")[:-9])
    (tmp_path / "model.bin").write_bytes(b"\x80\x81")
    (tmp_path / "texts.tar").write_bytes(b"nine\0\0")
    found = list(texts_to_keep(InputArguments(trim_keep=[str(tmp_path)]), None))
    assert sorted(found) == ["four", "one", "seven", "three", "two"]
    printed = capsys.readouterr().out
    skipped = ", ".join(str(tmp_path / name) for name in ("cut.gz", "model.bin", "texts.tar"))
    assert printed == (
        f"vocabulary: 5 files are kept; skipped, because they are no UTF-8 text: {skipped}\n"
    )
    one = tmp_path / ".hidden"
    assert list(texts_to_keep(InputArguments(trim_keep=[str(one)]), None)) == ["five"]
    with pytest.raises(AlignmentError, match=r"model.bin is or holds no text file. Legal: UTF-8"):
        list(texts_to_keep(InputArguments(trim_keep=[str(tmp_path / "model.bin")]), None))


def test_benchmarks_are_kept_in_the_languages_of_the_group(tmp_path, capsys):
    """All splits, the validation benchmark's too; PAN-X without the `el:` before its words."""
    from translit_ppa.data_builders.benchmarks import get_benchmark

    for language, word in (("el", "Ἀθῆναι"), ("el", "και"), ("fi", "ja")):
        folder = tmp_path / language
        folder.mkdir(exist_ok=True)
        split = "dev" if word == "και" else "test"
        (folder / split).write_text(f"{language}:{word}\tB-LOC\n", encoding="utf-8")
    inputs = InputArguments(trim_keep=[f"ner:{tmp_path}"])
    assert sorted(texts_to_keep(inputs, None)) == ["και", "Ἀθῆναι"]
    assert capsys.readouterr().out == "vocabulary: 2 texts of ner are kept\n"
    cldr = get_benchmark("cldr")
    kept = set(texts_to_keep(InputArguments(), cldr))
    for split in ("validation", "test"):
        assert set(cldr.texts("ell_Grek", split)) < kept
    assert not set(cldr.texts("kor_Hang")) & kept


def test_a_training_is_trimmed_to_its_text(tiny_base, tmp_path, capsys):
    """Tables are renumbered, and the outputs stay."""
    from datasets import Dataset

    from translit_ppa.modeling.training.arguments import PostTrainingArguments
    from translit_ppa.modeling.training.pair_dataset import PairDataset
    from translit_ppa.modeling.training.token_table import token_features, tokenize_pairs
    from translit_ppa.training.inputs import trim

    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    text = {"text": SENTENCES[:2], "transliteration": LATIN[:2]}
    table = Dataset.from_dict(text).map(
        tokenize_pairs,
        batched=True,
        remove_columns=list(text),
        features=token_features(len(tokenizer)),
        fn_kwargs={"tokenizer": tokenizer},
    )
    model = AutoModelForMaskedLM.from_pretrained(tiny_base)
    arguments = PostTrainingArguments(output_dir=str(tmp_path / "out"), use_cpu=True)
    small, tables = trim(model, tokenizer, {"train": table}, iter(SENTENCES[2:4]), arguments)
    rows = PairDataset(tables["train"])
    for row, sentence, latin in zip(rows, SENTENCES[:2], LATIN[:2], strict=True):
        assert row["input_ids"].tolist() == small(sentence)["input_ids"]
        assert row["transliteration_input_ids"].tolist() == small(latin)["input_ids"]
    for sentence in SENTENCES[:4]:
        assert small.unk_token_id not in small(sentence)["input_ids"]
    assert model.config.vocab_size == len(small) < len(tokenizer)
    assert f"{len(small):,} of {len(tokenizer):,} pieces" in capsys.readouterr().out
