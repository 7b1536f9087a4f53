"""The tables of a longer training and of the paper's recipe, from docs/records/e5-longer.

`make_real_encoder.py` puts them on its page.
"""

from __future__ import annotations

from pathlib import Path

from make_factor_table import difference_told

from translit_ppa import Scores, load_scores
from translit_ppa.hub_cards import Table, to_markdown
from translit_ppa.hub_cards.scores.comparing.evidence import Comparison, judge
from translit_ppa.hub_cards.scores.directions import of_direction

RECORDS = Path(__file__).resolve().parent / "records" / "e5-longer"
BASE = "e5-small"
NEWS, ENGLISH = "ntrex300", "eng_Latn"
TESTS = {
    "informal": ("Arabizi <-> French", None),
    "hindi": ("typed Hindi <-> Hindi", None),
    "latin_names": ("names, 13 Latin-script languages", None),
    "outside_names": ("names, romanised -> English", "english"),
    "outside_cities": ("cities, romanised -> English", "english"),
}
"""Benchmark -> what the table calls it, and its direction."""


def longer_tables() -> str:
    """Make both tables as Markdown: the news by direction, and every other test."""
    scores = load_scores(RECORDS)
    (news,) = (spec for spec in scores.benchmarks if NEWS in spec)
    by_direction, ceiling = scores.directions(news)[0], _ceiling(scores.of_benchmark(news))
    return f"{to_markdown(by_direction)}\n{ceiling}\n\n{to_markdown(_others(scores))}"


def _ceiling(part: Scores) -> str:
    """Say what the originals find of what romanised text is asked for."""
    asked = of_direction(part, "english")
    sources = {source for source, _ in asked.pairs}
    original = of_direction(part, "original")
    pairs = [(source, ENGLISH) for source in sorted(sources)]
    told = []
    for model in (found.model for found in part.models):
        row = original.only_row_of(model)
        means = (original.mean(row, pairs=pairs, metric=f"top{k}").value for k in (1, 10))
        told.append(f"{model} {' / '.join(f'{mean:.1f}' for mean in means)}")
    return f"- the originals of the same {len(sources)} languages find English: {', '.join(told)}"


def _others(scores: Scores) -> Table:
    models = [model.model for model in scores.models]
    parts = {}
    for name, (title, direction) in TESTS.items():
        (spec,) = (spec for spec in scores.benchmarks if name in spec)
        part = scores.of_benchmark(spec)
        parts[title] = of_direction(part, direction) if direction else part
    others = [model for model in models if model != BASE]
    against = judge(
        {
            (title, model): compared
            for title, part in parts.items()
            for model in others
            if (compared := _beside_the_base(part, model)) is not None
        }
    )
    rows = tuple(
        (
            title,
            *(_top10(part, model) for model in models),
            *(difference_told(against[title, model]) for model in others),
        )
        for title, part in parts.items()
    )
    header = ("test", *models, *(f"{model} less {BASE}" for model in others))
    notes = (
        *(f"signature, {title}: `{part.signature()}`" for title, part in parts.items()),
        f"[a to b]: 95% interval over test items; **bold**: shown, all {len(against)} comparisons "
        "of this table judged together by Holm's method",
    )
    return Table("Other tests: top-10, mean, %", header, rows, notes=notes)


def _top10(part: Scores, model: str) -> str:
    return f"{part.mean(part.only_row_of(model), metric='top10').value:.1f}"


def _beside_the_base(part: Scores, model: str) -> Comparison | None:
    rows = part.only_row_of(BASE), part.only_row_of(model)
    return None if None in rows else part.compare(*map(str, rows))
