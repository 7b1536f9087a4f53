"""Lines that say what was passed over or taken another way than its name says: once each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache

__all__ = ["tell_once", "tell_passed_over", "tell_strange_names"]

_MOST_NAMES = 8


@cache
def tell_once(line: str) -> None:
    """Print a notice on standard error, the first time only.

    Args:
        line: What to say.
    """
    print(f"notice: {line}", file=sys.stderr)


def tell_strange_names(where: str, names: Iterable[str]) -> None:
    """Say which names are no language codes, and so are left out.

    Args:
        where: What holds them, for the line.
        names: The names; none says nothing.
    """
    strange = sorted(set(names))
    if strange:
        told = ", ".join(name[:60] for name in strange[:_MOST_NAMES])
        more = f" and {len(strange) - _MOST_NAMES} more" if len(strange) > _MOST_NAMES else ""
        tell_once(
            f"{where}: left out, because they name no language and script: {told}{more}; legal "
            "are names such as ukr_Cyrl, ukr or uk"
        )


def tell_passed_over(where: str, reasons: Mapping[str, str]) -> None:
    """Say which files of a folder are not read, and why.

    Args:
        where: What reads the folder, for the lines.
        reasons: Reasons by file name; none says nothing.
    """
    for name, why in list(reasons.items())[:_MOST_NAMES]:
        tell_once(f"{where}: passed over: {name}: {why}")
    if len(reasons) > _MOST_NAMES:
        tell_once(f"{where}: passed over: {len(reasons) - _MOST_NAMES} more files")
