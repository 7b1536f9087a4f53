"""Codes, aliases and groups: every wrong line is named, with what is legal."""

import re

import pytest
from uroman import Uroman

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.aliases import LANGUAGE_ALIASES
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
    ],
)
def test_resolve_code(given, expected):
    assert resolve_code(given) == expected


@pytest.mark.parametrize("wrong", ["", "a", "amharic", "amh_Xxxx", "rus", "qq", "amh_Ethi_ET", "1"])
def test_wrong_codes_say_what_is_legal(wrong):
    with pytest.raises(DataError, match="amh_Ethi"):
        resolve_code(wrong)


def test_all_two_letter_codes_are_there_and_point_to_three_letters():
    two = [code for code in LANGUAGE_ALIASES if len(code) == 2]
    assert len(two) == 184  # 183 of ISO 639-1, and the withdrawn "iw"
    assert all(re.fullmatch("[a-z]{3}", LANGUAGE_ALIASES[code]) for code in LANGUAGE_ALIASES)
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
        (["code", "", "# note", "amx"], r"line 4: 'amx' names no script; legal is iso639-3_Script"),
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
