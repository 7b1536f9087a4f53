"""Which languages a benchmark has on the Hub is asked there: WikiANN, SIB-200 and Tatoeba."""

from __future__ import annotations

import io

import pytest
from datasets import ClassLabel, Dataset, Features, Sequence, Value

from hub_datasets import card, parquet, serve
from loopback_clients import ask
from loopback_hub import loopback_hub

TAGS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]


@pytest.fixture
def hub():
    with loopback_hub() as hub:
        yield hub


def tagged(word: str) -> bytes:
    rows = {"tokens": [[word, "x"]], "ner_tags": [[5, 0]], "langs": [["el", "el"]]}
    features = Features(
        tokens=Sequence(Value("string")),
        ner_tags=Sequence(ClassLabel(names=TAGS)),
        langs=Sequence(Value("string")),
    )
    file = io.BytesIO()
    Dataset.from_dict(rows, features=features).to_parquet(file)
    return file.getvalue()


def test_wikiann_has_every_wikipedia_whose_name_is_a_language(hub, tmp_path):
    names = {"el": "Αθήνα", "als": "Bärn", "uk": "Київ", "zh-yue": "粵", "simple": "X"}
    files = {
        f"{name}/{split}.parquet": tagged(word)
        for name, word in names.items()
        for split in ("train", "validation", "test")
    }
    splits = ("train", "validation", "test")
    configs = {name: {split: f"{name}/{split}.parquet" for split in splits} for name in names}
    repo = serve(hub, "unimelb-nlp/wikiann", {"README.md": card(configs), **files})
    code = """
from translit_ppa.data_builders.benchmarks import get_labelled_benchmark
b = get_labelled_benchmark("ner")
rows = b.load("gsw", "dev")
answer = [list(b.languages()), rows.words, rows.tags, list(b.texts("ukr", "test")), b.signature()]
"""
    languages, words, tags, texts, signature = ask(hub, tmp_path, code)
    assert languages == ["ell_Grek", "gsw_Latn", "ukr_Cyrl", "yue_Hani"]
    assert (words, tags, texts) == ([["Bärn", "x"]], [["B-LOC", "O"]], ["Київ x"])
    assert signature == f"ner@{repo.at('main').sha}"


def test_sib200_has_every_language_of_its_folders(hub, tmp_path):
    header = "index_id\tcategory\ttext\n"
    files = {
        f"data/{code}/{split}.tsv": f"{header}1\ttravel\t{word}\n".encode()
        for code, word in (("ukr_Cyrl", "Їдемо."), ("zho_Hant", "走"), ("nqo_Nkoo", "ߊߟߎ"))
        for split in ("train", "dev", "test")
    }
    serve(hub, "Davlan/sib200", {"README.md": b"", "sib200.py": b"", **files})
    code = """
from translit_ppa.data_builders.benchmarks import get_labelled_benchmark
b = get_labelled_benchmark("sib200")
answer = [list(b.languages()), b.load("uk", "test").texts, list(b.texts("nqo", "dev"))]
"""
    assert ask(hub, tmp_path, code) == [
        ["nqo_Nkoo", "ukr_Cyrl", "zho_Hani"],
        ["Їдемо."],
        ["ߊߟߎ"],
    ]


def test_tatoeba_has_every_pair_with_english(hub, tmp_path):
    words = {"ell": "Ναι.", "ukr": "Так.", "ber": "Ih."}
    files = {
        f"{code}-eng/test.parquet": parquet(sentence1=[word], sentence2=["Yes."])
        for code, word in words.items()
    }
    configs = {f"{code}-eng": {"test": f"{code}-eng/test.parquet"} for code in words}
    repo = serve(hub, "mteb/tatoeba-bitext-mining", {"README.md": card(configs), **files})
    code = """
from translit_ppa.data_builders.benchmarks import get_benchmark
b = get_benchmark("tatoeba")
answer = [list(b.languages()), b.load_pair("en", "uk").target, b.signature()]
"""
    assert ask(hub, tmp_path, code) == [
        ["ell_Grek", "eng_Latn", "ukr_Cyrl"],
        ["Так."],
        f"tatoeba@{repo.at('main').sha}",
    ]
