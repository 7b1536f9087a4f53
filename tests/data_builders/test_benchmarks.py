"""Retrieval benchmarks: the filled forms, the CLDR pools, and the readers of local folders."""

from __future__ import annotations

import gzip
from pathlib import Path
from unicodedata import normalize

import pytest

from translit_ppa.data_builders.benchmarks import BENCHMARKS, ParallelPair, get_benchmark
from translit_ppa.data_builders.benchmarks.srb import verse_ids
from translit_ppa.data_builders.benchmarks.tatoeba import Tatoeba
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sources.cldr import names as cldr_names

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/data")

MEDITERRANEAN = ["ara_Arab", "fas_Arab", "amh_Ethi", "ell_Grek", "heb_Hebr", "tur_Latn", "mlt_Latn"]


def write(folder: Path, name: str, text: str) -> None:
    """Writes UTF-8, packed when the name says so, line ends as they are."""
    raw = text.encode()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)


@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_every_form_is_filled(name: str, tmp_path: Path):
    write(tmp_path, "ell_Grek.tsv", "40001001\tα\n")
    write(tmp_path, "tatoeba.ell-eng.ell", "α\n")
    write(tmp_path, "tatoeba.ell-eng.eng", "a\n")
    write(tmp_path / "devtest", "ell_Grek.devtest", "α\n")
    write(tmp_path / "sentence_level" / "test", "ell_Grek.parquet", "")
    write(tmp_path / "el", "test-00000-of-00001.parquet", "")
    write(tmp_path / "data", "ell_Grek.jsonl", "")
    benchmark = get_benchmark(name, directory=None if name == "cldr" else tmp_path)
    assert benchmark.name == name
    assert (benchmark.protocol, benchmark.main_score) == ("retrieval", "top10")
    assert benchmark.licence
    assert benchmark.citation
    assert benchmark.signature().endswith(benchmark.revision)
    assert "ell_Grek" in benchmark.languages()


def test_wrong_specs_say_what_is_legal(tmp_path: Path):
    with pytest.raises(DataError, match="'glue'; legal: cldr, flores, bouquet, ntrex, "):
        get_benchmark("glue")
    with pytest.raises(DataError, match=r"srb:DIR, with .*amh_Ethi\.tsv\.gz"):
        get_benchmark("srb")
    with pytest.raises(DataError, match="is no folder; make it and place"):
        get_benchmark(f"parallel:{tmp_path / 'none'}")
    with pytest.raises(DataError, match="no language files"):
        get_benchmark(f"parallel:{tmp_path}")
    with pytest.raises(DataError, match="no complete pair"):
        get_benchmark("tatoeba", directory=tmp_path)
    with pytest.raises(DataError, match="give one"):
        get_benchmark(f"srb:{tmp_path}", directory=tmp_path / "other")
    with pytest.raises(DataError, match="reads no folder"):
        get_benchmark("cldr", directory=tmp_path)


def test_a_pair_has_equal_lengths_and_marks_identical_rows():
    pair = ParallelPair(["1", "2"], ["Malta", "il-Belġju"], ["Malta", "Belgium"])
    assert (len(pair), pair.identical) == (2, [True, False])
    with pytest.raises(DataError, match=r"\(1, 1, 2\)"):
        ParallelPair(["1"], ["a"], ["b", "c"])


def test_cldr_pools_hold_each_form_once():
    benchmark = get_benchmark("cldr")
    directions = benchmark.directions([*MEDITERRANEAN, "eng_Latn", "arb_Arab"])
    assert len(directions) == 8 * 7
    for split in ("validation", "test"):
        keys = cldr_names.key_splits()[split]
        for source, target in directions:
            pair = benchmark.load_pair(source, target, split)
            assert set(pair.ids) <= keys
            assert 120 < len(pair) < 400
            for code, side in ((source, pair.source), (target, pair.target)):
                forms = {normalize("NFC", text.casefold()) for text in side}
                assert len(forms) == len(pair)
                table = cldr_names.names(code)
                assert side == [table[key] for key in pair.ids]


def test_cldr_pools_are_the_same_both_ways_and_well_filled():
    benchmark = get_benchmark("cldr")
    pairs = {
        direction: benchmark.load_pair(*direction, "test")
        for direction in benchmark.directions([*MEDITERRANEAN, "eng_Latn"])
    }
    sizes = {direction: (len(pair), sum(pair.identical)) for direction, pair in pairs.items()}
    assert all(sizes[a, b] == sizes[b, a] for a, b in sizes)
    assert sorted(n for n, _ in sizes.values())[len(sizes) // 2] > 250
    n, identical = sizes["mlt_Latn", "eng_Latn"]
    assert 0.35 < identical / n < 0.50
    n, identical = sizes["tur_Latn", "eng_Latn"]
    assert 0.18 < identical / n < 0.30
    assert sizes["ell_Grek", "heb_Hebr"][1] == 0


def test_a_third_to_a_half_of_maltese_names_are_the_english_ones():
    # The figures of the issue: mlt 40 %, tur 24 % of all names.
    english = cldr_names.names("eng_Latn")
    for code, share in (("mlt_Latn", 0.40), ("tur_Latn", 0.24)):
        table = cldr_names.names(code)
        common = table.keys() & english.keys()
        same = sum(table[key] == english[key] for key in common)
        assert same / len(common) == pytest.approx(share, abs=0.02)


def test_cldr_refuses_what_it_lacks():
    benchmark = get_benchmark("cldr")
    with pytest.raises(DataError, match="cldr has no lzh_Hani; it has amh_Ethi"):
        benchmark.load_pair("eng_Latn", "lzh_Hani")
    with pytest.raises(DataError, match="no split 'dev'; legal: validation, test"):
        benchmark.load_pair("eng_Latn", "ell_Grek", "dev")
    itself = benchmark.load_pair("fas_Arab", "pes_Arab")
    assert itself.source == itself.target and len(itself) > 150
    assert list(benchmark.texts("lzh_Hani")) == []
    assert len(list(benchmark.texts("el", "validation"))) > 150


def test_parallel_folder_aligns_by_id_and_by_line(tmp_path: Path):
    write(tmp_path, "ell_Grek.tsv", "\ufeffn1\tένα\r\nn2\tδύο\u2028τρία\r\nn4\t\r\n")
    write(tmp_path, "pes_Arab.tsv.gz", "n2\tدو\nn3\tسه\nn4\tچهار\nn1\tیک\n")
    write(tmp_path, "notes.txt", "no language\n")
    benchmark = get_benchmark(f"parallel:{tmp_path}")
    assert benchmark.languages() == ("ell_Grek", "fas_Arab")
    assert benchmark.directions(["el", "fa", "mlt"]) == [
        ("ell_Grek", "fas_Arab"),
        ("fas_Arab", "ell_Grek"),
    ]
    pair = benchmark.load_pair("ell_Grek", "fa")
    # U+2028 is no line end; inside a sentence it is a blank like any other.
    assert pair == ParallelPair(["n1", "n2"], ["ένα", "δύο τρία"], ["یک", "دو"])
    assert list(benchmark.texts("pes_Arab")) == ["دو", "سه", "چهار", "یک"]
    assert list(benchmark.texts("mlt_Latn")) == []
    with pytest.raises(DataError, match=r"no mlt_Latn; .*Place it as .*mlt_Latn\.tsv"):
        benchmark.load_pair("ell_Grek", "mlt_Latn")

    plain = tmp_path / "devtest"
    write(plain, "ell_Grek.devtest", "α\n\nγ\n")
    write(plain, "eng_Latn.devtest", "a\nb\nc")
    write(plain, "tur_Latn.devtest", "a\nb\n")
    flores = get_benchmark(f"parallel:{plain}")
    assert flores.load_pair("eng_Latn", "ell_Grek") == ParallelPair(
        ["1", "3"], ["a", "c"], ["α", "γ"]
    )
    with pytest.raises(DataError, match="have 3 and 2 lines"):
        flores.load_pair("eng_Latn", "tur_Latn")


def test_parallel_folder_errors_name_the_file(tmp_path: Path):
    write(tmp_path, "ell_Grek.tsv", "1\tα\n1\tβ\n")
    write(tmp_path, "tur_Latn.tsv", "7\ta\n")
    write(tmp_path, "eng_Latn.tsv", "8\tb\n")
    (tmp_path / "heb_Hebr.txt").write_bytes(b"\xff\xfe")
    benchmark = get_benchmark(f"parallel:{tmp_path}")
    with pytest.raises(DataError, match=r"ell_Grek\.tsv, row 2: id '1' occurs twice"):
        benchmark.load_pair("ell_Grek", "tur_Latn")
    with pytest.raises(DataError, match="no id in common"):
        benchmark.load_pair("eng_Latn", "tur_Latn")
    with pytest.raises(DataError, match=r"cannot read .*heb_Hebr\.txt"):
        benchmark.texts("heb_Hebr")


def test_simplified_chinese_is_zho_and_traditional_stays_reachable(tmp_path: Path):
    for stem, text in (("zho_Hans", "国"), ("zho_Hant", "國"), ("yue_Hant", "嘅")):
        write(tmp_path, f"{stem}.txt", text + "\n")
    benchmark = get_benchmark("parallel", directory=tmp_path)
    assert benchmark.languages() == ("yue_Hani", "zho_Hani", "zho_Hant")
    assert benchmark.load_pair("zho_Hans", "zho_Hant").source == ["国"]
    assert list(benchmark.texts("zho_Hant")) == ["國"]
    assert list(benchmark.texts("zh")) == ["国"]


def test_srb_reads_the_500_verses_only(tmp_path: Path):
    ids = verse_ids()
    assert len(set(ids)) == 500
    assert all(len(i) == 8 and 40 <= int(i[:2]) <= 66 for i in ids)
    every = [f"{i}\t{'verse'} {i}" for i in (*ids, "01001001")]
    write(tmp_path, "eng_Latn.tsv.gz", "\n".join(every))
    write(tmp_path, "arb.txt", "\n".join(f"{i}\tآية {i}" for i in ids[100:]))
    write(tmp_path, "tur_Latn.tsv", "01001001\tbaşlangıçta\n")
    benchmark = get_benchmark("srb", directory=tmp_path)
    pair = benchmark.load_pair("eng_Latn", "arb_Arab")
    assert (len(pair), pair.ids[0], pair.source[0]) == (400, ids[100], f"verse {ids[100]}")
    assert len(list(benchmark.texts("eng_Latn"))) == 500
    with pytest.raises(DataError, match=r"tur_Latn\.tsv has none of the 500 verses"):
        list(benchmark.texts("tur_Latn"))


def test_srb_reads_the_authors_layout(tmp_path: Path):
    for code, letter in (("ell_Grek", "α"), ("fas_Arab", "ا")):
        lines = "".join(f"{letter}{i}\n" for i in range(500))
        write(tmp_path, f"bible.{code}-eng_Latn.{code}", lines)
        write(tmp_path, f"bible.{code}-eng_Latn.eng_Latn", lines.replace(letter, "e"))
    benchmark = get_benchmark(f"srb:{tmp_path}")
    assert benchmark.languages() == ("ell_Grek", "eng_Latn", "fas_Arab")
    pair = benchmark.load_pair("ell_Grek", "fas_Arab")
    assert (len(pair), pair.source[499], pair.target[499]) == (500, "α499", "ا499")


def test_tatoeba_reads_both_layouts(tmp_path: Path):
    write(tmp_path, "tatoeba.pes-eng.pes", "سلام\nبله\n")
    write(tmp_path, "tatoeba.pes-eng.eng", "Hello.\nYes.\n")
    write(tmp_path, "tatoeba.ell_Grek-eng_Latn.ell_Grek", "Ναι.\n")
    write(tmp_path, "tatoeba.ell_Grek-eng_Latn.eng_Latn", "Yes.\n")
    write(tmp_path, "tatoeba.xho-eng.xho", "Ewe.\n")
    benchmark = get_benchmark(f"tatoeba:{tmp_path}")
    assert benchmark.languages() == ("ell_Grek", "eng_Latn", "fas_Arab")
    assert benchmark.directions(["eng_Latn", "fas_Arab", "ell_Grek"]) == [
        ("eng_Latn", "fas_Arab"),
        ("eng_Latn", "ell_Grek"),
        ("fas_Arab", "eng_Latn"),
        ("ell_Grek", "eng_Latn"),
    ]
    assert benchmark.load_pair("fa", "en").source == ["سلام", "بله"]
    pair = benchmark.load_pair("en", "fa")
    assert pair == ParallelPair(["1", "2"], ["Hello.", "Yes."], ["سلام", "بله"])
    assert list(benchmark.texts("eng_Latn")) == ["Yes.", "Hello."]
    with pytest.raises(
        DataError, match="ell_Grek and fas_Arab share 1 English sentences; legal: a"
    ):
        benchmark.load_pair("ell_Grek", "fas_Arab")
    assert benchmark.load_pair("fa", "fa") == ParallelPair(["1", "2"], *[["سلام", "بله"]] * 2)
    with pytest.raises(DataError, match="pairs eng_Latn with another language, not with"):
        benchmark.load_pair("en", "en")
    write(tmp_path, "tatoeba.pes-eng.eng", "Hello.\n")
    with pytest.raises(DataError, match="2 lines and its English side 1"):
        get_benchmark(f"tatoeba:{tmp_path}").load_pair("eng_Latn", "fas_Arab")


def test_tatoeba_joins_two_languages_by_their_english(tmp_path: Path):
    """Greek has lines 0 to 149, Hebrew 120 to 21, Persian too few; one line comes twice."""
    for code, numbers in (("ell", range(150)), ("heb", range(120, 20, -1)), ("pes", range(99))):
        lines = [*numbers, numbers[-1]]
        write(tmp_path, f"tatoeba.{code}-eng.eng", "".join(f"line {i}\n" for i in lines))
        write(tmp_path, f"tatoeba.{code}-eng.{code}", "".join(f"{code} {i}\n" for i in lines))
    benchmark = get_benchmark(f"tatoeba:{tmp_path}")
    others = [p for p in benchmark.directions(["el", "he", "fa", "en"]) if "eng_Latn" not in p]
    assert others == [("ell_Grek", "heb_Hebr"), ("heb_Hebr", "ell_Grek")]
    there, back = (benchmark.load_pair(*pair) for pair in others)
    assert len(there) == 100 and len(set(there.ids)) == 100
    assert (there.source, there.target, there.ids) == (back.target, back.source, back.ids)
    assert {(e, g, h) for e, g, h in zip(there.ids, there.source, there.target, strict=True)} == {
        (f"line {i}", f"ell {i}", f"heb {i}") for i in range(21, 121)
    }


def test_ntrex_from_its_repository(tmp_path: Path, capsys):
    for name, text in (("src.eng", "a\nb\n"), ("ref.ell", "α\nβ\n"), ("ref.zho-TW", "甲\n乙\n")):
        write(tmp_path, f"newstest2019-{name}.txt", text)
    released = get_benchmark("ntrex", directory=tmp_path)
    assert released.languages() == ("ell_Grek", "eng_Latn", "zho_Hani")
    assert released.signature().startswith("ntrex@sha256:")
    assert released.load_pair("en", "el") == ParallelPair(["1", "2"], ["a", "b"], ["α", "β"])
    # A second translation is not another language.
    write(tmp_path, "newstest2019-ref-2.ell.txt", "γ\nδ\n")
    again = get_benchmark("ntrex", directory=tmp_path)
    assert again.load_pair("en", "el").target == ["α", "β"]
    told = "ntrex: newstest2019-ref-2.ell.txt is left out, as newstest2019-ref.ell.txt has that"
    assert told in capsys.readouterr().err


def test_tatoeba_without_network_says_what_to_do(monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionError("no route\nto the Hub")

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", fail)
    with pytest.raises(DataError, match=r"\(no route\); check the network, or give a local folder"):
        Tatoeba().load_pair("eng_Latn", "ell_Grek")


@needs_shared
@pytest.mark.parametrize(
    ("spec", "languages", "low", "high"),
    [
        ("srb:bible", 11, 500, 500),
        ("tatoeba:tatoeba", 13, 168, 1000),
        ("ntrex:ntrex", 16, 988, 988),
        ("parallel:ntrex", 16, 988, 988),
    ],
)
def test_real_folders(spec: str, languages: int, low: int, high: int):
    name, _, folder = spec.partition(":")
    benchmark = get_benchmark(name, directory=SHARED / folder)
    assert len(benchmark.languages()) == languages
    sizes = [len(benchmark.load_pair("eng_Latn", code)) for code in benchmark.languages()[:4]]
    assert (min(sizes), max(sizes)) == (low, high)


@needs_shared
def test_the_files_of_laser_have_english_in_every_pair():
    """What the documents say of Tatoeba."""
    benchmark = get_benchmark("tatoeba", directory=SHARED / "tatoeba")
    directions = benchmark.directions(benchmark.languages())
    assert len(directions) == 2 * 12
    assert all("eng_Latn" in pair for pair in directions)
