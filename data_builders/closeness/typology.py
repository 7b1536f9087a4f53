"""How close two languages are as linguists describe them: family, place and features of URIEL+.

In: two language codes. Out: closeness from 0 to 1, or None where URIEL+ knows too little. The
database comes with the package `urielplus` (extra `typology`); nothing is downloaded.

Source: Khan et al. (2025), URIEL+: Enhancing Linguistic Inclusion and Usability in a Typological
and Multilingual Knowledge Base. COLING 2025.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..errors import DataError
from ..languages.groups import resolve_code

KINDS = ("genetic", "geographic", "featural")
"""Distances that are asked for: family; place on the globe; syntax, sounds and the like."""

PACKAGE = "urielplus"


def signature() -> str:
    """Name the database and its version.

    Raises:
        DataError: It is not installed.
    """
    try:
        return f"{PACKAGE}-{version(PACKAGE)}"
    except PackageNotFoundError as error:
        raise DataError(
            f"{PACKAGE} is not installed; run: pip install 'translit-ppa[typology]'"
        ) from error


@cache
def closeness(a: str, b: str, kind: str) -> float | None:
    """Give 1 less the distance of two languages; scripts play no part.

    Args:
        a: A language code.
        b: Another.
        kind: One of `KINDS`.

    Returns:
        0 to 1; None where the database lacks a language, or they share no described feature.

    Raises:
        DataError: The package is not installed, or a code is none.
    """
    first, second = (resolve_code(code).partition("_")[0] for code in (a, b))
    if first == second:
        return 1.0
    try:
        return 1.0 - float(_database().new_distance(kind, [first, second]))
    except ValueError:
        return None


@cache
def _database() -> Any:
    signature()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    from urielplus.urielplus import URIELPlus

    # On import it sets up the root logger, which belongs to the program, not to a library.
    root.handlers[:] = handlers
    root.setLevel(level)
    # Its arrays hold plain numbers and strings: no object is unpickled when it opens them.
    return URIELPlus()
