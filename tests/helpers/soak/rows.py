"""The rows of the table, all kinds together, over a world that is made first."""

from __future__ import annotations

import importlib
import os
from functools import partial
from pathlib import Path

from loopback_hub import WRITE, LoopbackHub
from soak import hub_faults, inputs, kills, options
from soak.campaign import Row
from soak.hub_faults import SECRETS
from soak.verdict import ACCEPTED, WRONG, Verdict
from soak.worker import Case, run_all
from soak.world import make

HEAVY = (
    "translit_ppa.command_line torch transformers datasets sentence_transformers pyarrow.parquet "
    "matplotlib.pyplot safetensors.torch sklearn.linear_model scipy.stats translit_ppa.demo "
    "translit_ppa.training translit_ppa.scoring.score translit_ppa.scoring.tasks "
    "translit_ppa.scoring.page translit_ppa.scoring.source_choice translit_ppa.publish.checkpoint "
    "translit_ppa.scoring.vocabulary translit_ppa.scoring.sentence_map evaluate seqeval.metrics"
).split()
SHARES = {
    "text": 20,
    "packed text": 8,
    "Parquet of text": 8,
    "group TSV": 12,
    "benchmark files": 20,
    "state of builds": 6,
    "recipes": 6,
    "pairs": 6,
    "model files": 8,
    "pickled weights": 2,
    "records": 8,
    "records that a run adds to": 2,
    "model files of a training": 0.5,
    "state of trainings": 0.5,
}


def make_rows(folder: Path) -> list[Row]:
    """Load all that commands load, make the world in another process, and return the rows.

    Raises:
        RuntimeError: A command of ours fails on undamaged files.
    """
    hub = LoopbackHub()
    os.environ |= hub.client_environment(folder / "home", WRITE)
    os.environ |= {"HF_HUB_DOWNLOAD_TIMEOUT": "1", "HF_HUB_ETAG_TIMEOUT": "1", "MPLBACKEND": "agg"}
    for name in HEAVY:
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    world = folder / "world"
    facts = {"world": world, "secrets": SECRETS}
    hubs = {"world": world, "hub": hub}
    _do(hub, [{}], lambda case, place: make(world))
    wanted = [
        {"row": row, "target": number}
        for row, targets in inputs.TARGETS.items()
        for number, target in enumerate(targets)
    ]
    _do(hub, wanted, lambda case, place: inputs.prepare(case["row"], case["target"], place, world))
    quick = [line for line in options.LINES if line not in options.SLOW]
    drawn = [
        *(
            ("input", name, inputs.cases(name), partial(inputs.run, name, **facts), SHARES[name])
            for name in inputs.TARGETS
        ),
        ("option", "options", options.cases(quick), partial(options.run, **facts), 20),
        ("option", "slow", options.cases(sorted(options.SLOW)), partial(options.run, **facts), 1),
        ("hub", "a broken Hub", hub_faults.cases(), partial(hub_faults.run, **hubs), 2),
        *(
            ("kill", name, kills.cases(name), partial(kills.run, name, **hubs), 1)
            for name in kills.COMMANDS
        ),
    ]
    return [
        Row(kind, name, cases, partial(_served, hub, run), share, 25 if kind == "kill" else 100)
        for kind, name, cases, run, share in drawn
    ]


def _served(hub: LoopbackHub, run, case: Case, place: Path) -> Verdict:
    """Run a case beside a Hub: one that nobody serves would be waited for."""
    hub_faults.serve(hub)
    return run(case, place)


def _do(hub: LoopbackHub, cases: list[Case], work) -> None:
    def run(case: Case, place: Path) -> Verdict:
        hub_faults.serve(hub)
        work(case, place)
        return Verdict(ACCEPTED)

    for verdict in run_all(cases, run):
        if verdict.name == WRONG:
            raise RuntimeError(f"{verdict.why}\n{verdict.tail}")
