"""Scores against sklearn, seqeval and hand-worked cells; the same as evaluate.Metric classes."""

from __future__ import annotations

import random

import evaluate
import pytest

from translit_ppa.modeling.tasks.metrics import Accuracy, EntityF1, MacroF1, PosScores, RetrievalAtK
from translit_ppa.modeling.tasks.scores import classification_scores, entity_scores, pos_scores

GOLD = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-ORG"], ["B-LOC", "B-LOC"]]
PREDICTED = [["B-PER", "I-PER", "O", "B-ORG"], ["O", "B-ORG"], ["B-LOC", "I-LOC"]]


def test_macro_f1_by_hand():
    # a: precision 1/2, recall 1/2; b: 1/2, 1; c: never predicted.
    scores = classification_scores(["a", "a", "b", "c"], ["a", "b", "b", "a"])
    assert scores["macro_f1"] == pytest.approx(100 * (1 / 2 + 2 / 3 + 0) / 3)
    assert scores["accuracy"] == 50


def test_entity_f1_by_hand():
    # Gold 5 entities; predicted PER, ORG (wrong), ORG, LOC over two words: 4, of which 2 are right.
    scores = entity_scores(GOLD, PREDICTED)
    assert scores["entity_precision"] == pytest.approx(100 * 2 / 4)
    assert scores["entity_recall"] == pytest.approx(100 * 2 / 5)
    assert scores["entity_f1"] == pytest.approx(100 * 2 * 2 / (4 + 5))
    assert scores["token_accuracy"] == pytest.approx(100 * 6 / 8)


def test_the_quirk_of_the_papers_pos_score():
    # Off goes the first letter: both are CONJ.
    assert pos_scores([["SCONJ"]], [["CCONJ"]])["paper_f1"] == 100
    assert pos_scores([["SCONJ"]], [["CCONJ"]])["token_accuracy"] == 0
    # Equal neighbours are one unit: 2 units against NOUN, VERB, ADP; one is right.
    scores = pos_scores([["NOUN", "NOUN", "ADP"]], [["NOUN", "VERB", "ADP"]])
    assert scores["paper_f1"] == pytest.approx(40.0)
    assert scores["token_accuracy"] == pytest.approx(200 / 3)
    # NOUN: precision 1, recall 1/2; ADP 1; VERB 0.
    assert scores["macro_f1"] == pytest.approx(100 * (2 / 3 + 1 + 0) / 3)


def test_scores_agree_with_the_libraries():
    import seqeval.metrics
    import sklearn.metrics

    draw = random.Random(0)
    tags = ["B-PER", "I-PER", "O", "B-LOC", "I-LOC"]
    gold = [[draw.choice(tags) for _ in range(9)] for _ in range(30)]
    predicted = [[t if draw.random() < 0.7 else draw.choice(tags) for t in row] for row in gold]
    assert entity_scores(gold, predicted)["entity_f1"] == pytest.approx(
        100 * seqeval.metrics.f1_score(gold, predicted)
    )
    flat = [[t for row in rows for t in row] for rows in (gold, predicted)]
    assert classification_scores(*flat)["macro_f1"] == pytest.approx(
        100 * sklearn.metrics.f1_score(*flat, average="macro")
    )


def test_metrics_give_the_same_figures():
    assert EntityF1().compute(predictions=PREDICTED, references=GOLD) == {
        name: value
        for name, value in entity_scores(GOLD, PREDICTED).items()
        if name != "token_accuracy"
    }
    words = [["NOUN", "VERB", "ADP"]], [["NOUN", "NOUN", "ADP"]]
    assert PosScores().compute(predictions=words[0], references=words[1]) == pos_scores(
        words[1], words[0]
    )
    both = evaluate.combine([MacroF1(), Accuracy()])
    found = both.compute(predictions=["a", "b", "b", "a"], references=["a", "a", "b", "c"])
    assert found == classification_scores(["a", "a", "b", "c"], ["a", "b", "b", "a"])


def test_retrieval_at_k():
    metric = RetrievalAtK()
    for ranked, right in (([2, 0, 1], 0), ([1, 2, 0], 1), ([0, 1, 2], 2)):
        metric.add_batch(predictions=[ranked], references=[right])
    assert metric.compute(k=1) == {"top1": pytest.approx(100 / 3)}
    found = metric.compute(predictions=[[2, 0, 1], [1, 2, 0]], references=[0, 1], k=2)
    assert found == {"top2": 100}
    assert metric.features["references"].dtype == "int64"
