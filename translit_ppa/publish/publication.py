"""One publication from beginning to end: staged in a folder, listed, sent as one commit."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from translit_ppa.data_builders.whole_folder import remove
from translit_ppa.hub_cards.cards.dataset_stage import RECORD
from translit_ppa.hub_cards.hub.names import is_branch
from translit_ppa.hub_cards.hub.patience import ask_anew
from translit_ppa.hub_cards.hub.repository import Remote, deletions, look, refuse_exposure
from translit_ppa.hub_cards.hub.repository import publish as send
from translit_ppa.hub_cards.hub.stage import PublishError, Stage, require_empty

__all__ = ["Publication", "PublishedFile", "Sending", "deliver", "opened_stage", "published"]

Fill = Callable[[Stage, Remote], None]
"""Puts into a stage what a repository is made of, next to what is there already."""


class PublishedFile(NamedTuple):
    """A file of a publication: its path in the repository, its size in bytes, what it is for."""

    path: str
    size: int
    why: str


@dataclass(frozen=True)
class Publication:
    """What was published, or would be; `print` lists it.

    Attributes:
        repo_id: `org/name`.
        repo_type: `model`, `dataset` or `space`.
        files: Every file that goes up.
        deletions: Files of the repository that are replaced by nothing.
        notes: What whoever publishes should know, a line each.
        folder: Where the files lie; None where they were gathered in a folder that is gone.
        dry_run: Whether nothing was to be sent.
        listing: The files as a table: path, size, why.
        url: Of the commit or the pull request; None where nothing was sent.
    """

    repo_id: str
    repo_type: str
    files: tuple[PublishedFile, ...]
    deletions: tuple[str, ...]
    notes: tuple[str, ...]
    folder: Path | None
    dry_run: bool
    listing: str
    url: str | None = None

    def __str__(self) -> str:
        return "\n".join([*self.notes, self.listing, *(f"  deletes {x}" for x in self.deletions)])


@dataclass(frozen=True)
class Sending:
    """How something is sent; the functions of this package say what each means."""

    dry_run: bool
    private: bool
    revision: str | None
    create_pr: bool
    stage: str | os.PathLike[str] | None
    announce: Callable[[Publication], None] | None

    def __post_init__(self) -> None:
        """Check the branch.

        Raises:
            PublishError: No repository can have one of that name.
        """
        if self.revision is not None and not is_branch(self.revision):
            raise PublishError(
                f"revision: came {self.revision[:60]!r}; legal: the name of a branch, at most 255 "
                "characters without spaces"
            )


def deliver(repo_id: str, repo_type: str, fill: Fill, sending: Sending) -> Publication:
    """Stage a publication, announce it, and send it unless it is a dry run.

    Raises:
        PublishError: In one line, before anything is sent, or with nothing published.
    """
    ask_anew()
    with opened_stage(sending.stage, repo_id, repo_type) as stage:
        remote = _look(stage, sending)
        refuse_exposure(repo_id, remote, sending.private)
        fill(stage, remote)
        if sending.stage is not None:
            stage.appear(Path(sending.stage).absolute())
        found = published(stage, remote, kept=sending.stage is not None, dry_run=sending.dry_run)
        if sending.announce is not None:
            sending.announce(found)
        if sending.dry_run:
            return found
        url = send(
            stage,
            remote,
            private=sending.private,
            revision=sending.revision,
            create_pr=sending.create_pr,
        )
        return replace(found, url=url)


def published(stage: Stage, remote: Remote, *, kept: bool, dry_run: bool) -> Publication:
    """Describe a stage; `kept` says whether its folder stays."""
    return Publication(
        repo_id=stage.repo_id,
        repo_type=stage.repo_type,
        files=tuple(
            PublishedFile(path, size, stage.reasons[path]) for path, size in stage.sizes().items()
        ),
        deletions=tuple(deletions(stage, remote)),
        notes=tuple(stage.notes),
        folder=stage.folder if kept else None,
        dry_run=dry_run,
        listing=stage.listing(),
    )


@contextmanager
def opened_stage(
    folder: str | os.PathLike[str] | None, repo_id: str, repo_type: str
) -> Iterator[Stage]:
    """Open a stage beside the folder that it is to become, or in one that is gone afterwards."""
    if folder is not None:
        goal = Path(folder).absolute()
        require_empty(goal)
        aside = goal.with_name(f".{goal.name}.staging")
        remove(aside)
        try:
            yield Stage(repo_id, repo_type, aside)
        finally:
            remove(aside)
        return
    with tempfile.TemporaryDirectory(prefix="translit-publish-") as made:
        yield Stage(repo_id, repo_type, Path(made))


def _look(stage: Stage, sending: Sending) -> Remote:
    """Look at the repository; a dry run without the Hub goes on as if there were none."""
    try:
        return look(stage.repo_id, stage.repo_type, sending.revision, f"*/{RECORD}")
    except PublishError as error:
        if not sending.dry_run:
            raise
        stage.notes.append(f"the Hub was not asked what {stage.repo_id} holds: {error}")
        return Remote()
