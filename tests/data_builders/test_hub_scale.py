"""The engine datatrove on a Hub on this machine: what was read is not asked for again."""

import json

import pytest

from loopback_clients import BUILD, run_module
from loopback_hub import loopback_hub
from scale_examples import MORE, SENTENCES, serve_fineweb

pytest.importorskip("datatrove", reason="needs the extra scale")
CODES = [*SENTENCES, *MORE]
WORDS = (
    *("build", "--engine", "datatrove", "--tasks", "10", "--out", "out", "--group", "g.tsv"),
    *("--source", "hub:HuggingFaceFW/fineweb-2", "--transliterator", "identity", "--quiet"),
)


def files_read(hub):
    """Which files the Hub was asked for the content of, since last asked."""
    asked = {
        "/".join(path.partition("?")[0].split("/")[-3:])
        for method, path in hub.requests
        if method == "GET" and "/resolve/" in path and ".parquet" in path
    }
    hub.requests.clear()
    return asked


@pytest.mark.slow
def test_a_build_that_stopped_reads_only_what_it_had_not(tmp_path):
    with loopback_hub() as hub:
        serve_fineweb(hub)
        home = tmp_path / "home"
        home.mkdir()
        (home / "g.tsv").write_text("code\n" + "\n".join(CODES) + "\n", "utf-8")
        every = {
            f"{code.replace('zho', 'cmn')}/train/00{file}_00000.parquet"
            for code in CODES
            for file in range(2)
        }
        # In the order of the group, the last file of Hebrew is the eighth of ten.
        hub.fail(r"^GET .*/heb_Hebr/train/001", 403, 1_000)
        done = run_module(BUILD, hub, home, *WORDS)
        assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr[-2000:]
        assert "cannot read HuggingFaceFW/fineweb-2" in done.stderr
        assert not (home / "out/g").exists()
        first = files_read(hub)
        assert first == {name for name in every if not name.startswith("kor_Hang")}

        hub.faults.clear()
        done = run_module(BUILD, hub, home, *WORDS)
        assert done.returncode == 0, done.stderr[-2000:]
        missing = {name for name in every if name.startswith("kor_Hang")}
        assert files_read(hub) == missing | {"heb_Hebr/train/001_00000.parquet"}

        again = home / "again"
        again.mkdir()
        (again / "g.tsv").write_text((home / "g.tsv").read_text("utf-8"), "utf-8")
        done = run_module(BUILD, hub, again, *(WORDS[0], *WORDS[5:]))
        assert done.returncode == 0, done.stderr[-2000:]
        one, other = (
            json.loads((at / "out/g/build_record.json").read_text("utf-8")) for at in (home, again)
        )
        assert one["digest"] == other["digest"] and one["languages"] == other["languages"]
