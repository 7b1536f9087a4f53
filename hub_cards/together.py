"""A page and what it shows appear together: what a page names is always of the same run."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .records.schema_check import RecordError

__all__ = ["appearing_together"]


@contextmanager
def appearing_together(page: Path) -> Iterator[Path]:
    """Let a page and its files be made aside; at the end, put all of them in place.

    The folder may hold more, so that it cannot be exchanged whole. An older page goes first, the
    new one comes last: after a stop in between there is none, and the same command makes it.

    Args:
        page: The file that names the others.

    Yields:
        An empty folder that stands for the page's own.

    Raises:
        RecordError: There is a folder in the page's place. Nothing was made then.
    """
    if page.is_dir():
        raise RecordError(f"{page}: is a folder; give the name of a file")
    page.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=page.parent, prefix=f".{page.name}."))
    try:
        yield aside
        made = sorted(file.relative_to(aside) for file in aside.rglob("*") if file.is_file())
        for file in made:
            (page.parent / file).parent.mkdir(parents=True, exist_ok=True)
        page.unlink(missing_ok=True)
        for file in sorted(made, key=lambda file: file == Path(page.name)):
            os.replace(aside / file, page.parent / file)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
