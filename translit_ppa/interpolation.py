"""A checkpoint between a base and what it was trained into."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from translit_ppa.data_builders.errors import DataError
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import write_record
from translit_ppa.identity import model_digest, training_of
from translit_ppa.modeling.checkpoints.interpolate import interpolate_weights
from translit_ppa.training.outputs import RECORD_NAME

__all__ = ["interpolate"]


@raises_translit_error
def interpolate(
    base: str | os.PathLike[str],
    trained: Any,
    alpha: float,
    out: str | os.PathLike[str],
    *,
    revision: str | None = None,
) -> Path:
    """Write the weights (1 - alpha) base + alpha trained: part of the gain, less of the change.

    Args:
        base: Name on the Hub or folder of the model that training began from.
        trained: Name on the Hub or folder of what it ended with, or the run that `align` returns.
        alpha: 0 is the base, 1 the trained model.
        out: A folder that is not there yet.
        revision: Commit, tag or branch of the base.

    Returns:
        The folder: a stock checkpoint, with the record of the training, which tells alpha.

    Raises:
        TranslitError: Alpha is outside 0 to 1, the two have other shapes or tokenizers, or `out` is
            there.

    Source:
        Wortsman et al. 2022 (WiSE-FT), arXiv 2109.01903.
    """
    folder = Path(out)
    if folder.exists():
        raise DataError(f"{folder} exists; give another --out, or remove it")
    end = os.fspath(getattr(trained, "folder", trained))
    aside = folder.with_name(f".{folder.name}.saving")
    shutil.rmtree(aside, ignore_errors=True)
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        interpolate_weights(os.fspath(base), end, alpha, aside, revision=revision)
        record = training_of(end)
        if record is not None:
            told = {"alpha": alpha, "trained": model_digest(end)}
            told["base"] = model_digest(os.fspath(base), revision)
            arguments = {**record.arguments, "interpolated": told}
            write_record(aside / RECORD_NAME, replace(record, arguments=arguments))
        os.replace(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder
