"""Tagged files as they are released: which column is the word, which the tag, what is no word."""

from __future__ import annotations

import pytest

from translit_ppa.data_builders.benchmarks import get_labelled_benchmark
from translit_ppa.data_builders.build.door.look import tagged_seen
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.reading.tagged import read_tagged, to_iob2

CONLL = """-DOCSTART- -X- -X- O

Anna NNP B-NP I-PER
sings VBZ B-VP O
in IN B-PP O
Lund NNP B-NP I-LOC

Malmö NNP I-NP I-LOC
"""
GERMEVAL = """#\thttp://example.org/wiki/Lund_(Ort)\t[2009-10-17]\t
1\tDer\tO\tO
2\tFC\tB-ORG\tO
3\tLund\tI-ORG\tB-LOC

#\tn-tv.de vom 26.02.2005 [2005-02-26]
1\tLundische\tB-LOCderiv\tO
"""
UNIVERSAL = """# newdoc id = a
# sent_id = a-1
# text = 安娜去隆德
1\t安娜\tB-PER\t-\tx
2\t去\tO\t-\t-
3\t隆德\tB-OTH\t-\tx

# sent_id = a-2
# text = #
1\t#\tO\t-\t-
"""
MASAKHANE = "Anna B-PER\nranar O\nLitinin B-DATE\n\n# O\n"


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "form", "words", "tags", "left_out"),
    [
        (
            CONLL,
            "CoNLL-2003",
            [["Anna", "sings", "in", "Lund"], ["Malmö"]],
            [["I-PER", "O", "O", "I-LOC"], ["I-LOC"]],
            {"-DOCSTART-": 1},
        ),
        (
            CONLL.replace(" ", "\t"),
            "CoNLL-2003",
            [["Anna", "sings", "in", "Lund"], ["Malmö"]],
            [["I-PER", "O", "O", "I-LOC"], ["I-LOC"]],
            {"-DOCSTART-": 1},
        ),
        (
            GERMEVAL,
            "GermEval 2014",
            [["Der", "FC", "Lund"], ["Lundische"]],
            [["O", "B-ORG", "I-ORG"], ["B-LOCderiv"]],
            {"comments": 2},
        ),
        (
            UNIVERSAL,
            "Universal NER",
            [["安娜", "去", "隆德"], ["#"]],
            [["B-PER", "O", "B-OTH"], ["O"]],
            {"comments": 5},
        ),
        (
            MASAKHANE,
            "token, a blank",
            [["Anna", "ranar", "Litinin"], ["#"]],
            [["B-PER", "O", "B-DATE"], ["O"]],
            {},
        ),
        (
            "#DOCSTART\n0\tAnna\tB-PER\n1\tsings\tO\n\n0\t7\tO\n",
            "WikiNEuRal",
            [["Anna", "sings"], ["7"]],
            [["B-PER", "O"], ["O"]],
            {"comments": 1},
        ),
        (
            "# id 5239d808\tdomain=en\nanna _ _ B-PER\n# _ _ O\n\n# id 5\nlund _ _ B-LOC\n",
            "CoNLL-2003",
            [["anna", "#"], ["lund"]],
            [["B-PER", "O"], ["B-LOC"]],
            {"comments": 2},
        ),
        (
            "Token Tag\nAnna B-PER\nToken O\n",
            "a blank",
            [["Anna", "Token"]],
            [["B-PER", "O"]],
            {"names of columns": 1},
        ),
        ("1\tA\tO\tO\t\n2\tB\tO\tO\n", "GermEval", [["A", "B"]], [["O", "O"]], {}),
        ("el:Η\tO\nel:Αθήνα\tB-LOC\n\nel::\tO\n", "a tab", [["Η", "Αθήνα"], [":"]], None, {}),
        ("#\tO\nx\tB-PER\n", "a tab", [["#", "x"]], [["O", "B-PER"]], {}),
    ],
)
def test_layouts(tmp_path, text, form, words, tags, left_out):
    found = read_tagged(write(tmp_path, "a.txt", text), "ner")
    assert form in found.form
    assert found.words == words
    assert tags is None or found.tags == tags
    assert found.left_out == left_out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\tNN\tx\n", r"3 columns \(a \| NN \| x\) are no layout known here; legal are token and"),
        ("a NN x\n", "3 columns"),
        ("a\tO\nb\tNN\tO\n", "line 2: legal is token, a tab, and its tag, 2 cells in every line"),
        ("a O\nb  O\n", "line 2: legal is token, a blank"),
        ("1\ta\tO\tO\n\nb\tO\n", "line 3|4 columns"),
        ("-DOCSTART- -X- O O\n\n", "has no sentence"),
        ("a\n", "line 1: legal is token, a tab, and its tag"),
        ("a O\n" * 2001, "line 2001: a sentence of more than 2,000 words; a blank line parts two"),
    ],
)
def test_other_columns_are_refused(tmp_path, text, told):
    with pytest.raises(DataError, match=told):
        read_tagged(write(tmp_path, "a.txt", text), "ner")


def test_iob1_becomes_iob2():
    tags = ["I-PER", "I-PER", "O", "I-LOC", "B-LOC", "I-ORG", "I-ORG"]
    assert to_iob2(tags) == ["B-PER", "I-PER", "O", "B-LOC", "B-LOC", "B-ORG", "I-ORG"]
    assert to_iob2(["B-PER", "I-PER", "I-PER"]) == ["B-PER", "I-PER", "I-PER"]


def test_bilou_and_bmes_become_iob2():
    assert to_iob2(["U-PER", "B-LOC", "I-LOC", "L-LOC"]) == ["B-PER", "B-LOC", "I-LOC", "I-LOC"]
    assert to_iob2(["B-PER", "M-PER", "E-PER", "S-PER"]) == ["B-PER", "I-PER", "I-PER", "B-PER"]
    assert to_iob2(["E-PER", "S", "O"]) == ["B-PER", "S", "O"]


@pytest.mark.parametrize("tag", ["PER", "PER-B", "b-per", "Anna"])
def test_tags_that_are_no_iob_are_told_so(tmp_path, tag):
    write(tmp_path, "eng_Latn/test.txt", f"Anna {tag}\nsings O\n")
    benchmark = get_labelled_benchmark("ner", directory=tmp_path)
    with pytest.raises(DataError, match="these are no tags of IOB, such as B-PER, I-PER and O"):
        benchmark.load("en", "test")


def test_two_columns_may_be_iob1_as_well(tmp_path):
    write(tmp_path, "eng_Latn/test.txt", "Anna I-PER\nLund I-LOC\n")
    benchmark = get_labelled_benchmark("ner", directory=tmp_path)
    assert benchmark.load("en", "test").tags == [["B-PER", "B-LOC"]]
    (path,) = benchmark.files("eng_Latn", "test")
    assert "tags of 1 sentences are written as IOB2" in str(tagged_seen(path, "eng_Latn", "ner"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("en/test.conllu", "0\ta\tB-PER\n"),
        ("EN-English/en_test.conll", "# id 1\tdomain=en\na _ _ B-PER\n"),
        ("EN-English/en-test.conll", "# id 1\tdomain=en\na _ _ B-PER\n"),
        ("eng.testb", CONLL),
        ("en_ewt-ud-test.iob2", "1\ta\tB-PER\t-\tx\n"),
        ("UNER_English-EWT/en_ewt-ud-test.iob2", "1\ta\tB-PER\t-\tx\n"),
        ("NER-en-test.tsv", "1\ta\tB-PER\tO\n"),
        ("eng_Latn/test.txt", "a B-PER\n"),
        ("eng_Latn/test.conll", "a\tB-PER\n"),
    ],
)
def test_released_names_are_found(tmp_path, name, text):
    write(tmp_path, name, text)
    write(tmp_path, "README.md", "x")
    benchmark = get_labelled_benchmark("ner", directory=tmp_path)
    assert benchmark.languages() == ("eng_Latn",)
    assert benchmark.load("en", "test").tags[0][0] == "B-PER"
    assert benchmark.passed_over == {"README.md": "its name tells no language and split"}


def test_the_development_part_has_several_names(tmp_path):
    write(tmp_path, "eng_Latn/val.txt", "a B-PER\n")
    assert get_labelled_benchmark("ner", directory=tmp_path).has("eng_Latn", "dev")
    (tmp_path / "eng_Latn" / "val.txt").rename(tmp_path / "eng_Latn" / "valid.txt")
    write(tmp_path, "nosuchlanguage/dev.txt", "a O\n")
    benchmark = get_labelled_benchmark("ner", directory=tmp_path)
    assert benchmark.languages_with("dev") == ("eng_Latn",)
    assert benchmark.passed_over == {
        "nosuchlanguage/dev.txt": "'nosuchlanguage' is no language code"
    }
    write(tmp_path, "eng_Latn/dev.txt", "a B-PER\n")
    with pytest.raises(DataError, match=r"dev\.txt and .*valid\.txt are the same data; remove one"):
        get_labelled_benchmark("ner", directory=tmp_path)


def test_two_treebanks_of_a_language_are_one(tmp_path):
    write(tmp_path, "en_ewt-ud-test.iob2", "1\ta\tB-PER\t-\tx\n")
    write(tmp_path, "en_pud-ud-test.iob2", "1\tb\tO\t-\t-\n")
    assert get_labelled_benchmark("ner", directory=tmp_path).load("en", "test").words == [
        ["a"],
        ["b"],
    ]


def test_other_kinds_are_mapped_or_dropped_when_that_is_asked_for(tmp_path):
    write(tmp_path, "eng_Latn/test.tsv", "Lundish\tB-LOCderiv\nMonday\tB-DATE\nnoon\tI-DATE\n")
    plain = get_labelled_benchmark("ner", directory=tmp_path)
    with pytest.raises(DataError, match=r"'B-LOCderiv' \(1\).* --label-map LOCderiv=O DATE=O"):
        plain.load("en", "test")
    assert list(plain.texts("en", "test")) == ["Lundish Monday noon"], "no label is needed to leave"
    asked = {"DATE": "O", "LOCderiv": "LOC"}
    mapped = get_labelled_benchmark("ner", directory=tmp_path, label_map=asked)
    assert mapped.load("en", "test").tags == [["B-LOC", "O", "O"]]
    assert mapped.signature() == f"{plain.signature()}+DATE=O+LOCderiv=LOC"
    with pytest.raises(DataError, match=r"DATE=TIME; legal is KIND=PER\|ORG\|LOC\|O"):
        get_labelled_benchmark("ner", directory=tmp_path, label_map={"DATE": "TIME"})


def test_a_test_set_without_an_entity_is_not_scored(tmp_path):
    write(tmp_path, "eng_Latn/test.tsv", "a\tO\n")
    write(tmp_path, "ell_Grek/test.tsv", "α\tB-LOC\n")
    benchmark = get_labelled_benchmark("ner", directory=tmp_path)
    assert benchmark.why_unscored("eng_Latn", "test") == (
        "its test data hold no entity, and F1 needs one"
    )
    assert benchmark.why_unscored("ell_Grek", "test") is None
