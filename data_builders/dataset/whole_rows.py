"""Whether the rows of a built group are still those of its record."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from ..errors import DataError
from ..json_file import read_object, require_regular
from .row_digest import digest_rows

__all__ = ["require_rows"]


def require_rows(folder: Path, group: str) -> None:
    """See that the pairs of a group are those that its build wrote; reads every row.

    Args:
        folder: Dataset folder, as `build_pairs` writes it.
        group: Name of the config. A recipe has no pairs, and passes.

    Raises:
        DataError: A file was damaged or changed since.
    """
    require_regular(folder / group)
    if not any((folder / group).glob("translit-*.parquet")):
        return
    record = read_object(folder / group / "build_record.json")
    try:
        digest = digest_rows(folder / group)
    except (OSError, ValueError, TypeError, pa.ArrowException) as error:
        # Columns of another type do not join into a row.
        reason = " ".join(str(error).split())[:200]
        raise DataError(
            f"{folder / group} cannot be read ({reason}); build {group} again"
        ) from error
    if digest != record.get("digest"):
        raise DataError(
            f"the pairs in {folder / group} are not those that were built: their digest is not "
            f"that of build_record.json. Build {group} again"
        )
