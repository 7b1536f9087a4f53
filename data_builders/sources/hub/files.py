"""The files of a config, or those that a pattern names: by split, as addresses at one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Files", "open_config", "open_files"]


@dataclass(frozen=True)
class Files:
    """What there is of a language.

    Attributes:
        base: Address of the dataset at its commit; no file lies outside of it.
        splits: Addresses by the name of the split.
        builder: The builder of `datasets`, for formats that only it reads; None for a pattern.
    """

    base: str
    splits: Mapping[str, Sequence[str]]
    builder: Any = None

    def rows(self, split: str) -> int | None:
        """Give the number of rows of a split, where the dataset says it."""
        told = (self.builder.info.splits or {}).get(split) if self.builder else None
        return told.num_examples or None if told is not None else None


def open_config(repo: str, commit: str, name: str) -> Files | None:
    """Open a config.

    Args:
        repo: `org/name`.
        commit: The revision.
        name: Of the config.

    Returns:
        Its files; None where there is no such config.
    """
    from datasets import load_dataset_builder

    try:
        builder = load_dataset_builder(repo, name, revision=commit)
    except ValueError as error:
        if f"'{name}' not found" in str(error):
            return None
        raise
    return Files(f"{builder.base_path.rstrip('/')}/", builder.config.data_files or {}, builder)


def open_files(repo: str, commit: str, pattern: str, split: str) -> Files | None:
    """Find the files that a pattern names.

    Args:
        repo: `org/name`.
        commit: The revision.
        pattern: Path in the repository; `*` and `**` stand for any names.
        split: What they are taken for.

    Returns:
        The files, in the order of their names; None where there are none.
    """
    from huggingface_hub import HfFileSystem

    base = f"datasets/{repo}@{commit}/"
    found = sorted(str(path) for path in HfFileSystem().glob(base + pattern))
    return Files(f"hf://{base}", {split: [f"hf://{path}" for path in found]}) if found else None
