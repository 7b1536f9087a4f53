"""How many sentences are taken and which; which are dropped and why."""

import tempfile
from pathlib import Path

import pytest

from translit_ppa.data_builders.build.selection import Sampler, Selection
from translit_ppa.data_builders.build.stretches import StretchReader
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import Language
from translit_ppa.data_builders.sentences.filters import (
    FilterOptions,
    SentenceFilter,
    dominant_script,
    script_share,
)
from translit_ppa.data_builders.sentences.sampling import SamplingOptions, TextHash, target_counts
from translit_ppa.data_builders.sources.base import Sentence

AMH = Language("amh", "Ethi")


def test_targets_follow_the_paper():
    available = {"big": 2_862_985, "small": 56_933, "tiny": 300}
    assert target_counts(available, SamplingOptions()) == {
        "big": 286_299,
        "small": 10_000,
        "tiny": 10_000,
    }
    assert target_counts(available, SamplingOptions(0.5, 0, 20_000)) == {
        "big": 20_000,
        "small": 20_000,
        "tiny": 150,
    }
    assert target_counts({"x": 30}, SamplingOptions(0.1, 0)) == {"x": 3}


def test_temperature_keeps_the_sum_and_flattens():
    available = {"a": 900_000, "b": 100_000}
    assert target_counts(available, SamplingOptions(temperature=2)) == {"a": 75_000, "b": 25_000}
    assert target_counts(available, SamplingOptions(temperature=1)) == {"a": 90_000, "b": 10_000}
    coldest = SamplingOptions(temperature=1e-300)
    assert target_counts(available, coldest) == {"a": 100_000, "b": 0}


@pytest.mark.parametrize(
    "wrong",
    [{"fraction": 0}, {"fraction": 1.5}, {"floor": -1}, {"cap": 0}, {"temperature": 0}],
)
def test_wrong_options(wrong):
    with pytest.raises(DataError, match="legal is"):
        SamplingOptions(**wrong)


def test_hash_is_fixed_uniform_and_depends_on_seed_and_purpose():
    draw = TextHash(42, "sample")
    assert draw.number("ሰላም") == TextHash(42, "sample").number("ሰላም")
    assert draw.key("x").hex() == "25b01fcfed3435d6608015af280514f3"
    assert len({TextHash(s, p).number("x") for s in (1, 2) for p in ("a", "b")}) == 4
    under = sum(draw.number(f"sentence {i}") < draw.limit(0.1) for i in range(20_000))
    assert 1850 < under < 2150
    assert (draw.limit(0), draw.limit(1)) == (0, 2**64)


class Rows:
    def __init__(self, rows):
        self.rows = rows

    def parts(self, language):
        return [lambda: (Sentence(row, "test") for row in self.rows)]


def taken(rows, target, *, seed=42, language=AMH, excluded=frozenset(), **options):
    selection = Selection(len(rows), target)
    sampler = sampler_of(rows, selection, seed, language, excluded, **options)
    return [row[0] for chunk in sampler.draw(target) for row in chunk], selection


def sampler_of(rows, selection, seed=42, language=AMH, excluded=frozenset(), **options):
    filters = FilterOptions(**options)
    folder = Path(tempfile.mkdtemp())
    reader = StretchReader(language, Rows(rows), seed, filters, excluded, None)
    return Sampler(reader, selection, folder, chunk_rows=7, tick=lambda read: None)


def test_order_and_shards_do_not_matter():
    rows = [f"ሰላም {i}" for i in range(3000)]
    one, selection = taken(rows, 600)
    other, _ = taken(rows[::-1], 600)
    assert sorted(one) == sorted(other)
    assert 540 < selection.taken == len(one) < 660
    assert set(one) != set(taken(rows, 600, seed=43)[0])
    # A greater target keeps what a smaller one took.
    assert set(one) < set(taken(rows, 900)[0])


def first_draw(rows, rate):
    """What lies under the rate, each text once: all that was drawn before anything was made up."""
    key_of = TextHash(42, "sample")
    return list(dict.fromkeys(row for row in rows if key_of.number(row) < key_of.limit(rate)))


def test_what_duplicates_took_is_made_up_for():
    rows = [f"银行 {i if i % 56 else 0}" for i in range(12_500)]
    got, selection = taken(rows, 10_000, language=Language("zho", "Hani"))
    before = first_draw(rows, 0.8)
    assert 9_700 < len(before) < 10_000 == len(got) == len(set(got))
    # The old rows stay in front; what is new is in the order of the source, and next by its hash.
    assert got[: len(before)] == before
    new, place = got[len(before) :], {text: i for i, text in reversed(list(enumerate(rows)))}
    assert new == sorted(new, key=place.__getitem__)
    number = TextHash(42, "sample").number
    assert max(map(number, got)) < min(number(text) for text in set(rows) - set(got))
    assert selection.taken == len(got) + selection.dropped.total()


@pytest.mark.parametrize("rows_that_fit", [5000, 1200, 600, 599, 1])
def test_less_comes_only_at_the_end_of_the_source(rows_that_fit):
    rows = [f"ሰላም {i}" if i < rows_that_fit else f"Latin {i}" for i in range(6000)]
    selection = Selection(len(rows), 600)
    sampler = sampler_of(rows, selection)
    got = [row[0] for chunk in sampler.draw(600) for row in chunk]
    assert len(got) == len(set(got)) == selection.given
    assert len(got) == min(600, rows_that_fit)
    assert sampler.exhausted == (rows_that_fit < 600)
    if sampler.exhausted:
        assert selection.dropped == {"wrong_script": 6000 - rows_that_fit}
        assert selection.taken == 6000


def test_a_second_draw_goes_on_where_the_first_ended():
    rows = [f"ሰላም {i // 2}" for i in range(3000)]
    whole, _ = taken(rows, 900)
    selection = Selection(len(rows), 600)
    sampler = sampler_of(rows, selection)
    parts = [[row for chunk in sampler.draw(n) for row in chunk] for n in (600, 250, 50)]
    assert list(map(len, parts)) == [600, 250, 50]
    texts = [row[0] for part in parts for row in part]
    assert set(texts) == set(whole) and len(texts) == 900
    assert all(part == sorted(part, key=lambda row: row[3]) for part in parts[1:])
    assert list(sampler.folder.iterdir()) == []
    assert len([row for chunk in sampler.draw(5000) for row in chunk]) == 600
    assert sampler.exhausted and list(sampler.draw(1)) == []


def test_folded_letters_are_counted_wherever_a_row_was_drawn():
    """Each text comes twice, once of them in shaped letters: first or second, in turn."""
    rows = [f"{'ﻣﺮﺣﺒﺎ' if i % 4 in (1, 2) else 'مرحبا'} {i // 2}" for i in range(3000)]
    got, selection = taken(rows, 1200, language=Language("arb", "Arab"))
    assert len(got) == len(set(got)) == 1200 and all(text.startswith("مرحبا") for text in got)
    # The first draw has two rows in five: most of these are out of the reserve.
    assert selection.taken == 2400 and selection.dropped == {"duplicate": 1200}
    assert selection.folded == {"presentation_forms": 1200}


@pytest.mark.parametrize("available", [0, 50])
def test_a_source_that_turns_out_empty(available):
    sampler = sampler_of([], Selection(available, 10))
    assert list(sampler.draw(10)) == [] and sampler.exhausted


def test_every_drop_has_a_name():
    rows = [
        "ሰላም ነው",
        "ሰላም  ነው\r",
        "",
        "\ufeff \x00",
        "hello ሰ",
        "123 !",
        "ሰ\udca0ም",
        "ሰ",
        "ሰ" * 51,
        "ቤንች ማርክ",
    ]
    excluded = frozenset({SentenceFilter.fold("ቤንች  ማርክ")})
    kept, selection = taken(rows, 99, min_chars=2, max_chars=50, excluded=excluded)
    assert kept == ["ሰላም ነው"]
    assert selection.dropped == {
        "duplicate": 1,
        "empty": 2,
        "wrong_script": 1,
        "no_letters": 1,
        "invalid_unicode": 1,
        "too_short": 1,
        "too_long": 1,
        "in_benchmark": 1,
    }
    assert selection.taken == len(kept) + selection.dropped.total() == 10


def test_script_share():
    assert script_share("ሰላም abcd", "Ethi") == pytest.approx(3 / 7)
    assert script_share("12", "Ethi") is None
    assert script_share("日本のカ", "Jpan") == 1.0
    assert script_share("日本のカ", "Hani") == 0.5
    texts = {
        "ދިވެހި": "Thaa",
        "සිංහල": "Sinh",
        "日本語の文": "Jpan",
        "漢字": "Hani",
        "한국어": "Hang",
        "Ⲁⲁⲃ": "Copt",
        "ⵜⴰⵎⴰⵣⵉⵖⵜ": "Tfng",
        "ᱥᱟᱱᱛᱟᱲᱤ": "Olck",
        "αa": "Grek",
        "\u0301": "Zyyy",
    }
    assert {text: dominant_script(text) for text in texts} == texts
    assert [dominant_script(x) for x in ("abc ሰ", "שלום a", "ไทย", "42")] == [
        "Latn",
        "Hebr",
        "Thai",
        "Zyyy",
    ]


@pytest.mark.parametrize(
    "wrong", [{"min_chars": 0}, {"min_chars": 5, "max_chars": 4}, {"min_script_share": 2}]
)
def test_wrong_limits(wrong):
    with pytest.raises(DataError, match="legal is"):
        FilterOptions(**wrong)
