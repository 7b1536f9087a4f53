"""A pickled checkpoint into safetensors, with a card that says what is not known."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards.cards.model_card import ModelFacts
from translit_ppa.hub_cards.cards.model_stage import open_checkpoint, stage_story
from translit_ppa.hub_cards.cards.model_story import Story
from translit_ppa.hub_cards.hub.licences import UNKNOWN, stated
from translit_ppa.hub_cards.hub.repository import Remote
from translit_ppa.hub_cards.hub.stage import PublishError, Stage
from translit_ppa.modeling.checkpoints.convert import convert_folder
from translit_ppa.publish.checkpoint import place, quiet_libraries
from translit_ppa.publish.publication import Publication, published

__all__ = ["convert"]


@raises_translit_error
def convert(
    folder: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    license: str | None = None,
    license_name: str | None = None,
    license_link: str | None = None,
) -> Publication:
    """Write a pickled checkpoint as safetensors; nothing but tensors is read, and nothing sent.

    Args:
        folder: Has `pytorch_model.bin`, a config and a tokenizer.
        out: New folder; None is `FOLDER-safetensors` beside it.
        license: Licence of the weights, by its name on the Hub.
        license_name: For the licence `other`: what it is called.
        license_link: For the licence `other`: where its text is.

    Returns:
        What was written; its `folder` says where.

    Raises:
        TranslitError: The pickle holds more than tensors (then none of it was run), the weights do
            not fit the config, or there is something at `out`.
    """
    folder = Path(folder).resolve()
    goal = Path(out) if out is not None else folder.with_name(f"{folder.name}-safetensors")
    if goal.exists():
        raise PublishError(f"{goal} exists; give another --out, or remove it")
    goal.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=goal.parent, prefix=f".{goal.name}."))
    try:
        # A name that Stage takes: it is not published from here.
        stage = Stage("local/converted", "model", aside)
        with quiet_libraries():
            convert_folder(folder, aside)
            config, _ = open_checkpoint(aside)
            for file in sorted(aside.iterdir()):
                stage.adopt(
                    file.name, "weights" if "safetensors" in file.name else "config, tokenizer"
                )
            licence = stated(license, license_name, license_link) if license else UNKNOWN
            where = place(aside, config)
            stage_story(stage, ModelFacts(goal.name, "full", **where, story=Story(licence)))
        written = published(stage, Remote(), kept=True, dry_run=True)
        aside.chmod(0o755)
        os.replace(aside, goal)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return replace(written, folder=goal)
