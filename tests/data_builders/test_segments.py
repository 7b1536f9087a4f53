"""XML and SGML of segments: test sets of WMT and IWSLT, Bibles, and what is no text of them."""

from __future__ import annotations

import pytest

from translit_ppa import check_text
from translit_ppa.data_builders.benchmarks import get_benchmark
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.reading.recognise import recognise
from translit_ppa.data_builders.sources.registry import parse_source

SGML = (
    '<srcset setid="t" srclang="any">\n<doc sysid="ref" docid="a" genre="news">\n<p>\n'
    '<seg id="1">ένα & δύο &amp; τρία</seg>\n<seg id="2">τέσσερα</seg>\n</p>\n</doc>\n'
    '<DOC docid="b">\n<seg id="1">πέντε</seg>\n</DOC>\n</srcset>\n'
)
WMT = """<?xml version='1.0' encoding='utf-8'?>
<dataset id="t"><doc origlang="el" id="a">
  <src lang="el"><p><seg id="1">ένα</seg><seg id="2">δύο</seg></p></src>
  <ref lang="en" translator="A"><p><seg id="1">one</seg><seg id="2">two</seg></p></ref>
  <ref lang="en" translator="B"><p><seg id="1">just one</seg></p></ref>
  <hyp lang="en" system="x"><p><seg id="1">won</seg></p></hyp>
</doc><doc id="b"><src lang="el"><p><seg id="1">τρία</seg></p></src></doc></dataset>
"""
CES = """<?xml version="1.0" ?>
<cesDoc version="4"><cesHeader><h.title>Bible</h.title></cesHeader><text><body lang="el">
<seg id="b.MAT.1.1" type="verse">
    ένα
</seg><seg id="b.MAT.1.2" type="verse">δύο</seg></body></text></cesDoc>
"""
UDHR = """<?xml version="1.0" encoding="UTF-8"?>
<udhr iso639-3='ell'><title>ΤΙΤΛΟΣ</title><note><para>1948</para></note>
<article number="1"><title>Άρθρο 1</title><para>ένα</para></article><article number="2">
<para>δύο</para></article></udhr>
"""


def write(folder, name, content):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def rows(path):
    return [(row.id, " ".join(row.text.split()), row.language) for row in recognise(path).read()]


def test_the_sgml_of_wmt(tmp_path):
    path = write(tmp_path, "newstest2014-elen-src.el.sgm", SGML)
    assert rows(path) == [
        ("a#1", "ένα & δύο & τρία", None),
        ("a#2", "τέσσερα", None),
        ("b#1", "πέντε", None),
    ]
    write(tmp_path, "newstest2014-elen-ref.en.sgm", SGML.replace("τέσσερα", "four"))
    pair = get_benchmark(f"parallel:{tmp_path}").load_pair("el", "en")
    assert pair.ids == ["a#1", "a#2", "b#1"] and pair.target[1] == "four"
    (report, _) = check_text(tmp_path)
    assert "SGML with a <seg> a sentence" in str(report)
    with pytest.raises(DataError, match='line 1: legal is <seg id="1">, the sentence and </seg>'):
        rows(write(tmp_path, "a.sgm", "<seg id='1'>ένα\n</seg>\n"))


def test_the_xml_of_wmt_has_its_languages_and_no_output_of_systems(tmp_path):
    """`all` is a code of ISO 639-3; the rows say what they are."""
    path = write(tmp_path / "wmt", "wmttest2023.el-en.all.xml", WMT)
    assert rows(path) == [
        ("a#1", "ένα", "el"),
        ("a#2", "δύο", "el"),
        ("a#1", "one", "en"),
        ("a#2", "two", "en"),
        ("b#1", "τρία", "el"),
    ]
    benchmark = get_benchmark(f"parallel:{path.parent}")
    assert benchmark.languages() == ("ell_Grek", "eng_Latn")
    assert benchmark.load_pair("el", "en").target == ["one", "two"]
    write(path.parent, "stats.xml", "<treebank><size/></treebank>")  # beside many corpora
    again = get_benchmark(f"parallel:{path.parent}")
    assert again.languages() == benchmark.languages()
    assert list(again.passed_over) == ["stats.xml"]
    (path.parent / "stats.xml").unlink()
    assert [r.language for r in check_text(path.parent)] == ["ell_Grek", "eng_Latn"]


@pytest.mark.parametrize(
    ("name", "content", "ids"),
    [
        ("ell.xml", CES, ["b.MAT.1.1", "b.MAT.1.2"]),
        ("udhr_ell_monotonic.xml", UDHR, ["1", "2"]),
        ("IWSLT16.TED.tst2010.el-en.el.xml", CES, ["b.MAT.1.1", "b.MAT.1.2"]),
    ],
)
def test_other_xml_is_named_by_its_language(tmp_path, name, content, ids):
    path = write(tmp_path, name, content)
    assert rows(path) == [(ids[0], "ένα", None), (ids[1], "δύο", None)]
    assert list(parse_source(f"files:{tmp_path}").found.files) == ["ell_Grek"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("<?xml version='1.0'?><a><b>ένα</b></a>", "holds no <seg>; legal are test sets of WMT"),
        ("<a><seg>ένα</a>", "mismatched tag"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a><seg>&x;</seg></a>', "defines entities of its own"),
    ],
)
def test_other_xml_is_refused(tmp_path, content, told):
    with pytest.raises(DataError, match=told):
        rows(write(tmp_path, "ell.xml", content))
