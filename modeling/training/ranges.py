"""Numbers of the optimizer that are no numbers for it, refused before anything is built.

transformers takes them as they come; torch refuses them when the first step is near, in a
traceback.
"""

from __future__ import annotations

import math
from typing import Any

from ..aligned.errors import AlignmentError

__all__ = ["require_in_range"]

_FROM_ZERO = (
    *("learning_rate", "stand_in_learning_rate", "weight_decay", "adam_epsilon"),
    "max_grad_norm",
)
_BELOW_ONE = ("adam_beta1", "adam_beta2")


def require_in_range(*kinds: Any) -> None:
    """Check the options of an optimizer.

    Args:
        *kinds: Objects that may have such options as attributes.

    Raises:
        AlignmentError: One is negative, no finite number, or a beta of 1 and more.
    """
    for kind in kinds:
        for name in (*_FROM_ZERO, *_BELOW_ONE):
            value = getattr(kind, name, None)
            end = 1 if name in _BELOW_ONE else math.inf
            if value is not None and not 0 <= value < end:
                legal = "0 to below 1" if end == 1 else "a number from 0"
                raise AlignmentError(f"{name}: came {value}; legal: {legal}")
