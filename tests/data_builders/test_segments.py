"""XML and SGML of segments: test sets of WMT and IWSLT, Bibles, and what is no text of them."""

from __future__ import annotations

import pytest

from translit_ppa import check_text
from translit_ppa.data_builders.benchmarks import get_benchmark
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.reading.recognise import recognise
from translit_ppa.data_builders.reading.rows import Columns
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
        ('<tmx><tu><tuv xml:lang="en"><seg>one</seg></tuv></tu></tmx>', "is TMX.*name it .tmx"),
        ("<d><ref><seg>one</seg></ref></d>", 'a <ref> says no language; legal is <ref lang="en">'),
        ("<a><seg>ένα <seg>δύο</seg></seg></a>", "a segment within a segment"),
        (
            '<!DOCTYPE a SYSTEM "x.dtd"><a><seg>&chapter;</seg></a>',
            "&chapter; is defined elsewhere",
        ),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a><seg>&x;</seg></a>', "defines entities of its own"),
    ],
)
def test_other_xml_is_refused(tmp_path, content, told):
    with pytest.raises(DataError, match=told):
        rows(write(tmp_path, "ell.xml", content))


@pytest.mark.parametrize("name", ["deu.xml", "a.tmx"])
def test_letters_that_a_dtd_defines_are_kept(tmp_path, name):
    seg = "<h>&copy;</h><seg>Stra&szlig;e caf&eacute; &amp; &#228;</seg>"
    tu = f'<!DOCTYPE x SYSTEM "x.dtd"><x><tu><tuv xml:lang="de">{seg}</tuv></tu></x>'
    content = tu if name == "a.tmx" else f'<!DOCTYPE x SYSTEM "x.dtd"><x>{seg}</x>'
    assert [text for _, text, _ in rows(write(tmp_path, name, content))] == ["Straße café & ä"]


def test_a_cross_reference_within_a_segment_is_no_side(tmp_path):
    path = write(tmp_path, "ell.xml", '<a><seg>ένα <ref target="b">δύο</ref> τρία</seg></a>')
    assert rows(path) == [("1", "ένα δύο τρία", None)]


@pytest.mark.parametrize(
    "content",
    [
        '<doc docid="a"><p><seg id="1">ένα</seg></p>\n<hl><SEG id=2>δύο</SEG></hl></doc>\n',
        "<doc sysid='x' docid='a'><seg id='1'>ένα</seg> <seg id='2'>δύο</seg></doc>\n",
    ],
)
def test_no_segment_of_sgml_is_lost(tmp_path, content):
    assert rows(write(tmp_path, "ell.sgm", content)) == [("a#1", "ένα", None), ("a#2", "δύο", None)]


@pytest.mark.parametrize(
    "line",
    [
        '<seg id="1">ένα <seg id="2">δύο</seg>',
        '<p><seg id="1">ένα',
        "<seg>ένα</seg>",
        '<doc id="a"',
    ],
)
def test_a_line_of_sgml_that_is_not_understood_is_told(tmp_path, line):
    with pytest.raises(DataError, match="line 2: legal is"):
        rows(write(tmp_path, "ell.sgm", f'<seg id="0">α</seg>\n{line}\n'))


@pytest.mark.parametrize("name", ["ell.sgm", "ell.xml"])
def test_a_document_that_comes_again_is_another_reference(tmp_path, name):
    docs = "".join(
        f'<DOC docid="{doc}" sysid="{sys}">\n<seg id="1">{sys} {doc}</seg>\n</DOC>\n'
        for sys in "χψ"
        for doc in "de"
    )
    path = write(tmp_path, name, f"<refset>\n{docs}</refset>\n")
    found = [(row.text, row.drop) for row in recognise(path).read()]
    dropped = "another_reference"
    assert found == [("χ d", None), ("χ e", None), ("ψ d", dropped), ("ψ e", dropped)]
    assert check_text(tmp_path)[0].seen.left_out == {dropped: 2}
    pair = write(tmp_path / "pair", "ell.sgm", docs).parent
    write(pair, "eng.sgm", docs)
    assert get_benchmark(f"parallel:{pair}").load_pair("el", "en").ids == ["d#1", "e#1"]


def test_stray_xml_beside_text_is_passed_over(tmp_path):
    """As Android and the Universal Declaration leave it beside text."""
    write(tmp_path, "ell.txt", "ένα\n")
    write(tmp_path, "ell.xml", CES)
    write(tmp_path, "fr.xml", "<resources><string>Bonjour</string></resources>")
    write(tmp_path, "deu.sgm", "<tag>\n")
    write(tmp_path / "ita", "a.tsv", "text\nuno\n")
    write(tmp_path / "ita", "b.xml", "<a/>")
    found = parse_source(f"files:{tmp_path}").found
    names = [path.name for paths in found.files.values() for path in paths]
    assert names == ["ell.txt", "a.tsv"]
    why = found.why_skipped(["ell_Grek", "ita_Latn"])
    assert list(why) == ["deu.sgm", "ell.xml", "fr.xml", "ita/b.xml"]
    assert why["ell.xml"] == "ell.txt beside it is read; leave one of them"
    assert "fr.xml holds no <seg>" in why["fr.xml"]
    benchmark = get_benchmark(f"parallel:{write(tmp_path, 'eng.txt', 'one').parent}")
    assert {"ell_Grek", "eng_Latn"} == set(benchmark.languages())
    assert {"deu.sgm", "ell.xml", "fr.xml"} <= set(benchmark.passed_over)
    with pytest.raises(DataError, match="holds no <seg>"):
        parse_source(f"files:{tmp_path / 'fr.xml'}").found.layout(tmp_path / "fr.xml", Columns())
