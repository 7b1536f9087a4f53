"""Presents romanised shards as a `datasets` dataset: one config per group, train and validation.

`load_dataset(FOLDER, "mediterranean")` opens the result without any code of ours: the folder
holds Parquet files and a README.md whose YAML names them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa

from ..errors import DamagedShard
from ..schema import COLUMNS
from ..whole_folder import put_in_place, remove
from .card import entered, fit_both, save_card
from .joined import Joined

__all__ = ["Translit", "present", "publish"]


class Translit(datasets.ArrowBasedBuilder):
    """Rows of `text, transliteration, lang, script, source`.

    Attributes:
        joined: The rows, set before they are asked for: as a part of the config they would all be
            hashed.
    """

    # No list of configs: with one, `datasets` would refuse the name of a user's own group.
    joined: Joined

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(
            features=datasets.Features({name: datasets.Value("string") for name in COLUMNS})
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        return [
            datasets.SplitGenerator(name=split, gen_kwargs={"split": split})
            for split in self.joined.splits
        ]

    def _generate_tables(self, split: str) -> Iterator[tuple[int, pa.Table]]:
        yield from enumerate(self.joined.tables(split))


def present(
    joined: Joined, group: str, scratch: Path, *, digest: str
) -> tuple[Path, dict[str, int]]:
    """Write the Parquet files of a group, aside.

    Args:
        joined: The rows.
        group: Name of the config.
        scratch: Folder for what is not finished.
        digest: Changes whenever the rows may change; keeps `datasets` from an old cache.

    Returns:
        The folder, for `publish`, and rows by split.

    Raises:
        DamagedShard: A shard is not what was written.
    """
    fresh = scratch / "new"
    for folder in (fresh, scratch / "datasets"):
        shutil.rmtree(folder, ignore_errors=True)
    builder = Translit(
        config_name=group,
        dataset_name="translit",
        cache_dir=str(scratch / "datasets"),
        hash=digest,
    )
    builder.joined = joined
    # It takes seconds where romanising takes hours: a second bar would only confuse.
    hidden = datasets.utils.are_progress_bars_disabled()
    datasets.utils.disable_progress_bars()
    try:
        builder.download_and_prepare(
            str(fresh), file_format="parquet", max_shard_size="500MB", verification_mode="no_checks"
        )
    except datasets.exceptions.DatasetGenerationError as error:
        # `datasets` says only that it failed; what we know of the shard says more.
        if isinstance(error.__cause__, DamagedShard):
            raise error.__cause__ from None
        raise
    finally:
        if not hidden:
            datasets.utils.enable_progress_bars()
    for split in joined.splits:
        # `datasets` leaves the numbers off a single file; one form is easier to describe.
        single = fresh / f"translit-{split}.parquet"
        if single.exists():
            single.rename(fresh / f"translit-{split}-00000-of-00001.parquet")
    (fresh / "dataset_info.json").replace(scratch / "dataset_info.json")
    shutil.rmtree(scratch / "datasets", ignore_errors=True)
    return fresh, {split: builder.info.splits[split].num_examples for split in joined.splits}


def publish(fresh: Path, group: str, out: Path, scratch: Path, splits: Sequence[str]) -> None:
    """Put a finished group in place of an older one, and enter it in the README.md.

    Args:
        fresh: Folder of the group, on the same disk.
        group: Name of the config and of the folder.
        out: Dataset folder.
        scratch: Where `present` left the info of the group.
        splits: Names of the splits.

    Raises:
        DataError: There is a README.md whose YAML cannot be read.
    """
    info = json.loads((scratch / "dataset_info.json").read_text(encoding="utf-8"))
    # A card that cannot be read stops the exchange before it begins.
    card = entered(out, group, datasets.DatasetInfo.from_dict(info), splits)
    passing = fit_both(out, group, splits)
    if passing is not None:
        save_card(passing, out)
    put_in_place(fresh, out / group)
    save_card(card, out)
    remove(fresh)
