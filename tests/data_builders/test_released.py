"""Files as they are released: what each is taken for, its rows, and what is refused."""

from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import pyarrow as pa
import pytest

from translit_ppa.data_builders.benchmarks import get_benchmark
from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import Language
from translit_ppa.data_builders.reading.recognise import recognise
from translit_ppa.data_builders.reading.rows import Columns
from translit_ppa.data_builders.sources.registry import parse_source

BIBLE = (
    "# language_name:        Greek\n# closest ISO 639-3:    ell\n# year_short:\n"
    "40001001\tένα δύο .\n40001002\t\n# 40001003\tτρία\n40001004\tτέσσερα\n"
)
ELL, ENG = Language("ell", "Grek"), Language("eng", "Latn")


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def texts(path: Path, **columns) -> list[str | None]:
    return [row.text for row in recognise(path, Columns(**columns)).read()]


def built(folder: Path, language: Language = ELL, **options) -> list[tuple[str | None, str | None]]:
    source = parse_source(f"files:{folder}", **options)
    return [(row.text, row.drop) for row in source.sentences(language)]


def test_the_parallel_bible_corpus_is_verses_for_pairs_and_for_benchmarks(tmp_path):
    path = write(tmp_path, "ell-x-bible-world.txt", BIBLE)
    layout = recognise(path)
    assert "Parallel Bible Corpus" in layout.form
    assert layout.notes == ("lines that begin with #",)
    assert built(tmp_path) == [("ένα δύο .", None), ("", None), ("τέσσερα", None)]
    write(tmp_path, "eng-x-bible-x.txt", "40001001\tone two .\n40001004\tfour\n")
    for name in ("parallel", "srb"):
        benchmark = get_benchmark(f"{name}:{tmp_path}")
        assert benchmark.languages() == ("ell_Grek", "eng_Latn")
    pair = get_benchmark(f"parallel:{tmp_path}").load_pair("en", "el")
    assert (pair.ids, pair.target) == (["40001001", "40001004"], ["ένα δύο .", "τέσσερα"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{BIBLE}no verse\n", "begins as the Parallel Bible Corpus and has other lines"),
        ("40001001\ta\n" * 3 + "b\n", "line 4: legal is BBCCCVVV, a tab and the verse"),
    ],
)
def test_a_bible_with_another_line_is_refused(tmp_path, text, told):
    with pytest.raises(DataError, match=told):
        texts(write(tmp_path, "a.txt", text))


def test_verses_under_names_of_columns_are_a_table(tmp_path):
    path = write(tmp_path, "a.tsv", "Verse\tWords\n40001001\tένα\n40001002\tδύο\n")
    with pytest.raises(DataError, match="line 1: legal is BBCCCVVV"):
        texts(path)
    assert texts(path, text="Words") == ["ένα", "δύο"]


def test_a_merged_verse_of_ebible_is_no_text(tmp_path):
    write(tmp_path, "ell-ellvam.txt", "ένα\n<range>\n\nτρία\n")
    assert built(tmp_path)[:2] == [("ένα", None), ("<range>", "merged_verse")]
    write(tmp_path, "eng-eng.txt", "one\ntwo\n\nthree\n")
    pair = get_benchmark(f"parallel:{tmp_path}").load_pair("en", "el")
    assert (pair.ids, pair.target) == (["1", "4"], ["ένα", "τρία"])
    write(tmp_path, "vref.txt", "MAT 1:1\nMAT 1:2\nREV 22:21\nTOB 1:1\n")
    benchmark = get_benchmark(f"parallel:{tmp_path}")
    assert benchmark.load_pair("en", "el").ids == ["40001001", "TOB001001"]
    assert benchmark.passed_over == {}
    write(tmp_path, "vref.txt", "MAT 1:1\n")
    with pytest.raises(DataError, match=r"has 4 lines and vref\.txt beside it 1"):
        get_benchmark(f"parallel:{tmp_path}").load_pair("en", "el")


def test_numbers_of_leipzig_are_ids(tmp_path):
    path = write(tmp_path, "ell_news_2020_10K-sentences.txt", "1\tένα\n2\tδύο\n")
    write(tmp_path, "ell_news_2020_10K-words.txt", "1\tένα\t7\n")
    assert "Leipzig" in recognise(path).form
    assert built(tmp_path) == [("ένα", None), ("δύο", None)]
    why = parse_source(f"files:{tmp_path}").why_skipped(["ell_Grek"])
    assert list(why) == ["ell_news_2020_10K-words.txt"]
    assert "is no language code" in why["ell_news_2020_10K-words.txt"]


def test_a_line_without_its_number_leaves_the_numbers_of_the_others_ids(tmp_path):
    text = "".join(f"{number}\tγραμμή {number}\n" for number in range(1, 20))
    write(tmp_path, "ell_news_2020_10K-sentences.txt", f"{text}συνέχεια\n")
    found = built(tmp_path)
    assert found[0] == ("γραμμή 1", None) and found[-1] == (None, "missing_column")
    write(tmp_path, "ell_news_2020_10K-sentences.txt", f"{text}20\tα\tβ\n21\tτέλος\n")
    assert built(tmp_path)[-2:] == [(None, "missing_column"), ("τέλος", None)]


def test_transcriptions_of_tatoeba_are_no_sentences(tmp_path):
    path = write(tmp_path, "transcriptions.csv", "1\tcmn\tHans\tme\t你好\n2\tjpn\tHrkt\t\\N\tあ\n")
    with pytest.raises(DataError, match=r"transcriptions, no sentences; give sentences\.csv"):
        texts(path)


def test_beside_vref_only_what_has_its_lines_is_a_bible(tmp_path):
    write(tmp_path, "vref.txt", "".join(f"MAT 1:{verse}\n" for verse in range(1, 11)))
    write(tmp_path, "turobt.txt", "bir\n" * 10)
    for name in ("notes.txt", "manifest.txt", "readme.txt"):
        write(tmp_path, name, "a\nb\n")  # not, man and rea are languages
    source = parse_source(f"files:{tmp_path}")
    assert list(source.found.files) == ["tur_Latn"]
    assert set(source.why_skipped(["tur_Latn"])) >= {"notes.txt", "manifest.txt", "readme.txt"}
    benchmark = get_benchmark(f"parallel:{tmp_path}")
    assert benchmark.languages() == ("tur_Latn",)
    # One that was cut short is still told to be so.
    write(tmp_path, "turobt.txt", "bir\n" * 8)
    write(tmp_path, "engobt.txt", "one\n" * 10)
    with pytest.raises(DataError, match=r"turobt\.txt has 8 lines and vref\.txt beside it 10"):
        get_benchmark(f"parallel:{tmp_path}").load_pair("en", "tr")


@pytest.mark.parametrize(
    ("greek", "english"),
    [
        ("opus.el-en-train.el", "opus.el-en-train.en"),
        ("train.el", "train.en"),
        ("dev.ell.gz", "dev.fr.gz"),
        ("generaltest2023.el-en.src.el", "generaltest2023.el-en.ref.refA.en"),
    ],
)
def test_sides_of_other_pairs(tmp_path, greek, english):
    for name, text in ((greek, "ένα δύο\nτρία\n"), (english, "one two\nthree\n")):
        write(tmp_path, name, gzip.compress(text.encode()) if name.endswith("gz") else text)
    source = parse_source(f"files:{tmp_path}")
    assert built(tmp_path) == [("ένα δύο", None), ("τρία", None)] and len(source.found.files) == 2


def test_a_program_beside_a_text_is_no_side(tmp_path):
    for name in ("train.sh", "train.log", "train.py"):
        write(tmp_path, name, "x\n")
    with pytest.raises(DataError, match="no file named by a language"):
        parse_source(f"files:{tmp_path}")


def test_the_name_of_a_translation_memory_tells_no_language(tmp_path):
    unit = '<tuv xml:lang="{}"><seg>{}</seg></tuv>'
    body = f"<tmx><body><tu>{unit.format('el', 'ένα')}{unit.format('en', 'one')}</tu></body></tmx>"
    path = write(tmp_path, "my.tmx", body)  # of no Burmese
    source = parse_source(f"files:{path}")
    assert [source.covers(one) for one in (ELL, ENG, Language("mya", "Mymr"))] == [
        True,
        True,
        False,
    ]


def test_tatoeba_exports_say_the_language_of_each_row(tmp_path):
    rows = "1\tell\tένα\n2\teng\tone\n3\t\\N\tx\n4\tell\t\\N\n5\tell\tδύο\n"
    path = write(tmp_path, "sentences.csv", rows)
    assert "Tatoeba" in recognise(path).form
    assert built(path) == [("ένα", None), (None, "null"), ("δύο", None)]
    assert built(tmp_path, ENG) == [("one", None)]
    source = parse_source(f"files:{path}")
    assert (source.covers(ELL), source.covers(Language("tur", "Latn"))) == (True, False)
    detailed = "".join(f"{line}\tme\t\\N\t2020-01-01 00:00:00\n" for line in rows.splitlines()[:2])
    own = write(tmp_path / "own", "ell_sentences_detailed.tsv", detailed)
    assert built(own.parent) == [("ένα", None), ("one", "other_language")]


def test_sides_of_opus_are_named_by_their_suffix(tmp_path):
    write(tmp_path, "Books.el-en.el", "ένα\nδύο\n")
    write(tmp_path, "Books.el-en.en", "one\ntwo\n")
    assert built(tmp_path) == [("ένα", None), ("δύο", None)]
    assert get_benchmark(f"parallel:{tmp_path}").load_pair("en", "el").source == ["one", "two"]
    write(tmp_path, "News.el-en.el", "τρία\n")
    write(tmp_path, "News.el-en.en", "three\n")
    with pytest.raises(DataError, match="are the same language; remove one"):
        get_benchmark(f"parallel:{tmp_path}")


TMX = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="el"/><body>
<tu><tuv xml:lang="el-GR"><seg>ένα <bpt i="1">&lt;b></bpt>δύο<ept i="1"/></seg></tuv>
<tuv xml:lang="en"><seg>one &amp; two</seg></tuv></tu>
<tu><tuv xml:lang="el"><seg>τρία</seg></tuv><tuv xml:lang="en"><seg>three</seg></tuv></tu>
<tu><tuv><seg>?</seg></tuv></tu>
</body></tmx>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tmx_is_sentences_of_several_languages(tmp_path, encoding):
    text = TMX.replace('"UTF-8"', f'"{encoding}"').replace("el-GR", "el")
    path = write(tmp_path, "memory.tmx", text.encode(encoding))
    assert "TMX" in recognise(path).form
    assert built(path) == [("ένα δύο", None), ("τρία", None)]
    pair = get_benchmark(f"parallel:{tmp_path}").load_pair("en", "el")
    assert (pair.ids, pair.source) == (["1", "2"], ["one & two", "three"])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('<!DOCTYPE t [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><tmx>&b;</tmx>', "defines entities"),
        ('<!DOCTYPE t [<!ENTITY a SYSTEM "file:///etc/hosts">]><tmx>&a;</tmx>', "defines entities"),
        ("<tmx><body>", "cannot read a.tmx: no element found"),
        ("<tmx></tmx>", "holds no <tu> with a <seg>"),
        ("<tmx><tu><tuv xml:lang='el'><seg>" + "a" * (17 << 20), "a segment of more than 16,777,2"),
    ],
)
def test_tmx_that_is_a_bomb_or_broken_is_one_line(tmp_path, content, told):
    with pytest.raises(DataError, match=told) as caught:
        texts(write(tmp_path, "a.tmx", content))
    assert "\n" not in str(caught.value)


def test_json_lines(tmp_path):
    lines = [{"id": 7, "text": "ένα"}, {"id": 8, "text": None}, {"id": 9}, {"id": 1, "text": "δύο"}]
    content = "\n".join(json.dumps(line) for line in lines) + "\n\n"
    path = write(tmp_path, "ell_Grek.jsonl", content)
    assert built(tmp_path) == [
        ("ένα", None),
        (None, "null"),
        (None, "missing_column"),
        ("δύο", None),
    ]
    assert [row.id for row in recognise(path, Columns(with_id=True)).read()][:2] == ["7", "8"]
    assert recognise(path).columns_told() == "2 columns (id, text), read: text"
    for text, told in (
        ('{"text": 3}', "line 1: 'text' is int; legal is a string"),
        ("[1]", "is a JSON array; legal is one object a line"),
        ("{\n}", "line 1: not readable as JSON"),
        ("7", "line 1 is no JSON object"),
        ('{"body": "a", "n": 1}', "has 2 columns .body, n. and none is named 'text'"),
    ):
        with pytest.raises(DataError, match=told):
            texts(write(tmp_path, "a.jsonl", text))


@pytest.mark.parametrize("name", ["ell_Grek.txt.xz", "ell_Grek.txt.zst"])
def test_xz_and_zst(tmp_path, name):
    def pack(content: bytes) -> bytes:
        return lzma.compress(content) if name.endswith("xz") else zstd(content)

    def zstd(content: bytes) -> bytes:
        return pa.compress(content, codec="zstd", asbytes=True)

    path = write(tmp_path, name, pack("ένα\nδύο\n".encode()))
    assert built(tmp_path) == [("ένα", None), ("δύο", None)]
    write(tmp_path, name, path.read_bytes()[:-5])
    with pytest.raises(DataError, match=r"cannot read ell_Grek\.txt"):
        texts(path)
    write(tmp_path, name, pack((b"a" * 65535 + b"\n") * 1600))
    with pytest.raises(DataError, match="unpacks to more than 67,108,864 bytes"):
        texts(path)


def test_streams_of_xz_are_one_text_and_a_greedy_one_is_refused(tmp_path):
    both = lzma.compress(b"a\n") + b"\0\0\0\0" + lzma.compress(b"b\n")
    assert texts(write(tmp_path, "a.txt.xz", both)) == ["a", "b"]
    greedy = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]
    packed = lzma.compress(b"a\n", filters=greedy)
    with pytest.raises(DataError, match=r"cannot read a\.txt\.xz: Memory usage limit"):
        texts(write(tmp_path, "a.txt.xz", packed))


DAKSHINA = "नमक\tnamak\t3\nनमक\tnamk\t1\nघर\tghar\t5\n"
HIN = Language("hin", "Deva")


def romanised(folder: Path, **options) -> list[tuple[str | None, str | None, str]]:
    source = parse_source(f"files:{folder}", **options)
    return [(row.text, row.transliteration, row.variant) for row in source.sentences(HIN)]


def test_romanisations_of_a_lexicon(tmp_path):
    path = write(tmp_path, "hin_Deva.tsv", DAKSHINA)
    assert "lexicon" in recognise(path).form
    assert parse_source(f"files:{tmp_path}").ready_pairs
    first = [("नमक", "namak", ""), ("नमक", "namk", ""), ("घर", "ghar", "")]
    assert romanised(tmp_path) == first
    assert [row[2] for row in romanised(tmp_path, romanisations="all")] == ["namak", "namk", "ghar"]
    draws = [romanised(tmp_path, romanisations="by-count", seed=seed) for seed in range(400)]
    assert all([row[0] for row in draw] == ["नमक", "घर"] for draw in draws)
    often = sum(draw[0][1] == "namak" for draw in draws)
    assert 270 < often < 330, "three of four, as attested"
    assert draws[3] == romanised(tmp_path, romanisations="by-count", seed=3)
    exchanged = "".join(
        "\t".join([roman, word, count]) + "\n"
        for word, roman, count in (line.split("\t") for line in DAKSHINA.splitlines())
    )
    write(tmp_path, "hin_Deva.tsv", exchanged)
    assert "romanisation, word, count" in recognise(path).form
    assert romanised(tmp_path) == first
    with pytest.raises(DataError, match="romanisations 'two'; legal are first, all, by-count"):
        parse_source(f"files:{tmp_path}", romanisations="two")


def test_aksharantar_is_json_lines_under_another_name(tmp_path):
    entry = {"unique_identifier": "ell1", "native word": "σπίτι", "english word": "spiti"}
    path = write(tmp_path, "ell_train.json", json.dumps(entry, ensure_ascii=False) + "\n")
    write(tmp_path, "eng.json", "{}")
    source = parse_source(f"files:{tmp_path}")
    assert [(row.text, row.transliteration) for row in source.sentences(ELL)] == [
        ("σπίτι", "spiti")
    ]
    told = recognise(path).columns_told()
    assert "read: native word as text, english word as transliteration" in told
    assert "JSON of no known layout" in source.why_skipped(["ell_Grek"])["eng.json"]


def test_a_folder_of_save_to_disk(tmp_path):
    from datasets import Dataset, DatasetDict

    rows = Dataset.from_dict({"text": ["ένα", "δύο"], "transliteration": ["ena", "dyo"]})
    rows.save_to_disk(tmp_path / "plain")
    assert built(tmp_path / "plain", Language("mul", "Zyyy")) == [("ένα", None), ("δύο", None)]
    rows.select([1]).save_to_disk(tmp_path / "by_language" / "ell_Grek")
    assert built(tmp_path / "by_language") == [("δύο", None)]
    DatasetDict(train=rows).save_to_disk(tmp_path / "splits")
    with pytest.raises(DataError, match=r"several splits .*give one of them, such as .*train"):
        parse_source(f"files:{tmp_path / 'splits'}")
    state = tmp_path / "plain" / "state.json"
    state.write_text(json.dumps({"_data_files": [{"filename": "../x.arrow"}]}))
    with pytest.raises(DataError, match=r"state\.json names no files of its own folder"):
        recognise(tmp_path / "plain")


def test_all_romanisations_of_a_word_become_pairs(tmp_path):
    from datasets import load_dataset

    write(tmp_path / "text", "ell_Grek.tsv", "σπίτι\tspiti\t3\nσπίτι\tsp1ti\t1\nσπίτι\tspiti\t1\n")

    def latin(name: str, **options) -> list[str]:
        out = tmp_path / name
        source = f"files:{tmp_path / 'text'}"
        build_pairs("mediterranean", source, out, validation=0, progress=False, **options)
        rows = load_dataset(str(out), "mediterranean", cache_dir=str(tmp_path / "hf"))["train"]
        return list(rows["transliteration"])

    assert latin("first") == ["spiti"]
    assert latin("all", romanisations="all") == ["spiti", "sp1ti"]
    assert latin("one", romanisations="by-count") in (["spiti"], ["sp1ti"])


@pytest.mark.parametrize(("share", "held_out"), [(0.07, 9), (0.01, 3), (0.5, 75)])
def test_all_romanisations_of_a_word_are_in_one_split(tmp_path, share, held_out):
    rows = "".join(f"λόγος {i}\tlogos {i} {j}\t1\n" for i in range(50) for j in range(3))
    write(tmp_path, "text/ell_Grek.tsv", rows)
    record = build_pairs(
        "mediterranean",
        f"files:{tmp_path / 'text'}",
        tmp_path / "out",
        romanisations="all",
        validation=share,
        progress=False,
    )
    counts = {"train": 150 - held_out, "validation": held_out}
    assert record["splits"] == counts
    assert {name: record["languages"][0][name] for name in counts} == counts


def test_files_of_a_layout_of_their_own_are_not_passed_over(tmp_path):
    write(tmp_path, "newstest2019-ref.ell.txt", "ένα\n")
    write(tmp_path, "newstest2019-src.eng.txt", "one\n")
    write(tmp_path, "LICENSE", "x")
    benchmark = get_benchmark(f"ntrex:{tmp_path}")
    assert benchmark.languages() == ("ell_Grek", "eng_Latn")
    assert list(benchmark.passed_over) == ["LICENSE"]


def test_what_a_benchmark_passes_over_is_told_to_whoever_opens_it(tmp_path, capsys):
    """A file that is not read is not kept out of the pairs either."""
    write(tmp_path, "bench/ell_Grek.txt", "ένα\n")
    write(tmp_path, "bench/klingon_Xxxx.txt", "δύο\n")
    write(tmp_path, "text/ell_Grek.txt", "ένα\nδύο\n")
    options = {"transliterator": "identity", "progress": False, "validation": 0}
    spec = f"parallel:{tmp_path / 'bench'}"
    record = build_pairs(
        "mediterranean",
        f"files:{tmp_path / 'text'}",
        tmp_path / "out",
        exclude_benchmarks=[spec],
        **options,
    )
    assert record["splits"]["train"] == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith(f"notice: {spec}: passed over: klingon_Xxxx.txt: ")
