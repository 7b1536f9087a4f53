"""`eval` on the parallel sets of a Hub on this machine, from a process that knows no other."""

from __future__ import annotations

from hub_datasets import serve
from loopback_clients import run_module
from loopback_hub import loopback_hub
from parallel_sets import SETS
from translit_ppa.hub_cards.records.files import load_records

NAMES = ("flores", "bouquet", "xnli", "belebele", "ntrex")


def test_eval_scores_the_sets_of_the_hub(tiny_base, tmp_path):
    group = tmp_path / "two.tsv"
    group.write_text("code\trole\nell_Grek\ttrain\neng_Latn\tevaluation\n", encoding="utf-8")
    words = ["eval", "--model", str(tiny_base), "--group", str(group), "--input", "both"]
    with loopback_hub() as hub:
        commits = {}
        for name in NAMES:
            repo = serve(hub, *SETS[name])
            commits[name] = repo.at("main").sha
        out = ["--out", str(tmp_path / "out"), "--benchmark", *NAMES]
        done = run_module("translit_ppa.command_line", hub, tmp_path / "home", *words, *out)
        assert done.returncode == 0, done.stderr[-3000:]
        hub.store.repos["dataset", "openlanguagedata/flores_plus"].gated = True
        refused = run_module(
            "translit_ppa.command_line",
            hub,
            tmp_path / "other",
            *words,
            *("--out", str(tmp_path / "none"), "--benchmark", "flores"),
        )
    records = load_records(tmp_path / "out/records", kind="eval")
    found = {(r.benchmark, r.source, r.target, r.input): r.n for r in records}
    both = (("ell_Grek", "eng_Latn"), ("eng_Latn", "ell_Grek"))
    assert found == {
        (f"{name}@{commits[name]}", *pair, script): 3
        for name in NAMES
        for pair in both
        for script in ("original", "latin")
    }
    assert refused.returncode == 2 and not (tmp_path / "none").exists()
    (line,) = [line for line in refused.stderr.splitlines() if line.startswith("error: ")]
    assert "flores_plus is gated: accept its terms at https://huggingface.co/datasets/" in line
