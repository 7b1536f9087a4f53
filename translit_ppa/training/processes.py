"""Several processes of one training: how they part, so that a good end looks like one."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager

import torch.distributed as dist


@contextmanager
def leaving_process_group() -> Iterator[None]:
    """Leave the process group that a training inside joined, when the program ends.

    A process that ends in the group may be killed by its own communication threads ("terminate
    called without an active exception"), and torchrun then reports a training as failed that is
    complete. Not before the end: the next training of the program needs the group, and torchrun's
    store knows only one of that name. A group that was there before is the caller's to leave.
    """
    ours = not _in_group()
    ended = False
    try:
        yield
        ended = True
    finally:
        # Where one process fails alone, NCCL would wait here for the others, which wait for it.
        if ours and _in_group() and (ended or dist.get_backend() != "nccl"):
            atexit.register(_leave)


def _in_group() -> bool:
    return dist.is_available() and dist.is_initialized()


def _leave() -> None:
    if _in_group():
        dist.destroy_process_group()
