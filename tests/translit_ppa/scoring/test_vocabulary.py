"""`vocabulary_use` and its command: counts against a plain recount, files, user errors."""

from __future__ import annotations

import pytest
from datasets import load_dataset

from corridor_examples import WORDS, write_pairs
from translit_ppa.command_line import main
from translit_ppa.hub_cards.records.files import VocabularyRecord, load_records
from translit_ppa.pairs import open_pairs
from translit_ppa.scoring.vocabulary import vocabulary_use


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return write_pairs(tmp_path_factory.mktemp("vocabulary"))


def words(base, pairs, *more) -> list[str]:
    return ["vocabulary", "--model", str(base), "--pairs", str(pairs), *more]


def test_record_table_and_figure(tiny_base, tokenizer, pairs, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(words(tiny_base, pairs, "--out", str(out))) == 0
    (record,) = load_records(out)
    assert isinstance(record, VocabularyRecord)
    assert {use.code for use in record.languages} == set(WORDS)
    assert record.vocabulary == len(tokenizer)
    assert record.base == str(tiny_base)
    rows = load_dataset(str(pairs), "mediterranean", split="train")
    assert record.whole.sentences == record.data.rows == len(rows)
    every = {"original": set(), "latin": set()}
    for use in record.languages:
        mine = rows.filter(lambda row, code=use.code: f"{row['lang']}_{row['script']}" == code)
        assert use.sentences == len(mine)
        for side, column in (("original", "text"), ("latin", "transliteration")):
            tokens = [t for text in mine[column] for t in tokenizer.tokenize(text)]
            pieces = set(tokens) - set(tokenizer.all_special_tokens)
            every[side] |= pieces
            found = getattr(use, side)
            assert (found.tokens, found.pieces) == (len(tokens), len(pieces))
            assert found.unknown == tokens.count("<unk>")
            assert found.words == sum(len(text.split()) for text in mine[column])
    assert record.whole.original.pieces == len(every["original"])
    assert record.whole.latin.pieces == len(every["latin"])
    assert {p.name for p in out.iterdir()} == {
        "vocabulary_record.json",
        "vocabulary.md",
        "vocabulary.csv",
        "vocabulary.png",
    }
    shown = capsys.readouterr().out
    assert record.signature() in shown and "\nall " in shown


def test_a_sample_of_the_rows(tiny_base, pairs, tmp_path, capsys):
    out = tmp_path / "out"
    more = ("--max-samples", "7", "--out", str(out))
    assert main(words(tiny_base, pairs, *more)) == 0
    (record,) = load_records(out)
    assert record.data.rows == record.whole.sentences == 7
    assert "|n:7|" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--split", "nosuch"], "needed is a split 'nosuch'"),
        (["--text-column", "nosuch"], "columns nosuch, transliteration"),
        (["--group", "nosuch"], "nosuch"),
        (["--model", "nobody/nothing"], "cannot open the tokenizer of nobody/nothing"),
        (["--pairs", "no/such"], "no/such"),
    ],
)
def test_user_errors(tiny_base, pairs, tmp_path, capsys, more, said):
    out = tmp_path / "out"
    assert main(words(tiny_base, pairs, *more, "--out", str(out))) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ") and said in error
    assert not out.exists()


def test_pairs_from_python_and_the_spelling_of_0_1_0(tiny_base, pairs, capsys):
    record = vocabulary_use(tiny_base, open_pairs(pairs), max_samples=7)
    again = vocabulary_use(str(tiny_base), pairs, max_samples=7, group="mediterranean")
    assert (record.whole, record.data) == (again.whole, again.data)
    old = ["--model", str(tiny_base), "--dataset_name", str(pairs), "--max_samples", "7"]
    assert main(["eval", "vocabulary", *old]) == 0
    shown, notice = capsys.readouterr()
    assert record.signature() in shown
    assert "notice: --dataset_name is now --pairs, --max_samples is now --max-samples;" in notice
