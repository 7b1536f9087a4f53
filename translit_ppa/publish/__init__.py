"""Publish to the Hugging Face Hub: datasets of pairs, checkpoints, sentence twins, the demo.

    from translit_ppa import publish

    publish.dataset("runs/pairs", "org/my-pairs", dry_run=True)
    publish.model("runs/aligned", "org/my-model", records=["runs/scores"])
    publish.sentence_model("runs/aligned", "org/my-model-sentence")
    publish.space("org/my-demo", base="org/base", aligned="org/my-model")

Each gathers what goes up in a folder, and sends everything as one commit; with `dry_run` nothing
is sent, and what comes back lists every file. The token is that of `hf auth login` or of HF_TOKEN.
The functions are loaded on first use: publishing text needs no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from translit_ppa.publish.cards import card
    from translit_ppa.publish.checkpoint import model
    from translit_ppa.publish.conversion import convert
    from translit_ppa.publish.demo_space import space
    from translit_ppa.publish.pairs_dataset import dataset
    from translit_ppa.publish.publication import Publication, PublishedFile
    from translit_ppa.publish.twin import sentence_model

__all__ = [
    "Publication",
    "PublishedFile",
    "card",
    "convert",
    "dataset",
    "model",
    "sentence_model",
    "space",
]

_HOMES = {
    "Publication": "publication",
    "PublishedFile": "publication",
    "card": "cards",
    "convert": "conversion",
    "dataset": "pairs_dataset",
    "model": "checkpoint",
    "sentence_model": "twin",
    "space": "demo_space",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"translit_ppa.publish.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
