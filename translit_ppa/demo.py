"""The whole method on real text, in minutes: base, MLM only and full alignment side by side.

Builds the embedded CLDR pairs, trains a small stand-in base, post-trains it twice with the same
data and steps, and scores all three on held-out names. A base that is given is trained once
instead, by the recipe that fits it. Out: a table, `summary.json`, `retrieval.png`, the records
behind both, and the checkpoints.
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
from translit_ppa.training.recipes import AUTO, with_recipe
from translit_ppa.training.runs import Run

RUNS = {"mlm": ["mlm"], "mlm+seq+tlm": ["mlm", "seq", "tlm"]}
ALIGNED = "aligned"
"""The run of a base that is given."""
OWN = ("pairs", "objectives", "output_dir", "recipe", "resume_from_checkpoint")


@dataclass(frozen=True)
class Demo:
    """What the demo made.

    Attributes:
        folder: Where everything lies.
        runs: `mlm` and `mlm+seq+tlm`, each with its training; of a base that is given `aligned`.
        table: Scores of base and runs, as lines of text.
        seconds: What each part took.
    """

    folder: Path
    runs: dict[str, Run]
    table: str
    seconds: dict[str, float]

    @property
    def aligned(self) -> Run:
        """The run with all objectives, which the table's last row shows."""
        return list(self.runs.values())[-1]


@raises_translit_error
def demo(
    out: str | Path = "runs/demo",
    *,
    group: str = "mediterranean",
    seed: int = 42,
    base: str | Path | None = None,
    **training_arguments: Any,
) -> Demo:
    """Show the whole method on real text, in minutes: base, MLM only and full alignment.

    Repeated with the same settings it trains nothing again.

    Args:
        out: Folder for pairs, checkpoints, records, table and figures.
        group: `mediterranean` or `sea`, or a TSV of one's own.
        seed: Of text, base and training.
        base: An encoder of one's own, Hub id or folder: it is aligned by the recipe that fits it,
            as `align` with `recipe="auto"`. None: a small one is trained first.
        **training_arguments: As `align`, but for what the demo sets itself: pairs, objectives,
            recipe and folder.

    Raises:
        TranslitError: As `align`; or the names of the CLDR cover no two languages of the group.
    """
    for name in OWN:
        if name in training_arguments:
            raise AlignmentError(f"the demo sets {name} itself; leave it out.")
    out = Path(out)
    started = time.monotonic()
    common = {"group": str(group), "seed": seed, **gathered(training_arguments)}
    with leaving_process_group():
        runs, folders, seconds = _train(out, None if base is None else str(base), common)
    begun = time.monotonic()
    opened = open_models([str(folder) for folder in folders.values()], None)
    models = [replace(model, name=label) for model, label in zip(opened, folders, strict=True)]
    written = Written(get_transliterator("uroman"))
    # A base of one's own is asked at the layer that was aligned, like the run beside it.
    layer = None if base is None else list(runs.values())[-1].encoder().layer
    records = [
        record
        for model, folder in zip(models, folders.values(), strict=True)
        for record in _score(group, seed, model, folder, layer, written)
    ]
    scores = Scores(tuple(records), tuple(model.record() for model in models))
    seconds["scores"] = round(time.monotonic() - begun, 1)
    seconds["total"] = round(time.monotonic() - started, 1)
    table = _report(out, group, seed, scores, seconds)
    done = Demo(out, runs, table, seconds)
    loss_curves(done.aligned.record, out / "losses.png")
    return done


def _train(
    out: Path, base: str | None, common: dict[str, Any]
) -> tuple[dict[str, Run], dict[str, Any], dict[str, float]]:
    """Build pairs, and a base where none is given; align.

    Returns:
        The runs, the folder or Hub id of every model by its row, and the seconds of each part.
    """
    started = time.monotonic()
    if base is None:
        common = {"recipe": "embedded", **common}
        wanted: dict[str, dict[str, Any]] = {n: {"objectives": o} for n, o in RUNS.items()}
    else:
        chosen = with_recipe({"source": "cldr", "base": base, "recipe": AUTO, **common}, told=True)
        common, wanted = chosen, {ALIGNED: {}}
    inputs, _, stand_in, training = make_arguments({**common, "output_dir": str(out)})
    _, start = prepare(inputs, stand_in, training)
    seconds = {"pairs" if base else "pairs and base": round(time.monotonic() - started, 1)}
    common = {name: value for name, value in common.items() if name != "build"}
    common |= {**columns_of(inputs), "base": start, "pairs": [str(out / PAIRS_NAME)]}
    runs = {}
    for label, more in wanted.items():
        begun = time.monotonic()
        runs[label] = train_once(out / label, {**common, **more}, start)
        seconds[label] = round(time.monotonic() - begun, 1)
    return runs, {"base": start, **{label: run.folder for label, run in runs.items()}}, seconds


def _score(
    group_name: str, seed: int, model: Model, folder: Any, layer: int | None, written: Written
) -> list[EvalRecord]:
    """Score one model on the test names: every ordered pair of the group and its sources."""
    benchmark = get_benchmark("cldr")
    directions = chosen_sides(benchmark, load_group(group_name).scored_codes, ALL)
    if not directions:
        raise DataError(f"the embedded names cover no two languages of {group_name}.")
    encoder = SentenceEncoder.from_pretrained(str(folder), layer=layer)
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
    after = list(scores.rows)[-1]
    told = {"base": "before: base", after: f"after: {after if after == ALIGNED else after.upper()}"}
    retrieval_heatmap(scores, "base", after, out / "retrieval.png", names=names, labels=told)
    return "\n".join(map(to_terminal, tables))
