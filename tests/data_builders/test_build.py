"""A build: rows, splits, record, folder that opens without code, never a stale result."""

import hashlib
import json
import sys

import pyarrow.parquet as pq
import pytest

from translit_ppa.data_builders.benchmarks import get_benchmark
from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.schema import COLUMNS
from translit_ppa.data_builders.sentences.filters import FilterOptions


def corpus(folder, **languages):
    folder.mkdir(exist_ok=True)
    for code, lines in languages.items():
        (folder / f"{code}.txt").write_text("\n".join(lines), encoding="utf-8")
    return f"files:{folder}"


def build(source, out, group="mediterranean", **options):
    options = {"transliterator": "identity", "progress": False, **options}
    return build_pairs(group, source, out, **options)


def rows_of(out, group="mediterranean"):
    return [
        row
        for path in sorted((out / group).glob("translit-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


@pytest.fixture
def source(tmp_path):
    return corpus(
        tmp_path / "text",
        amh_Ethi=[f"ሰላም {i}" for i in range(300)],
        ell_Grek=[f"καλημέρα {i}" for i in range(300)],
    )


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


def load(out, group, tmp_path):
    from datasets import load_dataset

    return load_dataset(str(out), group, cache_dir=str(tmp_path / "hf"))


def test_rows_splits_and_record(tmp_path, source):
    (tmp_path / "text" / "README.md").write_text("x")
    record = build(source, tmp_path / "out", floor=200, validation=0.05)
    rows = rows_of(tmp_path / "out")
    assert tuple(rows[0]) == COLUMNS
    assert {(r["lang"], r["script"], r["source"]) for r in rows} == {
        ("amh", "Ethi", "files:amh_Ethi.txt"),
        ("ell", "Grek", "files:ell_Grek.txt"),
    }
    amh = record["languages"][0]
    assert (amh["code"], amh["available"], amh["target"]) == ("amh_Ethi", 300, 200)
    assert amh["taken"] == amh["kept"] == amh["train"] + amh["validation"]
    assert 160 < amh["kept"] < 240
    assert amh["validation"] == int(0.05 * amh["kept"])
    assert amh["shortfall"] == max(0, 200 - amh["kept"])
    assert amh["identity_rate"] == 1.0
    assert amh["unmapped"] == dict.fromkeys("ላምሰ", amh["kept"])
    assert amh["unmapped_characters"] == 3 * amh["kept"]
    assert record["splits"] == {
        split: sum(entry[split] for entry in record["languages"])
        for split in ("train", "validation")
    }
    assert len(rows) == sum(record["splits"].values())
    assert record["skipped_files"] == ["README.md"]
    assert set(record["missing_languages"]) >= {"ara_Arab", "mlt_Latn"}
    written = json.loads((tmp_path / "out/mediterranean/build_record.json").read_text())
    assert written == record


def test_record_parses_as_the_schema_of_the_other_room(tmp_path, source):
    from translit_ppa.hub_cards.records.files import BuildRecord

    record = build(source, tmp_path / "out")
    assert BuildRecord.from_dict(record).to_dict() == record


def test_folder_opens_without_code_and_keeps_other_groups(tmp_path, source):
    out = tmp_path / "out"
    build(source, out)
    own = corpus(tmp_path / "sea", tha_Thai=["สวัสดี", "ขอบคุณ", "ครับ"])
    build(own, out, "sea")
    med, sea = load(out, "mediterranean", tmp_path), load(out, "sea", tmp_path)
    assert {k: v.num_rows for k, v in med.items()} == {"train": 594, "validation": 6}
    assert {k: v.num_rows for k, v in sea.items()} == {"train": 2, "validation": 1}
    assert med["train"].column_names == list(COLUMNS)
    assert sorted(path.name for path in (out / "sea").iterdir()) == [
        "build_record.json",
        "rows-train.parquet",
        "rows-validation.parquet",
        "translit-train-00000-of-00001.parquet",
        "translit-validation-00000-of-00001.parquet",
    ]
    readme = out / "README.md"
    readme.write_text(readme.read_text().replace("# Romanised pairs", "# Mine"))
    build(source, out, cap=50)
    assert "# Mine" in readme.read_text()
    assert load(out, "mediterranean", tmp_path)["train"].num_rows < 150
    assert load(out, "sea", tmp_path)["train"].num_rows == 2


def digests(out):
    return [
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((out / "mediterranean").glob("translit-*.parquet"))
    ]


def test_same_bytes_for_any_num_proc_and_shard_size(tmp_path, source):
    options = {"transliterator": "uroman", "cap": 60}
    one = build(source, tmp_path / "one", **options)
    two = build(source, tmp_path / "two", num_proc=2, shard_rows=13, **options)
    assert one["digest"] == two["digest"]
    assert rows_of(tmp_path / "one") == rows_of(tmp_path / "two")
    assert one["languages"] == two["languages"]
    assert build(source, tmp_path / "three", seed=7, **options)["digest"] != one["digest"]
    again = build(source, tmp_path / "four", **options)
    assert (again["digest"], digests(tmp_path / "four")) == (
        one["digest"],
        digests(tmp_path / "one"),
    )


def test_changed_input_romaniser_and_option_are_noticed(tmp_path, source, monkeypatch):
    out = tmp_path / "out"
    module = tmp_path / "changing.py"
    monkeypatch.syspath_prepend(tmp_path)
    module.write_text("def f(s, lang):\n    return ['one'] * len(s)\n")
    build(source, out, transliterator="changing:f")
    assert {row["transliteration"] for row in rows_of(out)} == {"one"}
    module.write_text("def f(s, lang):\n    return ['other'] * len(s)  # changed\n")
    sys.modules.pop("changing")
    monkeypatch.setattr(
        "translit_ppa.data_builders.transliterators.rows._romaniser",
        lambda spec, code: _fresh(spec),
    )
    build(source, out, transliterator="changing:f")
    assert {row["transliteration"] for row in rows_of(out)} == {"other"}
    corpus(tmp_path / "text", amh_Ethi=["ሌላ"])
    build(source, out, transliterator="changing:f")
    assert [row["text"] for row in rows_of(out) if row["lang"] == "amh"] == ["ሌላ"]
    build(source, out, transliterator="changing:f", filters=FilterOptions(min_chars=11))
    assert {len(row["text"]) for row in rows_of(out)} == {11, 12}


def _fresh(spec):
    from translit_ppa.data_builders.transliterators import get_transliterator

    return get_transliterator(spec)


def test_validation_is_capped_by_hash_and_can_be_left_out(tmp_path, source):
    record = build(source, tmp_path / "a", validation=0.5, validation_cap=20)
    assert record["splits"] == {"train": 560, "validation": 20 * 2}
    record = build(source, tmp_path / "b", validation=0)
    assert record["splits"] == {"train": 600, "validation": 0}
    assert list(load(tmp_path / "b", "mediterranean", tmp_path)) == ["train"]


def test_benchmark_sentences_are_dropped_and_counted(tmp_path):
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "amh_Ethi.tsv").write_text("1\tሰላም ነው\n2\tደህና\n", encoding="utf-8")
    (folder / "eng_Latn.tsv").write_text("1\tHello there\n2\tWell\n", encoding="utf-8")
    source = corpus(
        tmp_path / "text", amh_Ethi=["ሰላም  ነው", "ሌላ", "ነገር"], tur_Latn=["HELLO there", "su"]
    )
    spec = f"parallel:{folder}"
    record = build(source, tmp_path / "out", exclude_benchmarks=[spec])
    assert [entry["dropped"] for entry in record["languages"]] == [{"in_benchmark": 1}] * 2
    assert record["filters"]["exclude_benchmarks"] == [get_benchmark(spec).signature()]
    assert {row["text"] for row in rows_of(tmp_path / "out")} == {"ሌላ", "ነገር", "su"}


def test_labelled_benchmarks_are_dropped_too(tmp_path):
    """Tagged sentences are words; in running text commas stand without a blank before them."""
    sib, ner = tmp_path / "sib" / "tur_Latn", tmp_path / "ner" / "tur_Latn"
    ud, taxi = tmp_path / "ud" / "amh_Ethi", tmp_path / "taxi" / "tur_Latn"
    for folder in (sib, ner, ud, taxi):
        folder.mkdir(parents=True)
    (sib / "train.tsv").write_text("index_id\tcategory\ttext\n1\ttravel\tBir yol\n")
    (ner / "test.iob2").write_text("Ankara\tB-LOC\n,\tO\nhey\tO\n!\tO\n", encoding="utf-8")
    (taxi / "dev.tsv").write_text("40001001\tFaith\tBir ayet\n", encoding="utf-8")
    words = [("ሰላም", "NOUN"), ("ነው", "AUX"), ("።", "PUNCT")]
    lines = [f"{i}\t{w}\t_\t{t}\t_\t_\t{i - 1}\t_\t_\t_" for i, (w, t) in enumerate(words, 1)]
    (ud / "test.conllu").write_text("\n".join([*lines, "", ""]), encoding="utf-8")
    source = corpus(
        tmp_path / "text",
        amh_Ethi=["ሰላም ነው።", "ሌላ"],
        tur_Latn=["bir yol", "Ankara, hey!", "Bir ayet", "su"],
    )
    specs = [
        f"{name}:{folder.parent}"
        for name, folder in (("sib200", sib), ("ner", ner), ("pos", ud), ("taxi1500", taxi))
    ]
    record = build(source, tmp_path / "out", exclude_benchmarks=specs)
    assert {entry["code"]: entry["dropped"] for entry in record["languages"]} == {
        "amh_Ethi": {"in_benchmark": 1},
        "tur_Latn": {"in_benchmark": 3},
    }
    assert [s.partition("@")[0] for s in record["filters"]["exclude_benchmarks"]] == [
        *("sib200", "ner", "pos", "taxi1500")
    ]
    assert {row["text"] for row in rows_of(tmp_path / "out")} == {"ሌላ", "su"}
    with pytest.raises(DataError, match="unknown benchmark 'nope'; legal: cldr"):
        build(source, tmp_path / "no", exclude_benchmarks=["nope"])


def test_odd_sentences_survive_or_are_counted(tmp_path):
    content = b"\xef\xbb\xbfNA\r\nnull\r\na\\b\r\nx\xe2\x80\xa8y\r\n\xed\xa0\x80\r\nn\0ul\r\n\r\n"
    source = corpus(tmp_path / "text", tur_Latn=[])
    (tmp_path / "text" / "tur_Latn.txt").write_bytes(content + b"z" * 2**20 + b"\r\nNA")
    (tmp_path / "text" / "amh_Ethi.txt").write_bytes(b"")
    record = build(source, tmp_path / "out", validation=0)
    assert [row["text"] for row in rows_of(tmp_path / "out")] == [
        "NA",
        "null",
        "a\\b",
        "x y",
        "nul",
    ]
    empty, odd = record["languages"]
    assert (empty["code"], empty["available"], empty["kept"]) == ("amh_Ethi", 0, 0)
    assert odd["dropped"] == {"duplicate": 1, "empty": 1, "invalid_unicode": 1, "too_long": 1}


def test_ready_pairs_of_one_mixed_file(tmp_path):
    path = tmp_path / "text_transliterations_group1.csv"
    path.write_text("text,transliteration\nሰላም,salam\nשלום,shlvm\nNA,\na\\\\b,x\\\\y\n")
    record = build(f"files:{path}", tmp_path / "out", validation=0)
    assert [tuple(row.values())[:4] for row in rows_of(tmp_path / "out")] == [
        ("ሰላም", "salam", "mul", "Ethi"),
        ("שלום", "shlvm", "mul", "Hebr"),
        ("a\\b", "x\\y", "mul", "Latn"),
    ]
    assert record["transliterator"] == "ready pairs"
    assert record["sampling"]["fraction"] == 1.0
    assert record["languages"][0]["dropped"] == {"empty_transliteration": 1}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation": 1.0}, "legal is a share from 0 to below 1"),
        ({"num_proc": 0}, "legal is 1 to 1,024 processes"),
        ({"num_proc": 10**29}, "legal is 1 to 1,024 processes"),
        ({"shard_rows": 10**29}, "and 1 to 10,000,000 rows"),
        ({"languages": ["tha_Thai"]}, "not in group mediterranean"),
        ({"languages": ["heb_Hebr"]}, "the source has no language of mediterranean"),
        ({"filters": FilterOptions(min_chars=99)}, "no sentence was kept .*too_short"),
        ({"transliterator": "nope"}, "legal are uroman, identity"),
    ],
)
def test_wrong_options_write_nothing(tmp_path, source, options, message):
    with pytest.raises(DataError, match=message):
        build(source, tmp_path / "out", **options)
    assert not list(tmp_path.glob("out/mediterranean*"))


def test_cldr_builds_and_says_what_it_lacks(tmp_path):
    record = build(
        "cldr", tmp_path / "out", languages=["mlt_Latn", "arz_Arab"], count=300, validation=0.1
    )
    assert list(record["missing_languages"]) == ["arz_Arab"]
    assert record["languages"][0]["available"] == 300
    assert record["splits"]["validation"] == record["languages"][0]["kept"] // 10
    assert rows_of(tmp_path / "out")[0]["source"] == record["source"]


def test_a_sentence_that_uroman_cannot_do_is_dropped_and_counted(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "yue_Hani.txt").write_text(f"人口{'7' * 4301}\n你好世界朋友\n三分之人口\n")
    options = {"languages": ["yue"], "validation": 0, "transliterator": "uroman"}
    options["filters"] = FilterOptions(max_chars=9999)
    record = build(f"files:{tmp_path / 'text'}", tmp_path / "out", "sea", **options)
    assert record["languages"][0]["dropped"] == {"not_romanised": 1}
    assert [row["text"] for row in rows_of(tmp_path / "out", "sea")] == [
        "你好世界朋友",
        "三分之人口",
    ]
    assert record["languages"][0]["unreadable_numbers"] == 1
