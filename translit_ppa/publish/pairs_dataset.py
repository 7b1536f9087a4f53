"""Publish pairs: a dataset of the Hub that opens without this package."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from translit_ppa import data_builders
from translit_ppa.data_builders.sources.cldr.source import licence_file
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards.cards.dataset_stage import chosen_configs, stage_dataset
from translit_ppa.hub_cards.hub.card_check import front_matter
from translit_ppa.hub_cards.hub.licences import UNICODE, of_source, stated
from translit_ppa.hub_cards.hub.repository import Remote
from translit_ppa.hub_cards.hub.stage import Stage
from translit_ppa.publish.publication import Publication, Sending, deliver

__all__ = ["dataset", "fill_dataset"]


@raises_translit_error
def dataset(
    folder: str | os.PathLike[str],
    repo_id: str,
    *,
    config: Sequence[str] | None = None,
    license: str | None = None,
    license_name: str | None = None,
    license_link: str | None = None,
    recipe_only: bool = False,
    accept_source_license: bool = False,
    dry_run: bool = False,
    private: bool = False,
    revision: str | None = None,
    create_pr: bool = False,
    stage: str | os.PathLike[str] | None = None,
    announce: Callable[[Publication], None] | None = None,
) -> Publication:
    """Publish pairs, or the recipe of them, as a dataset; other configs of the repository stay.

    Args:
        folder: What `build_pairs` wrote.
        repo_id: `org/name`.
        config: Groups to publish; None is all that the folder has.
        license: Licence of the text, by its name on the Hub, where its source tells none.
        license_name: For the licence `other`: what it is called.
        license_link: For the licence `other`: where its text is.
        recipe_only: Send no text, but rows of the corpus by number and hash, which
            `rebuild_pairs` makes the same pairs of.
        accept_source_license: You may publish this text although its licence is `other` or
            unknown.
        dry_run: Stage and list, send nothing.
        private: If the repository is created now, make it private.
        revision: Branch to commit to; None is `main`.
        create_pr: Open a pull request instead of committing.
        stage: Gather the files in this folder and keep them.
        announce: Called with what goes up before anything is sent.

    Returns:
        What was published.

    Raises:
        TranslitError: The pairs are not whole, must not be published, or cannot be sent.
    """
    fill = partial(
        fill_dataset,
        folder=folder,
        config=config,
        license=license,
        license_name=license_name,
        license_link=license_link,
        recipe_only=recipe_only,
        accept_source_license=accept_source_license,
    )
    sending = Sending(dry_run, private, revision, create_pr, stage, announce)
    return deliver(repo_id, "dataset", fill, sending)


def fill_dataset(
    stage: Stage,
    remote: Remote,
    folder: str | os.PathLike[str],
    *,
    config: Sequence[str] | None = None,
    license: str | None = None,
    license_name: str | None = None,
    license_link: str | None = None,
    recipe_only: bool = False,
    accept_source_license: bool = False,
    ask_hub: bool = True,
) -> None:
    """Stage configs of a dataset folder, or their recipes; see `dataset`.

    Raises:
        PublishError: The pairs are not whole, or must not be published.
        DataError: The pairs are not those that were built, or no recipe can be made of them.
    """
    from translit_ppa.data_builders.dataset.recipe import write_recipe
    from translit_ppa.data_builders.dataset.whole_rows import require_rows

    licence = stated(license, license_name, license_link) if license else None
    folder = Path(folder)
    names = chosen_configs(folder, config)
    for name in names:
        require_rows(folder, name)
    with tempfile.TemporaryDirectory(prefix="translit-recipe-") as made:
        source = folder
        if recipe_only:
            source = Path(made)
            for name in names:
                write_recipe(folder, name, source)
        stage_dataset(
            stage,
            source,
            config,
            remote,
            Path(data_builders.__file__).parent,
            stated=licence,
            accept=accept_source_license,
            licence_of=partial(of_source, ask=ask_hub),
        )
    card = front_matter((stage.folder / "README.md").read_text(encoding="utf-8"))
    if str(UNICODE.name) in card.get("license_name", ""):
        # This licence asks that its notice goes with every copy of the data.
        stage.add_file("LICENSE", licence_file(), "licence of the CLDR's text")
