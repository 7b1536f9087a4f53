"""What was measured of the two models of a Space: retrieval by direction, both side by side."""

from __future__ import annotations

from collections.abc import Sequence

from ..records.files import Record, RecordError
from ..scores.of_weights import scores_of
from .model_scores import Part
from .score_tables import direction_sections

_HEADING = """## Measured, by direction

How often a sentence's counterpart is the nearest, or among the ten nearest, when it is asked for in
its own script or in Latin letters. `this model` is the one after alignment."""


def space_scores(records: Sequence[Record], base: str, aligned: str) -> str:
    """Write the tables of directions of two models as Markdown.

    Args:
        records: Of any kind, of any models.
        base: Digest of the weights before alignment.
        aligned: Digest of those after.

    Returns:
        A heading, and a table for each benchmark and romaniser.

    Raises:
        RecordError: No directions of both models are among the records, or records disagree.
    """
    before, after = scores_of(records, base), scores_of(records, aligned)
    parts = [
        Part(conditions, scores, base=before[conditions])
        for conditions, scores in after.items()
        if conditions in before and not scores.is_task
    ]
    tables = direction_sections(parts)
    if tables is None:
        raise RecordError(
            f"the records hold no retrieval by direction of both models ({base} and {aligned}); "
            "translit-ppa eval --directions --model BASE ALIGNED writes it"
        )
    return f"{_HEADING}\n\n{tables}\n"
