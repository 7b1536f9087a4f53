"""The card alone: what a publication would carry as its README, without asking the Hub."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards.hub.repository import Remote
from translit_ppa.hub_cards.hub.stage import PublishError
from translit_ppa.publish.publication import opened_stage

__all__ = ["card"]

# Looked up by name: the card of a dataset must not cost the import of torch.
_KINDS = {
    "dataset": ("dataset", "pairs_dataset", "fill_dataset"),
    "model": ("model", "checkpoint", "fill_model"),
    "sentence_model": ("model", "twin", "fill_sentence_model"),
    "space": ("space", "demo_space", "fill_space"),
}
"""Kind -> type of the repository, and where the function is that fills it."""


@raises_translit_error
def card(kind: str, *args: Any, **facts: Any) -> str:
    """Render the card that a publication would carry; the Hub is asked nothing.

    Args:
        kind: `dataset`, `model`, `sentence_model` or `space`.
        *args: As for the function of that name: folder or checkpoint, and `org/name` last.
        **facts: As for that function, but for what tells how to send.

    Returns:
        The whole README.md, YAML first.

    Raises:
        TranslitError: As for that function; a missing licence is said in the card.
    """
    if kind not in _KINDS:
        raise PublishError(f"unknown kind of card {kind!r}; legal are {', '.join(_KINDS)}")
    repo_type, module, name = _KINDS[kind]
    fill = getattr(import_module(f"translit_ppa.publish.{module}"), name)
    *source, repo_id = args
    with opened_stage(None, repo_id, repo_type) as stage:
        fill(stage, Remote(), *source, **facts, ask_hub=False)
        for note in stage.notes:
            print(note, file=sys.stderr)
        return (stage.folder / "README.md").read_text(encoding="utf-8")
