"""Which checkpoint of a training a resumed run may go on from: one that is as it was written."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from transformers import TrainerState
from transformers.utils import CONFIG_NAME

from ...aligned.errors import AlignmentError
from ...json_file import read_object
from .resumable import COURSE, STATE, file_digest, seal

__all__ = ["last_whole_checkpoint", "require_whole"]


def last_whole_checkpoint(output: Path) -> str | None:
    """Return the newest checkpoint that is whole, and say which newer ones are not.

    Args:
        output: Folder of a training.

    Returns:
        Its folder, None where there is none.
    """
    found: dict[int, Path] = {}
    for folder in output.glob("checkpoint-*"):
        number = folder.name.removeprefix("checkpoint-")
        # The Trainer writes its state last: without one, the checkpoint was cut off.
        if number.isascii() and number.isdecimal() and (folder / STATE).is_file():
            found[int(number)] = folder
    for step in sorted(found, reverse=True):
        try:
            require_whole(found[step], step)
        except AlignmentError as error:
            print(f"notice: {error}; an earlier one is looked for", file=sys.stderr)
            continue
        return str(found[step])
    return None


def require_whole(folder: Path, step: int | None = None) -> None:
    """See that a checkpoint is what a training wrote.

    Checkpoints of versions that sealed nothing are judged by the shape of their state alone.

    Args:
        folder: The checkpoint.
        step: The step it must be of.

    Raises:
        AlignmentError: It is not, or a file of it was changed since.
    """
    state = read_object(folder / STATE)
    wrong = [name for name, fits in _FITS.items() if not (name in state and fits(state[name]))]
    wrong += sorted(set(state) - {field.name for field in fields(TrainerState)})
    if not wrong and not (step is None or state["global_step"] == step):
        wrong = ["global_step"]
    if wrong:
        raise AlignmentError(f"{folder / STATE} is not what a training wrote ({', '.join(wrong)})")
    if (folder / CONFIG_NAME).exists():
        read_object(
            folder / CONFIG_NAME
        )  # an older version sealed it not, and the Trainer reads it
    course = state["stateful_callbacks"].get(COURSE)
    if course is None:
        return
    if not isinstance(course, dict) or course.get("seal") != seal(state):
        raise AlignmentError(f"{folder / STATE} was changed since it was written")
    for name, digest in course["files"].items():
        path = folder / name
        if not path.is_file() or file_digest(path) != digest:
            raise AlignmentError(f"{path} is gone or was changed since it was written")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_history(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(entry, dict) and _is_count(entry.get("step")) for entry in value
    )


_FITS: dict[str, Callable[[Any], bool]] = {
    "global_step": lambda value: _is_count(value) and value > 0,
    "epoch": lambda value: _is_number(value) and math.isfinite(value) and value >= 0,
    "max_steps": _is_count,
    "total_flos": _is_number,
    "log_history": _is_history,
    "best_metric": lambda value: value is None or _is_number(value),
    "best_global_step": lambda value: value is None or _is_count(value),
    "best_model_checkpoint": lambda value: value is None or isinstance(value, str),
    "stateful_callbacks": lambda value: isinstance(value, dict) and "TrainerControl" in value,
}
"""What a resumed run goes by, and how it looks."""
