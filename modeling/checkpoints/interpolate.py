"""Weights on the line between a base and what it was trained into.

Source: Wortsman et al. 2022, "Robust fine-tuning of zero-shot models" (WiSE-FT), arXiv 2109.01903.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoTokenizer
from transformers.utils import logging as transformers_logging

from ..aligned.errors import AlignmentError
from ..aligned.modeling_families import FAMILIES, alignment_config_of
from ..opening import OWN_CODE, opening, require_fitting
from ..writing import writing


def interpolate_weights(
    base: str, trained: str, alpha: float, out: Path, *, revision: str | None = None
) -> None:
    """Write (1 - alpha) base + alpha trained, with config and tokenizer of the trained.

    A weight that the base lacks, such as those of a head, is the trained one.

    Args:
        base: Hub id or folder of what training began from.
        trained: Hub id or folder of what it ended with.
        alpha: 0 is the base, 1 the trained.
        out: Folder to write into.
        revision: Commit, tag or branch of the base.

    Raises:
        AlignmentError: If alpha is outside 0 to 1, a model cannot be opened, or the two are not of
            one structure and one vocabulary.
    """
    if not 0 <= alpha <= 1:
        raise AlignmentError(f"alpha is {alpha}. Legal: 0 (the base) to 1 (the trained).")
    with opening(trained):
        tokenizer = AutoTokenizer.from_pretrained(trained, **OWN_CODE)
        model, _ = _open(trained, None)
    require_fitting(model, tokenizer, trained)
    with opening(base):
        words = AutoTokenizer.from_pretrained(base, revision=revision, **OWN_CODE).get_vocab()
        start, lacking = _open(base, revision)
    if words != tokenizer.get_vocab():
        raise AlignmentError(
            f"{base} and {trained} have other tokenizers. Legal: a model and what it was trained "
            "into; of a trimmed vocabulary, translit-ppa restore-vocabulary gives the rest back."
        )
    ends: Mapping[str, torch.Tensor] = model.state_dict()
    begins: Mapping[str, torch.Tensor] = start.state_dict()
    other = [n for n in ends if n not in begins or begins[n].shape != ends[n].shape]
    if other or len(begins) != len(ends):
        raise AlignmentError(
            f"{base} and {trained} have weights of other shapes, such as "
            f"{(other or sorted(set(begins) - set(ends)))[0]}. Legal: a model and what it was "
            "trained into."
        )
    with torch.no_grad():
        for name, end in ends.items():
            if end.is_floating_point() and name not in lacking:
                # Both ends exactly: lerp is begin + alpha (end - begin) below a half only.
                end.copy_(begins[name].lerp(end, alpha) if alpha < 1 else end)
    with writing(out):
        model.save_pretrained(out)
        tokenizer.save_pretrained(out)


def _open(name: str, revision: str | None) -> tuple[Any, set[str]]:
    """Open a masked language model of a known family, and tell which weights it lacks."""
    config = alignment_config_of(name, revision=revision)
    stock: Any = getattr(transformers, FAMILIES[config.model_type].stock_class)  # type: ignore[attr-defined]
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        model, found = stock.from_pretrained(
            name,
            config=config,
            revision=revision,
            dtype=torch.float32,
            output_loading_info=True,
        )
    finally:
        transformers_logging.set_verbosity(level)
    return model, set(found["missing_keys"])
