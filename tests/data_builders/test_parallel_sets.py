"""FLORES+, BOUQuET, XNLI, Belebele and NTREX: from a Hub on this machine, and from folders."""

from __future__ import annotations

import pytest

from hub_datasets import card, lines, parquet, serve
from loopback_clients import ask
from loopback_hub import READ, loopback_hub
from parallel_sets import SETS, WORDS
from translit_ppa.data_builders.benchmarks import get_benchmark
from translit_ppa.data_builders.errors import DataError

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
