"""The table of what each part of the recipe `anchor` gives, from the records of docs/records.

A row is a training that differs from the recipe in what its name says; how, tells its training
record. `make_real_encoder.py` puts the table on its page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from translit_ppa import Scores, load_scores
from translit_ppa.hub_cards import Table
from translit_ppa.hub_cards.records.record_types import TrainRecord
from translit_ppa.hub_cards.scores.comparing.evidence import Comparison, judge
from translit_ppa.hub_cards.scores.directions import of_direction

RECORDS = Path(__file__).resolve().parent / "records" / "factors"
OPTIONS = RECORDS.with_name("factors-options")
"""Trainings of another sitting, on the pairs of names too: what the options change."""
WEIGHTS = RECORDS.with_name("factors-weights")
"""Trainings of further sittings, on the same pairs: what holds the originals, and the rest."""
BASE, RECIPE = "e5-small", "runs/recipe"
NEWS, ARABIZI = "ntrex300", "informal"
COLUMNS = ("original", "english", "own", ARABIZI)
TITLES = {
    "original": "original -> original",
    "english": "romanised -> English",
    "own": "romanised -> own original",
    ARABIZI: "Arabizi <-> French",
}
FACTS = (
    *("objectives", "layer", "anchor_temperature", "anchor_hold", "similarity", "temperature"),
    *("anchor_bank", "anchor_originals", "freeze_embeddings", "language_batches", "learning_rate"),
    *("per_device_train_batch_size", "gradient_accumulation_steps", "max_train_samples"),
    *("vocab_size", "trim_vocabulary", "lora_rank", "mlm_weight", "seq_weight", "anchor_weight"),
)
"""What may tell one row from another, of `alignment` and `arguments` of a training record."""


def factor_table(records: Path = RECORDS) -> Table:
    """Make the table: the base, the recipe, and each training beside the recipe.

    Args:
        records: Of the base and of the trainings of one sitting.
    """
    scores = load_scores(records)
    (news,) = (spec for spec in scores.benchmarks if NEWS in spec)
    (arabizi,) = (spec for spec in scores.benchmarks if ARABIZI in spec)
    parts = {name: of_direction(scores.of_benchmark(news), name) for name in COLUMNS[:-1]}
    parts[ARABIZI] = scores.of_benchmark(arabizi)
    trained = {record.model: record.training for record in scores.models}
    order = sorted(
        trained, key=lambda name: (name != BASE, name != RECIPE, _created(trained[name]))
    )
    usual = trained[RECIPE]
    assert usual is not None
    against = judge(
        {
            (name, column): compared
            for name in order
            if name not in (BASE, RECIPE)
            for column, part in parts.items()
            if (compared := _beside_the_recipe(part, name)) is not None
        }
    )
    rows = tuple(
        (
            Path(name).name,
            _differences(trained[name], usual),
            *_effort(trained[name]),
            *(_cell(parts[column], name, against.get((name, column))) for column in COLUMNS),
        )
        for name in order
    )
    header = ("training", "what is other", "steps", "seconds", *TITLES.values())
    notes = [f"signature, {TITLES[name]}: `{part.signature()}`" for name, part in parts.items()]
    return Table(
        f"{news} and {arabizi}: top-1 / top-10, %, and top-10 less that of `{Path(RECIPE).name}`",
        header,
        rows,
        notes=(
            *notes,
            "[a to b]: 95% interval of the difference over test items; **bold**: shown, all "
            f"{len(against)} comparisons of this table judged together by Holm's method",
            "seconds: of the training alone, without its teacher's vectors, on one core",
        ),
    )


def _beside_the_recipe(part: Scores, name: str) -> Comparison | None:
    rows = part.only_row_of(RECIPE), part.only_row_of(name)
    return None if None in rows else part.compare(*map(str, rows))


def _created(training: TrainRecord | None) -> str:
    return "" if training is None else training.created


def _effort(training: TrainRecord | None) -> tuple[str, str]:
    return ("", "") if training is None else (str(training.steps), f"{training.seconds:.0f}")


def _cell(part: Scores, name: str, compared: Comparison | None) -> str:
    means = [part.mean(part.only_row_of(name), metric=f"top{k}").value for k in (1, 10)]
    text = " / ".join(f"{mean:.1f}" for mean in means)
    return text if compared is None else f"{text}, {difference_told(compared)}"


def difference_told(compared: Comparison) -> str:
    """Say a difference and its interval, in bold where it is shown."""
    difference = f"{compared.difference:+.1f}"
    shown = f"**{difference}**" if compared.verdict in ("better", "worse") else difference
    return f"{shown} [{compared.low:+.1f} to {compared.high:+.1f}]"


def _differences(training: TrainRecord | None, usual: TrainRecord) -> str:
    """Say what a training was told otherwise than the recipe's, in the options' own names."""
    if training is None:
        return "the base"
    mine, other = dict(_facts(training)), dict(_facts(usual))
    if mine["pairs"] != other["pairs"]:
        del mine["rows"]  # They tell so many themselves.
    told = [
        f"{name} {value}"
        for name, value in mine.items()
        if value is not None and other.get(name) != value
    ]
    return "; ".join(told) or "-"


def _facts(training: TrainRecord) -> Iterator[tuple[str, Any]]:
    for name in FACTS:
        value = {**training.alignment, **training.arguments}.get(name)
        yield name, " ".join(value) if isinstance(value, list) else value
    yield "pairs", " + ".join(Path(name).name for name in training.data.name.split(" + "))
    yield "rows", training.data.rows
    yield "alpha", training.arguments.get("interpolated", {}).get("alpha")
    yield "steps", training.steps
    yield "seed", training.seed
