"""Two gloo processes: the gradient of one process with the joint batch, or the authors' half."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from translit_ppa.modeling import AlignmentConfig
from translit_ppa.modeling.aligned.objectives import info_nce

WORKER = """
import sys, torch, torch.distributed as dist
from translit_ppa.modeling import AlignmentConfig
from translit_ppa.modeling.aligned.objectives import info_nce
dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
data = torch.load(sys.argv[1], weights_only=True)
weight = data["weight"].clone().requires_grad_()
pairs = len(data["x"]) // 2 // world
own = torch.arange(rank * pairs, (rank + 1) * pairs)
rows = torch.cat([own, own + world * pairs])
config = AlignmentConfig(gather_with_gradient=sys.argv[3] == "true")
loss = info_nce(data["x"][rows] @ weight, data["group"][rows], config)
loss.backward()
dist.all_reduce(weight.grad); weight.grad /= world   # what data-parallel training does
total = loss.detach().clone(); dist.all_reduce(total)
if rank == 0:
    torch.save({"grad": weight.grad, "loss": total / world}, sys.argv[2])
dist.destroy_process_group()
"""


def torchrun(arguments: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*command, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize(("with_gradient", "scale"), [("true", 1.0), ("false", 0.5)])
def test_two_ranks_against_one(tmp_path, with_gradient, scale):
    torch.manual_seed(0)
    x, weight = torch.randn(16, 6), torch.randn(6, 4)
    group = torch.arange(16)
    group[1] = group[0]
    torch.save({"x": x, "weight": weight, "group": group}, tmp_path / "data.pt")
    (tmp_path / "worker.py").write_text(WORKER)
    done = torchrun(["worker.py", "data.pt", "out.pt", with_gradient], tmp_path)
    assert done.returncode == 0, done.stderr
    result = torch.load(tmp_path / "out.pt", weights_only=True)

    alone = weight.clone().requires_grad_()
    loss = info_nce(x @ alone, group, AlignmentConfig())
    loss.backward()
    assert result["loss"].item() == pytest.approx(loss.item(), rel=1e-5)
    assert torch.allclose(result["grad"], alone.grad * scale, atol=1e-6)
