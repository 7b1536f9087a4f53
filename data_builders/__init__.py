"""The room that knows text: languages, sources, romanisers, pairs and benchmarks. No torch here.

The names below are loaded on first use, so that importing the room stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .benchmarks import get_benchmark, get_labelled_benchmark
    from .build.pairs import build_pairs
    from .errors import DataError
    from .languages.groups import load_group, resolve_code
    from .transliterators import get_transliterator

__all__ = [
    "DataError",
    "build_pairs",
    "get_benchmark",
    "get_labelled_benchmark",
    "get_transliterator",
    "load_group",
    "resolve_code",
]

_HOMES = {
    "DataError": ".errors",
    "build_pairs": ".build.pairs",
    "get_benchmark": ".benchmarks",
    "get_labelled_benchmark": ".benchmarks",
    "get_transliterator": ".transliterators",
    "load_group": ".languages.groups",
    "resolve_code": ".languages.groups",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
