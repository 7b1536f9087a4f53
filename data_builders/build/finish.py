"""The end of a build: finished shards become a dataset folder with its record, in one step."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..dataset.across import shared_places
from ..errors import DataError
from ..schema import TRAIN, VALIDATION
from .build_record import write_json
from .joining import Joining
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
    joining: Joining | None = None,
) -> None:
    """Write the dataset, complete the record and clear away what no longer counts.

    Args:
        group: Name of the config.
        started: `time.monotonic()` at the start.
        runs: Its languages, all finished.
        out: Dataset folder.
        record: The record, without counts, sizes, digest and time: they are filled in.
        rebuilt: The record is that of an earlier build, whose counts and digest must come out.
        joining: What joins the languages already; None joins them now.

    Raises:
        DataError: No sentence was kept, or a rebuilt dataset is not the earlier one.
    """
    if not any(run.counts.kept for run in runs):
        reasons = (f"{run.counts.code}: {run.counts.to_dict()['dropped']}" for run in runs)
        raise DataError(f"no sentence was kept ({'; '.join(reasons)})")
    work = out / ".work" / group
    # A recipe names the very rows that were kept.
    shared = {} if rebuilt else shared_places({run.counts.code: run.paths for run in runs})
    dropping = not rebuilt and record["filters"]["drop_shared"]
    for run in runs:
        counts = run.counts
        counts.shared = len(shared.get(counts.code, ()))
        if dropping and counts.shared:
            counts.kept -= counts.shared
            counts.dropped["in_other_language"] = counts.shared
    dropped = shared if dropping else None
    joining = joining or Joining(group, runs, work, record["filters"])
    fresh, sizes, digest = joining.result(dropped)
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
    # `datasets` takes half a second to load: a build that is refused need not wait for it.
    from ..dataset.builder import publish

    publish(fresh, group, out, work, list(sizes))
    current = {run.folder for run in runs}
    for folder in work.iterdir():
        if folder.is_dir() and folder not in current:
            shutil.rmtree(folder, ignore_errors=True)
