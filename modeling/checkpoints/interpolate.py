"""Weights on the line between a base and what it was trained into.

Source: Wortsman et al. 2022, "Robust fine-tuning of zero-shot models" (WiSE-FT), arXiv 2109.01903.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from ..aligned.errors import AlignmentError
from ..opening import OWN_CODE, opening, require_fitting
from .stock import open_stock


class WeightLine:
    """A model that can be moved along the line from a base to what it was trained into."""

    def __init__(self, model: Any, begins: Mapping[str, torch.Tensor]) -> None:
        """Keep both ends.

        Args:
            model: The trained one; it is moved in place.
            begins: The base's weights by name. A weight that is not among them stays.
        """
        self.model = model
        found = dict(model.named_parameters())
        self._ends = {
            name: (found[name], begin, found[name].detach().cpu().clone())
            for name, begin in begins.items()
        }

    @torch.no_grad()
    def move(self, alpha: float) -> None:
        """Give the model the weights (1 - alpha) base + alpha trained; both ends exactly.

        Raises:
            AlignmentError: If alpha is outside 0 to 1.
        """
        check_alpha(alpha)
        for parameter, begin, end in self._ends.values():
            # lerp is begin + alpha (end - begin) below a half only.
            parameter.copy_(begin.lerp(end, alpha) if alpha < 1 else end)


def check_alpha(alpha: float) -> None:
    """See that a place is on the line.

    Raises:
        AlignmentError: It is not.
    """
    if not 0 <= alpha <= 1:
        raise AlignmentError(f"alpha is {alpha}. Legal: 0 (the base) to 1 (the trained).")


def save_base(model: Any, path: Path) -> None:
    """Write the weights that a training is going to change, for `line_from`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    moving = {n: p.detach().cpu() for n, p in model.named_parameters() if p.requires_grad}
    save_file(moving, path)


def line_from(model: Any, path: Path) -> WeightLine:
    """Return the line from the weights that `save_base` wrote to those of the trained model."""
    return WeightLine(model, load_file(path))


def open_line(
    base: str, trained: str, *, revision: str | None = None
) -> tuple[WeightLine, PreTrainedTokenizerBase]:
    """Open two checkpoints as the ends of a line, with config and tokenizer of the trained.

    A weight that the base lacks, such as those of a head, is the trained one.

    Args:
        base: Hub id or folder of what training began from.
        trained: Hub id or folder of what it ended with.
        revision: Commit, tag or branch of the base.

    Raises:
        AlignmentError: If a model cannot be opened, or the two are not of one structure and one
            vocabulary.
    """
    with opening(trained):
        tokenizer = AutoTokenizer.from_pretrained(trained, **OWN_CODE)
        model, _ = open_stock(trained)
    require_fitting(model, tokenizer, trained)
    with opening(base):
        words = AutoTokenizer.from_pretrained(base, revision=revision, **OWN_CODE).get_vocab()
        # With a head or without, as what it was trained into.
        head = model.get_output_embeddings() is not None
        start, lacking = open_stock(base, revision=revision, head=head)
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
    known = {n: p.detach() for n, p in start.named_parameters() if n not in lacking}
    return WeightLine(model.eval(), known), tokenizer
