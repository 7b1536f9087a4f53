"""What goes up to the Hub, gathered in one folder before a single byte is sent.

Input: files of a dataset or checkpoint. Output: a folder that looks as the repository will, and a
listing that says of each file how large it is and why it goes up.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..records.files import RecordError, write_atomically
from .names import is_hub_id

TAG = "translit-ppa"
"""Marks a card as ours: a repository without it is never overwritten."""


class PublishError(RecordError):
    """Something that cannot be published; the message says why, and what to do next."""


@dataclass
class Stage:
    """A folder on its way to a repository.

    Attributes:
        repo_id: `org/name`.
        repo_type: `model`, `dataset` or `space`.
        folder: Where the files are gathered; must be empty or absent.
        replaces: Patterns of repository files that this publication owns: one that matches and is
            not staged is deleted in the same commit, such as shards of an older build.
        reasons: What each file is for, by path.
        notes: What whoever publishes should know, a line each.
    """

    repo_id: str
    repo_type: str
    folder: Path
    replaces: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Check name and folder.

        Raises:
            PublishError: If the name is no `org/name`, or the folder has something in it.
        """
        if not is_hub_id(self.repo_id):
            raise PublishError(
                f"repository: came {self.repo_id!r}; legal: org/name, of letters, digits, '-', "
                "'_' and '.'"
            )
        require_empty(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def add_file(self, path: str, source: Path, why: str) -> None:
        """Stage a file as it is, by a hard link where the disk allows one.

        Args:
            path: Path in the repository.
            source: The file; a link is followed, so that the content goes up.
            why: What it is for, in a few words.

        Raises:
            PublishError: If the path must not go up, or the source is no regular file.
        """
        if not source.is_file():
            raise PublishError(f"{source} is no regular file, or not there; build it again")
        goal = self._goal(path, why)
        try:
            os.link(source.resolve(), goal)
        except OSError:
            shutil.copyfile(source, goal)

    def add_text(self, path: str, text: str, why: str) -> None:
        """Stage a text that is made on the spot; as `add_file` otherwise."""
        write_atomically(self._goal(path, why), text.encode("utf-8"))

    def adopt(self, path: str, why: str) -> None:
        """Enter a file that somebody else wrote into the folder."""
        self._goal(path, why)

    def _goal(self, path: str, why: str) -> Path:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts:
            raise PublishError(f"{path}: not a path inside a repository")
        # Such a file makes today's `datasets` refuse the whole repository.
        if self.repo_type == "dataset" and path == f"{self.repo_id.partition('/')[2]}.py":
            raise PublishError(f"{path}: no file of a dataset may be named like the repository")
        self.reasons[path] = why
        goal = self.folder / path
        goal.parent.mkdir(parents=True, exist_ok=True)
        return goal

    def appear(self, goal: Path) -> None:
        """Make what is gathered visible as `goal`, in one step.

        Args:
            goal: An empty folder, or none yet.

        Raises:
            PublishError: Meanwhile there is something.
        """
        require_empty(goal)
        os.rename(self.folder, goal)
        self.folder = goal

    def sizes(self) -> dict[str, int]:
        """Give the size in bytes of every staged file, by path.

        Raises:
            PublishError: If the folder holds a file that nobody gave a reason for.
        """
        found = {
            file.relative_to(self.folder).as_posix(): file.stat().st_size
            for file in sorted(self.folder.rglob("*"))
            if file.is_file()
        }
        stray = sorted(set(found) ^ set(self.reasons))
        if stray:
            raise PublishError(f"{self.folder}: {', '.join(stray)} is staged by nobody, or lost")
        return found

    def listing(self) -> str:
        """Say what will go up: path, size, why."""
        sizes = self.sizes()
        width = max(len(path) for path in sizes)
        lines = [
            f"{self.repo_type} {self.repo_id}, {len(sizes)} files, {human(sum(sizes.values()))}"
        ]
        lines += [
            f"  {path.ljust(width)}  {human(size).rjust(9)}  {self.reasons[path]}"
            for path, size in sizes.items()
        ]
        return "\n".join(lines)


def require_empty(folder: Path) -> None:
    """See that a stage may become this folder.

    Raises:
        PublishError: There is something in it, or a file in its place.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise PublishError(f"{folder} is not empty; give another folder to --stage")


def human(size: int) -> str:
    """Write a number of bytes with three digits: `512 B`, `1.50 kB`, `2.10 GB` (powers of 1000)."""
    value, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.0f} B" if units[0] == "B" else f"{value:.3g} {units[0]}"
