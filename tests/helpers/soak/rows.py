"""The rows of the table, all kinds together, over a world that is made first."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from loopback_hub import WRITE, LoopbackHub
from soak.campaign import Row
from soak.kinds import hub_faults, inputs, kills, options
from soak.kinds.targets import TARGETS
from soak.verdict import ACCEPTED, WRONG, Verdict
from soak.worker import Case, run_all
from soak.world import make

HEAVY = (
    "translit_ppa.command_line torch transformers datasets sentence_transformers pyarrow.parquet "
    "matplotlib.pyplot safetensors.torch sklearn.linear_model scipy.stats evaluate seqeval.metrics "
    "translit_ppa.demo translit_ppa.training translit_ppa.scoring.score "
    "translit_ppa.scoring.tasks.jobs translit_ppa.scoring.page "
    "translit_ppa.scoring.sources.source_choice translit_ppa.publish.checkpoint "
    "translit_ppa.scoring.vocabulary translit_ppa.scoring.sentence_map"
).split()
"""Loaded once, by the process that all others are forked from."""
SHARES = {
    "text": 22.0,
    "packed text": 8.0,
    "Parquet of text": 8.0,
    "group TSV": 10.0,
    "benchmark files": 22.0,
    "state of builds": 4.0,
    "recipes": 4.0,
    "pairs": 3.0,
    "model files": 4.0,
    "pickled weights": 1.0,
    "records": 4.0,
    "records that a run adds to": 0.5,
    "model files of a training": 0.2,
    "state of trainings": 0.2,
}
"""Of the inputs: what takes a second comes less often than what takes a hundredth."""


def make_rows(folder: Path, named: Sequence[str] = ("",)) -> list[Row]:
    """Load all that commands load, make the world in another process, and return the rows.

    Args:
        folder: Empty; the world lies there, and what the clients of the Hub keep.
        named: Only rows that have one of these in their kind or name.

    Raises:
        RuntimeError: A command of ours fails on undamaged files.
    """
    hub = LoopbackHub()
    os.environ.pop("HF_HUB_OFFLINE", None)
    os.environ |= hub.client_environment(folder / "home", WRITE)
    os.environ |= {"HF_HUB_DOWNLOAD_TIMEOUT": "1", "HF_HUB_ETAG_TIMEOUT": "1", "MPLBACKEND": "agg"}
    for name in HEAVY:
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    world = folder / "world"
    _do(hub, [{}], lambda case, place: make(world))
    drawn = [
        row for row in _drawn(world, hub) if any(word in f"{row[0]} {row[1]}" for word in named)
    ]
    _do(
        hub,
        [
            {"target": t}
            for t in inputs.commands(name for kind, name, *_ in drawn if kind == "input")
        ],
        lambda case, place: inputs.prepare(case["target"], place, world),
    )
    return [
        Row(kind, name, cases, partial(_served, hub, run), share, 25 if kind == "kill" else 250)
        for kind, name, cases, run, share in drawn
    ]


def _drawn(world: Path, hub: LoopbackHub) -> list[tuple[str, str, Any, Any, float]]:
    facts = {"world": world, "secrets": hub_faults.SECRETS}
    hubs = {"world": world, "hub": hub}
    quick = [line for line in options.LINES if line not in options.SLOW]
    slow = sorted(options.SLOW)
    return [
        *(
            ("input", name, inputs.cases(name), partial(inputs.run, name, **facts), SHARES[name])
            for name in TARGETS
        ),
        ("option", "of quick commands", options.cases(quick), partial(options.run, **facts), 8),
        ("option", "of slow commands", options.cases(slow), partial(options.run, **facts), 0.5),
        *(
            ("hub", name, hub_faults.cases(name), partial(hub_faults.run, name, **hubs), 0.15)
            for name in (*hub_faults.PUBLISH, *hub_faults.READS)
        ),
        *(
            ("kill", name, kills.cases(name), partial(kills.run, name, **hubs), 1)
            for name in kills.COMMANDS
        ),
    ]


def _served(
    hub: LoopbackHub, run: Callable[[Case, Path], Verdict], case: Case, place: Path
) -> Verdict:
    """Run a case beside a Hub: one that nobody serves would be waited for."""
    hub_faults.serve(hub)
    return run(case, place)


def _do(hub: LoopbackHub, cases: list[Case], work: Callable[[Case, Path], None]) -> None:
    """Do work in processes of their own: the one that forks has to stay without threads."""

    def run(case: Case, place: Path) -> Verdict:
        hub_faults.serve(hub)
        work(case, place)
        return Verdict(ACCEPTED)

    # Good files take minutes on a machine that is busy.
    for verdict in run_all(cases, run, 600):
        if verdict.name == WRONG:
            raise RuntimeError(f"{verdict.why}\n{verdict.tail}")
