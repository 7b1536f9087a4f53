"""Files of other formats that could pass for lines of text: refused with the real cause."""

from __future__ import annotations

import pytest

from translit_ppa import TranslitError, check_text
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.reading.recognise import recognise
from translit_ppa.data_builders.reading.rows import Columns

TEXT = ["Καλημέρα κόσμε.", "Πού είναι ο σταθμός;", "Η Αθήνα είναι μεγάλη."]


def lines(form: str) -> str:
    return "".join(form.format(n=number, t=text) + "\n" for number, text in enumerate(TEXT, 1))


STRANGERS = {
    lines('{{"text": "{t}"}}'): "its lines are JSON; name it .jsonl",
    '[\n  {"text": "ένα"},\n  {"text": "δύο"}\n]\n': "(JSON; name it|it is JSON)",
    '<?xml version="1.0"?>\n<a>\n<b>ένα</b>\n': "it is XML, HTML or SGML",
    '<srcset setid="a">\n<seg id="1">ένα</seg>\n': "it is XML, HTML or SGML",
    "<!DOCTYPE html>\n<p>ένα</p>\n": "it is XML, HTML or SGML",
    "Άννα B-PER\nγελά O\n. O\n": "words with a tag each; these are a benchmark, ner:DIR",
    "1\tΆννα\tB-PER\tO\n2\tγελά\tO\tO\n3\t.\tO\tO\n": "words with a tag each",
    "# text = a\n"
    + "1\ta\tb\tX\t_\t_\t0\troot\t_\t_\n" * 3: "CoNLL-U; that is a benchmark, pos:DIR",
    "1\n00:00:01,000 --> 00:00:02,000\nένα\n\n2\n00:00:03,000 --> 00:00:04,000\nδύο\n": "subtitles",
    "\\id MAT\n\\c 1\n\\v 1 ένα\n\\v 2 δύο\n": "USFM",
    'msgid "a"\nmsgstr "α"\n\nmsgid "b"\nmsgstr "β"\n': "gettext",
    lines("__label__{n} {t}"): "labels of fastText",
    lines("{t} ||| Good morning."): r"pairs, parted by \|\|\|",
    lines("▁{t} ▁γεια"): "pieces of words",
    lines("καλη@@ μέρα {t}"): "pieces of words",
    lines("{n}\tα\t{t}"): "all its lines have tabs",
    lines("x{n}\t{t}") * 3 + "ένα\n": "9 of its first 10 lines have tabs",
    "[\n" + '{"text": "ένα",\n"id": 1},\n' * 20_000: "it is JSON",
    '[{"text": "ένα"},\n' + '{"text": "δύο", "of":\n1},\n' * 20_000: "it is JSON",
}
NUMBERED = {
    lines("{n}. {t}"): "begin with their numbers; take them off, or, if they are text",
    lines("{n} {t}"): "begin with their numbers",
    lines("{n}) {t}"): "begin with their numbers",
    lines("Γένεσις 1:{n} {t}"): "references such as 1:1",
    lines("1:{n} {t}"): "references such as 1:1",
    lines("[00:0{n}] {t}"): r"times such as \[00:01\]",
    "".join(f"speaker-{n:04} {TEXT[0]}\n" for n in range(10)): "ids such as 'speaker-0000'",
    "".join(f"{book} {n}:{n + 1} ένα\n{book} {n}:{n + 2} ένα\n" for book in "ΑΒ" for n in (1, 9)): (
        "references such as 1:1"
    ),
}


@pytest.mark.parametrize(("content", "told"), [*STRANGERS.items(), *NUMBERED.items()])
def test_what_is_no_line_of_text_is_told(tmp_path, content, told):
    path = tmp_path / "ell.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=told):
        recognise(path)
    with pytest.raises(TranslitError, match=told):
        list(check_text(tmp_path))


@pytest.mark.parametrize("content", NUMBERED)
def test_numbers_may_be_text_if_somebody_says_so(tmp_path, content):
    path = tmp_path / "ell.txt"
    path.write_text(content, encoding="utf-8")
    found = list(recognise(path, Columns(text="0")).read())
    assert [row.text for row in found] == content.splitlines()


@pytest.mark.parametrize(
    "content",
    [
        "1821 ήταν\n1822 ήταν\n1900 ήταν\n",
        "[Music] ένα\n{δύο}\n[τρία]\n",
        "Vitamin O\nPlan B-52\nτρία\n",
        "COVID-19 ένα\nCOVID-19 δύο\nCOVID-20 τρία\n",
        "ένα\tδύο\nτρία\nτέσσερα\n",
        "12:30 ένα\nδύο\nτρία\n",
        "12:30 ένα\n12:31 ένα\n12:31 δύο\n",
        "12:30 ένα\n12:45 δύο\n13:02 τρία\n",
        "Corintios 13:4 ένα\nMateo 5:3 δύο\nJuan 3:16 τρία\n",
        "2021-01-04 ένα\n2021-01-05 δύο\n2021-02-01 τρία\n",
        "".join(f"2021-01-{day} ένα\n" for day in range(10, 25)),
        "COVID-19 ένα\nCOVID-20 δύο\nCOVID-21 τρία\n",
        "ΑΝΝΑ:\tένα\nδύο\nΝΙΚΟΣ:\tτρία\n",
        "Some vitamin O\nWhat you call I-spy\nIt is B-grade\n",
        "[[Αθήνα]] είναι\n" + "Η Αθήνα είναι μεγάλη πόλη.\n" * 9000,
        '["Ναι", είπε.\n' + "Η Αθήνα είναι μεγάλη πόλη.\n" * 9000,
        "[\n" + "Η Αθήνα είναι μεγάλη πόλη.\n" * 9000,
    ],
)
def test_text_that_looks_a_little_like_it_is_text(tmp_path, content):
    path = tmp_path / "ell.txt"
    path.write_text(content, encoding="utf-8")
    layout = recognise(path)
    assert [row.text for row in layout.read()] == content.splitlines()
    assert any("tabs" in note for note in layout.notes) == ("\t" in content)


@pytest.mark.parametrize(
    "content",
    [
        "{name} joined {group}\n{name} left\n{name} is {age}\n",
        "__label__x is a prefix\n__label__y too\n__label__z three\n",
        "foo@@ bar\nfoo@@ baz\nfoo@@ qux\n",
        "vitamin O\nthe I-spy\nthe B-grade\n",
    ],
)
def test_whoever_names_the_column_knows_that_it_is_text(tmp_path, content):
    path = tmp_path / "eng.txt"
    path.write_text(content, encoding="utf-8")
    found = list(recognise(path, Columns(text="0")).read())
    assert [row.text for row in found] == content.splitlines()


def test_a_folder_of_tagged_words_holds_no_documents(tmp_path):
    (tmp_path / "hau").mkdir()
    (tmp_path / "hau" / "train.txt").write_text("Kano B-LOC\nranar O\n. O\n", encoding="utf-8")
    with pytest.raises(TranslitError, match=r"train\.txt should hold text, and .* words"):
        list(check_text(tmp_path))
    (tmp_path / "hau" / "train.txt").rename(tmp_path / "train.conllu")
    with pytest.raises(TranslitError, match="words with a tag each, which benchmarks read"):
        list(check_text(tmp_path))
