"""Which recipe fits a base: the paper's a masked language model, `anchor` a sentence encoder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers.utils import cached_file

from translit_ppa.modeling.aligned.loading_report import Found
from translit_ppa.modeling.aligned.modeling_families import alignment_config_of
from translit_ppa.modeling.checkpoints.stock import head_in_files, names_a_head
from translit_ppa.modeling.opening import opening

AUTO = "auto"
SENTENCE_MODEL = "modules.json"


def is_sentence_encoder(base: str, revision: str | None = None) -> bool:
    """Tell whether a model is one of sentence-transformers.

    Args:
        base: Hub id or folder.
        revision: Commit, tag or branch on the Hub.
    """
    if Path(base).is_dir():
        return (Path(base) / SENTENCE_MODEL).is_file()
    found = cached_file(
        base,
        SENTENCE_MODEL,
        revision=revision,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
        _raise_exceptions_for_gated_repo=False,
    )
    return found is not None


def with_recipe(values: Mapping[str, Any], *, told: bool) -> dict[str, Any]:
    """Choose the recipe where `auto` is asked for, or nothing that would contradict it.

    Without a base there is nothing to choose by: the embedded example has a recipe of its own.
    Objectives that are given, and `paper_compat`, say what is wanted as well as a recipe does.

    Args:
        values: Options of a training.
        told: Say which recipe it is, and why.

    Returns:
        The options; the paper's recipe is the defaults, and has no name.
    """
    values = dict(values)
    base, asked = values.get("base"), values.get("recipe")
    decided = asked is not None or values.get("objectives") or values.get("paper_compat")
    if asked != AUTO and (decided or not base):
        return values
    values.pop("recipe", None)
    if not base:
        return values
    why = why_anchor(base, values.get("base_revision"))
    if why is not None:
        values["recipe"] = "anchor"
        line = f"recipe: anchor, because {why}"
    else:
        line = f"recipe: the paper's, because {base} is a masked language model"
    if told and (asked == AUTO or why is not None):
        print(line)
    return values


def why_anchor(base: str, revision: str | None = None) -> str | None:
    """Say why a base is a sentence encoder; None if it is a masked language model.

    A folder may name a masked language model and hold a head that was never trained: weights are
    believed before names.

    Raises:
        AlignmentError: There is no such model, or it is no encoder of a known family.
    """
    with opening(base):
        if is_sentence_encoder(base, revision):
            return f"{base} is a sentence encoder ({SENTENCE_MODEL})"
    config = alignment_config_of(base, revision=revision)
    with opening(base):
        found = head_in_files(base, config, revision)
    if found is not None:
        why = found.why_no_head()
    else:
        why = None if names_a_head(config) else Found("missing").why_no_head()
    return why and f"{base} {why}"
