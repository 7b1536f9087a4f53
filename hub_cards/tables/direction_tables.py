"""Tables of retrieval by direction: which script is asked for in which.

Accuracies are percent, `top-1 / top-10`. The cosine is that of a sentence with its counterpart less
that with all other sentences: vectors that lie in a narrow cone have large cosines throughout, and
a difference near 0.

Source: matched and random pairs as in Liu et al. 2024, "How Transliterations Improve Crosslingual
Alignment", arXiv 2409.17326.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..records.files import EvalRecord
from ..scores import labels
from ..scores.comparing.evidence import Comparison, judge
from ..scores.directions import DIRECTIONS, of_direction
from ..scores.layers import at_one_layer
from ..scores.scores import Scores
from ..table import Table


def direction_table(scores: Scores) -> Table:
    """Compare models: a row per direction, with means over its pairs of languages.

    Args:
        scores: Of one benchmark and split; of several layers one is shown.

    Returns:
        Accuracy and cosine of each model, and the difference from the first in top-10 with its 95%
        interval over test items and a verdict; those of a table are judged together.

    Raises:
        RecordError: If the records do not belong into one table.
    """
    scores = at_one_layer(scores)
    names = _names(scores)
    base, *others = names
    compared: dict[tuple[str, str], Comparison] = {}
    for title, part, labelled in _parts(scores):
        for name in others:
            both = name in labelled and base in labelled
            if both and (found := part.compare(labelled[base], labelled[name])) is not None:
                compared[title, name] = found
    judged = judge(compared)
    rows = []
    for title, part, labelled in _parts(scores):
        texts = [_accuracy(part, labelled.get(name)) for name in names]
        texts += [_cosine(part, labelled.get(name)) for name in names]
        for name in others:
            told = judged.get((title, name))
            texts.append("-" if told is None else f"{told}, {told.verdict}")
        rows.append((title, str(len(part.pairs)), *texts))
    header = ("direction", "pairs", *names, *(f"{name}: cosine" for name in names))
    header += tuple(f"{name} against {base}, top-10" for name in others)
    title = f"{scores.records[0].benchmark} retrieval by direction, top-1 / top-10, mean, %"
    notes = _notes(scores, len(judged))
    return Table(title, header, tuple(rows), scores.signature(), notes)


def direction_languages(scores: Scores) -> Table:
    """Show every direction by the language of its queries: means over the targets.

    Args:
        scores: As for `direction_table`.

    Returns:
        A row per direction and model, a column per language, `top-1 / top-10`.
    """
    scores = at_one_layer(scores)
    sources = list(dict.fromkeys(record.source for record in scores.records))
    rows = [
        (title, name, *(_accuracy(part, row, source) for source in sources))
        for title, part, labelled in _parts(scores)
        for name, row in labelled.items()
    ]
    title = f"{scores.records[0].benchmark} retrieval by direction and source, top-1 / top-10, %"
    return Table(title, ("direction", "model", *sources), tuple(rows), scores.signature())


def direction_layers(scores: Scores) -> Table:
    """Show by layer how much closer a counterpart is than any other sentence.

    Args:
        scores: As for `direction_table`, of several layers.

    Returns:
        A row per direction and model, a column per layer: the difference of the cosines.
    """
    layers = sorted({record.cell().layer or 0 for record in scores.records})
    found: dict[tuple[str, str], dict[int, str]] = {}
    for layer in layers:
        for title, part, labelled in _parts(scores.where(layer=layer)):
            for name, row in labelled.items():
                found.setdefault((title, name), {})[layer] = _cosine(part, row)
    rows = [
        (title, name, *(texts.get(layer, "-") for layer in layers))
        for (title, name), texts in found.items()
    ]
    title = f"{scores.records[0].benchmark}: cosine of counterparts less that of others, by layer"
    return Table(title, ("direction", "model", *map(str, layers)), tuple(rows), scores.signature())


def direction_tables(scores: Scores) -> list[Table]:
    """Make all of them; that by layer only where there are several."""
    tables = [direction_table(scores), direction_languages(scores)]
    several = len({record.cell().layer for record in scores.records}) > 1
    return [*tables, direction_layers(scores)] if several else tables


def _parts(scores: Scores) -> Iterator[tuple[str, Scores, dict[str, str]]]:
    """Each direction there is: its title, its scores, and the row of each model."""
    for name, direction in DIRECTIONS.items():
        part = of_direction(scores, name)
        if part.records:
            script = labels.script(part.records[0].cell())
            # All rows of a direction have one script, which its title tells.
            yield direction.title, part, {row.replace(script, "", 1): row for row in part.rows}


def _names(scores: Scores) -> Sequence[str]:
    """What models are called beside one another, whatever directions each of them has."""
    names = dict.fromkeys(name for *_, labelled in _parts(scores) for name in labelled)
    order = list(dict.fromkeys(record.model for record in scores.records))
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def _accuracy(part: Scores, row: str | None, source: str | None = None) -> str:
    asked = [pair for pair in part.pairs if source in (None, pair[0])]
    if row is None or not asked:
        return "-"
    first, ten = (part.mean(row, pairs=asked, metric=metric) for metric in ("top1", "top10"))
    if first.value is None or ten.value is None:
        return "-"
    return f"{first.value:.1f} / {ten.value:.1f} {ten.gap}".rstrip()


def _cosine(part: Scores, row: str | None) -> str:
    """The mean difference over the cells of a row; records of 0.1.0 do not tell it."""
    records = part.records_of([row]) if row is not None else []
    told = [r.cosines for r in records if isinstance(r, EvalRecord) and r.cosines is not None]
    if not told or len(told) < len(records):
        return "-"
    return f"{sum(one['matched'] - one['random'] for one in told) / len(told):.2f}"


def _notes(scores: Scores, judged: int) -> tuple[str, ...]:
    records: list[Any] = list(scores.records)
    identical = sum(record.identical for record in records)
    total = identical + sum(record.n for record in records)
    queries, pools = (_range(getattr(r, name) for r in records) for name in ("n", "pool"))
    chance = " / ".join(f"{scores.chance(k):.1f}" for k in (1, 10))
    return (
        "languages that are written in Latin letters are searched, never romanised; `English` is "
        "one of the `other originals`",
        f"a pair has {queries} queries and a pool of {pools}; chance {chance}; "
        f"equal texts left out: {identical} of {total} queries",
        "cosine: of a sentence with its counterpart, less that with the other sentences",
        f"intervals: over test items; the {judged} verdicts of this table: by Holm's method",
    )


def _range(values: Iterable[int]) -> str:
    numbers = sorted(values)
    return f"{numbers[0]}" if numbers[0] == numbers[-1] else f"{numbers[0]}-{numbers[-1]}"
