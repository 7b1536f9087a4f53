"""Scores of selections of items, and the paired bootstrap over items."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from statistics import NormalDist, fmean, stdev

import numpy as np
import pytest

from score_examples import ELL, ENG, HEB, query, scores, tagged, task
from translit_ppa.hub_cards.records.files import RecordError
from translit_ppa.hub_cards.records.items import weighted_scores
from translit_ppa.hub_cards.scores.comparing.bootstrap import compare_items
from translit_ppa.hub_cards.scores.comparing.evidence import Comparison, Estimate, judge
from translit_ppa.hub_cards.scores.comparing.extent import Extent, extent_of
from translit_ppa.hub_cards.tables.comparison_table import comparison_table
from translit_ppa.modeling.embedding.retrieval import retrieval_accuracy
from translit_ppa.modeling.tasks.outcomes import label_outcomes, rank_outcomes, tag_outcomes
from translit_ppa.modeling.tasks.scores import classification_scores, entity_scores, pos_scores

N = 60
DRAW = random.Random(1)
LABELS = ["travel", "sports", "health"]
GOLD = DRAW.choices(LABELS, k=N)
GUESS = [label if DRAW.random() < 0.6 else DRAW.choice(LABELS) for label in GOLD]
ENTITIES = ["O", "B-PER", "I-PER", "B-LOC"]
UPOS = ["NOUN", "VERB", "CCONJ", "SCONJ"]


def sentences(tags):
    gold = [DRAW.choices(tags, k=DRAW.randint(1, 9)) for _ in range(N)]
    return gold, [[t if DRAW.random() < 0.7 else DRAW.choice(tags) for t in s] for s in gold]


def selections():
    """All items once, and three draws with replacement, as rows chosen and as weights."""
    rows = [list(range(N)), *([DRAW.randrange(N) for _ in range(N)] for _ in range(3))]
    return rows, np.array([np.bincount(chosen, minlength=N) for chosen in rows])


def pick(items, rows):
    return [items[row] for row in rows]


@pytest.mark.parametrize(
    ("score", "gold", "guess", "words", "scorer"),
    [
        ("macro_f1", GOLD, GUESS, label_outcomes, classification_scores),
        ("entity_f1", *sentences(ENTITIES), tag_outcomes, entity_scores),
        ("paper_f1", *sentences(UPOS), tag_outcomes, pos_scores),
    ],
)
def test_a_selection_scores_as_sklearn_and_seqeval_score_it(score, gold, guess, words, scorer):
    rows, weights = selections()
    got = weighted_scores(" ".join(words(gold, guess)), score, weights)
    expected = [scorer(pick(gold, chosen), pick(guess, chosen))[score] for chosen in rows]
    assert got == pytest.approx(expected)
    assert len(set(np.round(got, 6))) == 4


def test_a_label_that_a_selection_lacks_does_not_count():
    # Items: right a, wrong a for b, right b. Only the first: label a alone, F1 1.
    items = " ".join(label_outcomes(["a", "a", "b"], ["a", "b", "b"]))
    assert items == "0/0 0/1 1/1"
    weights = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 1]])
    assert weighted_scores(items, "macro_f1", weights) == pytest.approx([100, 0, 100 * 2 / 3])


def test_retrieval_leaves_out_what_does_not_count():
    ranks = np.array([0, 4, 9, 10, 0])
    counted = np.array([True, True, True, True, False])
    words = rank_outcomes(ranks, counted)
    assert words == ["1", "5", "10", "0", "-"]
    weights = np.array([[1] * 5, [0, 0, 1, 1, 3], [0, 0, 0, 0, 5]])
    got = weighted_scores(" ".join(words), "top10", weights)
    assert got == pytest.approx([75, 50, 0])
    assert got[0] == retrieval_accuracy(ranks, counted)["top10"]


@pytest.mark.parametrize("items", ["0/0 1", "0 1 0", "a/b 0/0 1/1", "0/0 1/1"])
def test_items_that_do_not_fit_are_refused(items):
    with pytest.raises(RecordError, match="items: do not fit macro_f1"):
        weighted_scores(items, "macro_f1", np.ones((1, 3)))


def test_the_interval_is_that_of_the_normal_law():
    # 20 queries win, 8 lose: mean 6 points, standard error 100 * sqrt(0.14 - 0.06²) / sqrt(200),
    # and one query of 200 for whole items.
    base = query("base", ELL, set(range(50)))
    other = query("other", ELL, set(range(8, 70)))
    result = scores([base, other]).compare("base", "other", draws=4000)
    error = 100 * (0.14 - 0.06**2) ** 0.5 / 200**0.5
    assert result.difference == pytest.approx(6)
    assert result.change.step == pytest.approx(0.5)
    assert result.low == pytest.approx(6 - 0.5 - 1.96 * error, abs=0.4)
    assert result.high == pytest.approx(6 + 0.5 + 1.96 * error, abs=0.4)
    assert (result.cells, result.seeds, result.trainings, result.verdict) == (1, None, 1, "better")
    assert (result.before.value, result.after.value, dict(result.chance)) == (
        25,
        31,
        {"uniform": 5},
    )
    assert scores([base, other]).compare("base", "other", draws=4000) == result
    back = scores([base, other]).compare("other", "base", draws=4000)
    assert (back.low, back.high) == pytest.approx((-result.high, -result.low))
    assert back.verdict == "worse"


def test_translations_of_one_item_are_drawn_together():
    """The same queries in three languages are 200 items, not 600; other items would be 600."""

    def width(pools):
        records = []
        for target, pool in zip((ELL, HEB, "tur_Latn"), pools, strict=True):
            records += [query("base", target, set(range(50)), pool)]
            records += [query("other", target, set(range(8, 70)), pool)]
        result = scores(records).compare("base", "other", draws=2000)
        return result.high - result.low

    one = width((200, 200, 200))
    apart = width((200, 201, 202))
    assert one / apart == pytest.approx(3**0.5, rel=0.1)


def runs(model, rights, **changes):
    """Of 200 sentences in two languages, the first ones are right: how many, by seed."""
    return [
        tagged(model, set(range(count)), target, seed, **changes)
        for seed, count in enumerate(rights)
        for target in (ELL, HEB)
    ]


def test_the_interval_covers_items_and_seeds():
    base, wild = runs("base", [50] * 5), runs("wild", [52, 100, 40, 81, 60])
    found = scores([*base, *wild]).compare("base", "wild")
    gains = [1, 25, -5, 15.5, 5]
    assert found.change.by_seed == pytest.approx(gains)
    assert found.difference == pytest.approx(fmean(gains))
    seeds_error = stdev(gains) / 5**0.5
    assert found.change.error == pytest.approx(math.hypot(seeds_error, found.change.item_error))
    assert (found.seeds, found.verdict) == (5, "not shown")
    steady = scores([*base, *runs("steady", [80, 82, 81, 79, 80])]).compare("base", "steady")
    assert steady.verdict == "better"
    two = scores([*base[:4], *wild[:4]]).compare("base", "wild")
    assert two.seeds == 2 and two.high - two.low > 2 * (found.high - found.low)


def test_the_law_of_a_sum_is_that_of_its_parts():
    """One part alone is Student's t; two are what drawing from both gives."""
    gains = (1.0, 25.0, -5.0, 15.5, 5.0)
    error = stdev(gains) / 5**0.5
    alone = Estimate(fmean(gains), 0.0, 200, gains)
    assert alone.high - alone.value == pytest.approx(2.77645 * error, rel=1e-5)
    items = Estimate(3.0, 1.5, 10_000_000)
    assert (items.low, items.high) == pytest.approx((0.06005, 5.93995), abs=1e-4)
    assert items.p == pytest.approx(0.0455, abs=1e-4)
    random = np.random.default_rng(0)
    moved = 4.0 * random.standard_t(199, 1_000_000) + error * random.standard_t(4, 1_000_000)
    both = Estimate(12.0, 4.0, 200, gains)
    assert both.tail(12.0) == pytest.approx((moved > 12).mean(), rel=0.02)
    assert both.high - both.value == pytest.approx(np.quantile(moved, 0.975), rel=0.01)
    # Nothing moves it, or nobody knows what does.
    assert (Estimate(2.0, 0.0, 200).p, Estimate(0.0, 0.0, 200).p) == pytest.approx((0.0, 1.0))
    assert (Estimate(2.0, 1.0, 1).p, Estimate(2.0, 1.0, 1).high) == (1.0, 100.0)


@pytest.mark.parametrize(("won", "lost"), [(4, 0), (5, 0), (6, 0), (9, 1), (10, 2), (12, 2)])
def test_forty_queries_show_what_the_exact_test_shows(won, lost):
    """McNemar's exact test, by hand: the binomial law of the queries that only one model finds."""
    base = query("base", ELL, set(range(8, 8 + lost)), 40)
    other = query("other", ELL, set(range(20, 20 + won)), 40)
    tried = won + lost
    exact = 2 * sum(math.comb(tried, k) for k in range(lost + 1)) / 2**tried
    p = scores([base, other]).compare("base", "other").change.p
    assert p == pytest.approx(exact, rel=0.3)
    assert (p < 0.05) == (exact < 0.05)


def test_a_handful_of_items_shows_nothing():
    """All three texts went one way, with every seed: by chance that happens once in four."""

    def found(count):
        base = [tagged("base", set(), seed=s, n=count) for s in range(5)]
        new = [tagged("new", set(range(count)), seed=s, n=count) for s in range(5)]
        return scores([*base, *new]).compare("base", "new").change

    assert [found(n).p for n in (1, 3, 5)] == [1.0, 0.25, 0.0625]
    assert {(found(n).low, found(n).high) for n in (1, 3, 5)} == {(0.0, 100.0)}
    assert (found(6).p, found(6).low) == (pytest.approx(1 / 32), pytest.approx(100 - 100 / 30))


def test_a_small_cell_leaves_the_verdict_of_a_large_one():
    """Ten queries beside a thousand: the mean still moves in the steps of the thousand."""
    many, few = ELL, HEB
    rows = [
        [query(name, many, set(range(right)), 1000), query(name, few, set(range(4)), 10)]
        for name, right in (("base", 50), ("other", 200))
    ]
    found = scores([*rows[0], *rows[1]]).compare("base", "other").change
    assert (found.value, found.step) == (pytest.approx(7.5), pytest.approx(0.05))
    assert found.p < 0.001 and 4 < found.low < 7 and found.differing == 150


def test_what_is_left_out_shows_nothing():
    """Three queries of 200 that count, all lost, and 197 that are left out: once in four."""
    left_out = ["-"] * 197
    lost = compare_items([" ".join([*left_out, *"111"])], [" ".join([*left_out, *"000"])], "top10")
    assert (lost.change.p, lost.fallen) == (0.25, False) and lost.high >= 0
    nothing = " ".join(["0/0/0"] * 37)
    found = extent_of([(f"{nothing} 0/1/1 0/1/1 0/1/1", f"{nothing} 1/1/1 1/1/1 1/1/1")])
    assert found == Extent(3, 3, 1, 3)
    # A hit is a hit for the main score, wherever among the first ten it stands.
    assert extent_of([("1 5 10 0 -", "10 1 1 1 0")]).differing == 2


@pytest.mark.parametrize("count", [6, 8, 12])
def test_few_queries_show_no_more_than_the_exact_test(count):
    lost = " ".join(["0"] * 5 + ["1"] * (count - 5))
    found = compare_items([" ".join(["1"] * count)], [lost], "top10")
    assert found.change.p >= 2 * 0.5**5 and found.direction == "not shown"


def test_what_seeds_get_right_by_luck_counts_once():
    """Each seed right on other sentences: their spread over seeds holds that already."""
    draw = random.Random(3)
    lucky = [tagged("a", set(draw.sample(range(200), 100)), seed=s) for s in range(40)]
    base = [tagged("base", set(draw.sample(range(200), 100)), seed=s) for s in range(40)]
    found = scores([*base, *lucky]).compare("base", "a")
    # Every difference has variance 2 * 0.25 * 200 / 200², and nothing is common to the seeds but
    # that each has exactly 100 right: 5 points a seed, over 40 seeds.
    assert found.change.item_error == pytest.approx(0, abs=0.4)
    assert found.difference == 0


def test_one_seed_is_not_judged():
    found = scores([*runs("base", [50]), *runs("new", [90])]).compare("base", "new")
    assert (found.verdict, found.judged, found.fallen) == ("one seed, not judged", False, False)
    assert str(found) == "+20.0 (no interval; 1 seed)"
    table = comparison_table({("base", "new"): found}, "x", 1, "x@1|split:test")
    (row,) = table.rows
    assert table.signature == "x@1|split:test"
    assert row[-3:] == ("-", "-", "one seed, not judged")


def test_what_is_at_chance_is_neither_better_nor_worse():
    """Base 4, other 12 percent, shown beyond doubt; uniform guessing gives 15."""
    base, other = runs("base", [8] * 5, chance=(15, 5)), runs("other", [24] * 5, chance=(15, 5))
    found = scores([*base, *other]).compare("base", "other")
    assert found.p < 0.001 and found.direction == "better"
    assert (found.verdict, dict(found.chance)) == ("at chance", {"uniform": 15, "majority": 5})
    # The majority label may be the higher floor.
    majority = [replace(r, chance={"uniform": 5.0, "majority": 15.0}) for r in base + other]
    assert scores(majority).compare("base", "other").verdict == "at chance"
    # A point above chance is at chance while its interval reaches down to it.
    close = runs("base", [32] * 5, chance=(15, 5)) + runs("other", [90] * 5, chance=(15, 5))
    assert scores(close).compare("base", "other").verdict == "at chance"
    high = runs("base", [60] * 5, chance=(15, 5)) + runs("other", [90] * 5, chance=(15, 5))
    assert scores(high).compare("base", "other").verdict == "better"


def test_comparisons_are_judged_together_by_holm():
    """By hand: p of 0.01, 0.04 and 0.03 become 0.03, 0.06 and 0.06; one seed counts as none."""

    def with_p(p, seeds=None):
        quantile = NormalDist().inv_cdf(1 - p / 2)
        change = Estimate(quantile, 1.0, 1_000_000)
        high = Estimate(50.0, 1.0, 1_000_000)
        return Comparison(change, high, high, {"uniform": 1.0}, 1, seeds)

    family = {"a": with_p(0.01), "b": with_p(0.04), "one": with_p(0.001, seeds=1)}
    family["c"] = with_p(0.03)
    found = judge(family)
    assert list(found) == list(family)
    assert [found[k].p for k in "abc"] == pytest.approx([0.03, 0.06, 0.06], rel=1e-3)
    assert [found[k].verdict for k in "abc"] == ["better", "not shown", "not shown"]
    assert found["one"].verdict == "one seed, not judged" and found["one"].adjusted is None
    assert [c.verdict for c in judge({"b": family["b"]}).values()] == ["better"]
    assert judge({}) == {}


def test_a_way_of_training_is_judged_over_its_trainings():
    """Three checkpoints, each clearly better, but by 2, 10 and 24 points: the way is not shown."""
    base = query("base", ELL, set(range(50)))
    seeds = {f"s{i}": query(f"s{i}", ELL, set(range(n))) for i, n in enumerate((54, 70, 98))}
    found = scores([base, *seeds.values()])
    assert found.compare("base", "s2").verdict == "better"
    way = found.compare("base", list(seeds))
    assert (way.trainings, way.change.by_training) == (3, pytest.approx((2, 10, 24)))
    assert way.verdict == "not shown"
    assert "; 3 trainings)" in f"{way}"
    alike = {f"s{i}": query(f"s{i}", ELL, set(range(n))) for i, n in enumerate((94, 98, 96))}
    assert scores([base, *alike.values()]).compare("base", list(alike)).verdict == "better"


def test_without_a_common_cell_there_is_nothing_to_compare():
    # Own test sets of sources are no cell.
    own = [task("base", ENG, ENG), task("new", ENG, ENG)]
    assert scores(own).compare("base", "new") is None
    assert scores([task("base"), task("new", target=HEB)]).compare("base", "new") is None
    assert comparison_table({}, "x", 0, "") is None


def test_different_test_sets_are_refused():
    found = scores([query("base", ELL, {1}), query("other", ELL, {1}, 100)])
    with pytest.raises(RecordError, match="eng_Latn -> ell_Grek: different items"):
        found.compare("base", "other")
