"""How often verdicts are wrong, and how often they find what is there, counted on made-up models.

    python -m speed.verdicts [--times 1000] [--only NAME ...] [--out docs/records/verdicts.json]
    python -m speed.verdicts --render        put the table of the record into docs/verdicts.md

What a record has already is not counted again.

Two models of known strength answer test sets of the sizes of real ones, many times over. The
verdict is that of the package: `estimates`, `Comparison` and `judge`. A record tells the share of
each verdict; with equal models `better` and `worse` together may be at most 5%.

What is right is drawn from a probit model: an item is hard or easy for every model, one model has
its own weak items in all languages, a seed shifts its model everywhere and in each language.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from speed.mistakes import one_line
from translit_ppa.commands.options import whole_numbers
from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.hub_cards.scores.comparing.bootstrap import DRAWS, Sample, estimates, item_weights
from translit_ppa.hub_cards.scores.comparing.evidence import BETTER, WORSE, Comparison, judge
from translit_ppa.hub_cards.tables.fill_markers import fill

DOCS = Path(__file__).resolve().parents[1] / "docs"
RECORD = DOCS / "records" / "verdicts.json"
PAGE = DOCS / "verdicts.md"
LABELS = 7

ITEM, OWN_ITEM, CELL_ITEM = 1.0, 0.4, 0.6
"""Standard deviations on the scale of the probit, whose noise has 1: how hard an item is for all
models, for one model in all languages, and for all models in one cell."""


@dataclass(frozen=True)
class Size:
    """A test set and how it is used.

    Attributes:
        kind: `retrieval`, `topics` (one label a text) or `tags` (units of a sentence).
        items: Queries, texts or sentences, the same in every cell.
        cells: Pairs of languages.
        seeds: Of fine-tuning; retrieval has one.
        right: Share of items, or of units, that a model gets right, 0 to 1.
        seed_sd: How far a seed shifts its model on the scale of the probit, everywhere and again
            in each cell.
        units: Mean number of units a sentence.
        trainings: Models that differ in the seed of their training, which shifts them likewise.
    """

    kind: str
    items: int
    cells: int
    seeds: int = 1
    right: float = 0.5
    seed_sd: float = 0.08
    units: float = 0.0
    trainings: int = 1


SIZES = {
    "retrieval, 40 queries": Size("retrieval", 40, 1),
    "retrieval, 500 queries": Size("retrieval", 500, 1, right=0.3),
    "retrieval, 500 queries, 42 pairs": Size("retrieval", 500, 42, right=0.1),
    "retrieval, 1,000 queries, 56 pairs": Size("retrieval", 1000, 56, right=0.3),
    "retrieval, 500 queries, 3 trainings": Size("retrieval", 500, 42, right=0.3, trainings=3),
    "SIB-200, 8 cells, 2 seeds": Size("topics", 204, 8, 2, 0.7),
    "SIB-200, 8 cells, 5 seeds": Size("topics", 204, 8, 5, 0.7),
    "SIB-200, 29 cells, 5 seeds": Size("topics", 204, 29, 5, 0.7),
    "SIB-200, seeds far apart": Size("topics", 204, 29, 5, 0.7, seed_sd=0.25),
    "SIB-200, no better than guessing": Size("topics", 204, 29, 5, 1 / LABELS),
    "NER, 8 cells, 5 seeds": Size("tags", 150, 8, 5, 0.6, units=1.5),
    "POS, 25 cells, 5 seeds": Size("tags", 150, 25, 5, 0.7, units=18),
}
PAGE_OF_RESULTS = (
    *("retrieval, 500 queries, 42 pairs", "retrieval, 1,000 queries, 56 pairs"),
    *("retrieval, 500 queries", "SIB-200, 29 cells, 5 seeds", "SIB-200, seeds far apart"),
    *("NER, 8 cells, 5 seeds", "POS, 25 cells, 5 seeds"),
)
"""Seven benchmarks on which four models are compared with one base."""
MODELS_OF_A_PAGE = 4
TOGETHER = "a page: 4 models, 7 benchmarks"
POINTS = (0, 1, 2, 5)
"""How much better the second model is."""
POINTS_OF_A_PAGE = (0, 2)


def answers(
    size: Size, models: Sequence[tuple[float, int]], random: np.random.Generator
) -> list[list[Sample]]:
    """Let models answer one test set.

    Args:
        size: Of the test set.
        models: For each how many points better it is than `size.right`, and its trainings.
        random: What is drawn with.

    Returns:
        For each model, a sample for each training.
    """
    easy = random.normal(0, ITEM, (size.items, 1))
    easy = easy + random.normal(0, CELL_ITEM, (size.items, size.cells))
    gold = _gold(size, random)
    made = []
    for points, trainings in models:
        own = random.normal(0, OWN_ITEM, (size.items, 1, 1))
        shape = (1, size.cells, size.seeds)
        made.append([])
        for _ in range(trainings):
            spread = size.seed_sd if size.kind != "retrieval" or trainings > 1 else 0.0
            shift = random.normal(0, spread, (1, 1, size.seeds)) + random.normal(0, spread, shape)
            total = np.sqrt(1 + ITEM**2 + CELL_ITEM**2 + OWN_ITEM**2 + 2 * spread**2)
            level = total * ndtri(size.right + points / 100)
            strength = level + easy[:, :, np.newaxis] + own + shift
            made[-1].append(_sample(size, gold, strength, random))
    return made


def _gold(size: Size, random: np.random.Generator) -> np.ndarray:
    """Labels of texts, units of sentences, nothing for queries. *Shape:* (items,)."""
    if size.kind == "topics":
        return np.arange(size.items) % LABELS
    return 1 + random.poisson(max(size.units - 1, 0), size.items)


def _sample(
    size: Size, gold: np.ndarray, strength: np.ndarray, random: np.random.Generator
) -> Sample:
    """Draw answers and score them, and all samples of items. *Shape:* (items, cells, seeds)."""
    weights = _weights(size.items)
    if size.kind == "tags":
        units = gold[:, np.newaxis, np.newaxis]
        right = random.binomial(units, ndtr(strength))
        predicted = right + random.binomial(units - right, 0.8)
        scores = tag_scores(right, predicted, gold, weights)
    else:
        right = strength + random.normal(0, 1, strength.shape) > 0
        if size.kind == "topics":
            wrong = gold[:, np.newaxis, np.newaxis] + random.integers(1, LABELS, right.shape)
            answer = np.where(right, gold[:, np.newaxis, np.newaxis], wrong % LABELS)
            scores = topic_scores(gold, answer, weights)
        else:
            scores = 100 * _weighted(weights, right) / size.items
    means = scores.mean(axis=1)
    return Sample(tuple(map(float, means[0])), means[1:].T.astype(float))


@cache
def _weights(items: int) -> np.ndarray:
    """All items once, then the package's samples. *Shape:* (1 + draws, items)."""
    # In half the precision: a standard error needs no more, and it takes half the time.
    return np.vstack([np.ones(items), item_weights(items)]).astype(np.float32)


def topic_scores(gold: np.ndarray, answer: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Macro-F1 of all cells and seeds at once. *Shape:* (selections, cells, seeds)."""
    total = occurring = 0.0
    for label in range(LABELS):
        rows, is_answer = gold == label, answer == label
        occurs = weights[:, rows].sum(axis=1)[:, np.newaxis, np.newaxis]
        occurs = occurs + _weighted(weights, is_answer)
        both = _weighted(weights[:, rows], is_answer[rows])
        total = total + np.divide(2 * both, occurs, out=np.zeros(both.shape), where=occurs > 0)
        occurring = occurring + (occurs > 0)
    return 100 * total / occurring


def tag_scores(
    right: np.ndarray, predicted: np.ndarray, gold: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Micro F1 of all cells and seeds at once. *Shape:* (selections, cells, seeds)."""
    whole = _weighted(weights, predicted + gold[:, np.newaxis, np.newaxis])
    return 200 * _weighted(weights, right) / whole


def _weighted(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    flat = weights @ values.reshape(len(values), -1).astype(weights.dtype)
    return flat.reshape(len(weights), *values.shape[1:])


def compared(size: Size, base: Sample, others: Sequence[Sample]) -> Comparison:
    """Compare made-up models as `compare_cells` compares records."""
    tuned = size.kind != "retrieval"
    chance = {"uniform": 100 / LABELS} if size.kind == "topics" else {"uniform": 1.0}
    weighed = estimates(base, others, size.items, tuned=tuned)
    return Comparison(
        *weighed, chance, size.cells, size.seeds if tuned else None, trainings=len(others)
    )


def verdicts(name: str, points: float, times: int, seed: int = 0) -> Iterator[list[Comparison]]:
    """Judge a family of comparisons again and again.

    Args:
        name: Of `SIZES`, or `TOGETHER`.
        points: How much better the models are than their base.
        times: How often.
        seed: Of all that is drawn.

    Yields:
        The comparisons of one family, judged together.
    """
    sizes = [SIZES[part] for part in (PAGE_OF_RESULTS if name == TOGETHER else (name,))]
    count = MODELS_OF_A_PAGE if name == TOGETHER else 1
    for number in range(times):
        random = np.random.default_rng([seed, number])
        family = {}
        for size in sizes:
            base, *others = answers(size, [(0, 1), *[(points, size.trainings)] * count], random)
            for other in others:
                family[len(family)] = compared(size, base[0], other)
        yield list(judge(family).values())


def measure(name: str, points: float, times: int) -> dict[str, Any]:
    """Count verdicts: of a lone comparison each, of a page whether any is `better` or `worse`."""
    begun = time.monotonic()
    words: Counter[str] = Counter()
    shown = comparisons = 0
    for family in verdicts(name, points, times):
        found = [comparison.verdict for comparison in family]
        words.update(found)
        comparisons += len(found)
        shown += bool({BETTER, WORSE} & set(found))
    return {
        "name": name,
        "sizes": [asdict(SIZES[n]) for n in (PAGE_OF_RESULTS if name == TOGETHER else (name,))],
        "points": points,
        "times": times,
        "any_shown": shown / times,
        "verdicts": {word: count / comparisons for word, count in sorted(words.items())},
        "seconds": round(time.monotonic() - begun, 1),
    }


def render(record: dict[str, Any]) -> str:
    """Write the table: what equal models are called, and how often a better one is found."""
    points = list(dict.fromkeys(row["points"] for row in record["rows"]))
    lines = [
        f"| made-up test set | {' | '.join(_heading(p) for p in points)} |",
        f"| --- | {' | '.join('---:' for _ in points)} |",
    ]
    for name in dict.fromkeys(row["name"] for row in record["rows"]):
        rows = {row["points"]: row for row in record["rows"] if row["name"] == name}
        shares = (
            (row["verdicts"].get(BETTER, 0.0) if p else row["any_shown"]) if row else None
            for p, row in ((p, rows.get(p)) for p in points)
        )
        told = ("-" if share is None else f"{100 * share:.1f}%" for share in shares)
        lines.append(f"| {name} | {' | '.join(told)} |")
    times = sorted({row["times"] for row in record["rows"]})
    lines += [
        "",
        f"- each share is of {' or '.join(f'{n:,}' for n in times)} repetitions, with {DRAWS:,} "
        "samples of items each; equal models: pages or comparisons on which anything is `better` "
        "or `worse`; else comparisons that are `better`",
        f"- v{record['version']}; {', '.join(f'{k} {v}' for k, v in record['libraries'].items())}",
    ]
    return "\n".join(lines)


def _heading(points: float) -> str:
    return f"better by {points:g} points" if points else "equal models"


@one_line
def main(argv: Sequence[str] | None = None) -> int:
    """Count verdicts; see the module's text for the command line."""
    parser = argparse.ArgumentParser(prog="python -m speed.verdicts")
    add = parser.add_argument
    add("--times", type=whole_numbers(1), default=1000, help="repetitions (default: 1000)")
    add("--only", nargs="+", metavar="NAME", help="these test sets (default: all)")
    add("--out", type=Path, default=RECORD, help=f"record (default: docs/records/{RECORD.name})")
    add("--render", action="store_true", help="put the record's table into docs/verdicts.md")
    args = parser.parse_args(sys.argv[1:] if argv is None else argv)
    names = args.only or [*SIZES, TOGETHER]
    if unknown := [name for name in names if name not in (*SIZES, TOGETHER)]:
        raise DataError(f"came {unknown[0]!r}; legal: {', '.join([*SIZES, TOGETHER])}")
    if args.render:
        record = json.loads(args.out.read_text(encoding="utf-8"))
        text = fill(PAGE.read_text(encoding="utf-8"), "verdicts", render(record))
        write_atomically(PAGE, text.encode())
        return 0
    known = json.loads(args.out.read_text(encoding="utf-8")) if args.out.is_file() else None
    rows = known["rows"] if known and known["version"] == package_version() else []
    asked = [
        (name, points)
        for points in POINTS
        for name in names
        if name != TOGETHER or points in POINTS_OF_A_PAGE
    ]
    for name, points in asked:
        if any((r["name"], r["points"], r["times"]) == (name, points, args.times) for r in rows):
            continue
        rows = [row for row in rows if (row["name"], row["points"]) != (name, points)]
        rows.append(measure(name, points, args.times))
        print({k: v for k, v in rows[-1].items() if k != "sizes"}, flush=True)
        record = {
            "kind": "verdict simulation",
            "version": package_version(),
            "created": now(),
            "libraries": libraries(("numpy", "scipy")),
            "rows": sorted(rows, key=lambda row: [*SIZES, TOGETHER].index(row["name"])),
        }
        write_atomically(args.out, (json.dumps(record, indent=1) + "\n").encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
