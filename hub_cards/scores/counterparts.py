"""Which models belong together, as their training records show: to one of the paper, to a seed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from ..paper.results import BASE, FULL, paper_has
from ..records.files import ModelRecord

PAPER_BASE = "cis-lmu/glot500-base"


def paper_counterparts(models: Iterable[ModelRecord]) -> dict[str, str]:
    """Say which of the paper's models some of ours stand beside, as records show.

    Returns:
        By name: `MLM`, `MLM+SEQ`, `MLM+TLM` or `MLM+SEQ+TLM` by the objectives of a training
        record; `Glot500`, the paper's base, for that model itself and for the base that another
        model's record names. A model of which nothing is recorded has no counterpart.
    """
    models = list(models)
    found: dict[str, str] = {}
    bases = set()
    for model in models:
        if model.training is None:
            continue
        objectives = model.training.alignment.get("objectives", [])
        name = "+".join(part for part in FULL.split("+") if part.lower() in objectives)
        if paper_has(name) and name.lower().split("+") == list(objectives):
            found[model.model] = name
        bases.add(model.training.base_revision)
    for model in models:
        if model.model == PAPER_BASE or model.model_digest in bases - {None, "unknown"}:
            found.setdefault(model.model, BASE)
    return found


def trainings(models: Iterable[ModelRecord]) -> list[tuple[str, ...]]:
    """Find the models that were trained alike but for the seed.

    Returns:
        Names, of two and more models each, in their order; of equal seeds the first counts.
    """
    found: dict[str, dict[int, str]] = {}
    for model in models:
        run = model.training
        if run is not None and run.base_revision not in (None, "unknown"):
            alike = (run.base_revision, asdict(run.data), run.transliterator, run.alignment)
            recipe = json.dumps([*alike, run.arguments, run.steps], sort_keys=True)
            found.setdefault(recipe, {}).setdefault(run.seed, model.model)
    return [tuple(seeds.values()) for seeds in found.values() if len(seeds) > 1]
