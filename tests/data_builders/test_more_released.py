"""More files that people have: archives, scriptures, markup, older names, columns in columns."""

from __future__ import annotations

import bz2
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from translit_ppa.command_line import run
from translit_ppa.data_builders.benchmarks import get_benchmark, get_labelled_benchmark
from translit_ppa.data_builders.build.door.check import check
from translit_ppa.data_builders.build.door.look import look
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import Language
from translit_ppa.data_builders.reading.recognise import recognise
from translit_ppa.data_builders.reading.rows import Columns
from translit_ppa.data_builders.sources.registry import parse_source

ELL = Language("ell", "Grek")


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(path: Path, **columns) -> list[tuple[str | None, str | None, str | None]]:
    found = recognise(path, Columns(**columns)).read()
    return [(row.id, row.text, row.drop) for row in found]


def test_bz2_is_what_tatoeba_packs_its_exports_with(tmp_path):
    content = bz2.compress("3\tell\tΠάμε!\n".encode()) + bz2.compress("4\tell\tΝαι.\n".encode())
    path = write(tmp_path, "ell_sentences.tsv.bz2", content)
    assert rows(path) == [("3", "Πάμε!", None), ("4", "Ναι.", None)]
    write(tmp_path, "ell_sentences.tsv.bz2", content[:-9])
    with pytest.raises(DataError, match=r"cannot read ell_sentences.tsv.bz2: .*; replace or"):
        rows(path)


TANZIL = "1|1|بسم الله\n1|2|الحمد لله\n\n# PLEASE DO NOT REMOVE\n#=====\n#  Tanzil Quran Text\n"


def test_numbers_and_terms_of_tanzil_are_no_text(tmp_path):
    path = write(tmp_path, "ara_Arab.txt", TANZIL)
    assert recognise(path).form == "the Quran with its numbers, as Tanzil gives it"
    assert rows(path) == [("1:1", "بسم الله", None), ("1:2", "الحمد لله", None)]
    write(tmp_path, "eng_Latn.txt", "1|2|All praise\n1|1|In the name\n")
    pair = get_benchmark(f"parallel:{tmp_path}").load_pair("ar", "en")
    assert (pair.ids, pair.target) == (["1:1", "1:2"], ["In the name", "All praise"])
    write(tmp_path, "ara_Arab.txt", "1|1|بسم\n" * 60_000 + "الحمد\n")
    with pytest.raises(DataError, match=r"line 60001: legal is SURA\|AYA\|text"):
        rows(path)


def test_what_stands_above_the_declaration_is_no_text(tmp_path):
    text = "Universal Declaration of Human Rights - Greek\n© 1996\n---\n\nΑΡΘΡΟ 1\n   Όλοι\n"
    path = write(tmp_path, "udhr_ell_monotonic.txt", text)
    assert rows(path)[3:] == [(None, "", None), (None, "ΑΡΘΡΟ 1", None), (None, "   Όλοι", None)]
    assert {drop for _, _, drop in rows(path)[:3]} == {"header"}
    source = parse_source(f"files:{tmp_path}")
    assert [row.drop for row in source.sentences(ELL)].count("header") == 3


@pytest.mark.parametrize(
    "line",
    [
        '<doc id="7" url="https://el.wikipedia.org/wiki?curid=7" title="Αθήνα">',
        "</doc>",
        '<SPEAKER ID=1 LANGUAGE="EL" NAME="Πρόεδρος">',
        "<P>",
        "<url>http://www.ted.com/talks/x.html</url>",
        "<keywords>talks, art</keywords>",
        '  <reviewer href="x"></reviewer>',
    ],
)
def test_a_line_that_is_a_tag_is_no_sentence(tmp_path, line):
    path = write(tmp_path, "ell_Grek.txt", f"ένα\n{line}\nδύο < τρία > ένα\n<3 τέσσερα\n")
    assert [drop for _, _, drop in rows(path)] == [None, "markup", None, None]
    assert recognise(path).notes == ("lines that are a tag, such as <doc>",)
    # Lines stay aligned: the number is the id.
    write(tmp_path, "eng_Latn.txt", "one\ntag\ntwo\nfour\n")
    assert get_benchmark(f"parallel:{tmp_path}").load_pair("el", "en").ids == ["1", "3", "4"]


def test_dakshinas_sentences_are_ready_pairs(tmp_path):
    name = "hi.romanized.rejoined.tsv"
    path = write(tmp_path, name, "आज मौसम\taaj mausam\nहाँ जी\thaan ji\n")
    found = [(row.text, row.transliteration) for row in recognise(path).read()]
    assert found == [("आज मौसम", "aaj mausam"), ("हाँ जी", "haan ji")]
    assert parse_source(f"files:{tmp_path}").ready_pairs


def test_columns_in_columns_have_a_name_with_a_dot(tmp_path):
    pairs = [{"el": "Πάμε!", "en": "Go!"}, {"el": None, "en": "x"}]
    parquet = tmp_path / "ell_Grek.parquet"
    pq.write_table(pa.table({"id": ["0", "1"], "translation": pairs}), parquet)
    lines = write(
        tmp_path, "ell_Grek.jsonl", "".join(json.dumps({"translation": p}) + "\n" for p in pairs)
    )
    for path in (parquet, lines):
        assert [text for _, text, _ in rows(path, text="translation.el")] == ["Πάμε!", None]
        told = r"translation, translation\.el, translation\.en\) and none is named 'text'; say"
        with pytest.raises(DataError, match=told):
            rows(path)


def test_older_names_of_ebible_begin_with_the_language(tmp_path):
    write(tmp_path, "vref.txt", "GEN 1:1\nMAT 1:1\nMAT 1:2\n")
    write(tmp_path, "turobt.txt", "\nbir\niki\n")
    write(tmp_path, "arb-vd.txt", "في\nواحد\n<range>\n")
    benchmark = get_benchmark(f"parallel:{tmp_path}")
    assert benchmark.languages() == ("arb_Arab", "tur_Latn")
    assert benchmark.load_pair("tr", "arb").ids == ["40001001"]
    assert benchmark.passed_over == {}
    (tmp_path / "vref.txt").unlink()
    with pytest.raises(DataError, match="no language files"):
        get_benchmark(f"parallel:{tmp_path}")


def test_blank_lines_do_not_hide_the_text(tmp_path):
    """As in a New Testament of eBible, which has a line for every verse of the Old one."""
    path = write(tmp_path, "ell_Grek.txt", "\n" * 23_213 + "ένα\n<range>\nδύο\n")
    seen = look(path, Columns(), "ell_Grek")
    assert seen.shown == ["ένα", "δύο"]
    assert seen.left_out == {"empty": 23_213, "merged_verse": 1}


def test_check_shows_the_other_files_of_a_folder(tmp_path, capsys):
    write(tmp_path, "ell_news_2020_10K-sentences.txt", "1\tΠάμε σήμερα.\n2\tΝαι.\n")
    write(tmp_path, "ell_news_2020_10K-words.txt", "101\tκαι\t24\n102\tνα\t20\n")
    write(tmp_path, "ell.tar.gz", b"")
    write(tmp_path, "vref.txt", "GEN 1:1\n")
    first, second = check(tmp_path, transliterator="identity")
    assert first.seen is not None and first.seen.shown == ["[1] Πάμε σήμερα.", "[2] Ναι."]
    assert "ell.tar.gz: an archive: unpack it and give the files in it" in str(first)
    assert str(second).startswith("ell_news_2020_10K-words.txt: refused: ")
    assert run("check", [str(tmp_path)]) == 2
    (tmp_path / "xx.txt").write_text("ένα\n", encoding="utf-8")
    assert "  its name tells no language: --language CODE" in str(list(check(tmp_path))[-1])
    told = capsys.readouterr()
    assert "Πάμε σήμερα." in told.out
    assert told.err.splitlines()[-1].startswith("error: 1 of 2 refused: ell_news_2020_10K")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("el.zip", "an archive: unpack it and give the files in it"),
        ("el.tar.bz2", "an archive: unpack it and give the files in it"),
        ("el.json", r"JSON of no known layout; with one object a line, name it .jsonl"),
        ("el.srt", "no format that is read by this name; legal are .txt, "),
    ],
)
def test_the_reason_is_the_real_one(tmp_path, name, told):
    write(tmp_path, name, b"x")
    with pytest.raises(DataError, match=told):
        list(check(tmp_path))
    with pytest.raises(DataError, match=told):
        parse_source(f"files:{tmp_path}")


@pytest.mark.parametrize(
    ("name", "text", "code", "split", "words", "tags"),
    [
        ("esp.testa", "Sao NC B-LOC\nPaulo VMI I-LOC\n\n", "spa", "dev", "Sao Paulo", "BI"),
        ("ned.testb", "De Art O\nParijs N I-LOC\n\n", "nld", "test", "De Parijs", "OB"),
        (
            "deu.train",
            "-DOCSTART- -X- -X- -X- O\n\nBonn Bonn NE I-NC I-LOC\n\n",
            "deu",
            "train",
            "Bonn",
            "B",
        ),
        (
            "klue-ner-v1.1_test.tsv",
            "## 컬럼명 : CHAR\tNE_TAG\n## klue-ner-v1_dev_00000-nsmc\t<한국:LOC> 영화\n"
            "한\tB-LOC\n국\tI-LOC\n"
            " \tO\n영\tO\n화\tO\n\n",
            "kor",
            "test",
            "한 국 영 화",
            "BIOO",
        ),
        ("als/test", "als:Bärn\tB-LOC\nals:isch\tO\n\n", "gsw", "test", "Bärn isch", "BO"),
        ("als/test.txt", "Tiranë\tB-LOC\n\n", "als", "test", "Tiranë", "B"),
    ],
)
def test_tagged_files_of_more_releases(tmp_path, name, text, code, split, words, tags):
    write(tmp_path, name, text)
    found = get_labelled_benchmark(f"ner:{tmp_path}").load(code, split)
    assert found.words == [words.split()]
    assert ["".join(tag[0] for tag in one) for one in found.tags] == [tags]


def test_aksharantar_in_two_columns_without_names(tmp_path):
    path = tmp_path / "hin_train.csv"
    path.write_text("ank,अंक\nankan,अंकन\n", encoding="utf-8")
    layout = recognise(path)
    assert layout.form == "a romanisation lexicon: romanisation, word" and layout.is_pairs
    assert [(row.text, row.transliteration) for row in layout.read()] == [
        ("अंक", "ank"),
        ("अंकन", "ankan"),
    ]
    path.write_text("ank,one\nankan,two\n", encoding="utf-8")
    with pytest.raises(DataError, match="has 2 columns and none is named 'text'"):
        recognise(path)


def test_an_array_of_json_says_how_it_becomes_lines(tmp_path):
    path = tmp_path / "ell.jsonl"
    path.write_text('[\n {"text": "ένα"}\n]\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"is a JSON array; legal is one object a line: jq -c"):
        recognise(path)


def test_a_folder_of_folders_is_not_called_empty(tmp_path):
    (tmp_path / "devtest").mkdir()
    with pytest.raises(DataError, match=r"it holds folders alone \(devtest\); legal are"):
        list(check(tmp_path))


def test_a_model_beside_a_split_is_no_language(tmp_path):
    for name in ("train.en", "train.de", "train.bin", "train.idx", "test.en", "test.de", "test.pt"):
        (tmp_path / name).write_text("one\n", encoding="utf-8")
    assert sorted(parse_source(f"files:{tmp_path}").found.files) == ["deu_Latn", "eng_Latn"]
