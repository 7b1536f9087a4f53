"""The whole method on real text, in minutes: base, MLM only and full alignment side by side.

Builds the embedded CLDR pairs, trains a small stand-in base, post-trains it twice with the same
data and steps, and scores all three on held-out names. Out: a table, `summary.json`,
`retrieval.png`, the records behind both, and the checkpoints.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from translit_ppa.data_builders import get_benchmark, get_transliterator, load_group
from translit_ppa.data_builders.errors import DataError
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import EvalRecord, Table, to_markdown, to_terminal
from translit_ppa.hub_cards.figures.figures import loss_curves, retrieval_heatmap
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.hub_cards.scores import scores as room
from translit_ppa.hub_cards.scores.directions import has_directions, in_one_script
from translit_ppa.hub_cards.tables.direction_tables import direction_languages, direction_table
from translit_ppa.hub_cards.tables.retrieval_tables import retrieval_table
from translit_ppa.modeling import AlignmentError, SentenceEncoder
from translit_ppa.modeling.training.arguments import make_arguments
from translit_ppa.scoring.models import Model, open_models
from translit_ppa.scoring.retrieval import evaluate_model
from translit_ppa.scoring.scores import Scores
from translit_ppa.scoring.sides import ALL, Written, chosen_sides
from translit_ppa.training.ablation import train_once
from translit_ppa.training.build_options import columns_of, gathered
from translit_ppa.training.inputs import PAIRS_NAME, prepare
from translit_ppa.training.processes import leaving_process_group
from translit_ppa.training.runs import Run

RUNS = {"mlm": ["mlm"], "mlm+seq+tlm": ["mlm", "seq", "tlm"]}
OWN = ("base", "pairs", "objectives", "output_dir", "recipe", "resume_from_checkpoint")


@dataclass(frozen=True)
class Demo:
    """What the demo made.

    Attributes:
        folder: Where everything lies; the aligned checkpoint in `mlm+seq+tlm`.
        runs: `mlm` and `mlm+seq+tlm`, each with its training.
        table: Scores of base and runs, as lines of text.
        seconds: What each part took.
    """

    folder: Path
    runs: dict[str, Run]
    table: str
    seconds: dict[str, float]


@raises_translit_error
def demo(
    out: str | Path = "runs/demo",
    *,
    group: str = "mediterranean",
    seed: int = 42,
    **training_arguments: Any,
) -> Demo:
    """Show the whole method on real text, in minutes: base, MLM only and full alignment.

    Repeated with the same settings it trains nothing again.

    Args:
        out: Folder for pairs, checkpoints, records, table and figures.
        group: `mediterranean` or `sea`, or a TSV of one's own.
        seed: Of text, base and training.
        **training_arguments: As `align`, but for what the demo sets itself: base, pairs,
            objectives, recipe and folder.

    Raises:
        TranslitError: As `align`; or the names of the CLDR cover no two languages of the group.
    """
    for name in OWN:
        if name in training_arguments:
            raise AlignmentError(f"the demo sets {name} itself; leave it out.")
    out = Path(out)
    started = time.monotonic()
    seconds: dict[str, float] = {}
    common = {"recipe": "embedded", "group": str(group), "seed": seed}
    common |= gathered(training_arguments)
    runs = {}
    with leaving_process_group():
        inputs, _, stand_in, training = make_arguments({**common, "output_dir": str(out)})
        _, base = prepare(inputs, stand_in, training)
        seconds["pairs and base"] = round(time.monotonic() - started, 1)
        common.pop("build", None)
        common |= columns_of(inputs)
        common |= {"base": base, "pairs": str(out / PAIRS_NAME)}
        for label, objectives in RUNS.items():
            begun = time.monotonic()
            runs[label] = train_once(out / label, {**common, "objectives": objectives}, base)
            seconds[label] = round(time.monotonic() - begun, 1)
    begun = time.monotonic()
    folders = {"base": Path(base), **{label: run.folder for label, run in runs.items()}}
    opened = open_models([str(folder) for folder in folders.values()], None)
    models = [replace(model, name=label) for model, label in zip(opened, folders, strict=True)]
    written = Written(get_transliterator("uroman"))
    records = [
        record
        for model, folder in zip(models, folders.values(), strict=True)
        for record in _score(group, seed, model, folder, written)
    ]
    scores = Scores(tuple(records), tuple(model.record() for model in models))
    seconds["scores"] = round(time.monotonic() - begun, 1)
    seconds["total"] = round(time.monotonic() - started, 1)
    table = _report(out, group, seed, scores, seconds)
    loss_curves(runs["mlm+seq+tlm"].record, out / "losses.png")
    return Demo(out, runs, table, seconds)


def _score(
    group_name: str, seed: int, model: Model, folder: Path, written: Written
) -> list[EvalRecord]:
    """Score one model on the test names: every ordered pair of the group and its sources."""
    benchmark = get_benchmark("cldr")
    directions = chosen_sides(benchmark, load_group(group_name).scored_codes, ALL)
    if not directions:
        raise DataError(f"the embedded names cover no two languages of {group_name}.")
    encoder = SentenceEncoder.from_pretrained(str(folder))
    return list(evaluate_model(encoder, model, benchmark, directions, written=written, seed=seed))


def demo_tables(scores: room.Scores, group_name: str) -> list[Table]:
    """Make the demo's tables: retrieval by source, and by direction where directions were scored.

    Args:
        scores: All of the demo, measured or read from its records.
        group_name: Its languages, in the order of the first table.
    """
    first = in_one_script(scores)
    pairs = get_benchmark("cldr").directions(load_group(group_name).scored_codes)
    first = replace(first, expected={name: tuple(pairs) for name in first.benchmarks})
    return [retrieval_table(first), *([direction_table(scores)] if has_directions(scores) else [])]


def _report(out: Path, group_name: str, seed: int, every: Scores, seconds: dict[str, float]) -> str:
    """Write records, summary, tables and heat map; return the tables as lines of text."""
    every.save(out / "records")
    scores = in_one_script(every)
    tables = demo_tables(every, group_name)
    if has_directions(every):
        languages = direction_languages(every)
        write_atomically(out / "directions.md", to_markdown(languages).encode())
    summary: dict[str, object] = {
        row: {
            metric: round(scores.mean(row, metric=metric).value or 0.0, 2)
            for metric in ("top1", "top10")
        }
        for row in scores.rows
    }
    summary |= {"seed": seed, "seconds": seconds}
    write_atomically(out / "summary.json", json.dumps(summary, indent=2).encode())
    text = "\n".join(to_markdown(table) for table in tables)
    write_atomically(out / "retrieval.md", (text + "\n").encode())
    group = load_group(group_name)
    names = {
        language.code: language.name.partition(" (")[0]
        for language in (*group.languages, *group.evaluation_sources)
    }
    retrieval_heatmap(
        scores,
        "base",
        "mlm+seq+tlm",
        out / "retrieval.png",
        names=names,
        labels={"base": "before: base", "mlm+seq+tlm": "after: MLM+SEQ+TLM"},
    )
    return "\n".join(map(to_terminal, tables))
