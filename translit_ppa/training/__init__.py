"""Post-training: `align` one model, or `ablate` the objectives; both give a `Run`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from translit_ppa.training.ablation import ablate
    from translit_ppa.training.alignment import align
    from translit_ppa.training.runs import Run

__all__ = ["Run", "ablate", "align"]

_HOMES = {"Run": "runs", "ablate": "ablation", "align": "alignment"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
