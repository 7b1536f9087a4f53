"""A training leaves the process group that it joined, when the program ends and not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, sys
import torch.distributed as dist
from translit_ppa.training.processes import leaving_process_group

# Registered first, so that it runs last.
atexit.register(lambda: print("at the end", dist.is_initialized()))
join = lambda: dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
case = sys.argv[1]
if case == "joined before":
    join()
with leaving_process_group():
    if case != "joined before":
        join()
    if case == "error":
        raise ValueError("as of a training")
with leaving_process_group():
    print("meanwhile", dist.is_initialized())
"""


@pytest.mark.parametrize(
    ("case", "printed"),
    [
        ("joined inside", "meanwhile True\nat the end False\n"),
        ("joined before", "meanwhile True\nat the end True\n"),
        ("error", "at the end False\n"),
    ],
)
def test_the_group_is_left_at_the_end(case, printed):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, case], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == printed, done.stderr
    assert done.returncode == (1 if case == "error" else 0)
