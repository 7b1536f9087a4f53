"""What publish.py needs of tensors: fills a stage with a checkpoint, its twin, or a converted one.

Weights and examples come from `modeling`, sentences for the examples from `data_builders`, the
card from `hub_cards`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from transformers.utils import logging

import modeling
from corridor import model_digest
from data_builders import get_benchmark
from data_builders.transliterators import get_transliterator
from hub_cards import BuildRecord, EvalRecord, TrainRecord, load_records
from hub_cards.hub import Remote
from hub_cards.licences import UNKNOWN, Licence, of_repository, stated
from hub_cards.model_card import ModelFacts, is_hub_id
from hub_cards.model_stage import (
    open_checkpoint,
    stage_story,
    stage_suitcase,
    stage_weights,
    without_paths,
)
from hub_cards.results import Results, results_of
from hub_cards.stage import PublishError, Stage
from modeling import FAMILIES, AlignmentConfig, AlignmentError, SentenceEncoder
from modeling.convert import convert_folder
from modeling.sentence_twin import export_sentence_twin
from modeling.widgets import MASK, fill_mask, similarity

SUITCASE = (
    "alignment_config",
    "length_groups",
    "modeling_alignment",
    "modeling_families",
    "objectives",
    "pooling",
)
"""Files of `modeling` that a checkpoint carries as optional code."""

ENGLISH = "eng_Latn"
TOLERANCE = 1e-5
PROBES = ["Ellada kai Tourkia", "Ελλάδα και Τουρκία", "ግሪክ እና ቱርክ", "a", ""]


@dataclass(frozen=True)
class _Story:
    """What the records tell of a checkpoint."""

    train: TrainRecord | None
    languages: tuple[str, ...]
    results: Results | None
    base_results: Results | None
    own: list[EvalRecord]
    base: list[EvalRecord]
    licence: Licence


def fill_model(args: argparse.Namespace, stage: Stage, remote: Remote) -> None:
    """Stage a checkpoint as a model repository."""
    _quietly()
    config, train = open_checkpoint(args.folder)
    family = FAMILIES.get(config.get("model_type", ""))
    if family is None or config.get("architectures") != [getattr(family, "stock_class", None)]:
        raise PublishError(
            f"{args.folder}: architectures {config.get('architectures')} of "
            f"{config.get('model_type')!r} are not what train.py writes"
        )
    story = _story(args, train)
    examples = [] if args.no_examples else fill_mask(args.folder, _masked(story.languages))
    stage_weights(stage, args.folder, config, f"modeling_families.{family.__name__}")
    stage_suitcase(stage, Path(modeling.__file__).parent, SUITCASE)
    layers = config["num_hidden_layers"]
    facts = _facts(story, stage, "full", config, layers, examples, remote_code=True)
    stage_story(stage, facts, story.own, story.base)


def fill_sentence_model(args: argparse.Namespace, stage: Stage, remote: Remote) -> None:
    """Stage the sentence twin of a checkpoint, after comparing the embeddings of both."""
    _quietly()
    config, train = open_checkpoint(args.folder)
    twin = export_sentence_twin(args.folder, stage.folder, max_length=args.max_length)
    for path, why in twin.reasons.items():
        stage.adopt(path, why)
    stage.replaces += ("*.safetensors", "*.safetensors.index.json", "*/config.json", "figures/*")
    story = _story(args, train)
    encoder = SentenceEncoder.from_pretrained(str(stage.folder), max_length=twin.max_length)
    _require_equal(args.folder, encoder)
    examples = [] if args.no_examples else similarity(encoder, _cases(story.languages))
    full = args.full or args.repo_id.removesuffix("-sentence")
    if full == args.repo_id:
        raise PublishError(
            f"{args.repo_id}: a twin is its own repository; end its name with -sentence, or name "
            "the full model with --full"
        )
    facts = _facts(story, stage, "sentence", config, twin.layers, examples, full=full)
    stage_story(stage, facts, story.own, story.base)


def fill_converted(args: argparse.Namespace, stage: Stage, folder: Path) -> None:
    """Stage a pickled checkpoint as safetensors, with a card that says what is not known."""
    _quietly()
    convert_folder(folder, stage.folder)
    config, _ = open_checkpoint(stage.folder)
    for file in sorted(stage.folder.iterdir()):
        stage.adopt(file.name, "weights" if "safetensors" in file.name else "config, tokenizer")
    licence = stated(args.license) if args.license else UNKNOWN
    story = _Story(None, (), None, None, [], [], licence)
    facts = _facts(story, stage, "full", config, config["num_hidden_layers"], [])
    stage_story(stage, facts)


def _quietly() -> None:
    """Loading reports and bars would bury the listing, or the one line of an error."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _facts(
    story: _Story,
    stage: Stage,
    kind: str,
    config: dict[str, Any],
    layers: int,
    examples: Sequence[dict[str, Any]],
    *,
    full: str = "",
    remote_code: bool = False,
) -> ModelFacts:
    alignment = AlignmentConfig.from_dict(config.get("alignment"))
    return ModelFacts(
        repo_id=stage.repo_id,
        kind=kind,
        layer=alignment.resolve_layer(layers),
        layers=layers,
        pooling=alignment.pooling,
        licence=story.licence,
        full=full,
        train=story.train,
        languages=story.languages,
        results=story.results,
        base_results=story.base_results,
        widget=examples,
        remote_code=remote_code,
    )


def _story(args: argparse.Namespace, train: TrainRecord | None) -> _Story:
    """Find out what the records given tell of this checkpoint and its base."""
    found = [record for path in args.records for record in load_records(path)]
    scores = [r for r in found if isinstance(r, EvalRecord) and r.protocol == "retrieval"]
    digest = model_digest(str(args.folder))
    results = results_of(scores, digest)
    if scores and results is None:
        raise PublishError(
            f"no score in {', '.join(map(str, args.records))} is of {args.folder} ({digest}); "
            "run eval.py on it, or leave --records out"
        )
    own = [record for record in scores if record.model_digest == digest]
    before = train.base_revision if train else None
    pairs = {(record.source, record.target) for record in own}
    base = [r for r in scores if r.model_digest == before and (r.source, r.target) in pairs]
    builds = [record for record in found if isinstance(record, BuildRecord)]
    licence = stated(args.license) if args.license else UNKNOWN
    if train and is_hub_id(train.base) and not args.license:
        licence = of_repository(train.base, "model")
    return _Story(
        train=without_paths(train) if train else None,
        languages=_languages(train, builds),
        results=results,
        base_results=results_of(scores, before) if before else None,
        own=own,
        base=base,
        licence=licence,
    )


def _languages(train: TrainRecord | None, builds: Sequence[BuildRecord]) -> tuple[str, ...]:
    """Codes of what was trained on, from the build's record; none without it."""
    if train is None:
        return ()
    for build in builds:
        if build.digest == train.data.digest:
            return tuple(entry.code for entry in build.languages if entry.kept)
    return ()


def _require_equal(checkpoint: Path, twin: SentenceEncoder) -> None:
    """See that the twin embeds as the full model does.

    Raises:
        AlignmentError: If an embedding differs by more than 1e-5, relative to its largest value.
    """
    full = SentenceEncoder.from_pretrained(str(checkpoint), max_length=twin.max_length)
    before, after = full.encode(PROBES), twin.encode(PROBES)
    difference = float(np.abs(before - after).max() / max(1.0, float(np.abs(before).max())))
    if difference > TOLERANCE:
        raise AlignmentError(f"the twin's embeddings differ from the model's by {difference:.1e}")


def _phrases(languages: Sequence[str], count: int = 3) -> list[tuple[str, str, str, str]]:
    """Names from the CLDR test split: (code, phrase, its English, another English name)."""
    found: list[tuple[str, str, str, str]] = []
    benchmark = get_benchmark("cldr")
    for code in languages:
        if len(found) == count:
            break
        if code.endswith("_Latn") or (code, ENGLISH) not in benchmark.directions([code, ENGLISH]):
            continue
        pair = benchmark.load_pair(code, ENGLISH, "test")
        row = next((i for i, text in enumerate(pair.source) if len(text.split()) > 1), 0)
        found.append((code, pair.source[row], pair.target[row], pair.target[row - 1]))
    return found


def _masked(languages: Sequence[str]) -> list[tuple[str, str]]:
    """Phrases whose last word is masked."""
    return [
        (code, " ".join([*text.split()[:-1], MASK])) for code, text, _, _ in _phrases(languages)
    ]


def _cases(languages: Sequence[str]) -> list[tuple[str, str, list[str]]]:
    """Phrases beside their romanisation, their English, and an English one of another meaning."""
    romanise = get_transliterator("uroman")
    return [
        (f"{code} -> Latin, English", text, [*romanise([text], code), english, other])
        for code, text, english, other in _phrases(languages)
    ]
