"""Says on standard error what a benchmark's files are taken for, before a model is opened."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from translit_ppa.data_builders.benchmarks.base import Form
from translit_ppa.data_builders.build.door.look import look, tagged_seen

__all__ = ["tell_files"]


def tell_files(benchmark: Form, pairs: Iterable[tuple[str, str]], split: str) -> None:
    """Print what is seen of the files of a benchmark in a folder.

    Args:
        benchmark: Any; one from elsewhere has nothing to tell.
        pairs: Sources and targets that are scored.
        split: The split that is scored.

    Raises:
        TranslitError: A file is neither one format nor another.
    """
    for code in dict.fromkeys(code for pair in pairs for code in pair):
        for path in benchmark.files(code, split):
            if benchmark.protocol == "token_classification":
                seen = tagged_seen(path, code, benchmark.name)
            else:
                seen = look(path, benchmark.file_columns, code)
            print(seen, file=sys.stderr)
