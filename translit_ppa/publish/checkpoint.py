"""Publish a checkpoint: weights, tokenizer, optional training class, record, figures and card."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from transformers import AutoConfig, AutoTokenizer
from transformers.utils import logging

from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import TrainRecord, load_records
from translit_ppa.hub_cards.cards.model_card import ModelFacts
from translit_ppa.hub_cards.cards.model_stage import (
    open_checkpoint,
    stage_story,
    stage_suitcase,
    stage_weights,
)
from translit_ppa.hub_cards.cards.model_story import Story, Weights, tell_story
from translit_ppa.hub_cards.hub.licences import Licence, stated
from translit_ppa.hub_cards.hub.repository import Remote
from translit_ppa.hub_cards.hub.stage import PublishError, Stage
from translit_ppa.identity import model_digest
from translit_ppa.modeling import FAMILIES, SentenceEncoder, aligned
from translit_ppa.modeling.checkpoints.place import label_of, own_way, resolve_place
from translit_ppa.modeling.checkpoints.saving import forget_use
from translit_ppa.modeling.checkpoints.sentence_files import sentence_files
from translit_ppa.modeling.checkpoints.sentence_way import MODULES, read_way, resolve_prompt
from translit_ppa.modeling.checkpoints.stock import names_a_head
from translit_ppa.modeling.embedding.widgets import fill_mask, similarity
from translit_ppa.modeling.opening import without_pooler
from translit_ppa.publish.examples import compared_phrases, masked_phrases
from translit_ppa.publish.publication import Publication, Sending, deliver

__all__ = ["SUITCASE", "fill_model", "model", "opened", "place", "quiet_libraries", "story_of"]

SUITCASE = tuple(sorted(file.stem for file in Path(aligned.__file__).parent.glob("[a-z]*.py")))
"""Files of `modeling/aligned` that a checkpoint carries as optional code."""


@raises_translit_error
def model(
    checkpoint: Any,
    repo_id: str,
    *,
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
    """Publish a checkpoint; the stock classes of transformers open it without remote code.

    Args:
        checkpoint: Folder that `align` wrote, or the run that it returned.
        repo_id: `org/name`.
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
        TranslitError: The checkpoint is damaged, has no licence, or cannot be sent.
    """
    fill = partial(
        fill_model,
        checkpoint=checkpoint,
        records=records,
        other_seeds=other_seeds,
        license=license,
        license_name=license_name,
        license_link=license_link,
        examples=examples,
    )
    sending = Sending(dry_run, private, revision, create_pr, stage, announce)
    return deliver(repo_id, "model", fill, sending)


def fill_model(
    stage: Stage,
    remote: Remote,
    checkpoint: Any,
    *,
    records: Sequence[str | os.PathLike[str]] = (),
    other_seeds: Sequence[str | os.PathLike[str]] = (),
    license: str | None = None,
    license_name: str | None = None,
    license_link: str | None = None,
    examples: bool = True,
    ask_hub: bool = True,
) -> None:
    """Stage a checkpoint as a model repository; see `model`.

    Raises:
        PublishError: The checkpoint is damaged, or nobody says under which licence it stands.
    """
    with quiet_libraries():
        folder, config, train = opened(checkpoint)
        family = FAMILIES.get(config.get("model_type", ""))
        head = names_a_head(config)
        stock = str(getattr(family, "stock_class", None))
        # Without a head: the encoder alone, of a base that had none.
        written = stock if head else stock.replace("ForMaskedLM", "Model")
        if family is None or config.get("architectures") != [written]:
            raise PublishError(
                f"{folder}: architectures {config.get('architectures')} of "
                f"{config.get('model_type')!r} are not what `translit-ppa train` writes"
            )
        licence = stated(license, license_name, license_link) if license else None
        story = story_of(folder, config, train, records, other_seeds, licence, ask_hub)
        announce_gaps(stage, story, examples)
        # Without examples too: a checkpoint that cannot be opened does not go up.
        if head:
            widget = fill_mask(folder, masked_phrases(story.languages) if examples else [])
        else:
            encoder = SentenceEncoder.from_pretrained(str(folder))
            widget = similarity(encoder, compared_phrases(story.languages)) if examples else []
        code = f"modeling_families.{family.__name__}" if head else None
        stage_weights(stage, folder, config, code)
        for path in sentence_files(folder):
            stage.add_file(path, folder / path, "sentence-transformers")
        # A checkpoint of an older version may hold the cutting of its training.
        forget_use(stage.folder)
        if head:
            stage_suitcase(stage, Path(aligned.__file__).parent, SUITCASE)
        facts = ModelFacts(
            stage.repo_id,
            "full",
            **place(folder, config),
            story=story,
            widget=widget,
            remote_code=head,
            head=head,
            modules=(folder / MODULES).is_file(),
        )
        stage_story(stage, facts)


def opened(checkpoint: Any) -> tuple[Path, dict[str, Any], TrainRecord | None]:
    """Open a folder or a run: its folder, its config, and the record of its training.

    Raises:
        PublishError: It is no whole checkpoint.
    """
    folder = Path(getattr(checkpoint, "folder", checkpoint))
    config, train = open_checkpoint(folder)
    try:
        AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # whatever the libraries make of a broken file
        raise PublishError(
            f"{folder}: its tokenizer cannot be opened ({type(error).__name__}: {error}); copy it "
            "again from the base model"
        ) from error
    return folder, config, train


def place(folder: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Say which layer of how many the sentence embeddings come from, and how they are pooled.

    Raises:
        PublishError: The config does not count its layers.
        AlignmentError: What it says of alignment is not legal.
    """
    layers = config.get("num_hidden_layers")
    if not isinstance(layers, int) or isinstance(layers, bool) or layers < 1:
        raise PublishError(
            f"config.json: num_hidden_layers: came {layers!r:.60}; legal: a whole number above 0; "
            "copy it again"
        )
    way = read_way(str(folder))
    told = SimpleNamespace(num_hidden_layers=layers, alignment=config.get("alignment"))
    layer, pooling = resolve_place(told, way)
    own = own_way(way, layer, pooling, told)
    return {
        "layer": layer,
        "layers": layers,
        "pooling": label_of(own, pooling, resolve_prompt(None, way)),
        "ends_with_norm": config["model_type"] == "modernbert",
        "has_pooler": bool(without_pooler(AutoConfig.for_model(config["model_type"]))),
    }


def story_of(
    folder: Path,
    config: dict[str, Any],
    train: TrainRecord | None,
    records: Sequence[str | os.PathLike[str]],
    other_seeds: Sequence[str | os.PathLike[str]],
    licence: Licence | None,
    ask_hub: bool,
) -> Story:
    """Find out what the records given tell of a checkpoint and its base.

    Args:
        folder: The checkpoint.
        config: Its config.
        train: The record of its training.
        records: Files or folders of records.
        other_seeds: Further runs of the same training.
        licence: Of the weights, as the user states it.
        ask_hub: Whether the Hub may be asked; without it, a missing licence is no error.

    Raises:
        PublishError: The records do not fit, or nobody says under which licence the weights stand.
    """
    where = place(folder, config)
    others = [_weights(Path(seed), open_checkpoint(Path(seed))[1]) for seed in other_seeds]
    story = tell_story(
        _weights(folder, train),
        [record for path in records for record in load_records(path)],
        where["layer"],
        where["pooling"],
        other_seeds=others,
        stated=licence,
        ask=ask_hub,
    )
    if ask_hub:
        story.require_licence()
    return story


def announce_gaps(stage: Stage, story: Story, examples: bool) -> None:
    """Note why a card has no examples although they were wanted."""
    if not story.languages and examples:
        stage.notes.append(
            "no examples: no build record of the pairs among the --records names the languages"
        )


def _weights(folder: Path, train: TrainRecord | None) -> Weights:
    return Weights(str(folder), model_digest(str(folder)), train)


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep reports of loading and bars away: they would bury the listing, or an error's line."""
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
