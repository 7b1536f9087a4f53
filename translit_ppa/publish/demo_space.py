"""Publish the retrieval demo: a base beside an aligned model, with embedded names as corpus."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from translit_ppa.data_builders import load_group
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sources.cldr.names import LOCALES, key_splits, names
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards.cards.space_stage import SpaceFacts, stage_space
from translit_ppa.hub_cards.hub.repository import Remote
from translit_ppa.hub_cards.hub.stage import PublishError, Stage
from translit_ppa.publish.publication import Publication, Sending, deliver

__all__ = ["fill_space", "space", "space_facts"]

SPLIT = "test"


@raises_translit_error
def space(
    repo_id: str,
    *,
    base: str | os.PathLike[str],
    aligned: str | os.PathLike[str],
    group: str = "mediterranean",
    dry_run: bool = False,
    private: bool = False,
    revision: str | None = None,
    create_pr: bool = False,
    stage: str | os.PathLike[str] | None = None,
    announce: Callable[[Publication], None] | None = None,
) -> Publication:
    """Publish the retrieval demo as a Space.

    Args:
        repo_id: `org/name`.
        base: The model before: `org/name`; a folder only where nothing is sent.
        aligned: The model after: `org/name`; a folder only where nothing is sent.
        group: Group of languages.
        dry_run: Stage and list, send nothing.
        private: If the repository is created now, make it private.
        revision: Branch to commit to; None is `main`.
        create_pr: Open a pull request instead of committing.
        stage: Gather the files in this folder and keep them; the demo runs from there.
        announce: Called with what goes up before anything is sent.

    Returns:
        What was published.

    Raises:
        TranslitError: A model is not there, or the Space cannot be sent.
    """
    fill = partial(
        fill_space, base=os.fspath(base), aligned=os.fspath(aligned), group=group, folders=dry_run
    )
    sending = Sending(dry_run, private, revision, create_pr, stage, announce)
    return deliver(repo_id, "space", fill, sending)


def fill_space(
    stage: Stage,
    remote: Remote,
    *,
    base: str,
    aligned: str,
    group: str = "mediterranean",
    folders: bool = True,
    ask_hub: bool = True,
) -> None:
    """Stage the retrieval demo; `folders` says whether a model may be a folder of this machine.

    Raises:
        DataError: If the embedded names cover no two languages of the group.
        PublishError: If a Space on the Hub would have to open a folder of this machine.
    """
    facts = space_facts(base, aligned, group)
    for model in facts.local:
        if not (Path(model) / "config.json").is_file():
            raise PublishError(f"there is no checkpoint in {model}; give a folder, or org/name")
    if facts.local and not folders:
        raise PublishError(
            f"a Space opens its models from the Hub, and {', '.join(facts.local)} is a folder; "
            "publish it first (translit-ppa publish model), then give org/name"
        )
    stage_space(stage, facts)


def space_facts(base: str, aligned: str, group: str) -> SpaceFacts:
    """Gather models and the embedded corpus: CLDR names that were held out of training.

    Args:
        base: `org/name` or folder.
        aligned: `org/name` or folder.
        group: Language group; languages that the CLDR lacks are left out.

    Returns:
        The facts, with one row a key that at least two languages name.

    Raises:
        DataError: If fewer than two languages are covered.
    """
    chosen = load_group(group)
    rows = (*chosen.languages, *chosen.evaluation_sources)
    titles = {row.code: row.name.partition(" (")[0] or row.code for row in rows}
    codes = [code for code in chosen.scored_codes if code in LOCALES]
    if len(codes) < 2:
        raise DataError(f"the embedded names cover no two languages of {group}")
    columns = [names(code) for code in codes]
    lines = ["\t".join(["id", *codes])]
    for key in sorted(key_splits()[SPLIT]):
        cells = [column.get(key, "") for column in columns]
        if sum(map(bool, cells)) > 1:
            lines.append("\t".join([key, *cells]))
    return SpaceFacts(
        base=base,
        aligned=aligned,
        corpus=f"CLDR_names_{chosen.path.stem}",
        tsv="\n".join(lines) + "\n",
        rows=len(lines) - 1,
        languages={
            code: {"tag": LOCALES[code].replace("_", "-"), "name": titles[code]} for code in codes
        },
    )
