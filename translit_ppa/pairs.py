"""Pairs of original and Latin text: opened from a folder or the Hub, with their build record."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.reading.arrow import SPLITS_FILE, is_saved, saved_files
from translit_ppa.data_builders.schema import TEXT, TRAIN, TRANSLITERATION
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards.hub.names import is_hub_id
from translit_ppa.hub_cards.json_file import read_object
from translit_ppa.hub_cards.records.schema_check import RecordError
from translit_ppa.hub_reading import reads_hub

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from translit_ppa.hub_cards.records.files import BuildRecord

_ONLY_CONFIG = "default"
"""What the library `datasets` calls the config of files that no card describes."""

__all__ = ["Pairs", "build_facts", "config_name", "open_pairs"]


class Pairs:
    """Pairs of original and Latin text, as `build_pairs` and `open_pairs` return them.

    The rows are read on first use. `load_dataset(pairs.name, pairs.config)` of the library
    `datasets` opens the same rows without this package.

    Attributes:
        name: The folder, or the name of the repository on the Hub.
        config: The group of languages, which is the dataset's config.
        revision: Commit, tag or branch on the Hub; None is `main`.
    """

    def __init__(
        self, name: str | os.PathLike[str], config: str, revision: str | None = None
    ) -> None:
        """Say where the pairs are; nothing is read yet."""
        self.name = os.fspath(name)
        self.config = config_name(config)
        self.revision = revision

    @property
    def folder(self) -> Path | None:
        """The folder of the dataset; None where the pairs come from the Hub."""
        return Path(self.name) if Path(self.name).is_dir() else None

    @cached_property
    @raises_translit_error
    @reads_hub
    def dataset(self) -> DatasetDict:
        """The rows by split: `text, transliteration, lang, script, source`."""
        from datasets import (
            DatasetDict,
            get_dataset_config_names,
            load_dataset,
            load_dataset_builder,
            load_from_disk,
        )

        splits = _saved_splits(self.folder)
        if splits:
            return DatasetDict({name: load_from_disk(str(at)) for name, at in splits.items()})
        config = self.config
        try:
            try:
                builder = load_dataset_builder(self.name, config, revision=self.revision)
            except ValueError:
                # Pairs that nobody put in a group: nobody could have asked for another config.
                if get_dataset_config_names(self.name, revision=self.revision) != [_ONLY_CONFIG]:
                    raise
                config = _ONLY_CONFIG
                builder = load_dataset_builder(self.name, config, revision=self.revision)
                print(f"notice: {self.name} has no groups; all of it is read", file=sys.stderr)
            _require_inside(builder.config.data_files, self.name)
            pairs: DatasetDict = load_dataset(self.name, config, revision=self.revision)
        except (DataError, RecordError, OSError):
            raise
        except Exception as error:  # a card of any shape, Parquet that is none
            cause = error.__cause__ or error
            reason = " ".join(str(cause).split())[:300]
            raise DataError(
                f"{self.name} cannot be opened as pairs ({type(cause).__name__}: {reason}); look "
                "at its README.md and its files, or build it again"
            ) from error
        return pairs

    @cached_property
    @raises_translit_error
    @reads_hub
    def report(self) -> BuildRecord | None:
        """How the pairs were built, with counts of every language; None where nobody says."""
        from translit_ppa.hub_cards.records.files import BuildRecord

        facts = build_facts(self.name, self.config, self.revision)
        return BuildRecord.from_dict(facts) if facts else None

    @raises_translit_error
    def origins(self, split: str = TRAIN) -> Dataset:
        """Which text of the corpus each pair was, where the pairs lie in the folder of their build.

        Args:
            split: Name of the split.

        Returns:
            One line per pair: `row` of its language in the corpus, from 0, and its characters there
            from `start` to before `end`, before anything was normalised; None where the whole row
            became the pair.

        Raises:
            TranslitError: There is no such file: it is not published with the pairs.
        """
        from datasets import Dataset

        from translit_ppa.data_builders.dataset.row_index import read_rows_of

        return Dataset(read_rows_of(Path(self.name) / self.config, split))

    def __getitem__(self, split: str) -> Dataset:
        return self.dataset[split]

    def __repr__(self) -> str:
        """Name place, config and, as far as a record tells them, languages and rows."""
        report = self.report
        if report is None:
            return f"Pairs({self.name!r}, {self.config!r})"
        languages = sum(1 for language in report.languages if language.kept)
        rows = ", ".join(f"{count:,} {split}" for split, count in report.splits.items())
        return f"Pairs({self.name!r}, {self.config!r}: {languages} languages, {rows} pairs)"


def _saved_splits(folder: Path | None) -> dict[str, Path]:
    """Find the splits that `save_to_disk` wrote; none where a folder is anything else.

    Raises:
        DataError: A list of splits or of files names something outside of the folder.
    """
    if folder is None:
        return {}
    splits = {TRAIN: folder} if is_saved(folder) else {}
    if (folder / SPLITS_FILE).is_file():
        names = read_object(folder / SPLITS_FILE).get("splits")
        if not isinstance(names, list) or any(Path(str(name)).name != name for name in names):
            raise DataError(f"{folder}: {SPLITS_FILE} names no splits of its own folder")
        splits = {name: folder / name for name in names}
    for split in splits.values():
        saved_files(split)
    return splits


def _require_inside(data_files: Mapping[str, Sequence[str]] | None, name: str) -> None:
    """See that a card names no file but those of its own repository or folder.

    `datasets` would open whatever path or address stands there.

    Raises:
        DataError: It does.
    """
    # Links are followed by nobody here: in a cache of the Hub every file is one.
    folder = Path(name)
    here = (f"{folder.resolve()}{os.sep}", f"{folder.absolute()}{os.sep}")
    own = here if folder.is_dir() else (f"hf://datasets/{name}@",)
    for files in (data_files or {}).values():
        for file in files:
            place = os.path.abspath(file) if "://" not in file else file
            if not place.startswith(own) or ".." in place.split("/"):
                raise DataError(
                    f"{name}: its card names {file}, which is outside of it; legal are files of "
                    "its own"
                )


@raises_translit_error
@reads_hub
def open_pairs(
    name: str | os.PathLike[str],
    group: str = "mediterranean",
    revision: str | None = None,
    split: str = TRAIN,
    columns: Sequence[str] = (TEXT, TRANSLITERATION),
) -> Pairs:
    """Open pairs of original and Latin text from the Hub or a folder.

    Args:
        name: Hub id or folder.
        group: The dataset's config: the group, or the TSV that describes the group.
        revision: Commit, tag or branch on the Hub.
        split: A split that must be there.
        columns: Columns that this split must have.

    Returns:
        The pairs; their rows are open.

    Raises:
        TranslitError: The pairs cannot be opened, or lack a column or the split.
    """
    pairs = Pairs(name, group, revision)
    found = pairs.dataset
    if split not in found or not set(columns) <= set(found[split].column_names):
        have = {split: rows.column_names for split, rows in found.items()}
        raise DataError(
            f"{pairs.name} has {have}; needed is a split {split!r} with columns "
            f"{', '.join(sorted(columns))} (--text-column, --transliteration-column)."
        )
    return pairs


def config_name(group: str | os.PathLike[str]) -> str:
    """Return the dataset's config: the group, or the name of the TSV that describes the group."""
    name = os.fspath(group)
    return Path(name).stem if name.endswith(".tsv") else name


def build_facts(name: str, config: str, revision: str | None = None) -> dict[str, Any]:
    """Read the build record of pairs in a folder or on the Hub; empty where there is none."""
    inside = f"{config_name(config)}/build_record.json"
    path = Path(name) / inside
    if not Path(name).is_dir() and is_hub_id(name):
        from huggingface_hub import hf_hub_download

        try:
            path = Path(hf_hub_download(name, inside, repo_type="dataset", revision=revision))
        except OSError:
            return {}
    return read_object(path) if path.is_file() else {}
