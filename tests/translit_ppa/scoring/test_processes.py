"""Two processes score as one does: the same records, the same page, one of each."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from corridor_examples import write_parallel
from translit_ppa.command_line import run
from translit_ppa.hub_cards.records.files import load_records
from translit_ppa.scoring.processes import Processes

CODES = ("ell_Grek", "heb_Hebr", "eng_Latn")


@pytest.fixture
def topics(tmp_path):
    folder = tmp_path / "sib"
    for code in CODES:
        (folder / code).mkdir(parents=True)
        for split, rows in (("train", 8), ("dev", 4), ("test", 6)):
            lines = [
                f"{i}\t{('travel', 'sports')[i % 2]}\t{('one', 'two')[i % 2]} {i}"
                for i in range(rows)
            ]
            text = "\n".join(["index_id\tcategory\ttext", *lines, ""])
            (folder / code / f"{split}.tsv").write_text(text, encoding="utf-8")
    return folder


def measured(folder):
    """What records say, but for when."""
    records = load_records(folder / "records")
    return [{**r.to_dict(), "created": None} for r in records]


@pytest.mark.slow
def test_two_processes_write_the_records_of_one(models, topics, tmp_path):
    parallel = write_parallel(tmp_path / "names")
    words = ["--model", *models, "--benchmark", f"sib200:{topics}", f"parallel:{parallel}"]
    words += ["--group", "mediterranean", "--epochs", "2", "--learning-rate", "1e-3"]
    words += ["--sources", "el", "he", "--languages", "el", "he", "--seeds", "1", "2"]
    assert run("eval", [*words, "--out", str(tmp_path / "one")]) == 0
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    command += ["-m", "translit_ppa.command_line", "eval", *words, "--out", str(tmp_path / "two")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=500, env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr[-3000:]
    one, two = measured(tmp_path / "one"), measured(tmp_path / "two")
    assert one == two and len(one) > 20
    for name in ("results.md", "tasks.csv", "results.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    # Only one of them speaks.
    assert done.stdout.count("wrote ") == 1
    assert done.stdout.count("sib200: against the base") == 1


def test_jobs_are_shared_out_and_come_back_in_order():
    jobs = list("abcde")
    shares = [Processes(rank, 2).share(jobs) for rank in (0, 1)]
    assert shares == [[(0, "a"), (2, "c"), (4, "e")], [(1, "b"), (3, "d")]]
    assert Processes().share(jobs) == list(enumerate(jobs))
    assert Processes().gather({2: "c", 0: "a"}) == ["a", "c"]
