"""Where the embeddings of new pieces begin: at what the model has already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import torch

from ..aligned.errors import AlignmentError
from .extend import NewPiece
from .focus import Mixture

__all__ = ["BEGINNINGS", "begin"]

BEGINNINGS = ("mean", "transmi", "focus")
_SPACE = "▁Ġ"


def begin(
    rows: torch.Tensor,
    vocabulary: Mapping[str, int],
    pieces: Sequence[NewPiece],
    how: str,
    romanised: Mapping[str, str] | None = None,
    mixtures: Sequence[Mixture | None] = (),
) -> tuple[torch.Tensor, int]:
    """Make rows for new pieces out of old rows.

    Args:
        rows: Of all old pieces: embeddings, or the biases of a head. *Shape:* (old, ...).
        vocabulary: Old piece -> its row.
        pieces: The new ones.
        how: `mean`: the mean of the old pieces that it was cut into. `transmi`: the mean of the
            pieces of other scripts whose romanisation it is, where there are any. `focus`: a
            weighted mean of old pieces that stand in like places. Else all are as `mean`.
        romanised: For `transmi`: old piece of another script, without its sign for the space, ->
            its romanisation.
        mixtures: For `focus`: of `mixtures` in `focus.py`, one for each new piece.

    Returns:
        *Shape:* (pieces, ...), and for how many there was what the way asks for.

    Raises:
        AlignmentError: The way is unknown.

    Source:
        `transmi`: the average merge of Liu et al. 2024, arXiv 2405.09913. `focus`: Dobler and de
        Melo 2023, arXiv 2305.14481.
    """
    if how not in BEGINNINGS:
        raise AlignmentError(f"init is {how!r}. Legal: {', '.join(BEGINNINGS)}.")
    by_latin: defaultdict[tuple[bool, str], list[int]] = defaultdict(list)
    if how == "transmi":
        for known, number in vocabulary.items():
            bare = known.lstrip(_SPACE)
            latin = (romanised or {}).get(bare)
            if latin:
                by_latin[bare != known, latin.casefold()].append(number)
    found = torch.empty(len(pieces), *rows.shape[1:], dtype=rows.dtype)
    met = 0
    for place, piece in enumerate(pieces):
        mixed = mixtures[place] if how == "focus" else None
        if mixed is not None:
            ids, weights = mixed
            found[place] = torch.tensordot(weights, rows[ids].float(), dims=1)
            met += 1
            continue
        bare = piece.text.lstrip(_SPACE)
        same = by_latin.get((bare != piece.text, bare.casefold()), [])
        met += bool(same)
        found[place] = rows[same or [vocabulary[side] for side in piece.old]].float().mean(dim=0)
    return found, met
