"""What became of a commit whose answer was lost: the repository is looked at again, and told.

A connection that is cut, or a gateway that gives up waiting (504), says nothing about the commit
itself: the Hub may have taken it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from huggingface_hub import HfApi

from .stage import Stage

PAUSES = (0.0, 1.0, 3.0)
"""Seconds before each look: a commit may still be under way when its answer is lost."""


@dataclass(frozen=True)
class Outcome:
    """What was found.

    Attributes:
        published: True or False where the Hub shows it, None where it does not.
        url: Of the commit where it was published, else where to look; None where it was published
            and nothing differed.
    """

    published: bool | None
    url: str | None


def look_again(
    api: HfApi, stage: Stage, deleted: Collection[str], parent: str | None, revision: str | None
) -> Outcome:
    """Compare the head of the branch with what was staged.

    Args:
        api: Of the Hub, with the token.
        stage: What went up.
        deleted: Paths that the commit deletes.
        parent: The commit that it was built upon.
        revision: Branch; None is `main`.

    Returns:
        Published if the head holds all that was staged, byte for byte by its digests; not
        published if the head is still the parent; else nobody can tell.
    """
    place = "" if stage.repo_type == "model" else f"{stage.repo_type}s/"
    url = f"{api.endpoint}/{place}{stage.repo_id}"
    where = f"{url}/commits/{revision or 'main'}"
    head: str | None = None
    for pause in PAUSES:
        time.sleep(pause)
        try:
            head = api.repo_info(stage.repo_id, repo_type=stage.repo_type, revision=revision).sha
            if head and _holds(api, stage, deleted, head):
                done = None if head == parent else f"{url}/commit/{head}"
                return Outcome(True, done)
        except Exception:  # whatever the Hub answers now, it does not tell what became of ours
            head = None
    return Outcome(False if head is not None and head == parent else None, where)


def _holds(api: HfApi, stage: Stage, deleted: Collection[str], commit: str) -> bool:
    """Tell whether a commit holds every staged file as it is, and none of those deleted."""
    tree: Any = api.list_repo_tree(
        stage.repo_id, repo_type=stage.repo_type, revision=commit, recursive=True
    )
    found = {entry.path: entry for entry in tree if hasattr(entry, "blob_id")}
    if any(path in found for path in deleted):
        return False
    return all(
        path in found and found[path].size == size and _same(stage, path, found[path])
        for path, size in stage.sizes().items()
    )


def _same(stage: Stage, path: str, entry: Any) -> bool:
    git, large = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    file = stage.folder / path
    git.update(b"blob %d\0" % file.stat().st_size)
    with file.open("rb") as content:
        while block := content.read(1 << 20):
            git.update(block)
            large.update(block)
    if entry.lfs is not None:
        return bool(entry.lfs.sha256 == large.hexdigest())
    return bool(entry.blob_id == git.hexdigest())
