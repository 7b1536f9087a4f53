"""The end of a build: finished shards become a dataset folder with its record, in one step."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..schema import TRAIN, VALIDATION
from .build_record import write_json
from .work import LanguageRun

__all__ = ["finish"]


def finish(
    group: str,
    started: float,
    runs: Sequence[LanguageRun],
    out: Path,
    record: dict[str, Any],
    *,
    rebuilt: bool = False,
) -> None:
    """Write the dataset, complete the record and clear away what no longer counts.

    Args:
        group: Name of the config.
        started: `time.monotonic()` at the start.
        runs: Its languages, all finished.
        out: Dataset folder.
        record: The record, without counts, sizes, digest and time: they are filled in.
        rebuilt: The record is that of an earlier build, whose counts and digest must come out.

    Raises:
        DataError: No sentence was kept, or a rebuilt dataset is not the earlier one.
    """
    from ..dataset import builder
    from ..dataset.across import shared_places
    from ..dataset.joined import Joined
    from ..dataset.splits import LanguageShards, validation_limit

    if not any(run.counts.kept for run in runs):
        reasons = (f"{run.counts.code}: {run.counts.to_dict()['dropped']}" for run in runs)
        raise DataError(f"no sentence was kept ({'; '.join(reasons)})")
    work = out / ".work" / group
    paths_of = {run.counts.code: tuple(map(str, run.paths)) for run in runs}
    # A recipe names the very rows that were kept.
    shared = {} if rebuilt else shared_places(paths_of)
    dropping = not rebuilt and record["filters"]["drop_shared"]
    shards = []
    for run in runs:
        counts, paths = run.counts, paths_of[run.counts.code]
        counts.shared = len(shared.get(counts.code, ()))
        dropped = shared[counts.code] if dropping else None
        if dropping and counts.shared:
            counts.kept -= counts.shared
            counts.dropped["in_other_language"] = counts.shared
        limit, counts.validation = validation_limit(
            paths,
            share=record["filters"]["validation"],
            cap=record["filters"]["validation_cap"],
            dropped=dropped,
        )
        shards.append(LanguageShards(counts.code, paths, limit, dropped))
    held_out = any(run.counts.validation for run in runs)
    splits = (TRAIN, VALIDATION) if held_out else (TRAIN,)
    parts = [*(run.folder.name for run in runs), *(["drop_shared"] if dropping else [])]
    key = hashlib.sha256("".join(parts).encode()).hexdigest()
    joined = Joined(shards, splits, work / "rows")
    fresh, sizes = builder.present(joined, group, work, digest=key[:16])
    for path in joined.side_files:
        path.replace(fresh / path.name)
    digest = joined.digest
    if not rebuilt:
        record["languages"] = [run.counts.to_dict() for run in runs]
        record["splits"] = {TRAIN: sizes[TRAIN], VALIDATION: sizes.get(VALIDATION, 0)}
        record["digest"] = digest
    elif digest != record["digest"]:
        raise DataError(
            f"the pairs of {group} differ from those of its record although every text "
            f"is the same: {record['transliterator']} gives another romanisation here. Install "
            f"the versions of its record: {record['libraries']}"
        )
    record["seconds"] = round(time.monotonic() - started, 2)
    write_json(fresh / "build_record.json", record)
    builder.publish(fresh, group, out, work, splits)
    current = {run.folder for run in runs}
    for folder in work.iterdir():
        if folder.is_dir() and folder not in current:
            shutil.rmtree(folder, ignore_errors=True)
