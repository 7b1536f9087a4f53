"""Pairs of original and Latin text: opened from a folder or the Hub, with their build record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards.hub.licences import is_hub_id

if TYPE_CHECKING:
    from datasets import DatasetDict


def open_pairs(
    name: str, config: str, revision: str | None, split: str, columns: Sequence[str]
) -> DatasetDict:
    """Open pairs of original and Latin text from the Hub or a folder.

    Args:
        name: Hub id or folder.
        config: The group, or the name of the TSV that describes the group.
        revision: Commit, tag or branch on the Hub.
        split: The split that must be there.
        columns: The columns that this split must have.

    Raises:
        DataError: The pairs cannot be opened, or lack a column or the split.
    """
    from datasets import load_dataset

    try:
        pairs: DatasetDict = load_dataset(name, config_name(config), revision=revision)
    except ValueError as error:
        raise DataError(f"{name}: {error}") from error
    if split not in pairs or not set(columns) <= set(pairs[split].column_names):
        have = {split: rows.column_names for split, rows in pairs.items()}
        raise DataError(
            f"{name} has {have}; needed is a split {split!r} with columns "
            f"{', '.join(sorted(columns))} (--text_column, --transliteration_column)."
        )
    return pairs


def config_name(group: str) -> str:
    """Return the dataset's config: the group, or the name of the TSV that describes the group."""
    return Path(group).stem if group.endswith(".tsv") else group


def build_facts(name: str, config: str, revision: str | None = None) -> dict[str, Any]:
    """Read the build record of pairs in a folder or on the Hub; empty where there is none."""
    from huggingface_hub import hf_hub_download

    inside = f"{config_name(config)}/build_record.json"
    path = Path(name) / inside
    if not Path(name).is_dir() and is_hub_id(name):
        try:
            path = Path(hf_hub_download(name, inside, repo_type="dataset", revision=revision))
        except OSError:
            return {}
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
