"""Phrases and key splits of the embedded CLDR source."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections import Counter
from unicodedata import normalize

import pytest

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sources.cldr import names as cldr_names
from translit_ppa.data_builders.sources.cldr import phrases as cldr
from translit_ppa.data_builders.sources.cldr.pieces import LocalePieces, Piece

MEDITERRANEAN = ["ara_Arab", "fas_Arab", "amh_Ethi", "ell_Grek", "heb_Hebr", "tur_Latn", "mlt_Latn"]
SEA = ["zho_Hani", "yue_Hani", "kor_Hang", "lao_Laoo", "mya_Mymr", "bod_Tibt", "tha_Thai"]
COVERED = [*MEDITERRANEAN, *SEA, "eng_Latn"]
FULL_SIZE = ("ell_Grek", "mlt_Latn", "bod_Tibt", "tha_Thai")


@pytest.fixture(scope="module")
def phrases() -> dict[str, list[Piece]]:
    """Every covered language; four at the default size, the others smaller to save time."""
    sizes = {code: 10_000 if code in FULL_SIZE else 3_000 for code in COVERED}
    return {code: cldr.compose(code, seed=42, count=sizes[code]) for code in COVERED}


def plain_fold(text: str) -> str:
    """The fold of the issue (NFC, casefold), written again so that the test is its own judge."""
    return normalize("NFC", normalize("NFC", text).casefold())


def test_fifteen_languages_are_covered_and_six_say_why_not():
    assert sorted(cldr.LOCALES) == sorted(COVERED)
    assert all(cldr.covers(code) and cldr.why_missing(code) == "" for code in COVERED)
    for code in ("arb_Arab", "ary_Arab", "arz_Arab"):
        assert not cldr.covers(code)
        assert "ara_Arab" in cldr.why_missing(code)
    for code in ("lzh_Hani", "wuu_Hani", "lhu_Latn"):
        assert not cldr.covers(code)
        assert "no locale" in cldr.why_missing(code)
    assert cldr.covers("pes_Arab")
    assert cldr.why_missing("nan_Hani") == "the CLDR has no locale for it"
    assert "0 names" in cldr.why_missing("apc_Arab")


@pytest.mark.parametrize(
    ("code", "locale"),
    [
        ("hin_Deva", "hi"),
        ("srp_Cyrl", "sr_Cyrl"),
        ("srp_Latn", "sr_Latn"),
        ("swh_Latn", "sw"),
        ("jpn_Jpan", "ja"),
        ("hin_Arab", None),
    ],
)
def test_languages_beyond_the_benchmark_have_phrases_too(code, locale):
    """In their own script, and no name of the benchmark's test keys among them."""
    assert cldr_names.locale_of(code) == locale
    assert cldr.covers(code) == (locale is not None)
    if locale is None:
        return
    made = cldr.compose(code, seed=42, count=400)
    assert len({piece.text for piece in made}) == 400
    assert all(cldr_names.in_own_script(piece.text, code) for piece in made)
    test = cldr_names.key_splits()["test"]
    held = {name for key, name in cldr_names.names(code).items() if key in test}
    trained = set(cldr_names.training_names(code).values())
    assert len(trained) > 200 and not held & trained


def test_a_missing_language_is_an_error_that_names_the_covered_ones():
    with pytest.raises(DataError, match=r"lzh_Hani.*Covered: amh_Ethi, ara_Arab"):
        next(cldr.iter_phrases("lzh_Hani", seed=1))
    with pytest.raises(DataError, match="count is -1"):
        cldr.compose("ell_Grek", seed=1, count=-1)


@pytest.mark.parametrize(
    ("code", "key", "name"),
    [
        ("ell_Grek", "territory:GR", "Ελλάδα"),
        ("mlt_Latn", "territory:IT", "l-Italja"),
        ("tur_Latn", "language:el", "Yunanca"),
        ("tha_Thai", "territory:TH", "ไทย"),
        ("kor_Hang", "currency:JPY", "일본 엔화"),
        ("eng_Latn", "script:Grek", "Greek"),
    ],
)
def test_names_are_those_of_the_cldr(code: str, key: str, name: str):
    assert cldr_names.names(code)[key] == name


@pytest.mark.parametrize("code", COVERED)
def test_names_are_the_languages_own(code: str):
    table = cldr_names.names(code)
    assert len(table) > (200 if code == "bod_Tibt" else 700)
    assert all(name != key.partition(":")[2] for key, name in table.items())
    ascii_letters = re.compile(r"[A-Za-z]")
    if not code.endswith("Latn"):
        mixed = [name for name in table.values() if ascii_letters.search(name)]
        assert len(mixed) <= 20


def test_splits_are_disjoint_and_near_their_shares():
    split = cldr.key_splits()
    keys = {key for code in COVERED for key in cldr_names.names(code)}
    assert split["train"] | split["validation"] | split["test"] == keys
    assert sum(map(len, split.values())) == len(keys)
    assert len(split["validation"]) / len(keys) == pytest.approx(0.15, abs=0.03)
    assert len(split["test"]) / len(keys) == pytest.approx(0.25, abs=0.03)


def test_the_place_of_a_key_never_changes():
    # Golden: tables of different versions are comparable only while these hold.
    digest = hashlib.sha256(b"translit-ppa cldr keys 1|currency:EUR").hexdigest()
    assert round(int(digest[:16], 16) / 2**64, 4) == 0.4702  # 0.40 and more: training
    golden = {
        "currency:EUR": "train",
        "territory:BR": "test",
        "language:el": "validation",
        "territory:GR": "validation",  # Burmese has one word for Greece and Greek
        "language:ja": "validation",
        "script:Jpan": "validation",
        "language:mt": "train",
        "territory:MT": "train",
    }
    split = cldr.key_splits()
    assert {key: next(n for n in split if key in split[n]) for key in golden} == golden


@pytest.mark.parametrize("code", COVERED)
def test_keys_with_one_form_share_a_split(code: str):
    where = {key: name for name, keys in cldr.key_splits().items() for key in keys}
    by_form: dict[str, set[str]] = {}
    for key, name in cldr_names.names(code).items():
        by_form.setdefault(plain_fold(name), set()).add(where[key])
    assert {form: found for form, found in by_form.items() if len(found) > 1} == {}


def test_lao_the_language_and_lao_the_script_are_one_group():
    where = {key: name for name, keys in cldr.key_splits().items() for key in keys}
    assert cldr_names.names("eng_Latn")["script:Laoo"] == "Lao"
    assert where["language:lo"] == where["script:Laoo"]
    assert where["language:en"] == where["language:en_GB"] == where["language:en_US"]


def test_no_held_out_form_is_put_into_a_training_phrase(phrases):
    split = cldr.key_splits()
    held_out = {
        plain_fold(name)
        for code in COVERED
        for key, name in cldr_names.names(code).items()
        if key in split["validation"] | split["test"]
    }
    assert len(held_out) > 5_000
    put_in = {
        (code, part) for code in COVERED for phrase in phrases[code] for part in phrase.constituents
    }
    assert len(put_in) > 10_000
    assert [pair for pair in put_in if plain_fold(pair[1]) in held_out] == []
    texts = {(code, phrase.text) for code in COVERED for phrase in phrases[code]}
    assert [pair for pair in texts if plain_fold(pair[1]) in held_out] == []


def test_names_of_phrases_are_among_the_constituents(phrases):
    # Guards the test above: a phrase whose parts were not registered would pass it unseen.
    for code in ("ell_Grek", "mlt_Latn", "tha_Thai"):
        for phrase in phrases[code]:
            rest = phrase.text
            for part in sorted(phrase.constituents, key=len, reverse=True):
                rest = rest.replace(part, " ")
            assert len(re.findall(r"\w{4,}", re.sub(r"\d", " ", rest))) == 0, phrase


def test_counts_and_name_uses(phrases):
    for code in COVERED:
        texts = [phrase.text for phrase in phrases[code]]
        assert len(set(texts)) == len(texts)
        if code == "bod_Tibt":
            assert 6_000 < len(texts) < 7_500
        else:
            assert len(texts) == (10_000 if code in FULL_SIZE else 3_000)
        names = set(cldr_names.training_names(code).values())
        assert names <= set(texts), f"{code}: some training name is never alone"
        uses = Counter(p for phrase in phrases[code] for p in set(phrase.constituents) & names)
        assert max(uses.values()) <= cldr.MAX_USES
        if code in FULL_SIZE:
            assert min(uses[name] for name in names) >= 8
        named = sum(bool(names.intersection(phrase.constituents)) for phrase in phrases[code])
        assert named / len(texts) > 0.6


def test_phrases_are_in_the_languages_own_script(phrases):
    for code in COVERED:
        assert all(cldr_names.in_own_script(phrase.text, code) for phrase in phrases[code])
    assert not any(" or " in phrase.text for phrase in phrases["mlt_Latn"] + phrases["bod_Tibt"])
    assert not any(re.search(r"[A-Za-z]", phrase.text) for phrase in phrases["bod_Tibt"])


def test_same_seed_same_phrases_in_any_process():
    program = (
        "import hashlib; from translit_ppa.data_builders.sources.cldr.phrases import iter_phrases; "
        "t = chr(10).join(iter_phrases('ell_Grek', seed=7, count=500)); "
        "print(hashlib.sha256(t.encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": salt, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    }
    here = "\n".join(cldr.iter_phrases("el", seed=7, count=500))
    assert digests == {hashlib.sha256(here.encode()).hexdigest() + "\n"}
    other = set(cldr.iter_phrases("ell_Grek", seed=8, count=500))
    assert len(other & set(here.split("\n"))) < 250


@pytest.mark.parametrize("count", [0, 1, 2, 10])
def test_small_counts(count: int):
    assert len(list(cldr.iter_phrases("tha_Thai", seed=1, count=count))) == count


def test_pieces_are_none_where_a_locale_has_nothing_of_its_own():
    import random

    rng = random.Random(0)
    tibetan = LocalePieces("bod_Tibt")
    assert tibetan.unit_patterns == ()
    assert [tibetan.relative(rng) for _ in range(50)] == [None] * 50
    assert tibetan.amount("EUR", rng) is None
    assert LocalePieces("eng_Latn").join(["Malta", "Chad", "Peru"], "or") == "Malta, Chad, or Peru"


def test_signature_names_the_cldr_version():
    assert re.fullmatch(r"cldr-(babel-)?[\d.]+", cldr.signature())
