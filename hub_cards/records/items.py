"""What became of each scored item, as one line of text: what a bootstrap over items needs.

Items stand in the order of the test set, separated by blanks; the numbers of an item by `/`.

| main score | an item | its numbers |
| --- | --- | --- |
| `top10` | a query | the least of 1, 5, 10 whose top-k holds the target; 0: none; `-`: left out |
| `macro_f1` | a text | gold and predicted label, as numbers |
| `entity_f1`, `paper_f1` | a sentence | units that are right, predicted, gold |

Output: the main score of any selection of items, which is no mean of single items for F1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .schema_check import RecordError

if TYPE_CHECKING:
    import numpy as np

_WITHIN = {1: ("1",), 5: ("1", "5")}
"""What a query's number is when its target is among the first k."""
_ROUNDING = 0.005
"""Percent: records of others may have rounded scores, and no verdict turns on so little."""


def weighted_scores(items: str, main_score: str, weights: np.ndarray) -> np.ndarray:
    """Score selections of items.

    Args:
        items: The line of a record.
        main_score: What is scored.
        weights: How often each item is taken. *Shape:* (selections, items).

    Returns:
        The main score in percent; 0 where a selection has nothing to score. *Shape:* (selections,).

    Raises:
        RecordError: The line does not fit the score or the weights.
    """
    import numpy as np

    if main_score not in _SCORES:
        raise RecordError(f"main_score: came {main_score!r}; legal: {', '.join(_SCORES)}")
    try:
        rows = [[-1 if n == "-" else int(n) for n in item.split("/")] for item in items.split()]
        table = np.array(rows, dtype=np.int64)
        columns = _SCORES[main_score][0]
        if table.shape != (weights.shape[1], columns):
            raise ValueError(f"{table.shape}, not {(weights.shape[1], columns)}")
    except ValueError as error:
        raise RecordError(f"items: do not fit {main_score} ({error})") from error
    return table_scores(table, main_score, weights)


def require_agreement(items: str, main_score: str, scores: Mapping[str, float]) -> None:
    """See that the scores of a record are those of its items: verdicts are made from the items.

    Args:
        items: The line of a record.
        main_score: What is scored.
        scores: Of all items, in percent. Of retrieval, all that the items tell are looked at.

    Raises:
        RecordError: A score is not that of the items, or they do not fit it.
    """
    import numpy as np

    if main_score not in _SCORES:  # of another task; its items say what we cannot know
        return
    words = items.split()
    everything = np.ones((1, len(words)))
    asked = {main_score: items}
    if main_score == "top10":
        for k in (1, 5):
            within = ("-" if word == "-" else str(int(word in _WITHIN[k])) for word in words)
            asked[f"top{k}"] = " ".join(within)
    for name, line in asked.items():
        found = float(weighted_scores(line, main_score, everything)[0])
        if name in scores and abs(found - scores[name]) > _ROUNDING:
            raise RecordError(
                f"items: give {name} {found:.2f}; legal: scores.{name}, which is {scores[name]:.2f}"
            )


def same_scores(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Tell whether two records of the same items have the same scores, but for rounding."""
    return one.keys() == other.keys() and all(
        abs(one[name] - other[name]) <= _ROUNDING for name in one
    )


def table_scores(table: np.ndarray, main_score: str, weights: np.ndarray) -> np.ndarray:
    """Score selections of items whose numbers are a table; see `weighted_scores`.

    Args:
        table: *Shape:* (items, numbers of an item); -1 for `-`.
        main_score: What is scored.
        weights: *Shape:* (selections, items).
    """
    import numpy as np

    # In floating point, which holds such counts exactly: numpy multiplies integers without BLAS.
    return 100 * _SCORES[main_score][1](table, np.asarray(weights, dtype=float))


def _hits(table: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return _ratio(weights @ (table[:, 0] > 0), weights @ (table[:, 0] >= 0))


def _macro_f1(table: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Unweighted mean over the labels that a selection has, as gold or as prediction."""
    import numpy as np

    labels = np.unique(table)
    gold, predicted = (table[:, [column]] == labels for column in (0, 1))
    occurs = weights @ gold + weights @ predicted
    f1 = _ratio(2 * (weights @ (gold & predicted)), occurs)
    return _ratio(f1.sum(axis=1), (occurs > 0).sum(axis=1))


def _micro_f1(table: np.ndarray, weights: np.ndarray) -> np.ndarray:
    right, predicted, gold = (weights @ table).T
    return _ratio(2 * right, predicted + gold)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)


_SCORES: dict[str, tuple[int, Callable[[np.ndarray, np.ndarray], np.ndarray]]] = {
    "top10": (1, _hits),
    "macro_f1": (2, _macro_f1),
    "entity_f1": (3, _micro_f1),
    "paper_f1": (3, _micro_f1),
}
