"""What publish.py needs of tensors: fills a stage with a checkpoint, its twin, or a converted one.

Weights and examples come from `modeling`, sentences for the examples from `data_builders`, the
card from `hub_cards`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from transformers import AutoTokenizer
from transformers.utils import logging

from translit_ppa.data_builders import get_benchmark
from translit_ppa.data_builders.transliterators import get_transliterator
from translit_ppa.hub_cards import TrainRecord, load_records
from translit_ppa.hub_cards.cards.model_card import ModelFacts
from translit_ppa.hub_cards.cards.model_stage import (
    open_checkpoint,
    stage_story,
    stage_suitcase,
    stage_weights,
)
from translit_ppa.hub_cards.cards.model_story import Story, Weights, tell_story
from translit_ppa.hub_cards.hub.licences import UNKNOWN, Licence, stated
from translit_ppa.hub_cards.hub.repository import Remote
from translit_ppa.hub_cards.hub.stage import PublishError, Stage
from translit_ppa.identity import model_digest
from translit_ppa.modeling import (
    FAMILIES,
    AlignmentConfig,
    AlignmentError,
    SentenceEncoder,
    aligned,
)
from translit_ppa.modeling.checkpoints.convert import convert_folder
from translit_ppa.modeling.checkpoints.sentence_twin import export_sentence_twin
from translit_ppa.modeling.embedding.widgets import MASK, fill_mask, similarity

SUITCASE = (
    "alignment_config",
    "errors",
    "modeling_alignment",
    "modeling_families",
    "objectives",
    "packed_encoder",
    "pooling",
    "variable_attention",
    "vocabulary_loss",
)
"""Files of `modeling` that a checkpoint carries as optional code."""

ENGLISH = "eng_Latn"
TOLERANCE = 1e-5
PROBES = ["Ellada kai Tourkia", "Ελλάδα και Τουρκία", "ግሪክ እና ቱርክ", "a", ""]


def fill_model(args: argparse.Namespace, stage: Stage, remote: Remote) -> None:
    """Stage a checkpoint as a model repository."""
    _quietly()
    config, train = open_checkpoint(args.folder)
    _require_tokenizer(args.folder)
    family = FAMILIES.get(config.get("model_type", ""))
    if family is None or config.get("architectures") != [getattr(family, "stock_class", None)]:
        raise PublishError(
            f"{args.folder}: architectures {config.get('architectures')} of "
            f"{config.get('model_type')!r} are not what train.py writes"
        )
    story = _story(args, config, _weights(args.folder, train))
    _announce_gaps(args, story)
    examples = [] if args.no_examples else fill_mask(args.folder, _masked(story.languages))
    stage_weights(stage, args.folder, config, f"modeling_families.{family.__name__}")
    stage_suitcase(stage, Path(aligned.__file__).parent, SUITCASE)
    stage_story(
        stage,
        ModelFacts(
            stage.repo_id, "full", **_place(config), story=story, widget=examples, remote_code=True
        ),
    )


def fill_sentence_model(args: argparse.Namespace, stage: Stage, remote: Remote) -> None:
    """Stage the sentence twin of a checkpoint, after comparing the embeddings of both."""
    _quietly()
    full = args.full or args.repo_id.removesuffix("-sentence")
    if full == args.repo_id:
        raise PublishError(
            f"{args.repo_id}: a twin is its own repository; end its name with -sentence, or name "
            "the full model with --full"
        )
    config, train = open_checkpoint(args.folder)
    _require_tokenizer(args.folder)
    story = _story(args, config, _weights(args.folder, train))
    _announce_gaps(args, story)
    twin = export_sentence_twin(args.folder, stage.folder, max_length=args.max_length)
    for path, why in twin.reasons.items():
        stage.adopt(path, why)
    stage.replaces += ("*.safetensors", "*.safetensors.index.json", "*/config.json", "figures/*")
    # A full model may have lain here; its code does not fit the twin.
    stage.replaces += tuple(f"{name}.py" for name in SUITCASE)
    encoder = SentenceEncoder.from_pretrained(str(stage.folder), max_length=twin.max_length)
    _require_equal(args.folder, encoder)
    examples = [] if args.no_examples else similarity(encoder, _cases(story.languages))
    stage_story(
        stage,
        ModelFacts(
            stage.repo_id, "sentence", **_place(config), story=story, full=full, widget=examples
        ),
    )


def fill_converted(args: argparse.Namespace, stage: Stage, folder: Path, name: str) -> None:
    """Stage a pickled checkpoint as safetensors, with a card that says what is not known."""
    _quietly()
    convert_folder(folder, stage.folder)
    config, _ = open_checkpoint(stage.folder)
    for file in sorted(stage.folder.iterdir()):
        stage.adopt(file.name, "weights" if "safetensors" in file.name else "config, tokenizer")
    story = Story(_stated(args) or UNKNOWN)
    stage_story(stage, ModelFacts(name, "full", **_place(config), story=story))


def _quietly() -> None:
    """Loading reports and bars would bury the listing, or the one line of an error."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _stated(args: argparse.Namespace) -> Licence | None:
    """Take the licence of the command line."""
    if not args.license:
        return None
    return stated(args.license, args.license_name, args.license_link)


def _place(config: dict[str, Any]) -> dict[str, Any]:
    """Say which layer of how many the sentence embeddings come from, and how they are pooled."""
    alignment = AlignmentConfig.from_dict(config.get("alignment"))
    layers = config["num_hidden_layers"]
    layer = alignment.resolve_layer(layers)
    return {"layer": layer, "layers": layers, "pooling": alignment.pooling}


def _weights(folder: Path, train: TrainRecord | None) -> Weights:
    return Weights(str(folder), model_digest(str(folder)), train)


def _story(args: argparse.Namespace, config: dict[str, Any], weights: Weights) -> Story:
    """Find out what the records given tell of this checkpoint and its base."""
    place = _place(config)
    others = [_weights(folder, open_checkpoint(folder)[1]) for folder in args.other_seeds]
    story = tell_story(
        weights,
        [record for path in args.records for record in load_records(path)],
        place["layer"],
        place["pooling"],
        other_seeds=others,
        stated=_stated(args),
        ask=args.ask_hub,
    )
    if args.ask_hub:
        story.require_licence()
    return story


def _announce_gaps(args: argparse.Namespace, story: Story) -> None:
    if not story.languages and not args.no_examples:
        print("no examples: no build record of the pairs among the --records names the languages")


def _require_tokenizer(folder: Path) -> None:
    try:
        AutoTokenizer.from_pretrained(folder)
    except Exception as error:  # whatever the libraries make of a broken file
        raise PublishError(
            f"{folder}: its tokenizer cannot be opened ({type(error).__name__}: {error}); copy it "
            "again from the base model"
        ) from error


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
