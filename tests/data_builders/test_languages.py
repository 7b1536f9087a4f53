"""Codes, aliases and groups: every wrong line is named, with what is legal."""

import pytest
from uroman import Uroman

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.aliases import LANGUAGE_ALIASES, ROMANISER_LANGUAGES
from translit_ppa.data_builders.languages.groups import (
    group_names,
    load_group,
    resolve_code,
    romaniser_code,
)
from translit_ppa.data_builders.transliterators import get_transliterator


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("amh_Ethi", "amh_Ethi"),
        ("AMH-ethi", "amh_Ethi"),
        ("pes_Arab", "fas_Arab"),
        ("fa", "fas_Arab"),
        ("per", "fas_Arab"),
        ("yue_Hant", "yue_Hani"),
        ("zho_Hans", "zho_Hani"),
        ("cmn_Hani", "zho_Hani"),
        ("kor_Kore", "kor_Hang"),
        ("iw", "heb_Hebr"),
        ("rus_Cyrl", "rus_Cyrl"),
        ("ru_Cyrl", "rus_Cyrl"),
        ("tha", "tha_Thai"),
        ("uk", "ukr_Cyrl"),
        ("ukr", "ukr_Cyrl"),
        ("UKR-cyrl", "ukr_Cyrl"),
        ("rus", "rus_Cyrl"),
        ("amh_Ethi_ET", "amh_Ethi"),
        ("zh-CN", "zho_Hani"),
        ("zh_Hant_TW", "zho_Hani"),
        ("zh-yue", "yue_Hani"),
        ("sr", "srp_Cyrl"),
        ("sr-Latn-RS", "srp_Latn"),
        ("sh", "hbs_Latn"),
        ("pa", "pan_Guru"),
        ("pa-PK", "pan_Arab"),
        ("khk", "khk_Cyrl"),
        ("prs", "prs_Arab"),
        ("ydd", "ydd_Hebr"),
        ("dv", "div_Thaa"),
        ("ja", "jpn_Jpan"),
        ("mo", "ron_Latn"),
        ("scr", "hrv_Latn"),
        ("sl-rozaj-biske-1994", "slv_Latn"),
        ("eng-x-bible-world", "eng_Latn"),
        ("urd_Aran", "urd_Arab"),
        ("qaa_Latn", "qaa_Latn"),
        ("mul_Zyyy", "mul_Zyyy"),
    ],
)
def test_resolve_code(given, expected):
    assert resolve_code(given) == expected


@pytest.mark.parametrize(
    "wrong",
    "|a|amharic|amh_Xxxx|qaa|qq|xyz|und|my_text|my_pairs|de-small|en_ok|the_new|readme|1".split(
        "|"
    ),
)
def test_wrong_codes_say_what_is_legal(wrong):
    with pytest.raises(DataError, match="amh_Ethi"):
        resolve_code(wrong)


def test_every_language_that_cldr_can_write_is_resolved():
    from babel.core import get_global
    from iso639 import ALL_LANGUAGES

    likely = get_global("likely_subtags")
    asked = 0
    for language in ALL_LANGUAGES:
        if language.status == "A" and language.scope != "S" and language.part1 in likely:
            assert resolve_code(language.part1) == resolve_code(language.part3)
            asked += 1
    assert asked > 170
    assert not set(LANGUAGE_ALIASES) & set(LANGUAGE_ALIASES.values())


def test_groups_are_table_1():
    assert group_names() == ("mediterranean", "sea")
    med, sea = load_group("mediterranean"), load_group("sea")
    assert len(med.languages) == len(sea.languages) == 10
    assert sum(x.printed for x in med.languages) == 15_759_000
    assert sum(x.printed for x in sea.languages) == 4_040_000
    for group in (med, sea):
        assert [x.code for x in group.evaluation_sources] == ["eng_Latn"]
        for x in group.languages:
            # The rule of the paper gives Table 1, whose counts are truncated to two figures.
            assert 0 <= max(0.1 * x.full, 10_000) - x.printed < max(0.1 * x.printed, 1000)


def test_subset_takes_aliases_and_keeps_the_order_of_the_file():
    assert load_group("mediterranean", ["el", "pes_Arab"]).codes == ("fas_Arab", "ell_Grek")
    with_source = load_group("mediterranean", ["eng", "ell"])
    assert with_source.scored_codes == ("ell_Grek", "eng_Latn")
    with pytest.raises(DataError, match="tha_Thai not in group mediterranean; legal are ara_Arab"):
        load_group("mediterranean", ["tha_Thai"])


def test_unknown_group():
    with pytest.raises(DataError, match="legal are mediterranean, sea or the path"):
        load_group("europe")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["code", "amh_Ethi", "am"], r"line 3: 'am' is amh_Ethi, already on line 2"),
        (["code", "", "# note", "xxq"], r"line 4: 'xxq': 'xxq' is no code of ISO 639; legal is"),
        (["code\trole", "amh_Ethi\ttest"], r"line 2: role 'test'; legal are train, evaluation"),
        (["code\tfull", "amh_Ethi\t3k"], r"line 2: full '3k'; legal is a whole number"),
        (["name\tlang", "x\ty"], r"line 1: header .* legal are .* code name role"),
        (["code", "amh_Ethi\tAmharic"], r"line 2: 2 cells, the header has 1"),
        (["code\trole", "eng_Latn\tevaluation"], "no language to train on"),
    ],
)
def test_wrong_group_files(tmp_path, lines, message):
    path = tmp_path / "mine.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_group(path)


def test_own_group_with_bom_and_crlf(tmp_path):
    path = tmp_path / "mine.tsv"
    path.write_bytes("\ufeffcode\tname\r\nru_Cyrl\tRussian\r\n".encode())
    group = load_group(path)
    assert (group.name, group.codes, group.languages[0].name) == ("mine", ("rus_Cyrl",), "Russian")
    (tmp_path / "data.tsv").write_text("code\namh_Ethi\n")
    with pytest.raises(DataError, match="is no name of a config"):
        load_group(tmp_path / "data.tsv")


def test_what_uroman_is_handed():
    assert [romaniser_code(c) for c in ("fas", "pes", "fa", "fas_Arab", "pes_Arab")] == ["fas"] * 5
    assert [romaniser_code(c) for c in ("arb_Arab", "arz", "amh_Ethi", "tr", "mul", None)] == [
        "ara",
        "ara",
        "amh",
        "tur",
        None,
        None,
    ]


def test_a_member_of_a_macro_language_has_the_rules_of_its_kin():
    given = ("prs_Arab", "ydd_Hebr", "apc", "lvs", "pbt_Arab", "bos_Cyrl", "khk", "yue", "pnb")
    expected = ["fas", "yid", "ara", "lav", "pus", "srp", "khk", "yue", "pnb"]
    assert [romaniser_code(code) for code in given] == expected
    uroman = get_transliterator("uroman")
    for member, language, text in (
        ("prs_Arab", "fas_Arab", "او گفت خه میرود"),
        ("ydd", "yid", "שלום"),
    ):
        assert uroman([text], member) == uroman([text], language) != uroman([text], None)


def test_who_is_romanised_by_whose_rules_is_told():
    uroman = get_transliterator("uroman")
    assert uroman.rules_told(["ell_Grek", "prs_Arab", "amh_Ethi", "khk_Cyrl", "mul_Zyyy"]) == (
        "uroman: rules of ell for ell_Grek, of fas for prs_Arab; the rules of the script alone for "
        "amh_Ethi, khk_Cyrl (none for its kin either)"
    )
    assert get_transliterator("uroman", language_code=False).rules_told(["ell"]).endswith("alone")


def test_the_languages_with_rules_are_those_of_the_package():
    """Its tables name them; six more stand in its code, for Indic vowels."""
    every = [rule["lcodes"] or () for rules in Uroman().rom_rules.values() for rule in rules]
    # srp2 and mkd2 are other spellings, which nobody asks for.
    rules = {code for lcodes in every for code in lcodes if code.isalpha()}
    assert rules | {"asm", "ben", "guj", "kas", "pan", "san"} == set(ROMANISER_LANGUAGES)


def test_uroman_heeds_fas_and_ignores_pes_and_fa():
    package = Uroman()
    raw = {code: package.romanize_string("چین", lcode=code) for code in (None, "pes", "fa")}
    assert set(raw.values()) == {"tchin"}
    assert package.romanize_string("چین", lcode="fas") == "chin"
    uroman = get_transliterator("uroman")
    assert [uroman(["چین"], code) for code in ("fas", "pes", "fa", "pes_Arab")] == [["chin"]] * 4
    assert get_transliterator("uroman", language_code=False)(["چین"], "fas") == ["tchin"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name\tcode\nx\n", "1 cells, the header has 2"),
        ("name\nx\n", "'code' is needed"),
        ("code\tcode\namh\tell\n", "each once"),
        ("code\tfull\namh_Ethi\t" + "1" * 5000 + "\n", "a whole number of at most 15 digits"),
        ("code\tfull\namh_Ethi\t٣\n", "a whole number of at most 15 digits"),
    ],
)
def test_a_group_that_is_none_is_one_line(tmp_path, text, told):
    (tmp_path / "mine.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=told) as caught:
        load_group(tmp_path / "mine.tsv")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300
