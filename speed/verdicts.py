"""How often verdicts are wrong, and how often they find what is there, counted on made-up models.

    python -m speed.verdicts [--times 1000] [--only NAME ...] [--points 0 2 5] [--out FILE]
    python -m speed.verdicts --render        put the table of the record into docs/verdicts.md

What a record has already is not counted again.

Two models of known strength answer test sets of the sizes of real ones, many times over. The
verdict is that of the package: `estimates`, `Comparison` and `judge`. A record tells the share of
each verdict; with equal models `better` and `worse` together may be at most 5%.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from speed.made_up_models import LABELS, Answers, Size, answers
from speed.mistakes import one_line
from translit_ppa.commands.options import whole_numbers
from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.hub_cards.scores.comparing.bootstrap import DRAWS, estimates
from translit_ppa.hub_cards.scores.comparing.evidence import BETTER, WORSE, Comparison, judge
from translit_ppa.hub_cards.scores.comparing.extent import Extent
from translit_ppa.hub_cards.tables.fill_markers import fill

DOCS = Path(__file__).resolve().parents[1] / "docs"
RECORD = DOCS / "records" / "verdicts.json"
TEXT = DOCS / "verdicts.md"
SIZES = {
    "retrieval, 12 queries": Size("retrieval", 12, 1),
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
PAGE = "a page: 4 models, 7 benchmarks"
GATE = "a gate: 8 targets, 40 queries each"
FAMILIES = {
    GATE: (("retrieval, 40 queries",) * 8, 1),
    PAGE: (
        (
            *("retrieval, 500 queries, 42 pairs", "retrieval, 1,000 queries, 56 pairs"),
            *("retrieval, 500 queries", "SIB-200, 29 cells, 5 seeds", "SIB-200, seeds far apart"),
            *("NER, 8 cells, 5 seeds", "POS, 25 cells, 5 seeds"),
        ),
        4,
    ),
}
"""What is judged together: test sets, and how many models are compared with one base on each."""
NAMES = (*SIZES, *FAMILIES)
POINTS = (0, 2, 5)
"""How much better the second model is."""
POINTS_OF_A_PAGE = (0, 2)


def compared(size: Size, base: Answers, others: Sequence[Answers]) -> Comparison:
    """Compare made-up models as `compare_cells` compares records."""
    tuned = size.kind != "retrieval"
    chance = {"uniform": 100 / LABELS} if size.kind == "topics" else {"uniform": 1.0}
    differ = [(base.outcomes != other.outcomes).any(axis=(1, 2)) for other in others]
    lists = size.cells * size.seeds * len(others)
    extent = Extent(size.items, size.items, lists, int(np.any(differ, axis=0).sum()))
    weighed = estimates(base.sample, [other.sample for other in others], extent, tuned=tuned)
    return Comparison(
        *weighed, chance, size.cells, size.seeds if tuned else None, trainings=len(others)
    )


def verdicts(name: str, points: float, times: int, seed: int = 0) -> Iterator[list[Comparison]]:
    """Judge a family of comparisons again and again.

    Args:
        name: Of `SIZES` or `FAMILIES`.
        points: How much better the models are than their base.
        times: How often.
        seed: Of all that is drawn.

    Yields:
        The comparisons of one family, judged together.
    """
    sizes, count = _family(name)
    for number in range(times):
        random = np.random.default_rng([seed, number])
        family: dict[int, Comparison] = {}
        for size in sizes:
            base, *others = answers(size, [(0, 1), *[(points, size.trainings)] * count], random)
            for other in others:
                family[len(family)] = compared(size, base[0], other)
        yield list(judge(family).values())


def _family(name: str) -> tuple[list[Size], int]:
    """Give the test sets that are judged together, and the number of models."""
    parts, count = FAMILIES.get(name, ((name,), 1))
    return [SIZES[part] for part in parts], count


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
        "sizes": [asdict(size) for size in _family(name)[0]],
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
    counted = {(row["name"], row["points"]) for row in record["rows"]}
    lacking = [(name, p) for name, p in asked(NAMES) if (name, p) not in counted]
    times = sorted({row["times"] for row in record["rows"]})
    lines += [
        "",
        f"- each share is of {' or '.join(f'{n:,}' for n in times)} repetitions, with {DRAWS:,} "
        "samples of items each; equal models: comparisons, gates or pages on which anything is "
        "`better` or `worse`; else comparisons that are `better`",
        f"- v{record['version']}; {', '.join(f'{k} {v}' for k, v in record['libraries'].items())}",
    ]
    for p in dict.fromkeys(p for _, p in lacking):
        names = "; ".join(name for name, other in lacking if other == p)
        listed = names if any(points == p for _, points in counted) else "all of them"
        lines.insert(-1, f"- not counted, {_heading(p)}: {listed}")
    return "\n".join(lines)


def asked(names: Sequence[str]) -> list[tuple[str, float]]:
    """List what is counted of some test sets: name, and points by which models are better."""
    return [
        (name, points)
        for points in POINTS
        for name in names
        if name != PAGE or points in POINTS_OF_A_PAGE
    ]


def _heading(points: float) -> str:
    return f"better by {points:g} point{'' if points == 1 else 's'}" if points else "equal models"


@one_line
def main(argv: Sequence[str] | None = None) -> int:
    """Count verdicts; see the module's text for the command line."""
    parser = argparse.ArgumentParser(prog="python -m speed.verdicts")
    add = parser.add_argument
    add("--times", type=whole_numbers(1), default=1000, help="repetitions (default: 1000)")
    add("--only", nargs="+", metavar="NAME", help="these test sets (default: all)")
    add("--points", nargs="+", type=int, choices=POINTS, default=POINTS, help="only these (all)")
    add("--out", type=Path, default=RECORD, help=f"record (default: docs/records/{RECORD.name})")
    add("--render", action="store_true", help="put the record's table into docs/verdicts.md")
    args = parser.parse_args(sys.argv[1:] if argv is None else argv)
    names = args.only or NAMES
    if unknown := [name for name in names if name not in NAMES]:
        raise DataError(f"came {unknown[0]!r}; legal: {', '.join(NAMES)}")
    if args.render:
        record = json.loads(args.out.read_text(encoding="utf-8"))
        text = fill(TEXT.read_text(encoding="utf-8"), "verdicts", render(record))
        write_atomically(TEXT, text.encode())
        return 0
    known = json.loads(args.out.read_text(encoding="utf-8")) if args.out.is_file() else None
    rows = known["rows"] if known and known["version"] == package_version() else []
    for name, points in asked(names):
        if points not in args.points:
            continue
        had = [r["times"] for r in rows if (r["name"], r["points"]) == (name, points)]
        if had and max(had) >= args.times:
            continue
        rows = [row for row in rows if (row["name"], row["points"]) != (name, points)]
        rows.append(measure(name, points, args.times))
        print({k: v for k, v in rows[-1].items() if k != "sizes"}, flush=True)
        record = {
            "kind": "verdict simulation",
            "version": package_version(),
            "created": now(),
            "libraries": libraries(("numpy", "scipy")),
            "rows": sorted(rows, key=lambda row: NAMES.index(row["name"])),
        }
        write_atomically(args.out, (json.dumps(record, indent=1) + "\n").encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
