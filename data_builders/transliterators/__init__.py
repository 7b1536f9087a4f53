"""Romanisers: what turns a sentence into Latin letters.

Add one: a file here with a class that keeps the contract in `base`, and a row in `ROMANISERS`;
if it loads for seconds, also a module that does so and a row in `LOADED`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..errors import DataError
from .base import Transliterator, UserTransliterator
from .identity import IdentityTransliterator
from .informal.romaniser import FOLDERS, InformalTransliterator
from .uroman.romaniser import UromanTransliterator

__all__ = ["ROMANISERS", "Transliterator", "get_transliterator", "loaded_by"]

ROMANISERS: dict[str, Callable[[bool], Transliterator]] = {
    "uroman": lambda language_code: UromanTransliterator(language_code=language_code),
    "identity": lambda language_code: IdentityTransliterator(),
}

LOADED = dict.fromkeys(("uroman", *FOLDERS), f"{__name__}.uroman.loaded")
"""Modules that load a romaniser when imported, once for all processes forked afterwards."""


def _name_of(spec: str) -> str:
    """Name the romaniser of a specification, without a table and a draw."""
    return re.split("[:@]", spec)[0]


def loaded_by(spec: str | None) -> str | None:
    """Name the module that loads what a specification of a romaniser needs, if there is one."""
    return LOADED.get(_name_of(spec)) if spec else None


def get_transliterator(spec: str, *, language_code: bool = True) -> Transliterator:
    """Find a romaniser by name.

    Args:
        spec: `uroman`, `identity`, `informal` (spellings as people write; `informal@1` is another
            draw, `informal:FILE` has a table of spellings of your own, `informal-held-out` is for
            tests) or `module:function` of your own, where `function` takes a list of sentences and
            a language code (or None) and returns a list as long.
        language_code: Hand the language code to uroman; False as the paper's authors did.

    Returns:
        The romaniser.

    Raises:
        DataError: No such romaniser, or its module cannot be imported.
    """
    if spec in ROMANISERS:
        return ROMANISERS[spec](language_code)
    if _name_of(spec) in FOLDERS:
        return InformalTransliterator.named(spec, language_code=language_code)
    if ":" not in spec:
        legal = ", ".join([*ROMANISERS, *FOLDERS])
        raise DataError(f"unknown romaniser {spec!r}; legal are {legal} or module:function")
    return UserTransliterator(spec)
