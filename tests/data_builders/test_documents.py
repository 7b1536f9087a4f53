"""Documents as a source: split by what the column holds, each pair with its place, nothing lost."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from translit_ppa.data_builders.build.door.check import check
from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.build.rebuild import rebuild
from translit_ppa.data_builders.build.stretches import StretchReader
from translit_ppa.data_builders.dataset.recipe import write_recipe
from translit_ppa.data_builders.dataset.row_index import read_rows_of
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sentences.filters import FilterOptions, normalise
from translit_ppa.data_builders.sentences.forms import fold_forms

SENTENCES = {
    "ell_Grek": ["Πού είναι η πόλη;", "Ο κ. Νίκος ήρθε χθες.", "Ναι, «καλά»."],
    "bod_Tibt": ["བཀྲ་ཤིས་བདེ་ལེགས།", "ང་འགྲོ་གི་ཡིན།", "ཁོང་བསླེབས་སོང་།"],
    "tha_Thai": ["ภาษาไทยเขียนโดยไม่มีเครื่องหมายจบประโยคเลย", "ผู้อ่านจึงต้องอาศัยช่องว่างระหว่างข้อความยาว"],
    "zho_Hani": ["你好吗？", "我很好。", "谢谢！"],
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


def documents(code, count=40):
    """Documents of three paragraphs, each sentence numbered, so that no two are alike."""
    mark = "" if code in ("bod_Tibt", "zho_Hani") else " "
    for number in range(count):
        # No space beside a number ends a Thai sentence: there the number stands within.
        at = 8 if code == "tha_Thai" else 0
        gap = "" if at else mark
        parts = [
            f"{text[:at]}{number * 9 + i}{gap}{text[at:]}"
            for i, text in enumerate(SENTENCES[code] * 3)
        ]
        yield "\n\n".join(mark.join(parts[i : i + 3]) for i in range(0, len(parts), 3))


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "g.tsv").write_text("code\n" + "\n".join(SENTENCES) + "\n", "utf-8")
    for code in SENTENCES:
        rows = "".join(json.dumps({"text": text}) + "\n" for text in documents(code))
        (folder / f"{code}.jsonl").write_text(rows, "utf-8")
    return folder


def build(corpus, out, **options):
    options = {"transliterator": "identity", "progress": False, "fraction": 1.0, **options}
    return build_pairs(corpus / "g.tsv", f"files:{corpus}", out, **options)


def pairs(out, split="train"):
    paths = sorted((out / "g").glob(f"translit-{split}-*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def test_every_pair_says_which_characters_of_which_document_it_was(corpus, tmp_path, capsys):
    record = build(corpus, tmp_path / "out", validation=0.1, progress=True)
    told = capsys.readouterr().err
    assert "rows are documents (160 of the first 160 have several lines or over 500" in told
    assert "--split-sentences no takes whole rows" in told
    source = {code: list(documents(code)) for code in SENTENCES}
    seen = set()
    for split in ("train", "validation"):
        places = read_rows_of(tmp_path / "out/g", split).to_pylist()
        rows = pairs(tmp_path / "out", split)
        assert len(rows) == len(places) == record["splits"][split]
        for pair, place in zip(rows, places, strict=True):
            code = f"{pair['lang']}_{pair['script']}"
            piece = source[code][place["row"]][place["start"] : place["end"]]
            assert fold_forms(normalise(piece), pair["lang"])[0] == pair["text"]
            seen.add((code, place["row"], place["start"], place["end"]))
    assert len(seen) == sum(record["splits"].values())
    counts = {entry["code"]: entry for entry in record["languages"]}
    assert {code: entry["documents"] for code, entry in counts.items()} == dict.fromkeys(counts, 40)
    # Nine sentences a document, six in Thai.
    for code, sentences in {"ell": 360, "bod": 360, "tha": 240, "zho": 360}.items():
        entry = next(entry for entry in record["languages"] if entry["code"].startswith(code))
        assert (entry["available"], entry["kept"]) == (sentences, sentences), code
    for code, texts in source.items():
        for number, text in enumerate(texts):
            mine = sorted(place[2:] for place in seen if place[:2] == (code, number))
            joined = "".join(text[start:end] for start, end in mine)
            assert "".join(joined.split()) == "".join(text.split())
    assert record["filters"]["split_sentences"].startswith("sentencex-")


def test_the_rows_are_the_same_whatever_the_work(corpus, tmp_path):
    sample = {"fraction": 0.4, "floor": 30, "cap": 100}
    first = build(corpus, tmp_path / "a", **sample)
    second = build(corpus, tmp_path / "b", num_proc=2, shard_rows=17, dedup_memory=1, **sample)
    assert first["digest"] == second["digest"]
    assert [entry["kept"] >= min(100, entry["available"]) for entry in first["languages"]]


@pytest.fixture
def in_files(corpus, tmp_path):
    """The same documents, each in a file of its own; and Hebrew in one file, some of it broken."""
    folder = tmp_path / "in-files"
    for code in SENTENCES:
        (folder / code).mkdir(parents=True)
        for number, text in enumerate(documents(code)):
            path = folder / code / f"{number:03}.jsonl"
            path.write_text(json.dumps({"text": text}) + "\n", "utf-8")
    odd = [{"text": "\ud800 סוף."}, {"text": None}, {"text": "שלום. שלום."}, {"text": "שלום."}]
    (folder / "heb_Hebr.jsonl").write_text("".join(json.dumps(x) + "\n" for x in odd), "utf-8")
    (folder / "g.tsv").write_text("code\n" + "\n".join([*SENTENCES, "heb_Hebr"]) + "\n", "utf-8")
    return folder


@pytest.mark.parametrize("most", [512, 7], ids=["each file", "several files at a time"])
def test_workers_read_ahead_and_nothing_changes(in_files, tmp_path, monkeypatch, most):
    monkeypatch.setattr("translit_ppa.data_builders.build.stretches._MOST", most)
    sample = {"fraction": 0.4, "floor": 30, "cap": 100, "split_sentences": "yes"}
    first = build(in_files, tmp_path / "a", **sample)
    second = build(in_files, tmp_path / "b", num_proc=2, **sample)
    for record in (first, second):
        for name in ("seconds", "created"):
            record.pop(name, None)
    assert first == second
    hebrew = next(x for x in first["languages"] if x["code"] == "heb_Hebr")
    assert hebrew["dropped"]["duplicate"] == 2 and sum(hebrew["dropped"].values()) == 4
    assert pairs(tmp_path / "a") == pairs(tmp_path / "b")
    places = [read_rows_of(tmp_path / out / "g", "train") for out in "ab"]
    assert places[0] == places[1]
    assert not list((tmp_path / "b/.work").rglob("*part-*"))


def test_counting_goes_on_where_it_was_stopped(in_files, tmp_path, monkeypatch):
    count, counted = StretchReader.count, []

    def stopping(self, stretch):
        if len(counted) == 50:
            raise DataError("stopped")
        counted.append((self.language.code, stretch.start))
        return count(self, stretch)

    monkeypatch.setattr(StretchReader, "count", stopping)
    with pytest.raises(DataError, match="stopped"):
        build(in_files, tmp_path / "a", split_sentences="yes")
    before, counted[:] = set(counted), []
    monkeypatch.setattr(StretchReader, "count", lambda *a: counted.append(a) or count(*a))
    build(in_files, tmp_path / "a", split_sentences="yes")
    again = {(reader.language.code, stretch.start) for reader, stretch in counted}
    assert len(before) == 50 and len(again) == 4 * 40 + 1 - 50 and not before & again
    assert len(list((tmp_path / "a/.work/g").glob("*-*.json"))) == 5, "one count a language stays"


def test_a_build_goes_on_after_what_a_worker_could_not_read(in_files, tmp_path):
    whole = build(in_files, tmp_path / "a")
    last = in_files / "zho_Hani" / "039.jsonl"
    text = last.read_bytes()
    last.write_bytes(text[:-5])
    with pytest.raises(DataError, match=r"039\.jsonl"):
        build(in_files, tmp_path / "c", num_proc=2, split_sentences="yes")
    assert not (tmp_path / "c/g").exists()
    last.write_bytes(text)
    again = build(in_files, tmp_path / "c", num_proc=2)
    assert again["digest"] == whole["digest"] and again["languages"] == whole["languages"]


def test_a_recipe_names_the_characters(corpus, tmp_path):
    first = build(corpus, tmp_path / "a", fraction=0.5, floor=0, validation=0.1)
    write_recipe(tmp_path / "a", "g", tmp_path / "recipe")
    table = pq.read_table(next((tmp_path / "recipe/g").glob("recipe-train-*.parquet")))
    assert {"row", "start", "end", "sha256"} <= {*table.column_names}
    again = rebuild(
        *(str(tmp_path / "recipe"), "g", tmp_path / "b"), source=f"files:{corpus}", progress=False
    )
    assert again["digest"] == first["digest"]
    assert (
        read_rows_of(tmp_path / "a/g", "train").to_pylist()
        == read_rows_of(tmp_path / "b/g", "train").to_pylist()
    )


def test_a_recipe_of_before_takes_whole_rows(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "g.tsv").write_text("code\nell_Grek\n")
    (corpus / "ell_Grek.txt").write_text("".join(f"Ναι {i}.\n" for i in range(9)), "utf-8")
    first = build(corpus, tmp_path / "a", validation=0)
    assert first["filters"]["split_sentences"] is None
    write_recipe(tmp_path / "a", "g", tmp_path / "recipe")
    path = next((tmp_path / "recipe/g").glob("recipe-train-*.parquet"))
    pq.write_table(pq.read_table(path).drop_columns(["start", "end"]), path)
    again = rebuild(
        *(str(tmp_path / "recipe"), "g", tmp_path / "b"), source=f"files:{corpus}", progress=False
    )
    assert again["digest"] == first["digest"]


def test_too_long_a_sentence_is_cut_and_counted(corpus, tmp_path):
    text = "α" * 70 + ", " + "β" * 70 + " " + "γ" * 70
    (corpus / "ell_Grek.jsonl").write_text(json.dumps({"text": text}) + "\n", "utf-8")
    options = {"languages": ["ell_Grek"], "filters": FilterOptions(max_chars=100), "validation": 0}
    record = build(corpus, tmp_path / "a", split_sentences="yes", **options)
    assert [row["text"] for row in pairs(tmp_path / "a")] == ["α" * 70 + ",", "β" * 70, "γ" * 70]
    entry = record["languages"][0]
    assert (entry["documents"], entry["available"], entry["cut"]) == (1, 3, 2)
    assert entry["dropped"] == {}
    with pytest.raises(DataError, match="'too_long': 1"):
        build(corpus, tmp_path / "b", split_sentences="no", **options)


def test_sentences_are_left_alone(tmp_path, capsys):
    folder = tmp_path / "verses"
    folder.mkdir()
    (folder / "g.tsv").write_text("code\nell_Grek\n")
    lines = [f"Πρώτη {i}. Δεύτερη {i}." for i in range(20)]
    (folder / "ell_Grek.txt").write_text("\n".join(lines) + "\n", "utf-8")
    record = build(folder, tmp_path / "a", validation=0, progress=True)
    assert "rows are sentences (0 of the first 20 have several lines" in capsys.readouterr().err
    assert [row["text"] for row in pairs(tmp_path / "a")] == lines
    assert record["languages"][0]["documents"] is None
    build(folder, tmp_path / "b", validation=0, split_sentences="yes")
    assert len(pairs(tmp_path / "b")) == 40


def test_words_and_pairs_that_cannot_be_split(corpus, tmp_path):
    with pytest.raises(DataError, match="'maybe'; legal are auto, yes, no"):
        build(corpus, tmp_path / "a", split_sentences="maybe")
    ready = tmp_path / "ready"
    ready.mkdir()
    (ready / "g.tsv").write_text("code\nell_Grek\n")
    (ready / "ell_Grek.tsv").write_text("text\ttransliteration\nΝαι. Όχι.\tNai. Ochi.\n", "utf-8")
    with pytest.raises(DataError, match="cannot be split"):
        build(ready, tmp_path / "a", split_sentences="yes")
    assert build(ready, tmp_path / "a", validation=0)["splits"]["train"] == 1


MIXED = "Πρώτη. Und das ist deutsch. 你好。 Τέλος.\n"


def test_odd_documents_are_counted_or_named_in_one_line(corpus, tmp_path):
    texts = ["Ένα.\nΔύο.", None, "", "12 345", MIXED, "Τρία.\n" * 3]
    greek = corpus / "ell_Grek.jsonl"
    greek.unlink()
    path = corpus / "ell_Grek.parquet"
    options = {"languages": ["ell_Grek"], "validation": 0, "split_sentences": "yes"}
    pq.write_table(pa.table({"text": texts}), path)
    record = build(corpus, tmp_path / "a", **options)
    assert record["languages"][0]["dropped"] == {
        "duplicate": 2,
        "empty": 1,
        "no_letters": 1,
        "null": 1,
        "wrong_script": 2,
    }
    assert [row["text"] for row in pairs(tmp_path / "a")] == [
        *("Ένα.", "Δύο.", "Πρώτη.", "Τέλος.", "Τρία.")
    ]
    for column, told in (([["a"]], "is list<"), ([b"a"], "is binary"), ([{"a": "b"}], "is struct")):
        pq.write_table(pa.table({"text": column}), path)
        with pytest.raises(DataError, match=f"ell_Grek.parquet: column 'text' {told}"):
            build(corpus, tmp_path / "b", **options)
    pq.write_table(pa.table({"body": ["α"], "url": ["u"]}), path)
    with pytest.raises(DataError, match=r"has 2 columns \(body, url\) and none is named 'text'"):
        build(corpus, tmp_path / "b", **options)
    path.unlink()
    greek.write_text(json.dumps({"text": ["α", "β"]}) + "\n", "utf-8")
    with pytest.raises(DataError, match="line 1: 'text' is list; legal is a string"):
        build(corpus, tmp_path / "b", **options)
    greek.write_text('{"text": "' + "α" * 9_000_000 + '"}\n', "utf-8")
    with pytest.raises(DataError, match="a line of more than 16,777,216 bytes"):
        build(corpus, tmp_path / "b", **options)
    assert not (tmp_path / "b/g").exists()


def test_a_folder_of_documents(tmp_path, capsys):
    """Each file of a folder that is named by a language is a document; tables there have rows."""
    folder = tmp_path / "books"
    (folder / "ell_Grek/poems").mkdir(parents=True)
    (folder / "g.tsv").write_text("code\nell_Grek\n")
    (folder / "ell_Grek/a.txt").write_text("Πρώτη.\nΔεύτερη. Τρίτη;\n", "utf-8")
    with gzip.open(folder / "ell_Grek/poems/b.txt.gz", "wt", encoding="utf-8") as file:
        file.write("Ωδή.\n\n\n")
    (folder / "ell_Grek/c.jsonl").write_text('{"text": "Μία. Δύο."}\n', "utf-8")
    (folder / "ell_Grek/.hidden.txt").write_text("Όχι.\n", "utf-8")
    build(folder, tmp_path / "out", validation=0, progress=True)
    assert [(row["text"], row["source"]) for row in pairs(tmp_path / "out")] == [
        ("Πρώτη.", "files:ell_Grek/a.txt"),
        ("Δεύτερη.", "files:ell_Grek/a.txt"),
        ("Τρίτη;", "files:ell_Grek/a.txt"),
        ("Μία.", "files:ell_Grek/c.jsonl"),
        ("Δύο.", "files:ell_Grek/c.jsonl"),
        ("Ωδή.", "files:ell_Grek/poems/b.txt.gz"),
    ]
    assert [place["row"] for place in read_rows_of(tmp_path / "out/g", "train").to_pylist()] == [
        *(0, 0, 0, 1, 1, 2)
    ]
    told = capsys.readouterr().err
    assert "rows are documents (as books has them)" in told and "a document; UTF-8" in told
    (folder / "ell_Grek/a.txt").write_bytes("Ελλάδα".encode("iso8859-7"))
    with pytest.raises(DataError, match=r"a\.txt is not UTF-8"):
        build(folder, tmp_path / "b", validation=0)


def test_a_build_that_goes_on_counts_nothing_again(corpus, tmp_path, capsys):
    first = build(corpus, tmp_path / "out", progress=True)
    assert capsys.readouterr().err.count("counting the sentences of its documents") == 4
    counts = sorted((tmp_path / "out/.work/g").glob("*-*.json"))
    assert len(counts) == 4
    counts[0].write_text(counts[0].read_text().replace('"sentences": ', '"sentences": 1'))
    again = build(corpus, tmp_path / "out", progress=True)
    assert capsys.readouterr().err.count("counting the sentences of its documents") == 1
    assert again["digest"] == first["digest"] and again["languages"] == first["languages"]
    with (corpus / "ell_Grek.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"text": "Νέο."}) + "\n")
    build(corpus, tmp_path / "out", progress=True)
    assert capsys.readouterr().err.count("counting the sentences of its documents") == 1


def test_check_splits_documents_as_the_build_does(corpus, tmp_path, capsys):
    """The decision, the sentences and what is left out; `no` takes whole rows, as there."""
    code = "ell_Grek"
    only = tmp_path / "only"
    only.mkdir()
    (only / "g.tsv").write_text(f"code\n{code}\n")
    rows = [*(json.loads(line)["text"] for line in (corpus / f"{code}.jsonl").open()), None, "123"]
    path = only / f"{code}.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in rows), "utf-8")
    for wanted, sentences in (("auto", 360), ("no", 41)):
        (report,) = check(path, transliterator="identity", limit=0, split_sentences=wanted)
        out = tmp_path / wanted
        record = build(only, out, validation=0, split_sentences=wanted)
        # The build also drops what has no letters; a look tells that too.
        assert (
            report.stats.sentences - 1
            == record["languages"][0]["kept"]
            == sentences - (wanted == "no")
        )
        assert report.passed_over == 1
        assert dict(report.seen.left_out) == {"no_letters": 1, "null": 1}
    (auto,) = check(path, transliterator="identity")
    assert "rows are documents (40 of the first 41 have several lines or over 500" in str(auto)
    assert auto.seen.shown[0] == pairs(tmp_path / "auto")[0]["text"]
    with pytest.raises(DataError, match="'maybe'; legal are auto, yes, no"):
        list(check(path, split_sentences="maybe"))


def test_check_looks_into_the_folders_of_languages(tmp_path):
    """As a build reads them: plain text is a document, a table is rows; each has its report."""
    for code, name, text in (
        ("amh_Ethi", "b.txt", "ሰላም ዓለም። እንዴት ነህ?"),
        ("amh_Ethi", "a.txt", "ሰላም።"),
        ("ell_Grek", "deep/c.txt", "Καλημέρα κόσμε. Πώς είσαι;"),
        ("ell_Grek", "rows.jsonl", '{"text": "Γεια σου."}'),
    ):
        (tmp_path / code / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / code / name).write_text(f"{text}\n", encoding="utf-8")
    reports = {r.name: r for r in check(tmp_path, transliterator="identity", limit=0)}
    told = {name: (r.language, r.stats.sentences) for name, r in reports.items()}
    assert told == {
        "amh_Ethi": ("amh_Ethi", 3),
        "ell_Grek/rows.jsonl": ("ell_Grek", 1),
        "ell_Grek": ("ell_Grek", 2),
    }
    assert "2 documents" in str(reports["amh_Ethi"])
    (tmp_path / "g.tsv").write_text("code\namh_Ethi\nell_Grek\n")
    record = build(tmp_path, tmp_path / "out", validation=0)
    kept = {entry["code"]: entry["kept"] for entry in record["languages"]}
    assert kept == {"amh_Ethi": 3, "ell_Grek": 3}


@pytest.mark.slow
def test_a_document_of_100_megabytes_in_one_line_without_a_mark(tmp_path):
    """It is cut where it is too long, a window at a time; nothing is lost."""
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "g.tsv").write_text("code\nzho_Hani\n")
    signs = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏" * 4
    text = "".join(f"{signs}{number}" for number in range(330_000))
    size = len(text.encode())
    assert 96_000_000 < size < 130_000_000
    pq.write_table(pa.table({"text": [text]}), folder / "zho_Hani.parquet")
    fixed = {"validation": 0, "split_sentences": "yes", "cap": 100, "floor": 0}
    record = build(folder, tmp_path / "out", **fixed)
    (entry,) = record["languages"]
    assert entry["documents"] == 1 and entry["available"] == entry["cut"] + 1
    assert len(text) / 2000 <= entry["available"] <= len(text) / 1900
    places = read_rows_of(tmp_path / "out/g", "train").to_pylist()
    assert 100 <= len(places) == entry["kept"] < 150
    for pair, place in zip(pairs(tmp_path / "out"), places, strict=True):
        assert pair["text"] == text[place["start"] : place["end"]]
