"""Forms that text comes in: folded by a named step, counted, and found as duplicates and leaks."""

from __future__ import annotations

import re
import unicodedata

import pytest

from translit_ppa import build_pairs, check_text
from translit_ppa.data_builders.sentences.forms import (
    _FOR_ALL,
    STEPS,
    fold_forms,
    fold_words,
    forms_signature,
)
from translit_ppa.data_builders.transliterators import get_transliterator
from translit_ppa.hub_cards.records.files import load_records

CASES = [
    ("ara", "ﻣﺮﺣﺒﺎ ﺑﺎﻟﻌﺎﻟﻢ", "مرحبا بالعالم", ("presentation_forms",)),
    ("ara", "ﷺ", "صلى الله عليه وسلم", ("presentation_forms",)),
    ("ara", "مـرحـبا", "مرحبا", ("tatweel",)),
    ("ara", "1445هـ", "1445هـ", ()),
    ("heb", "ﭏ ﬡ", "אל א", ("presentation_forms",)),
    ("hye", "ﬓ", "մն", ("presentation_forms",)),
    ("eng", "ﬁrst", "first", ("presentation_forms",)),
    ("fas", "كتابي", "کتابی", ("arabic_keyboard",)),
    ("ara", "كتابي", "كتابي", ()),
    ("jpn", "ｶﾞＡ１", "ガA1", ("width",)),
    ("zho", "你好，世界！", "你好，世界！", ()),
    ("mya", "ျမန္မာ", "မြန်မာ", ("zawgyi",)),
    ("mya", "မြန်မာ", "မြန်မာ", ()),
    ("shn", "ျမန္မာ", "ျမန္မာ", ()),
    ("tha", "สีดํา นํ้า", "สีดำ น้ำ", ("thai_sara_am",)),
    ("tha", "น้ํา นำ้", "น้ำ น้ำ", ("thai_sara_am",)),
    ("tha", "เเม่", "แม่", ("double_e",)),
    ("lao", "ນໍ້າ ດໍາ", "ນ້ຳ ດຳ", ("lao_sara_am",)),
    ("lao", "ເເມ່", "ແມ່", ("double_e",)),
    ("lao", "ຫນ້າ ຫມາ", "ໜ້າ ໝາ", ("lao_silent_h",)),
    ("zho", "⼈⽂", "人文", ("radicals",)),
    ("ell", "µικρός, 5 µm", "μικρός, 5 µm", ("micro_sign",)),
    ("ckb", "كوردي", "کوردی", ("arabic_keyboard",)),
    ("ckb", "کورده\u200cکان", "کوردەکان", ("kurdish_ae",)),
    ("fas", "بچه\u200cها", "بچه\u200cها", ()),
    ("ukr", "п’ять, пʼять, ’ні’", "п'ять, п'ять, ’ні’", ("cyrillic_apostrophe",)),
    ("ron", "şi ţară", "și țară", ("romanian_comma",)),
    ("ell", "Ωµέγα, 10 µΩ", "Ωμέγα, 10 µΩ", ("micro_sign",)),
    ("deu", "10 µΩ", "10 µΩ", ()),
    ("ckb", "شاه\u200cنامە", "شاه\u200cنامە", ()),
    ("ron", "Beşiktaş, Şanlıurfa şi Iaşi", "Beşiktaş, Şanlıurfa și Iași", ("romanian_comma",)),
    (
        "mya",
        "မြန်မာစကားက\u1036\u102f\u102d ပြောသည်",
        "မြန်မာစကားက\u102d\u102f\u1036 ပြောသည်",
        ("burmese_order",),
    ),
    ("tur", "şimdi", "şimdi", ()),
    ("bod", "ང༌།", "ང་།", ("tibetan_tsheg",)),
    ("mya", "မြန်မာစကားကုိ ပြောသည်", "မြန်မာစကားကို ပြောသည်", ("burmese_order",)),
    ("mul", "ﻧﻌﻢ ျမန္မာ", "نعم ျမန္မာ", ("presentation_forms",)),
]


@pytest.mark.parametrize(("language", "given", "expected", "steps"), CASES)
def test_a_form_is_folded_by_its_step(language, given, expected, steps):
    expected = unicodedata.normalize("NFC", expected)
    assert fold_forms(given, language) == (expected, steps)
    assert fold_forms(expected, language) == (expected, ())


def test_one_search_finds_what_the_steps_of_all_languages_begin_with():
    """Every character that one of their triggers finds by itself, or twice."""
    steps = [step for step in STEPS if step.languages is None]
    chars = [chr(point) for point in range(0x10000) if not 0xD800 <= point < 0xE000]
    found = {
        char
        for char in chars
        for step in steps
        if step.trigger.search(f"α{char}α") or step.trigger.search(char * 2)
    }
    assert len(found) > 1000
    missed = {char for char in found if not _FOR_ALL.search(char)}
    assert missed == set()


def test_every_step_has_a_case():
    assert {name for *_, names in CASES for name in names} == {step.name for step in STEPS}


@pytest.mark.parametrize(
    ("code", "given", "latin"),
    [
        ("tha", "สีดํา นํ้า", "siidam nam"),
        ("lao", "ນໍ້າ ດໍາ", "nam dam"),
        ("lao", "ຫນ້າ", "naa"),
        ("zho", "⼈⽂", "renwen"),
        ("ell", "µικρός", "mikros"),
        ("ckb", "کورده\u200cکان", "kwrdaekan"),
        ("ukr", "п’ять", "p'yat"),
        ("bod", "བོད༌སྐད", "bod·skad"),
        ("mya", "ကုိ", "kiu"),
        ("mya", "ျမန္မာ", "mranmaa"),
        ("ara", "ﻣﺮﺣﺒﺎ ﺑﺎﻟﻌﺎﻟﻢ", "mrhba bal'alm"),
    ],
)
def test_what_is_folded_is_romanised_as_it_is_read(code, given, latin):
    uroman = get_transliterator("uroman")
    assert uroman([fold_forms(given, code)[0]], code) == [latin]
    assert uroman([given], code) != [latin]


def test_what_decides_the_steps_is_named():
    assert forms_signature("ara") == (
        "presentation_forms width radicals micro_sign tatweel tibetan_tsheg thai_sara_am "
        "lao_sara_am double_e lao_silent_h"
    )
    assert re.fullmatch(r"zawgyi .* myanmartools-[\d.]+>0.999 icu-[\d.]+", forms_signature("mya"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "text").mkdir()
    texts = ["สีดำ น้ำ", "สีดํา นํ้า", "เเม่นํ้า", "ในเมือง", "ในนํ้า"]
    (tmp_path / "text" / "tha_Thai.txt").write_text("\n".join(texts), encoding="utf-8")
    (tmp_path / "leak").mkdir()
    (tmp_path / "leak" / "tha_Thai.txt").write_text("ในน้ํา\n", encoding="utf-8")
    return tmp_path


def built(folder, **options):
    pairs = build_pairs(
        f"files:{folder / 'text'}",
        group="sea",
        out=folder / f"out-{len(list(folder.iterdir()))}",
        languages=["tha"],
        validation=0,
        exclude_benchmark=[f"parallel:{folder / 'leak'}"],
        show_progress=options.pop("show_progress", False),
        **options,
    )
    return pairs, pairs.report.languages[0]


def test_a_build_folds_before_it_looks_for_duplicates_and_leaks(folder, capsys):
    pairs, counts = built(folder, show_progress=True)
    assert sorted(pairs["train"]["text"]) == sorted(["สีดำ น้ำ", "แม่น้ำ", "ในเมือง"])
    assert counts.dropped == {"duplicate": 1, "in_benchmark": 1}
    assert counts.folded == {"double_e": 1, "thai_sara_am": 3}
    assert pairs.report.filters["fold_forms"] is True
    told = capsys.readouterr().err
    assert "folded forms, in sentences: tha_Thai double_e 1, thai_sara_am 3" in told
    # A finished language is taken over with its counts.
    again = build_pairs(
        f"files:{folder / 'text'}",
        group="sea",
        out=pairs.name,
        languages=["tha"],
        validation=0,
        exclude_benchmark=[f"parallel:{folder / 'leak'}"],
        show_progress=False,
    )
    assert again.report.languages[0].folded == counts.folded


def test_by_an_option_everything_stays_as_it_came(folder):
    pairs, counts = built(folder, fold_forms=False)
    assert len(pairs["train"]) == 5 and counts.dropped == {} and counts.folded == {}
    assert pairs.report.filters["fold_forms"] is False


def test_check_counts_them_too(folder):
    (report,) = check_text(folder / "text")
    assert "folded forms         double_e 1, thai_sara_am 3" in str(report)
    assert report.examples[0] == ("สีดำ น้ำ", "siidam nam")
    (as_it_is,) = check_text(folder / "text", fold_forms=False)
    assert not as_it_is.folded and "folded" not in str(as_it_is)


def test_a_record_of_before_has_none(folder):
    pairs, _ = built(folder)
    (record,) = load_records(folder / pairs.name / "sea" / "build_record.json")
    fields = record.to_dict()
    del fields["languages"][0]["folded"]
    assert type(record).from_dict(fields).languages[0].folded == {}


def test_words_are_zawgyi_where_their_sentence_is():
    """This word of plain Burmese looks like Zawgyi by itself to the detector."""
    words = "သူသည် မိက္ခာသား ဖြစ်၏ ခြားနား၏။".split()
    assert fold_words(words, "mya") == (words, ())
    zawgyi = "ျမန္မာ နိုင္ငံတြင္ ေနထိုင္ၾကသည္".split()
    assert fold_words(zawgyi, "mya") == (
        ["မြန်မာ", "နိုင်ငံတွင်", "နေထိုင်ကြသည်"],
        ("zawgyi",),
    )
    assert fold_words(zawgyi, "shn") == (zawgyi, ())
    assert fold_words(["ﻣﺮﺣﺒﺎ", "one"], "ara") == (["مرحبا", "one"], ("presentation_forms",))
