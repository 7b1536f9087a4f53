"""Our own lattice gives what the package's gives, wherever it answers at all."""

import csv
import gzip
import random
from functools import cache
from itertools import islice

import pytest

from translit_ppa.data_builders.languages.groups import romaniser_code
from translit_ppa.data_builders.transliterators.uroman.core import UromanCore, core
from translit_ppa.data_builders.transliterators.uroman.lattice import lean_uroman
from translit_ppa.data_builders.transliterators.uroman.readings import LeftOfPart, Unmodelled
from translit_ppa.data_builders.transliterators.uroman.romaniser import UromanTransliterator

CODES = "tha zho yue bod mya lao khm amh ell heb ara fas kor jpn hin ben san rus tur".split()
BETWEEN = [
    *" .,-1:'(\n",
    "\u200b",
    "\u200d",
    "፡",
    "，",
    "。",
    "「",
    "  ",
    "分",
    "负",
    "點",
    "A",
    "z",
]


@cache
def package():
    """The package untouched: our own copy is another module."""
    import uroman

    return uroman.Uroman()


def lean(text, lcode=None, *, part=False):
    return lean_uroman(core(), lcode)(text, part=part)


def strings(script, seed=0):
    """Draw from few characters at a time, so that the conditions of several rules meet."""
    scripts = core().chars_by("script")
    own = sorted(scripts[script])
    marks = [char for char in own if not char.isalpha()] or own
    others = sorted(set().union(*scripts.values()))
    draw = random.Random(f"{script} {seed}")
    while True:
        few = draw.sample(own, min(len(own), draw.choice((3, 8, 60))))
        for _ in range(20):
            pools = draw.choices((few, marks, BETWEEN, others), (75, 15, 8, 2), k=12)
            yield "".join(map(draw.choice, pools[: draw.randint(1, 12)]))


@pytest.mark.parametrize(
    "script",
    "Thai CJK Tibetan Myanmar Lao Khmer Ethiopic Greek Hebrew Arabic Hangul Katakana Devanagari "
    "Bengali Malayalam Gurmukhi Cyrillic Armenian Latin Coptic".split(),
)
def test_random_strings(script):
    answered = 0
    for number, text in enumerate(islice(strings(script), 250)):
        lcode = [None, *CODES][number % (len(CODES) + 1)]
        try:
            found = lean(text, lcode)
        except Unmodelled:
            continue
        answered += 1
        assert found == core().romanise(text, lcode), (text, lcode)
    assert answered > 30


@pytest.mark.parametrize(
    ("text", "lcode"),
    [
        # Before O ANG, the package passes over a letter that stands before a mark without Latin.
        ("ก็ต้องมา", "tha"),
        ("ข้อกล่าวหา", "tha"),
        ("เครื่องออกแบบ", "tha"),
        ("เกษตรศักดิ์สิทธิ์", None),
        ("བསྒྲུབས", "bod"),
        ("བཀྲ་ཤིས་བདེ་ལེགས", "bod"),
        ("གསལ་འདའ་རྒྱའ", None),
        ("၁၂.၅", None),
        ("٢٠٢٤", "ara"),
        ("༢༠༢༤", "bod"),
        ("မြန်မာ", "mya"),
        ("យល់កយ", "khm"),
        ("कर्म क़लम ऋषि", "san"),
        ("ΘΕΟΣ Θεός μπαμπάς γκολ", "ell"),
        ("ﻼﷲ", "ara"),
        ("你好，「世界」。 （好）", "zho"),
        ("각하", "kor"),
        ("a" * 600, None),
    ],
)
def test_gold_and_hard_lines(text, lcode):
    assert lean(text, lcode) == package().romanize_string(text, lcode=lcode)


@pytest.mark.parametrize(
    "char", [*"一万参½²ー", "\u0e2d", "\u0300", "၁", "，", "ⴣ", "負", "Θ", "\u1000"]
)
def test_a_character_alone(char):
    for lcode in (None, "ell"):
        found = UromanTransliterator(language_code=lcode is not None)([char], lcode)[0]
        assert found == package().romanize_string(char, lcode=lcode)


@pytest.mark.parametrize(
    "text", ["三万", "12年", "⠓⠑", "きゃ", "まって", "コーヒー", "e\u0300", "ab負", "分之", "½a"]
)
def test_what_is_not_modelled_is_left_to_the_package(text):
    with pytest.raises(Unmodelled):
        lean(text + "ก")
    given = UromanTransliterator(language_code=False)([text])
    assert given == [core().romanise(text, None)]


def test_a_part_that_looks_left_is_read_with_what_stands_there(monkeypatch):
    """`\u0e02\u0e49\u0e2d\u0e01` begins a part here, and what O ANG looks for stands before it."""
    with pytest.raises(LeftOfPart):
        lean("ข้อก", "tha", part=True)
    romanise = UromanTransliterator()
    wholes = []
    whole = UromanCore.romanise
    monkeypatch.setattr(
        UromanCore, "romanise", lambda self, *text: wholes.append(text) or whole(self, *text)
    )
    for text in ("ข้อก", "มา ข้อก", "Ab ข้อก 12", '"ข้อก"', "五 ข้อก", "5 ก่อน 5", "⠓ ก่อน"):
        expected = package().romanize_string(text, lcode="tha")
        assert romanise([text], "tha") == [expected], text
    assert [text for text, _ in wholes] == ["五 ข้อก", "5 ก่อน 5", "⠓ ก่อน"]


def test_languages_without_rules_of_their_own_share_what_is_compiled():
    assert lean_uroman(core(), "tha") is lean_uroman(core(), None)
    assert lean_uroman(core(), "ell") is not lean_uroman(core(), "san")


def test_sentences_of_every_language_there(shared_data):
    """Every 40th sentence; nearly all of their parts are ours."""
    for path in sorted((shared_data / "ntrex").glob("*.tsv.gz")):
        code = path.name.partition(".")[0]
        lcode = romaniser_code(code)
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            texts = [row[-1] for number, row in enumerate(rows) if number % 40 == 0]
        for romanise, told in (
            (UromanTransliterator(), lcode),
            (UromanTransliterator(language_code=False), None),
        ):
            expected = [package().romanize_string(text, lcode=told) for text in texts]
            assert romanise(texts, code) == expected, code


def test_ordinary_text_needs_no_lattice_of_the_package(monkeypatch):
    def asked(self, text, lcode):
        raise AssertionError(f"the package was asked for {text!r}")

    lines = {
        "tha": "การเมืองไทย ต้องซ่อม น้ำ 12.5%",
        "zho": "我们必须修理那些机器，然后回家。",
        "bod": "བཀྲ་ཤིས་བདེ་ལེགས། ང་བོད་ནས་ཡིན།",
        "mya": "မြန်မာနိုင်ငံ၌ ၁၂၃",
        "kor": "한국어는 아름답다. 2024",
        "ell": "Η Αθήνα είναι μεγάλη!",
        "amh": "ሰላም ነው።",
    }
    UromanTransliterator(language_code=False).forget()
    monkeypatch.setattr(UromanCore, "romanise_piece", asked)
    monkeypatch.setattr(UromanCore, "romanise", asked)
    for lcode, line in lines.items():
        assert UromanTransliterator()([line], lcode) != [line]
