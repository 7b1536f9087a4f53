"""The README.md of a dataset folder: its YAML tells the library `datasets` what lies there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import datasets
from datasets.info import DatasetInfosDict
from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCard, DatasetCardData

from ..errors import DataError
from ..json_file import read_bounded

__all__ = ["entered", "fit_both", "read_card", "save_card"]

MOST_BYTES = 1 << 22
"""Of a card; YAML takes a second for some 100,000 characters."""

_CARD = """# Romanised pairs

Sentences in their own script (`text`) and in Latin letters (`transliteration`), with language
(`lang`, ISO 639-3), script (`script`, ISO 15924) and origin (`source`). One config per group of
languages; `build_record.json` beside the files says how each was built and what was dropped.

```python
from datasets import load_dataset

pairs = load_dataset("{folder}", "{group}")
```
"""


def read_card(out: Path) -> DatasetCard | None:
    """Read the README.md of a dataset folder.

    Args:
        out: Dataset folder.

    Returns:
        The card, None where there is none.

    Raises:
        DataError: There is one whose text or YAML cannot be read, or whose `configs` and
            `dataset_info` `datasets` could not read either.
    """
    path = out / "README.md"
    if not os.path.lexists(path):
        return None
    try:
        text = read_bounded(path, MOST_BYTES).decode("utf-8")
        card = DatasetCard(text, ignore_metadata_errors=False)
        DatasetInfosDict.from_dataset_card_data(card.data)
        MetadataConfigs.from_dataset_card_data(card.data)
    except DataError:
        raise
    except Exception as error:  # YAML may be of any shape, and the libraries trip over it anywhere
        raise _unreadable(path, error) from error
    return card


def entered(
    out: Path,
    group: str,
    info: datasets.DatasetInfo,
    splits: Sequence[str],
    *,
    stem: str = "translit",
    text: str = _CARD,
) -> DatasetCard:
    """Enter a group in the card of a dataset folder; everything else in it stays.

    Args:
        out: Dataset folder.
        group: Name of the config.
        info: Features and sizes of the group.
        splits: Names of the splits.
        stem: What the names of its files begin with.
        text: Card below the YAML, where there is none yet.

    Returns:
        The card, not yet saved.

    Raises:
        DataError: As `read_card`.
    """
    card = read_card(out) or DatasetCard(
        f"---\n{DatasetCardData().to_yaml()}\n---\n\n" + text.format(folder=out.name, group=group)
    )
    info.config_name = group
    files = [{"split": split, "path": f"{group}/{stem}-{split}-*.parquet"} for split in splits]
    try:
        DatasetInfosDict({group: info}).to_dataset_card_data(card.data)
        MetadataConfigs({group: {"data_files": files}}).to_dataset_card_data(card.data)
    except Exception as error:  # entries of others, whatever they are
        raise _unreadable(out / "README.md", error) from error
    return card


def fit_both(out: Path, group: str, splits: Sequence[str]) -> DatasetCard | None:
    """Give a card that says of a group only what holds before and after its exchange.

    Numbers of rows are left out, or `datasets` refuses a folder that has others; so is a split
    that only one of the two has.

    Args:
        out: Dataset folder.
        group: Name of the config.
        splits: Those of the new group.

    Returns:
        The card, None where there is nothing to fit.

    Raises:
        DataError: As `read_card`.
    """
    card = read_card(out)
    if card is None:
        return None
    old = MetadataConfigs.from_dataset_card_data(card.data).get(group)
    info = DatasetInfosDict.from_dataset_card_data(card.data).get(group)
    if old is None or info is None:
        return None
    parts = old.get("data_files") or ()
    named = {part.get("split") for part in parts if isinstance(part, dict)}
    common = [split for split in splits if split in named]
    info.splits = info.download_size = info.dataset_size = None
    return entered(out, group, info, common) if common else None


def save_card(card: DatasetCard, out: Path) -> None:
    """Put a card in place in one step.

    Args:
        card: The card.
        out: Dataset folder.
    """
    aside = out / f".README.md.{os.getpid()}"
    card.save(aside)
    os.replace(aside, out / "README.md")


def _unreadable(path: Path, error: Exception) -> DataError:
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return DataError(f"{path}: its YAML cannot be read ({reason}); mend or remove it")
