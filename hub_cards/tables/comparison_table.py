"""Models against their base: differences with their intervals, chance, and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..scores.comparing.bootstrap import DRAWS
from ..scores.comparing.evidence import LEVEL, Comparison
from ..scores.comparing.gate import TargetChange
from ..table import Table

_NUMBERS = ("score", "uniform", "majority", "difference", "95% interval", "p", "verdict")


def comparison_table(
    comparisons: Mapping[tuple[str, str], Comparison], name: str, judged: int, signature: str
) -> Table | None:
    """Set models against their base.

    Args:
        comparisons: Of one benchmark, by base row and other row.
        name: The benchmark, for the title.
        judged: How many comparisons these were judged with, themselves included.
        signature: Of the scores.

    Returns:
        A row per comparison; None if there are none.
    """
    if not comparisons:
        return None
    rows = []
    for (base, row), found in comparisons.items():
        seeds = "-" if found.seeds is None else str(found.seeds)
        counts = (str(found.cells), seeds, str(found.trainings))
        rows.append((row, base, *counts, f"{found.before.value:.1f}", *_numbers(found)))
    header = ("compared", "base", "cells", "seeds", "trainings", "base's score", *_NUMBERS)
    title = f"{name}: against the base, points"
    return Table(title, header, tuple(rows), signature, (_note(judged),))


def gate_table(
    changes: Sequence[TargetChange], points: float, signatures: Mapping[str, str]
) -> Table:
    """Show what the gate judges: a row per model and target language.

    Args:
        changes: Judged together.
        points: Of a fall.
        signatures: Of the scores, by benchmark.
    """
    rows = []
    for change in changes:
        found = change.found
        head = (change.benchmark, change.row, change.target, str(found.cells))
        falls = "falls" if change.falls(points) else ""
        rows.append((*head, f"{found.before.value:.1f}", *_numbers(found), falls))
    header = ("benchmark", "compared", "target", "cells", "base's score", *_NUMBERS, "gate")
    note = f"falls: shown to be worse than a base above chance, and by more than {points:g} points"
    title = "gate: against the base by target language, points"
    told = (f"signature of {name}: `{signature}`" for name, signature in signatures.items())
    return Table(title, header, tuple(rows), "", (*told, note, _note(len(changes))))


def _numbers(found: Comparison) -> tuple[str, ...]:
    chance = (found.chance.get(kind) for kind in ("uniform", "majority"))
    return (
        f"{found.after.value:.1f}",
        *("-" if value is None else f"{value:.1f}" for value in chance),
        f"{found.difference:+z.1f}",
        f"{found.low:+z.1f} to {found.high:+z.1f}" if found.judged else "-",
        found.told_p if found.judged else "-",
        found.verdict,
    )


def _note(judged: int) -> str:
    share = f"{1 - LEVEL:.2g}"
    return (
        f"interval: over test items (paired bootstrap, {DRAWS} draws), seeds of fine-tuning and "
        f"trainings; p: adjusted by Holm's method for {judged} comparison"
        f"{'' if judged == 1 else 's'}; `better` and `worse`: p at most {share}, and the intervals "
        "of both scores above uniform guessing and the majority label, else `at chance`. Retrieval "
        "draws no seed. A single training speaks for its weights, not for the way of training"
    )
