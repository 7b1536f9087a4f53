"""The same publishing and loading with Xet, which the clients use unless told not to."""

from __future__ import annotations

import pytest

from dataset_examples import LICENCE, write_pairs
from loopback_clients import ask, publish, published
from loopback_hub import READ, loopback_hub
from loopback_xet import XetStore

pytest.importorskip("hf_xet")


def test_pairs_go_up_and_come_back_by_xet(tmp_path):
    folder = write_pairs(tmp_path, "mediterranean", 20)
    words = ("dataset", folder, "org/pairs", *LICENCE)
    with loopback_hub() as hub:
        published(hub, tmp_path / "h1", *words, "--dry-run", "--stage", tmp_path / "stage")
        hub.xet = XetStore(tmp_path / "xet")
        large = sorted((tmp_path / "stage").rglob("*.parquet"))
        hub.xet.expect(*large)
        refused = publish(hub, tmp_path / "h1", *words, token=READ)
        assert refused.returncode == 2
        assert refused.stderr.count("\n") == 1

        published(hub, tmp_path / "h1", *words)
        asked = [path for _, path in hub.requests]
        assert any("/xet-write-token/" in path for path in asked)
        assert not any("/lfs/objects/batch" in path for path in asked)
        files = hub.files("dataset", "org/pairs")
        assert len(large) >= 2
        for path in large:
            name = path.relative_to(tmp_path / "stage").as_posix()
            assert files[name] == path.read_bytes()

        code = (
            "from datasets import load_dataset\n"
            "answer = load_dataset('org/pairs', 'mediterranean')['train'].num_rows"
        )
        assert ask(hub, tmp_path / "h2", code) == 38
        assert any("/xet-read-token/" in path for _, path in hub.requests)
