"""Publish the sentence twin of a checkpoint: cut at the alignment layer, with its pooling."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards.cards.model_card import ModelFacts
from translit_ppa.hub_cards.cards.model_stage import stage_story
from translit_ppa.hub_cards.hub.licences import stated
from translit_ppa.hub_cards.hub.repository import Remote
from translit_ppa.hub_cards.hub.stage import PublishError, Stage
from translit_ppa.modeling import AlignmentError, SentenceEncoder
from translit_ppa.modeling.checkpoints.sentence_twin import export_sentence_twin
from translit_ppa.modeling.embedding.widgets import similarity
from translit_ppa.publish.checkpoint import (
    SUITCASE,
    announce_gaps,
    opened,
    place,
    quiet_libraries,
    story_of,
)
from translit_ppa.publish.examples import compared_phrases
from translit_ppa.publish.publication import Publication, Sending, deliver

__all__ = ["fill_sentence_model", "sentence_model"]

TOLERANCE = 1e-5
PROBES = ["Ellada kai Tourkia", "Ελλάδα και Τουρκία", "ግሪክ እና ቱርክ", "a", ""]


@raises_translit_error
def sentence_model(
    checkpoint: Any,
    repo_id: str,
    *,
    full: str | None = None,
    max_length: int = 512,
    records: Sequence[str | os.PathLike[str]] = (),
    other_seeds: Sequence[str | os.PathLike[str]] = (),
    license: str | None = None,
    license_name: str | None = None,
    license_link: str | None = None,
    examples: bool = True,
    dry_run: bool = False,
    private: bool = False,
    revision: str | None = None,
    create_pr: bool = False,
    stage: str | os.PathLike[str] | None = None,
    announce: Callable[[Publication], None] | None = None,
) -> Publication:
    """Publish a checkpoint as a sentence encoder, which Sentence Transformers opens by name.

    Args:
        checkpoint: Folder that `align` wrote, or the run that it returned.
        repo_id: `org/name-sentence`, or any name where `full` is given.
        full: The full model, `org/name`; None is `repo_id` without `-sentence`.
        max_length: Longest input in tokens, special ones included.
        records: Files or folders of records of scores and of the build, for results and languages.
        other_seeds: Further runs of the same training, for the spread; `records` holds their
            scores too.
        license: Licence of the weights, by its name on the Hub.
        license_name: For the licence `other`: what it is called.
        license_link: For the licence `other`: where its text is.
        examples: Put example outputs into the card.
        dry_run: Stage and list, send nothing.
        private: If the repository is created now, make it private.
        revision: Branch to commit to; None is `main`.
        create_pr: Open a pull request instead of committing.
        stage: Gather the files in this folder and keep them.
        announce: Called with what goes up before anything is sent.

    Returns:
        What was published.

    Raises:
        TranslitError: As for `model`, or the twin would not embed as the checkpoint does.
    """
    fill = partial(
        fill_sentence_model,
        checkpoint=checkpoint,
        full=full,
        max_length=max_length,
        records=records,
        other_seeds=other_seeds,
        license=license,
        license_name=license_name,
        license_link=license_link,
        examples=examples,
    )
    sending = Sending(dry_run, private, revision, create_pr, stage, announce)
    return deliver(repo_id, "model", fill, sending)


def fill_sentence_model(
    stage: Stage,
    remote: Remote,
    checkpoint: Any,
    *,
    full: str | None = None,
    max_length: int = 512,
    records: Sequence[str | os.PathLike[str]] = (),
    other_seeds: Sequence[str | os.PathLike[str]] = (),
    license: str | None = None,
    license_name: str | None = None,
    license_link: str | None = None,
    examples: bool = True,
    ask_hub: bool = True,
) -> None:
    """Stage the sentence twin of a checkpoint, after comparing the embeddings of both.

    Raises:
        PublishError: As for a model, or the name is that of the full model.
        AlignmentError: There is nothing to cut, or the embeddings differ.
    """
    full = full or stage.repo_id.removesuffix("-sentence")
    if full == stage.repo_id:
        raise PublishError(
            f"{stage.repo_id}: a twin is its own repository; end its name with -sentence, or name "
            "the full model with --full"
        )
    with quiet_libraries():
        folder, config, train = opened(checkpoint)
        licence = stated(license, license_name, license_link) if license else None
        story = story_of(folder, config, train, records, other_seeds, licence, ask_hub)
        announce_gaps(stage, story, examples)
        twin = export_sentence_twin(folder, stage.folder, max_length=max_length)
        for path, why in twin.reasons.items():
            stage.adopt(path, why)
        stage.replaces += ("*.safetensors", "*.safetensors.index.json", "*/config.json")
        # A full model may have lain here; its figures and code do not fit the twin.
        stage.replaces += ("figures/*", *(f"{name}.py" for name in SUITCASE))
        encoder = SentenceEncoder.from_pretrained(str(stage.folder), max_length=twin.max_length)
        _require_equal(folder, encoder)
        widget = similarity(encoder, compared_phrases(story.languages)) if examples else []
        where = place(folder, config)
        facts = ModelFacts(
            stage.repo_id, "sentence", **where, story=story, full=full, widget=widget
        )
        stage_story(stage, facts)


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
