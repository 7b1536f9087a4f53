"""Options of building pairs, as a training takes them: those of `build_pairs`, written there."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from translit_ppa.building import build_pairs
from translit_ppa.data_builders.build.pairs import ENGINES
from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.training.arguments import InputArguments, PostTrainingArguments
from translit_ppa.modeling.training.token_table import TEXT_COLUMN, TRANSLITERATION_COLUMN

__all__ = ["BUILD_OPTIONS", "build_for", "columns_of", "gathered", "require_no_pairs"]

# What a training has an option of that name for, or decides itself.
_SHARED = (
    *("source", "group", "seed", "paper_compat", "count", "text_column", "transliteration_column"),
    *("out", "language", "num_proc", "show_progress"),
)
_RENAMED = {"temperature": "sampling_temperature"}

BUILD_OPTIONS: dict[str, str] = {
    name: _RENAMED.get(name, name)
    for name in inspect.signature(build_pairs).parameters
    if name not in _SHARED
}
"""Name in `build_pairs` -> name in `align`, whose `temperature` divides similarities."""


def gathered(values: Mapping[str, Any]) -> dict[str, Any]:
    """Put options of building, as `align` is given them, into the one option `build`.

    Args:
        values: Options of a training and of building.

    Returns:
        The same, those of building by their names in `build_pairs`.
    """
    build = {name: values[told] for name, told in BUILD_OPTIONS.items() if told in values}
    rest = {name: value for name, value in values.items() if name not in BUILD_OPTIONS.values()}
    return {**rest, "build": build} if build else rest


def columns_of(inputs: InputArguments) -> dict[str, str]:
    """Give the columns of the pairs: where they were built, these are no longer the source's."""
    return {
        "text_column": inputs.text_column,
        "transliteration_column": inputs.transliteration_column,
    }


def require_no_pairs(inputs: InputArguments) -> None:
    """Refuse options of building where pairs are given.

    Raises:
        AlignmentError: Naming the options.
    """
    if inputs.pairs is not None and inputs.build:
        told = ", ".join(BUILD_OPTIONS[name] for name in inputs.build)
        raise AlignmentError(
            f"{told}: for building pairs, and pairs are given. Leave one of the two out."
        )


def build_for(inputs: InputArguments, folder: Path, training: PostTrainingArguments) -> None:
    """Build the pairs of a training from its source.

    Args:
        inputs: Of the training; columns that it names are the source's, and then the pairs'.
        folder: Dataset folder.
        training: Of the run.

    Raises:
        TranslitError: As `build_pairs`.
    """
    columns = {
        "text_column": None if inputs.text_column == TEXT_COLUMN else inputs.text_column,
        "transliteration_column": None
        if inputs.transliteration_column == TRANSLITERATION_COLUMN
        else inputs.transliteration_column,
    }
    processes = inputs.preprocessing_num_proc or os.cpu_count() or 1
    local = inputs.build.get("engine", ENGINES[0]) == ENGINES[0]
    options = {
        "num_proc" if local else "workers": processes,
        "count": inputs.count,
        "paper_compat": inputs.paper_compat,
        **columns,
        **inputs.build,
    }
    with training.main_process_first(local=False, desc="pairs"):
        build_pairs(inputs.source, group=inputs.group, out=folder, seed=training.seed, **options)
    inputs.text_column, inputs.transliteration_column = TEXT_COLUMN, TRANSLITERATION_COLUMN
