"""Romanisation as people write it: drawn, the same again, and never what is held out."""

import pytest

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.transliterators import get_transliterator
from translit_ppa.data_builders.transliterators.informal.romaniser import FOLDERS, _table

SCRIPTS = ("Arab", "Grek", "Hebr")
GREEK = "Θέλω να πάω στη θάλασσα"


def words(text: str) -> str:
    return get_transliterator("informal")([text], "ell_Grek")[0]


def test_the_same_text_is_spelled_the_same_and_another_draw_otherwise():
    one, two = get_transliterator("informal"), get_transliterator("informal@1")
    texts = [f"{GREEK} {i}" for i in range(40)]
    assert one(texts, "ell_Grek") == one(texts[::-1], "ell_Grek")[::-1]
    assert one(texts, "ell_Grek") != two(texts, "ell_Grek")
    assert one.signature() != two.signature()
    assert one.signature().startswith("informal-2@0|uroman-")
    assert one([], "ell_Grek") == []


def test_both_ways_to_write_a_letter_are_seen_and_one_in_a_sentence():
    texts = [f"θάλασσα θέλω {i}" for i in range(60)]
    found = [line.lower() for line in get_transliterator("informal")(texts, "ell_Grek")]
    eight = [line for line in found if "8alas" in line]
    sound = [line for line in found if "thalas" in line]
    assert len(eight) > 8 and len(sound) > 8
    assert not [line for line in eight if "thel" in line]


def test_pairs_of_letters_come_before_letters():
    texts = [f"Τουρκία {i}" for i in range(60)]
    found = " ".join(get_transliterator("informal")(texts, "ell_Grek")).lower()
    assert "tourkia" in found and "turkia" in found and "tovrkia" not in found


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_is_held_out_is_in_no_training_table(script):
    shown, held = (_table(folder, script) for folder in FOLDERS.values())
    shown, held = shown.rows, held.rows
    assert len(shown) > 10 and len(held) > 4
    for letter, (spellings, weights) in held.items():
        assert not set(spellings) & set(shown[letter][0]), letter
        assert all(weight > 0 for weight in weights)


def test_arabizi_digits_and_mixed_scripts():
    texts = [f"قلبي يريد الخروج على البحر {i}" for i in range(80)]
    found = get_transliterator("informal")(texts, "arb_Arab")
    assert sum("9" in line.split("0")[0] for line in found) > 5
    mixed = [line for line in found if any("\u0600" <= c <= "\u06ff" for c in line)]
    assert 4 < len(mixed) < 40


def test_a_script_without_a_table_gets_uroman_and_slips_alone():
    uroman = get_transliterator("uroman")(["ሰላም ለዓለም"] * 1, "amh_Ethi")[0]
    texts = [f"ሰላም ለዓለም {i}" for i in range(60)]
    found = get_transliterator("informal")(texts, "amh_Ethi")
    same = [line for i, line in enumerate(found) if line == f"{uroman} {i}"]
    assert 20 < len(same) < 60


def test_a_number_that_is_none_is_refused():
    with pytest.raises(DataError, match="informal@NUMBER"):
        get_transliterator("informal@x")
