"""FSDP: two processes with half of the weights each train what one trains with all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from safetensors.torch import load_file

from corridor_examples import train, train_words, write_pairs
from modernbert_models import save_modernbert

# accelerate shards on accelerators only; what follows that decision works on CPUs as well.
WORKER = """
import sys
from accelerate import state
from accelerate.utils import DistributedType
plain = state.AcceleratorState.__init__
def sharding(self, *args, fsdp_plugin=None, **more):
    plain(self, *args, fsdp_plugin=fsdp_plugin, **more)
    if fsdp_plugin is not None:
        self._shared_state["distributed_type"] = DistributedType.FSDP
        self._shared_state["fsdp_plugin"] = fsdp_plugin
state.AcceleratorState.__init__ = sharding
from translit_ppa.command_line import run
sys.exit(run("train", sys.argv[1:]))
"""


def losses(folder):
    record = json.loads((folder / "train_record.json").read_text(encoding="utf-8"))
    names = ("mlm_original", "mlm_latin", "tlm", "seq")
    return [[entry[name] for name in names] for entry in record["history"] if "seq" in entry]


def test_two_processes_train_what_one_does(tmp_path):
    base = tmp_path / "base"
    save_modernbert(base)
    pairs = write_pairs(tmp_path / "data")
    steps = ("--max-steps", "3", "--per-device-train-batch-size")
    assert train(train_words(base, pairs, tmp_path / "one", *steps, "8")) == 0
    (tmp_path / "worker.py").write_text(WORKER, encoding="utf-8")
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", "worker.py"]
    words = train_words(base, pairs, tmp_path / "two", *steps, "4", "--fsdp")
    done = subprocess.run(
        [sys.executable, *torchrun, *words],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert losses(tmp_path / "two") == [
        pytest.approx(row, abs=1e-5) for row in losses(tmp_path / "one")
    ]
    one, two = (load_file(tmp_path / name / "model.safetensors") for name in ("one", "two"))
    assert one.keys() == two.keys()
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < 1e-5


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "fsdp cannot shard the family 'xlm-roberta'"),
        (("--save-strategy", "steps"), "with fsdp there are no checkpoints on the way"),
    ],
)
def test_what_cannot_be_sharded_is_one_line(tiny_base, tmp_path, capsys, words, expected):
    run = train_words(tiny_base, tmp_path / "none", tmp_path / "run", *words)
    assert train([*run, "--fsdp"]) == 2
    told = capsys.readouterr().err
    assert expected in told and told.count("\n") == 1
    assert not (tmp_path / "run").exists()
