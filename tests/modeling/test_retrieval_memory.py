"""1,000 queries against a million vectors: exact, and within 2 GiB all told.

The vectors, 128 float32 numbers each, 512 MB in all, lie in a file that is mapped into memory; the
pages read count as memory here too. Measured is the peak of a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

SEARCH = """
import json, sys
import numpy as np
from translit_ppa.modeling.embedding.retrieval import top_k

queries, targets, wide, near = 1_000, 1_000_000, 128, 10
random = np.random.default_rng(0)
q = random.standard_normal((queries, wide), dtype=np.float32)
matrix = np.lib.format.open_memmap(sys.argv[1], "w+", np.float32, (targets, wide))
for first in range(0, targets, 50_000):
    matrix[first : first + 50_000] = random.standard_normal((50_000, wide), dtype=np.float32)
# Each query's ten nearest, at places of our choice, nearest first: the tangent of their angle goes
# from 0.1 to 0.91, cosines from 0.995 down to 0.74. The best of a million random ones has 0.5.
places = random.permutation(targets)[: queries * near].reshape(queries, near)
for rank in range(near):
    side = random.standard_normal((queries, wide), dtype=np.float32)
    side -= (side * q).sum(1, keepdims=True) / (q * q).sum(1, keepdims=True) * q
    side *= np.linalg.norm(q, axis=1, keepdims=True) / np.linalg.norm(side, axis=1, keepdims=True)
    matrix[places[:, rank]] = q + (0.1 + 0.09 * rank) * side
matrix.flush()
matrix = np.load(sys.argv[1], mmap_mode="r")
found = top_k(q, matrix, near)
# Not ru_maxrss: that begins at the peak of the process that started this one.
lines = open("/proc/self/status").read().splitlines()
peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
print(json.dumps({"right": float((found == places).mean()), "peak_kib": peak}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="VmHWM is Linux's")
def test_a_million_vectors_fit_into_2_gib(tmp_path):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SEARCH, str(tmp_path / "targets.npy")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=580,
    )
    (tmp_path / "targets.npy").unlink(missing_ok=True)
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout)
    # The vectors alone are 0.48 GiB: a smaller figure would mean that they were not read.
    assert 512_000_000 / 1024 < result["peak_kib"] < 2 * 1024**2
    assert result["right"] == 1.0
