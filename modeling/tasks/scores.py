"""Scores of predicted labels and tags, all in percent.

Source: arXiv 2406.19759, section 4.3, says macro-F1 for all tasks; the authors' code scores tags
with seqeval's micro F1, and so do the tables of the paper. `paper_f1` is that figure; beside it,
`token_accuracy` and `macro_f1` are what the tags deserve.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

Tags = Sequence[Sequence[str]]


def classification_scores(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """Macro-F1 (over labels that occur in either) and accuracy of labelled texts.

    Args:
        gold: True labels, at least one.
        predicted: As many.

    Returns:
        `macro_f1`, `accuracy`.
    """
    from sklearn.metrics import accuracy_score, f1_score

    macro = f1_score(gold, predicted, average="macro", zero_division=0)
    return {
        "macro_f1": 100 * float(macro),
        "accuracy": 100 * float(accuracy_score(gold, predicted)),
    }


def entity_scores(gold: Tags, predicted: Tags) -> dict[str, float]:
    """Micro-averaged precision, recall and F1 of whole IOB2 entities, and token accuracy.

    Args:
        gold: True tags by sentence.
        predicted: As many per sentence.

    Returns:
        `entity_f1`, `entity_precision`, `entity_recall`, `token_accuracy`.
    """
    f1, precision, recall = _seqeval(gold, predicted)
    return {
        "entity_f1": f1,
        "entity_precision": precision,
        "entity_recall": recall,
        "token_accuracy": classification_scores(_flat(gold), _flat(predicted))["accuracy"],
    }


def pos_scores(gold: Tags, predicted: Tags) -> dict[str, float]:
    """The paper's F1 of part-of-speech tags, token accuracy, and macro-F1 over tags.

    `paper_f1` is seqeval on bare tags, which takes the first letter off as if it were `B-` or `I-`:
    CCONJ and SCONJ are one class, and equal neighbours are one unit. It is here so that figures
    compare with the paper's; it says less than `token_accuracy`.

    Args:
        gold: True tags by sentence.
        predicted: As many per sentence.

    Returns:
        `paper_f1`, `token_accuracy`, `macro_f1`.
    """
    plain = classification_scores(_flat(gold), _flat(predicted))
    return {
        "paper_f1": _seqeval(gold, predicted)[0],
        "token_accuracy": plain["accuracy"],
        "macro_f1": plain["macro_f1"],
    }


SCORERS: dict[str, Callable[..., dict[str, float]]] = {
    "macro_f1": classification_scores,
    "entity_f1": entity_scores,
    "paper_f1": pos_scores,
}
"""A benchmark's main score -> the function that computes it and what stands beside it."""


def _flat(tags: Tags) -> list[str]:
    return [tag for sentence in tags for tag in sentence]


def _seqeval(gold: Tags, predicted: Tags) -> tuple[float, float, float]:
    from seqeval.metrics import f1_score, precision_score, recall_score

    gold, predicted = [list(tags) for tags in gold], [list(tags) for tags in predicted]
    with warnings.catch_warnings():
        # It warns of every tag that does not begin with B- or I-, and of classes nobody predicted.
        warnings.simplefilter("ignore")
        return (
            100 * float(f1_score(gold, predicted, zero_division=0)),
            100 * float(precision_score(gold, predicted, zero_division=0)),
            100 * float(recall_score(gold, predicted, zero_division=0)),
        )
