"""Scores of selections of items, and the paired bootstrap over items."""

from __future__ import annotations

import random

import numpy as np
import pytest

from score_examples import ELL, ENG, HEB, query, scores, task
from translit_ppa.hub_cards.records.files import RecordError
from translit_ppa.hub_cards.records.items import weighted_scores
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
    # 20 queries win, 8 lose: mean 6 points, standard error 100 * sqrt(0.14 - 0.06²) / sqrt(200).
    base = query("base", ELL, set(range(50)))
    other = query("other", ELL, set(range(8, 70)))
    result = scores([base, other]).compare("base", "other", draws=4000)
    error = 100 * (0.14 - 0.06**2) ** 0.5 / 200**0.5
    assert result.difference == pytest.approx(6)
    assert result.low == pytest.approx(6 - 1.96 * error, abs=0.4)
    assert result.high == pytest.approx(6 + 1.96 * error, abs=0.4)
    assert (result.cells, result.seeds, result.spread, result.verdict) == (1, 1, None, "better")
    assert scores([base, other]).compare("base", "other", draws=4000) == result
    back = scores([base, other]).compare("other", "base", draws=4000)
    assert (back.low, back.high, back.verdict) == (-result.high, -result.low, "worse")


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


def test_a_gain_inside_the_seeds_spread_is_not_shown():
    def runs(model, values):
        """Of 204 texts, as many right as the value says; all else is the other label."""
        return [
            task(
                model,
                target=target,
                seed=seed,
                value=float(value),
                items=" ".join(["0/0"] * value + ["1/0"] * (204 - value)),
            )
            for seed, value in values.items()
            for target in (ELL, HEB)
        ]

    base = runs("base", {1: 50, 2: 50})
    steady, wild = runs("steady", {1: 80, 2: 82}), runs("wild", {1: 52, 2: 100})
    pairs = [("base", "steady"), ("base", "wild")]
    table = comparison_table(scores([*base, *steady, *wild]), pairs, "x")
    assert [row[-1] for row in table.rows] == ["better", "not shown"]
    assert table.rows[0][:5] == ("steady", "base", "2", "2", "+31.0")
    assert [row[6] for row in table.rows] == ["1.4", "33.9"]
    # Own test sets of sources are no cell; without a common cell there is nothing to compare.
    own = [task("base", ENG, ENG), task("new", ENG, ENG)]
    assert scores(own).compare("base", "new") is None
    assert scores([task("base"), task("new", target=HEB)]).compare("base", "new") is None


def test_different_test_sets_are_refused():
    found = scores([query("base", ELL, {1}), query("other", ELL, {1}, 100)])
    with pytest.raises(RecordError, match="eng_Latn -> ell_Grek: different items"):
        found.compare("base", "other")
