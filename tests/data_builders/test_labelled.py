"""Benchmarks with labels: layouts, label maps by name, fused tokens, gaps, and real folders."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace

import pytest

from translit_ppa.data_builders.benchmarks import LABELLED, get_benchmark, get_labelled_benchmark
from translit_ppa.data_builders.benchmarks.labelled.conllu import UPOS, Token, fuse
from translit_ppa.data_builders.errors import DataError

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/data")


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())


def word(number: int, form: str, tag: str, head: int) -> str:
    return f"{number}\t{form}\t_\t{tag}\t_\t_\t{head}\tdep\t_\t_\n"


def test_sib200_reads_its_layout_with_quotation_marks(tmp_path):
    header = "index_id\tcategory\ttext\n"
    write(tmp_path, "yue_Hant/train.tsv", f'{header}7\ttravel\t"山"\n9\tpolitics\t法\n')
    write(tmp_path, "yue_Hant/test.tsv", f"{header}3\tsports\t波\n")
    write(tmp_path, "pes_Arab/test.tsv", f"{header}3\tsports\tتوپ\n")
    write(tmp_path, "notes/readme.txt", "no language")
    benchmark = get_labelled_benchmark("sib200", directory=tmp_path)
    assert benchmark.languages() == ("fas_Arab", "yue_Hani")
    train = benchmark.load("yue_Hani", "train")
    assert (train.ids, train.texts, train.labels) == (
        ["7", "9"],
        ['"山"', "法"],
        ["travel", "politics"],
    )
    assert benchmark.languages_with("train") == ("yue_Hani",)
    assert list(benchmark.texts("fa", "test")) == ["توپ"]
    assert list(benchmark.texts("fa", "train")) == []
    with pytest.raises(DataError, match="fas_Arab has no train split; these have: yue_Hani"):
        benchmark.load("fas_Arab", "train")
    with pytest.raises(DataError, match="no split 'validation'; legal: train, dev, test"):
        benchmark.load("fas_Arab", "validation")
    before = benchmark.signature()
    write(tmp_path, "yue_Hant/test.tsv", f"{header}3\tsport\t波\n")
    again = get_labelled_benchmark(f"sib200:{tmp_path}")
    assert again.signature() != before
    with pytest.raises(DataError, match=r"labels 'sport' \(1\); legal: science/technology, travel"):
        again.load("yue_Hani", "test")
    write(tmp_path, "yue_Hant/test.tsv", "3\tsports\t波\n")
    with pytest.raises(DataError, match="must begin with the header index_id category text"):
        again.load("yue_Hani", "test")


def test_taxi1500_reads_three_layouts(tmp_path):
    write(tmp_path / "ready", "ell_Grek/test.tsv", "40001001\tSin\tα\n")
    write(tmp_path / "authors", "860_ell_train.tsv", "40001001\tFaith\tα\n")
    write(tmp_path / "authors", "ell_dev.tsv", "40001002\tGrace\tβ\n")
    write(tmp_path / "authors", "860_unknown1_train.tsv", "")
    write(tmp_path / "joined", "labels/train.tsv", "40001001\tFaith\n40001009\tSin\n")
    write(tmp_path / "joined", "bible/ell_Grek.tsv.gz", "40001001\tα\n40001002\tβ\n")
    found = {
        name: get_labelled_benchmark("taxi1500", directory=tmp_path / name)
        for name in ("ready", "authors", "joined")
    }
    assert {b.languages() for b in found.values()} == {("ell_Grek",)}
    assert found["ready"].load("el", "test").labels == ["Sin"]
    assert found["authors"].load("el", "train").texts == ["α"]
    assert found["authors"].load("el", "dev").texts == ["β"]
    joined = found["joined"].load("el", "train")
    # 40001009 is not in that Bible: left out, not empty.
    assert (joined.ids, joined.labels, joined.texts) == (["40001001"], ["Faith"], ["α"])
    assert not found["joined"].has("ell_Grek", "dev")
    write(tmp_path / "ready", "ell_Grek/test.tsv", "40001001\tSin\n")
    with pytest.raises(DataError, match="line 1: 2 cells, legal: 3"):
        found["ready"].load("el", "test")
    with pytest.raises(DataError, match="taxi1500 reads a local folder and none was given"):
        get_labelled_benchmark("taxi1500")


def test_ner_reads_three_layouts(tmp_path):
    body = "Αθήνα\tB-LOC\nκαι\tO\n\nΣωκράτης\tB-PER\n"
    write(tmp_path / "a", "ell_Grek/test.iob2.gz", body)
    prefixed = "".join(f"el:{line}\n" if line else "\n" for line in body.split("\n"))
    write(tmp_path / "b", "el/test", prefixed)
    write(tmp_path / "c", "test-ell_Grek.tsv", body)
    for name in "abc":
        data = get_labelled_benchmark("ner", directory=tmp_path / name).load("ell_Grek", "test")
        assert data.words == [["Αθήνα", "και"], ["Σωκράτης"]]
        assert data.tags == [["B-LOC", "O"], ["B-PER"]]
    write(tmp_path / "a", "arb_Arab/test.iob2", "قط\tO\n")
    benchmark = get_labelled_benchmark("ner", directory=tmp_path / "a")
    assert benchmark.languages() == ("ara_Arab", "ell_Grek")
    write(tmp_path / "a", "arb_Arab/test.iob2", "قط\tB-MISC\n")
    with pytest.raises(DataError, match=r"labels 'B-MISC' \(1\); legal: B-LOC"):
        benchmark.load("ara_Arab", "test")
    write(tmp_path / "a", "arb_Arab/test.iob2", "قط\n")
    with pytest.raises(DataError, match="line 1: legal is token, a tab, and its tag"):
        benchmark.load("ara_Arab", "test")


def test_a_folder_with_another_name_is_other_data(tmp_path):
    """The same file under another language must not be found again as what was measured."""
    write(tmp_path / "one", "ell_Grek/test.iob2", "α\tO\n")
    write(tmp_path / "two", "heb_Hebr/test.iob2", "α\tO\n")
    write(tmp_path / "three", "ell_Grek/test.iob2", "α\tO\n")
    one, two, three = (
        get_labelled_benchmark("ner", directory=tmp_path / name).revision
        for name in ("one", "two", "three")
    )
    assert one == three != two, "where the whole lies does not matter"


def test_ner_from_the_hub_maps_tags_by_name(monkeypatch, capsys):
    names = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
    asked = []

    class Rows(dict):
        features = {"ner_tags": SimpleNamespace(feature=SimpleNamespace(names=names))}

    def load_dataset(repository, config, *, split, revision):
        asked.append((repository, config, split, revision))
        return Rows(tokens=[["粵", "語"]], ner_tags=[[5, 6]])

    wikipedias = ["ar", "als", "be", "be-x-old", "ka", "map-bms", "no", "nrm", "roa-tara", "simple"]
    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    monkeypatch.setattr(
        "datasets.get_dataset_config_names",
        lambda repository, revision: [*wikipedias, "zh", "zh-classical", "zh-yue"],
    )
    monkeypatch.setattr(
        "huggingface_hub.HfApi.dataset_info",
        lambda self, repository, revision: SimpleNamespace(sha=f"{revision}-sha"),
    )
    benchmark = get_labelled_benchmark("ner", label_map={"DATE": "O"})
    assert benchmark.languages() == (
        *("ara_Arab", "be-x-old", "bel_Cyrl", "gsw_Latn", "kat_Geor", "lzh_Hani", "nor_Latn"),
        *("nrf_Latn", "yue_Hani", "zho_Hani"),
    )
    assert "they name no language and script: roa-tara; legal" in capsys.readouterr().err
    assert benchmark.load("yue_Hani", "dev").tags == [["B-LOC", "I-LOC"]]
    benchmark.load("gsw", "test")
    benchmark.load("bel_Cyrl", "test")
    assert asked == [
        ("unimelb-nlp/wikiann", "zh-yue", "validation", "main-sha"),
        ("unimelb-nlp/wikiann", "als", "test", "main-sha"),
        ("unimelb-nlp/wikiann", "be", "test", "main-sha"),
    ]
    assert benchmark.signature() == "ner@main-sha+DATE=O"


def test_without_network_the_message_says_what_to_do(monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionError("no route\nto the Hub")

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", fail)
    for name in ("sib200", "ner"):
        with pytest.raises(DataError, match=rf"\(no route\); check the network, or .* {name}:DIR"):
            get_labelled_benchmark(name).load("ell_Grek", "test")
    with pytest.raises(DataError, match="pos: cannot load commul/universal_dependencies"):
        get_labelled_benchmark("pos").languages()


def test_fused_tokens_take_the_tag_of_the_highest_word():
    # Arabic w+bd> (and he began): the verb is the root, the conjunction hangs on it.
    sentence = [
        Token("1-2", "وبدأ", "_", 0),
        Token("1", "و", "CCONJ", 2),
        Token("2", "بدأ", "VERB", 0),
        Token("3", "،", "PUNCT", 2),
    ]
    assert fuse(sentence) == [("وبدأ", "VERB"), ("،", "PUNCT")]
    # The noun is a verb's child and stands higher than the adposition's own child, a verb.
    deeper = [
        Token("1", "x", "NOUN", 0),
        Token("2-3", "yz", "_", 0),
        Token("2", "y", "ADP", 1),
        Token("3", "z", "VERB", 2),
    ]
    assert fuse(deeper) == [("x", "NOUN"), ("yz", "ADP")]


def test_fused_tokens_equally_high_follow_the_precedence():
    for first, second, tag in (
        ("ADP", "DET", "ADP"),
        ("PART", "NOUN", "NOUN"),
        ("PRON", "PROPN", "PROPN"),
        ("SYM", "PUNCT", "PUNCT"),
    ):
        sentence = [
            Token("1-2", "ab", "_", 0),
            Token("1", "a", first, 3),
            Token("2", "b", second, 3),
            Token("3", "c", "VERB", 0),
        ]
        assert fuse(sentence) == [("ab", tag), ("c", "VERB")]


def test_a_broken_tree_ends():
    assert fuse([Token("1", "a", "NOUN", 2), Token("2", "b", "_", 1)]) == [
        ("a", "NOUN"),
        ("b", "X"),
    ]


def test_a_treebank_of_any_language_is_found_and_a_strange_one_told(tmp_path, capsys):
    write(tmp_path, "UD_Ukrainian-IU/uk_iu-ud-test.conllu", word(1, "слово", "NOUN", 0))
    write(tmp_path, "UD_Hindi_English-HIENCS/qhe_hiencs-ud-test.conllu", word(1, "a", "X", 0))
    pos = get_labelled_benchmark("pos", directory=tmp_path)
    assert pos.languages() == ("ukr_Cyrl",)
    for code in ("ukr_Cyrl", "uk", "ukr"):
        assert pos.load(code, "test").words == [["слово"]]
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "name no language and script: qhe; legal are" in told


def test_pos_joins_treebanks_and_drops_withheld_sentences(tmp_path):
    fused = "1-2\tab\t_\t_\t_\t_\t_\t_\t_\t_\n" + word(1, "a", "ADP", 2) + word(2, "b", "NOUN", 0)
    write(tmp_path, "fas_Arab/test.conllu", f"# text = x\n{fused}\n{word(1, '_', 'NOUN', 0)}\n")
    write(
        tmp_path,
        "fas_Arab/test_pud.conllu.gz",
        word(1, "می\u200cرود", "VERB", 0) + "1.1\t" * 9 + "_\n",
    )
    benchmark = get_labelled_benchmark("pos", directory=tmp_path)
    data = benchmark.load("pes_Arab", "test")
    assert data.words == [["ab"], ["میرود"]]
    assert data.tags == [["NOUN"], ["VERB"]]
    release = tmp_path / "release"
    write(release, "UD_Thai-PUD/th_pud-ud-test.conllu", word(1, "ก", "NOUN", 0))
    write(release, "UD_Thai-TUD/th_tud-ud-test.conllu", word(1, "ข", "VERB", 0))
    thai = get_labelled_benchmark(f"pos:{release}")
    assert thai.languages() == ("tha_Thai",)
    assert thai.load("th", "test").words == [["ก"], ["ข"]]
    write(release, "UD_Thai-TUD/th_tud-ud-test.conllu", "1\tข\tNOUN\n")
    with pytest.raises(DataError, match="3 columns, CoNLL-U has 10"):
        thai.load("th", "test")


def test_unknown_names_say_where_they_are_legal():
    with pytest.raises(DataError, match=r"and sib200, taxi1500, ner, pos for `translit-ppa eval`"):
        get_benchmark("sib200")
    with pytest.raises(DataError, match="unknown benchmark 'cldr'; legal: sib200"):
        get_labelled_benchmark("cldr")


@pytest.mark.parametrize("name", sorted(LABELLED))
def test_every_form_is_filled(name):
    form = LABELLED[name]
    assert form.name == name
    assert form.protocol in ("sequence_classification", "token_classification")
    assert form.main_score in ("macro_f1", "entity_f1", "paper_f1")
    assert form.licence and form.citation
    assert len(set(form.labels)) == {"sib200": 7, "taxi1500": 6, "ner": 7, "pos": 17}[name]


@needs_shared
@pytest.mark.parametrize(
    ("name", "folder", "language", "sizes"),
    [
        ("sib200", "sib200", "heb_Hebr", (701, 99, 204)),
        ("taxi1500", "taxi1500", "ell_Grek", (860, 106, 111)),
        ("ner", "ner", "tur_Latn", (2000, 1000, 1000)),
        ("pos", "ud", "ell_Grek", (921, 150, 736)),
    ],
)
def test_real_folders(name, folder, language, sizes):
    benchmark = get_labelled_benchmark(name, directory=SHARED / folder)
    data = {split: benchmark.load(language, split) for split in benchmark.splits}
    assert tuple(len(part) for part in data.values()) == sizes
    if name == "pos":
        assert {tag for tags in data["train"].tags for tag in tags} <= set(UPOS)
        assert benchmark.languages_with("test") == benchmark.languages()
        assert "amh_Ethi" not in benchmark.languages_with("train", "dev")
        # README of the data: 363 of TUD and 300 of PUD.
        assert len(benchmark.load("tha_Thai", "test")) == 663
