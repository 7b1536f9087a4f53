"""What only matters on a CPU: whether it has bf16, and freed memory that its allocator keeps."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any

import torch
from transformers import TrainerCallback, TrainingArguments

MICRO_BATCHES = 50


def has_bf16() -> bool:
    """Tell whether this processor computes in bf16; others emulate it, slower than fp32.

    True as well where torch is too old to tell.
    """
    if not hasattr(torch.cpu, "get_capabilities"):
        return True
    return any(there for name, there in torch.cpu.get_capabilities().items() if "bf16" in name)


def return_memory() -> bool:
    """Give what was freed in pieces back to the system.

    Returns:
        Whether the C library can do that; glibc can.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    trim: Callable[[int], int] | None = getattr(library, "malloc_trim", None)
    if trim is not None:
        trim(0)
    return trim is not None


class ReturnMemoryCallback(TrainerCallback):
    """Returns freed memory now and then.

    Every micro-batch has tensors of other sizes. What they leave between small things that live on,
    glibc keeps, and it grows for hours; returning it in every micro-batch would cost more than it
    saves, because the next one must be given the same pages again.
    """

    def __init__(self) -> None:
        self._seen = 0

    def on_substep_end(self, args: TrainingArguments, *_: Any, **__: Any) -> None:
        """Count a micro-batch, and return memory after every `MICRO_BATCHES` of them."""
        self._seen += 1
        if args.device.type == "cpu" and self._seen % MICRO_BATCHES == 0:
            return_memory()

    on_step_end = on_substep_end
