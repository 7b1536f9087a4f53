"""The room that knows text: languages, sources, romanisers, pairs and benchmarks. No torch here.

The names below are loaded on first use, so that ``import data_builders`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_builders.benchmarks import get_benchmark, get_labelled_benchmark
    from data_builders.errors import DataError
    from data_builders.languages import load_group, resolve_code
    from data_builders.pairs import build_pairs
    from data_builders.transliterators import get_transliterator

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
    "DataError": "data_builders.errors",
    "build_pairs": "data_builders.pairs",
    "get_benchmark": "data_builders.benchmarks",
    "get_labelled_benchmark": "data_builders.benchmarks",
    "get_transliterator": "data_builders.transliterators",
    "load_group": "data_builders.languages",
    "resolve_code": "data_builders.languages",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'data_builders' has no attribute {name!r}")
