"""FLORES+, BOUQuET, XNLI, Belebele and NTREX: from a Hub on this machine, and from folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_datasets import card, lines, parquet, serve
from loopback_clients import ask
from loopback_hub import READ, loopback_hub
from translit_ppa.data_builders.benchmarks import get_benchmark
from translit_ppa.data_builders.errors import DataError

WORDS = {
    "eng_Latn": ["one", "two", "three"],
    "ell_Grek": ["ένα", "δύο", "τρία"],
    "cmn_Hans": ["一", "二", "三"],
    "cmn_Hant": ["壹", "貳", "叁"],
    "por_Latn_braz1246": ["um", "dois", "três"],
}


def flores() -> dict[str, bytes]:
    files = {}
    for code, words in WORDS.items():
        for split, start in (("dev", 0), ("devtest", 100)):
            told = [f"{word} {split}" for word in words]
            numbers = list(range(start, start + 3))
            files[f"{split}/{code}.parquet"] = parquet(
                id=numbers, iso_639_3=[code[:3]] * 3, text=told, topic=["x"] * 3
            )
    configs = {
        code: {split: f"{split}/{code}.parquet" for split in ("dev", "devtest")} for code in WORDS
    }
    whole = {split: f"{split}/*.parquet" for split in ("dev", "devtest")}
    return {"README.md": card({"default": whole, **configs}), **files}


def bouquet() -> dict[str, bytes]:
    files, configs = {}, {}
    for level in ("sentence_level", "paragraph_level"):
        for split in ("dev", "test"):
            for code, words in WORDS.items():
                # Not in one order: the sets are joined by their ids.
                order = [2, 0, 1] if code == "ell_Grek" else [0, 1, 2]
                files[f"data/{level}/{split}/{code}.parquet"] = parquet(
                    level=[level] * 3,
                    uniq_id=[f"P1-S{i}" for i in order],
                    src_lang=[code] * 3,
                    src_text=[words[i] for i in order],
                    tgt_lang=["eng_Latn"] * 3,
                    tgt_text=[WORDS["eng_Latn"][i] for i in order],
                )
        configs[level] = {split: f"data/{level}/{split}/*.parquet" for split in ("dev", "test")}
    for code in WORDS:
        configs[code] = {
            split: f"data/sentence_level/{split}/{code}.parquet" for split in ("dev", "test")
        }
    pair = "benchmark_data/sentence_level/test/ell_Grek-eng_Latn.parquet"
    files[pair] = parquet(uniq_id=["x"], src_text=["x"], tgt_text=["x"])
    return {"README.md": card(configs), **files}


def xnli() -> dict[str, bytes]:
    files, configs = {}, {}
    for code, words in (("el", WORDS["ell_Grek"]), ("en", WORDS["eng_Latn"])):
        for split in ("validation", "test"):
            path = f"{code}/{split}-00000-of-00001.parquet"
            files[path] = parquet(
                premise=[word for word in words for _ in range(3)],
                hypothesis=[f"{word} {i}" for word in words for i in range(3)],
                label=[0, 1, 2] * 3,
            )
            configs.setdefault(code, {})[split] = path
    whole = {"test": "all_languages/test-00000-of-00001.parquet"}
    files[whole["test"]] = parquet(premise=[{"el": "ένα", "en": "one"}])
    return {"README.md": card({"all_languages": whole, **configs}), **files}


def belebele() -> dict[str, bytes]:
    files = {}
    for code, words in WORDS.items():
        if len(code) > 8:
            continue
        rows = [
            {
                "link": f"https://en.wikinews.org/wiki/{place}",
                "question_number": number,
                "flores_passage": f"{word}.",
                "question": f"{word} {number}?",
                "mc_answer1": "a",
                "correct_answer_num": "1",
                "dialect": code,
            }
            for place, word in enumerate(words)
            for number in ((1, 2) if place else (1,))
        ]
        files[f"data/{code}.jsonl"] = lines(*(reversed(rows) if code == "ell_Grek" else rows))
    configs = {Path(path).stem: {"test": path} for path in files}
    return {"README.md": card(configs), **files}


def ntrex() -> dict[str, bytes]:
    files = {f"{code}/test.parquet": parquet(text=words) for code, words in WORDS.items()}
    return {"README.md": card({code: {"test": f"{code}/test.parquet"} for code in WORDS}), **files}


SETS = {
    "flores": ("openlanguagedata/flores_plus", flores()),
    "bouquet": ("facebook/bouquet", bouquet()),
    "xnli": ("facebook/xnli", xnli()),
    "belebele": ("facebook/belebele", belebele()),
    "ntrex": ("davidstap/NTREX", ntrex()),
}
PAIRS = {
    "flores": (["100", "101", "102"], ["one devtest", "two devtest", "three devtest"]),
    "bouquet": (["P1-S0", "P1-S1", "P1-S2"], ["one", "two", "three"]),
    "xnli": (["1", "4", "7"], ["one", "two", "three"]),
    "belebele": (
        [f"https://en.wikinews.org/wiki/{i}" for i in range(3)],
        ["one 1?", "two 1?", "three 1?"],
    ),
    "ntrex": (["1", "2", "3"], ["one", "two", "three"]),
}
GREEK = {
    "flores": ["ένα devtest", "δύο devtest", "τρία devtest"],
    "belebele": ["ένα.", "δύο.", "τρία."],
}
CODE = """
import sys
from translit_ppa.data_builders.benchmarks import get_benchmark
from translit_ppa.data_builders.errors import DataError
try:
    b = get_benchmark({name!r})
    pair = b.load_pair("en", "el")
    answer = [list(b.languages()), pair.ids, pair.source, pair.target, b.signature(),
              [len(list(b.texts("ell_Grek", split))) for split in b.splits],
              list(b.texts("tur_Latn", "test"))]
except DataError as error:
    answer = str(error)
"""


@pytest.fixture
def hub():
    with loopback_hub() as hub:
        yield hub


@pytest.mark.parametrize("name", SETS)
def test_a_set_from_the_hub_has_the_languages_of_its_configs(hub, tmp_path, name):
    repository, files = SETS[name]
    repo = serve(hub, repository, files)
    languages, ids, source, target, signature, counts, lacking = ask(
        hub, tmp_path, CODE.format(name=name)
    )
    assert (ids, source) == PAIRS[name]
    assert target == GREEK.get(name, WORDS["ell_Grek"])
    assert signature == f"{name}@{repo.at('main').sha}"
    several = ["cmn_Hant", "ell_Grek", "eng_Latn", "zho_Hani"]
    variety = [] if name == "belebele" else ["por_Latn"]
    expected = ["ell_Grek", "eng_Latn"] if name == "xnli" else sorted(several + variety)
    assert languages == expected
    # A question and its passage are both texts; without a validation split there is one count.
    assert counts == [6] if name == "belebele" else [3] * len(counts)
    assert lacking == []


@pytest.mark.parametrize("name", ["flores", "bouquet", "xnli", "belebele"])
def test_a_copy_in_a_folder_is_the_same_set(tmp_path, name):
    for place, data in SETS[name][1].items():
        path = tmp_path / name / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    benchmark = get_benchmark(f"{name}:{tmp_path / name}")
    pair = benchmark.load_pair("en", "el")
    assert (pair.ids, pair.source) == PAIRS[name]
    assert pair.target == GREEK.get(name, WORDS["ell_Grek"])
    assert benchmark.signature().startswith(f"{name}@sha256:")
    (file,) = benchmark.files("ell_Grek", "test")
    assert file.is_file()
    with pytest.raises(DataError, match=f"{name} has no tr; it has "):
        benchmark.load_pair("en", "tr")


@pytest.mark.parametrize(
    ("token", "granted", "readable"), [(None, (), False), (READ, (), False), (READ, ("ada",), True)]
)
def test_a_gated_set_says_where_its_terms_are_accepted(hub, tmp_path, token, granted, readable):
    repository, files = SETS["flores"]
    repo = serve(hub, repository, files)
    repo.gated, repo.granted = True, granted
    answer = ask(hub, tmp_path, CODE.format(name="flores"), token)
    if readable:
        assert answer[1:3] == list(PAIRS["flores"])
        return
    assert answer == (
        "flores: openlanguagedata/flores_plus is gated: accept its terms at "
        "https://huggingface.co/datasets/openlanguagedata/flores_plus and give the token of that "
        "account (hf auth login, or HF_TOKEN), or give a local folder, flores:DIR, with its "
        "folders dev and devtest, as released (ell_Grek.parquet, .jsonl or .devtest)"
    )


def test_a_set_whose_columns_were_changed_says_which_it_has(hub, tmp_path):
    files = {
        "ell_Grek/test.parquet": parquet(sentence=["ένα"]),
        "README.md": card({c: {"test": "ell_Grek/test.parquet"} for c in ("ell_Grek", "eng_Latn")}),
    }
    serve(hub, "davidstap/NTREX", files)
    assert "eng_Latn of davidstap/NTREX has no column text; it has sentence" in ask(
        hub, tmp_path, CODE.format(name="ntrex")
    )


@pytest.mark.parametrize("name", ["ell_Grek.devtest", "devtest.ell_Grek"])
def test_flores_of_before_is_lines(tmp_path, name):
    for language, words in WORDS.items():
        path = tmp_path / "devtest" / name.replace("ell_Grek", language)
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    pair = get_benchmark(f"flores:{tmp_path}").load_pair("el", "pt")
    assert (pair.ids, pair.source, pair.target) == (
        ["1", "2", "3"],
        WORDS["ell_Grek"],
        WORDS["por_Latn_braz1246"],
    )
    with pytest.raises(DataError, match="ell_Grek has no validation split in"):
        get_benchmark(f"flores:{tmp_path}").load_pair("el", "pt", "validation")


def test_what_is_there_twice_is_in_no_pool(tmp_path, capsys):
    row = {"link": "a", "question_number": 1, "flores_passage": "p", "question": "q"}
    for code in ("ell_Grek", "eng_Latn"):
        (tmp_path / f"{code}.jsonl").write_bytes(lines(row, row | {"link": "b"}, row))
    pair = get_benchmark(f"belebele:{tmp_path}").load_pair("en", "el")
    assert (pair.ids, pair.source, pair.target) == (["b"], ["q"], ["p"])
    assert "belebele: eng_Latn test: 1 ids are there twice: left out" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["flores", "bouquet", "xnli", "belebele"])
def test_a_folder_without_the_set_says_what_belongs_there(tmp_path, name):
    (tmp_path / "notes.txt").write_text("none", encoding="utf-8")
    with pytest.raises(DataError, match=f"{name}: no file of the set in .*; place its f"):
        get_benchmark(f"{name}:{tmp_path}")
