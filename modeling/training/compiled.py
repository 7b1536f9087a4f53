"""`--torch-compile`: the dense parts of every layer compiled, and nothing between them.

As one graph the packed pass cannot be compiled: how many tokens are masked, and where, is different
in every batch. Feed-forward layers, and the projections behind BERT's attention, only see a number
of rows, and all layers share one compiled form.
"""

from __future__ import annotations

from typing import Any

import torch

from ..aligned.errors import AlignmentError
from ..aligned.packed_encoder import layers_of


def check_compiler(backend: str | None, mode: str | None) -> None:
    """Compile one small function, to see that this machine can.

    Args:
        backend: As `torch.compile`.
        mode: As `torch.compile`.

    Raises:
        AlignmentError: If the backend or the mode is unknown, or the machine lacks a compiler.
    """
    try:
        torch.compile(torch.nn.functional.gelu, backend=backend or "inductor", mode=mode)(
            torch.ones(2)
        )
    except Exception as error:  # every backend has errors of its own
        raise AlignmentError(
            f"torch_compile does not work here with backend {backend} and mode {mode}: "
            f"{str(error).strip().splitlines()[0]}. Install what it asks for (a C++ compiler, for "
            "inductor), or leave out --torch-compile."
        ) from error


def compile_layers(model: Any, backend: str | None = None, mode: str | None = None) -> None:
    """Compile what every layer does to single tokens; weights and state dict stay as they are.

    Compiled dropout draws other random numbers than stock dropout.

    Args:
        model: An alignment model.
        backend: As `torch.compile`; None: inductor.
        mode: As `torch.compile`.
    """
    options: dict[str, Any] = {"backend": backend or "inductor", "mode": mode, "dynamic": True}
    layers_of(model.base_model).change_dense(lambda function: torch.compile(function, **options))
