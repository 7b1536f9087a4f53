"""What answers score that never saw the text."""

from __future__ import annotations

import pytest

from translit_ppa.modeling.tasks.chance import constant_guess, most_frequent, uniform_guess_score
from translit_ppa.modeling.tasks.scores import classification_scores, entity_scores, pos_scores


def test_the_commonest_answer_of_labels_and_of_tags():
    assert most_frequent(["b", "a", "b", "a", "c"]) == "a"
    assert most_frequent([["O", "B-LOC"], ["O"]]) == "O"
    assert constant_guess(["a", "b"], "a") == ["a", "a"]
    assert constant_guess([["O", "B-LOC"], ["O"]], "O") == [["O", "O"], ["O"]]


def test_majority_scores_by_hand():
    gold = ["a"] * 6 + ["b"] * 4
    # Precision 0.6, recall 1: F1 0.75 for a, 0 for b.
    scores = classification_scores(gold, constant_guess(gold, "a"))
    assert scores["macro_f1"] == pytest.approx(37.5)
    tags = [["NOUN", "VERB"], ["NOUN", "NOUN", "PUNCT"]]
    nouns = pos_scores(tags, constant_guess(tags, "NOUN"))
    assert nouns["token_accuracy"] == pytest.approx(60)
    # One unit a sentence, none of them of the true extent.
    assert nouns["paper_f1"] == 0
    entities = [["B-LOC", "O"], ["O"]]
    assert entity_scores(entities, constant_guess(entities, "O"))["entity_f1"] == 0


def test_uniform_guesses_have_their_expected_score():
    gold = ["a", "b", "c", "d"] * 100

    def accuracy(gold, answers):
        return classification_scores(gold, answers)["accuracy"]

    def token_accuracy(gold, answers):
        return pos_scores(gold, answers)["token_accuracy"]

    # 8,000 guesses at one in four: 25, give or take 0.5.
    assert uniform_guess_score(gold, "abcd", accuracy) == pytest.approx(25, abs=1.5)
    sentences = [["NOUN", "VERB", "X", "ADJ"]] * 50
    labels = ("NOUN", "VERB", "X", "ADJ", "ADV")
    assert uniform_guess_score(sentences, labels, token_accuracy) == pytest.approx(20, abs=2)
    again = uniform_guess_score(gold, "abcd", accuracy)
    assert again == uniform_guess_score(gold, "abcd", accuracy)
