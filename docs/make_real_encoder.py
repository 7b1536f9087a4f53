"""Make docs/real-encoder.md and its figure from the records in docs/records/e5.

    python docs/make_real_encoder.py

No number of that page is typed; tests/documents/test_real_encoder.py fills it again and compares.
"""

from __future__ import annotations

from pathlib import Path

from make_factor_table import OPTIONS, WEIGHTS, factor_table
from make_longer_table import longer_tables
from make_task_table import FROZEN, TUNED, task_table

from translit_ppa import Run, Scores, load_scores
from translit_ppa.hub_cards import Table, to_markdown
from translit_ppa.hub_cards.figures.task_figures import ablation_bars
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.hub_cards.scores.directions import DIRECTIONS, of_direction
from translit_ppa.hub_cards.tables.fill_markers import fill

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "real-encoder.md"
FIGURE = DOCS / "real-encoder.png"
README = DOCS.parent / "README.md"
RECORDS = DOCS / "records" / "e5"
WITHOUT_NAMES = DOCS / "records" / "e5-without-names"
TABLES = {
    "ntrex": "ntrex300",
    "arabizi": "informal",
    "hindi": "hindi",
    "latin": "latin_names",
    "outside": "outside_names",
    "cities": "outside_cities",
}
"""Name of the markers -> the benchmark."""


def filled(page: str) -> str:
    """Return the page with its tables made anew."""
    scores = load_scores(RECORDS)
    for name, benchmark in TABLES.items():
        (spec,) = [spec for spec in scores.benchmarks if benchmark in spec]
        part = scores.of_benchmark(spec)
        by_direction = scores.directions(spec)
        tables = by_direction[:1] or [scores.table(spec)]
        told = "" if by_direction else f"\n{_told(part)}\n"
        page = fill(page, name, "\n".join(map(to_markdown, tables)) + told)
    without = load_scores(WITHOUT_NAMES)
    for name, benchmark in (("ntrex", TABLES["ntrex"]), ("names", TABLES["outside"])):
        (spec,) = [spec for spec in without.benchmarks if benchmark in spec]
        page = fill(page, f"without-{name}", to_markdown(without.directions(spec)[0]))
    page = fill(page, "longer", longer_tables())
    page = fill(page, "tasks", to_markdown(task_table(FROZEN)))
    page = fill(page, "tuned", to_markdown(task_table(TUNED)))
    page = fill(page, "factors", to_markdown(factor_table()))
    page = fill(page, "options", to_markdown(factor_table(OPTIONS)))
    page = fill(page, "weights", to_markdown(factor_table(WEIGHTS)))
    return fill(page, "harm", to_markdown(_harm()))


def _told(part: Scores) -> str:
    base, anchored = _models(part)
    return f"{anchored} against {base}, top-10, 95 % interval: {part.compare(base, anchored)}"


def _models(part: Scores) -> list[str]:
    return [model.model for model in part.models]


def _harm() -> Table:
    """Make the table of what the training found on its own validation split."""
    check = Run.open(RECORDS / "training").record.harm
    assert check is not None
    rows = tuple(
        (line.name, f"{line.n:,}", f"{line.before:.1f}", f"{line.after:.1f}",
         f"{line.low:+.1f} to {line.high:+.1f}", line.verdict)
        for line in check.lines
    )  # fmt: skip
    points = [f"{p.mean:.1f} at {p.alpha:g}" for p in check.tried]
    note = f"kept: alpha {check.alpha:g}; mean top-10 by alpha: {', '.join(points)}"
    header = ("asked -> searched", "queries", "base", "anchored", "95% interval", "verdict")
    return Table("top-10, %", header, rows, notes=(note,))


def between(page: str, name: str) -> str:
    """Return what stands between two markers of a page."""
    return page.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0]


def draw(path: Path) -> None:
    """Draw the directions of the first table as bars: the base, and after the training."""
    scores = load_scores(RECORDS)
    (spec,) = [spec for spec in scores.benchmarks if TABLES["ntrex"] in spec]
    part = scores.of_benchmark(spec)
    grids = {
        direction.title.replace(" -> ", "\n-> "): of_direction(part, name)
        for name, direction in DIRECTIONS.items()
    }
    ablation_bars(
        grids,
        _models(part),
        path,
        title="Which sentences are found: top-10 retrieval between languages, before and after",
        caption=part.signature(),
    )


def main() -> None:
    """Write the page, the figure, and the first table into the README."""
    draw(FIGURE)
    page = filled(PAGE.read_text(encoding="utf-8"))
    write_atomically(PAGE, page.encode())
    readme = fill(README.read_text(encoding="utf-8"), "ntrex", between(page, "ntrex"))
    write_atomically(README, readme.encode())


if __name__ == "__main__":
    main()
