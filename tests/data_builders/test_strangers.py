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
    lines("x{n}\t{t}") + "ένα\n": "3 of its first 4 lines have tabs",
}
NUMBERED = {
    lines("{n}. {t}"): "begin with their numbers; take them off, or, if they are text",
    lines("{n} {t}"): "begin with their numbers",
    lines("{n}) {t}"): "begin with their numbers",
    lines("Γένεσις 1:{n} {t}"): "references such as 1:1",
    lines("1:{n} {t}"): "references such as 1:1",
    lines("[00:0{n}] {t}"): r"times such as \[00:01\]",
    lines("speaker-000{n} {t}"): "begin with ids such as 'speaker-0001'",
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
    assert len(list(recognise(path, Columns(text="0")).read())) == 3


@pytest.mark.parametrize(
    "content",
    [
        "1821 ήταν\n1822 ήταν\n1900 ήταν\n",
        "[Music] ένα\n{δύο}\n[τρία]\n",
        "Vitamin O\nPlan B-52\nτρία\n",
        "COVID-19 ένα\nCOVID-19 δύο\nCOVID-20 τρία\n",
        "ένα\tδύο\nτρία\nτέσσερα\n",
        "12:30 ένα\nδύο\nτρία\n",
    ],
)
def test_text_that_looks_a_little_like_it_is_text(tmp_path, content):
    path = tmp_path / "ell.txt"
    path.write_text(content, encoding="utf-8")
    layout = recognise(path)
    assert [row.text for row in layout.read()] == content.splitlines()
    assert any("tabs" in note for note in layout.notes) == ("\t" in content)


def test_a_folder_of_tagged_words_holds_no_documents(tmp_path):
    (tmp_path / "hau").mkdir()
    (tmp_path / "hau" / "train.txt").write_text("Kano B-LOC\nranar O\n. O\n", encoding="utf-8")
    with pytest.raises(TranslitError, match=r"train\.txt should hold text, and .* words"):
        list(check_text(tmp_path))
    (tmp_path / "hau" / "train.txt").rename(tmp_path / "train.conllu")
    with pytest.raises(TranslitError, match="words with a tag each, which benchmarks read"):
        list(check_text(tmp_path))
