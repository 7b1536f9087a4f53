"""Display names, made from keys: the only place where a row gets its name."""

from __future__ import annotations

from collections.abc import Sequence

from ..records.cell_key import CellKey, short_digest
from ..records.schema_check import RecordError
from ..records.score_records import scripts_of

METRICS = {"top1": "top-1", "top5": "top-5", "top10": "top-10"}
"""Scores of retrieval, and what they are called."""

_SETTINGS = (
    *("transliterator", "layer", "pooling", "shots", "settings", "seed"),
    *("version", "model_digest", "tokenizer"),
)
"""What may set rows of one model and script apart, in the order in which a name tells it."""


def head(key: CellKey) -> str:
    """Name the model and the script that it was given."""
    return key.model + script(key)


def script(key: CellKey) -> str:
    """Name the script that a model was given: nothing for the original one."""
    told = scripts_of(key)
    return "" if told == "original" else f" [{told}]"


def tails(keys: Sequence[CellKey]) -> list[str]:
    """Name what sets each key's row apart from the model's other rows.

    Args:
        keys: All that are shown together.

    Returns:
        What stands behind the model's name: nothing, ` [latin]`, ` [layer:3, pooling:content]` or
        both.
    """
    values: dict[str, dict[str, set[str]]] = {}
    for key in keys:
        mine = values.setdefault(head(key), {name: set() for name in _SETTINGS})
        for name in _SETTINGS:
            mine[name].add(_text(key, name))
    found = []
    for key in keys:
        differing = [name for name in _SETTINGS if len(values[head(key)][name]) > 1]
        told = ", ".join(f"{name}:{_text(key, name)}" for name in differing)
        found.append(script(key) + (f" [{told}]" if told else ""))
    return found


def _text(key: CellKey, name: str) -> str:
    if key.is_task and name == "seed":
        return ""  # a task's seeds are one row, and its spread
    value = getattr(key, name)
    if name == "settings":
        return "" if value is None else short_digest(value)
    text = "none" if value is None else str(value)
    return text[:8] if len(text) >= 40 else text  # what of a digest a reader can compare


def require_metrics(*metrics: str) -> None:
    """See that scores of retrieval are there.

    Raises:
        RecordError: One is not.
    """
    for metric in metrics:
        if metric not in METRICS:
            raise RecordError(f"score: came {metric!r}; legal: {', '.join(METRICS)}")
