"""Gathers a folder of pairs for the Hub: chosen configs, their records, the builder's source, card.

A config without a column `text` is a recipe: rows of a corpus by number and hash. No text goes up
with it, so nobody has to accept the licence of the text.

What other configs the repository has stays as it is: their files are not touched, and their part
of the card is rendered again from their own records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..hub.card_check import check_card, front_matter
from ..hub.licences import Licence, of_source
from ..hub.names import is_config_name
from ..hub.repository import Remote
from ..hub.stage import PublishError, Stage
from ..json_file import parse_json, read_bounded, require_regular
from ..records.files import BuildRecord
from .dataset_card import dataset_card, is_recipe

RECORD = "build_record.json"
_FILES = re.compile(r"(train|validation)\n([^/]+)/(translit|recipe)-\1-\*\.parquet")


def stage_dataset(
    stage: Stage,
    folder: Path,
    configs: Sequence[str] | None,
    remote: Remote,
    builder: Path,
    *,
    stated: Licence | None = None,
    accept: bool = False,
    licence_of: Callable[[str], Licence] = of_source,
) -> None:
    """Fill a stage with configs of a dataset folder.

    Args:
        stage: An empty stage of type `dataset`.
        folder: What `translit-ppa build` wrote.
        configs: Groups to publish; None is all that the folder has.
        remote: The repository as it is; its other configs stay.
        builder: Folder of the program's source, which travels in `builder/`.
        stated: The licence, in the user's own word, of text whose source tells none.
        accept: Publish text whose licence is `other` or unknown.
        licence_of: Tells the licence of a record's source.

    Raises:
        PublishError: If a config is missing or not whole, or its text must not be published.
    """
    local = _entries(_read(folder / "README.md"))
    names = chosen_configs(folder, configs)
    records: dict[str, BuildRecord] = {}
    licences: dict[str, Licence] = {}
    for name in names:
        records[name] = _record(_read(folder / name / RECORD), str(folder / name / RECORD))
        licences[name] = licence_of(records[name].source)
        if stated is not None and not licences[name].settled:
            licences[name] = stated
        if not (licences[name].settled or accept or is_recipe(local[name]["dataset_info"])):
            raise PublishError(
                f"the text of {name} comes from {records[name].source}, whose licence is "
                f"{licences[name]}: publish it with --accept-source-license if you may, with "
                "--license NAME if you know its licence, or with --recipe-only without its text"
            )
    for name in names:
        _stage_config(stage, folder / name, name, local[name], records[name])
    _stage_builder(stage, builder)
    # Both of these live on in the repository, so the new card has to carry them on.
    theirs = _entries(remote.texts.get("README.md", ""))
    for name, entry in theirs.items():
        record = remote.texts.get(f"{name}/{RECORD}")
        if name not in records and record is not None:
            local[name] = entry
            records[name] = _record(record, f"{name}/{RECORD} of {stage.repo_id}")
            licences[name] = _licence_there(licence_of(records[name].source), remote)
    ordered = sorted(records)
    metadata = {
        "configs": [local[name]["configs"] for name in ordered],
        "dataset_info": [local[name]["dataset_info"] for name in ordered],
    }
    card = dataset_card(
        stage.repo_id, {name: records[name] for name in ordered}, licences, metadata
    )
    check_card(card, "dataset")
    stage.add_text("README.md", card, "card, made from the records")


def chosen_configs(folder: Path, configs: Sequence[str] | None) -> list[str]:
    """Name the configs of a dataset folder that are to go up.

    Args:
        folder: What `translit-ppa build` wrote.
        configs: Groups; None is all that the folder has.

    Raises:
        PublishError: If the folder lacks one of them, or has none.
    """
    known = sorted(_entries(_read(folder / "README.md")))
    names = known if configs is None else list(configs)
    if not names:
        raise PublishError(f"{folder} has no config in its README.md; build it again")
    for name in names:
        if name not in known:
            raise PublishError(
                f"{folder} has no config {name!r}; it has {', '.join(known) or 'none'}"
            )
    return names


def _licence_there(licence: Licence, remote: Remote) -> Licence:
    """Keep what an earlier publisher stated in the card, where the source itself tells nothing."""
    name = front_matter(remote.texts["README.md"]).get("license")
    if licence.settled or not isinstance(name, str) or name in ("other", "unknown"):
        return licence
    return Licence(name)


def _read(path: Path) -> str:
    try:
        return read_bounded(path).decode("utf-8")
    except (OSError, ValueError) as error:
        raise PublishError(
            f"{path} cannot be read; a dataset folder is what `translit-ppa build` wrote"
        ) from error


def _record(text: str, where: str) -> BuildRecord:
    try:
        return BuildRecord.from_dict(parse_json(text, where))
    except ValueError as error:
        raise PublishError(f"{where}: {error}") from error


def _entries(readme: str) -> dict[str, dict[str, Any]]:
    """Read `configs` and `dataset_info` of a card, by config name."""
    data: Mapping[str, Any] = front_matter(readme) if readme else {}
    infos = data.get("dataset_info") or []
    infos = {info["config_name"]: info for info in _mappings(infos) if _is_named(info)}
    # Somebody else's card may have a config without a name: that one is none of ours. Nor is one
    # whose name leads elsewhere: the names become folders.
    configs = [config for config in _mappings(data.get("configs")) if _is_named(config)]
    named = {config["config_name"]: config for config in configs}
    return {
        name: {"configs": config, "dataset_info": infos[name]}
        for name, config in named.items()
        if is_config_name(name) and name in infos
    }


def _is_named(entry: dict[str, Any]) -> bool:
    return isinstance(entry.get("config_name"), str)


def _mappings(found: Any) -> list[dict[str, Any]]:
    entries = found if isinstance(found, list) else [found]
    return [entry for entry in entries if isinstance(entry, dict)]


def _stage_config(
    stage: Stage, folder: Path, name: str, entry: dict[str, Any], record: BuildRecord
) -> None:
    require_regular(folder)
    rows = _rows_by_split(entry["dataset_info"], folder)
    if rows != {split: n for split, n in record.splits.items() if n}:
        raise PublishError(
            f"{folder.parent}/README.md says {rows} rows of {name}, the record {record.splits}; "
            "build it again"
        )
    for split, stem in _files_by_split(entry["configs"], folder):
        shards = sorted(folder.glob(f"{stem}-{split}-*.parquet"))
        counts = {shard.stem.rpartition("-of-")[2] for shard in shards}
        if not shards or counts != {f"{len(shards):05d}"}:
            raise PublishError(f"{folder}: the shards of {split} are not whole; build it again")
        for shard in shards:
            _require_whole(shard)
            stage.add_file(f"{name}/{shard.name}", shard, f"{split} rows of {name}")
    stage.add_file(f"{name}/{RECORD}", folder / RECORD, f"how {name} was built")
    stage.replaces += (f"{name}/*",)


def _rows_by_split(info: dict[str, Any], folder: Path) -> dict[Any, Any]:
    splits = _mappings(info.get("splits"))
    if not splits or not all(isinstance(split.get("name"), str) for split in splits):
        raise PublishError(
            f"{folder.parent}/README.md: dataset_info of {folder.name} names no splits; build it "
            "again"
        )
    return {split["name"]: split.get("num_examples") for split in splits}


def _files_by_split(config: dict[str, Any], folder: Path) -> list[tuple[str, str]]:
    """Read which files a card names; only those of its own config's folder go up."""
    found = []
    for part in _mappings(config.get("data_files")):
        match = _FILES.fullmatch(f"{part.get('split')}\n{part.get('path')}")
        if match is None or match[2] != folder.name:
            raise PublishError(
                f"{folder.parent}/README.md: data_files of {folder.name} has {part!r:.100}; legal "
                f"is {folder.name}/translit-SPLIT-*.parquet, or recipe-; build it again"
            )
        found.append((match[1], match[3]))
    if not found:
        raise PublishError(
            f"{folder.parent}/README.md: data_files of {folder.name} is empty; build it again"
        )
    return found


def _require_whole(shard: Path) -> None:
    """A Parquet file begins and ends with the same four bytes; what was cut off lacks the last."""
    with shard.open("rb") as file:
        first = file.read(4)
        file.seek(max(shard.stat().st_size - 4, 0))
        last = file.read(4)
    if (first, last) != (b"PAR1", b"PAR1"):
        raise PublishError(f"{shard} is no whole Parquet file; build it again")


def _stage_builder(stage: Stage, builder: Path) -> None:
    for file in sorted(builder.rglob("*")):
        if file.is_file() and file.suffix in (".py", ".tsv", ".txt"):
            inside = file.relative_to(builder.parent).as_posix()
            stage.add_file(f"builder/{inside}", file, "source of the builder")
    stage.replaces += ("builder/*",)
