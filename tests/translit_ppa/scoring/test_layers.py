"""eval.py on retrieval: all layers with a figure, several benchmarks, resuming, checkpoints."""

from __future__ import annotations

import csv
import shutil

import pytest

from corridor_examples import lose, write_parallel
from translit_ppa.command_line import run as translit_ppa
from translit_ppa.hub_cards.records.files import load_records
from translit_ppa.scoring import retrieval as matrix
from translit_ppa.scoring.sides import Sides


@pytest.fixture
def words(tiny_base, tmp_path):
    bench = write_parallel(tmp_path / "names")
    return [
        *("--benchmark", f"parallel:{bench}", "--group", "mediterranean"),
        *("--out", str(tmp_path / "out"), "--model", str(tiny_base)),
    ]


def test_all_layers(words, tmp_path, capsys):
    assert translit_ppa("eval", [*words, "--layers", "all"]) == 0
    out = tmp_path / "out"
    records = load_records(out / "records", kind="eval")
    assert sorted({r.layer for r in records}) == [0, 1, 2, 3]
    assert len(records) == 4 * 6
    with (out / "parallel-layers.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows] == ["layer", "0", "1", "2", "3"]
    for row in rows[1:]:
        mine = [r.scores["top10"] for r in records if r.layer == int(row[0])]
        assert float(row[1]) == pytest.approx(sum(mine) / 6, abs=0.051)
    assert (out / "parallel-layers.png").read_bytes().startswith(b"\x89PNG")
    assert "top-10 by layer" in capsys.readouterr().out
    # One layer of them is what --layer gives.
    other = [w if w != str(out) else str(tmp_path / "one") for w in words]
    assert translit_ppa("eval", [*other, "--layer", "3"]) == 0
    measured = load_records(tmp_path / "one" / "records", "eval")
    alone = {(r.source, r.target): r.scores for r in measured}
    assert alone == {(r.source, r.target): r.scores for r in records if r.layer == 3}
    assert translit_ppa("eval", [*words, "--layers", "some"]) == 2
    assert "--layers some; legal: all, or numbers" in capsys.readouterr().err


def test_a_finished_direction_is_not_encoded_again(words, tmp_path, monkeypatch):
    assert translit_ppa("eval", words) == 0
    first = (tmp_path / "out" / "results.md").read_text()
    seen = []
    original = matrix.evaluate_model

    def spy(encoder, model, benchmark, directions, **options):
        seen.append(list(directions))
        return original(encoder, model, benchmark, directions, **options)

    monkeypatch.setattr(matrix, "evaluate_model", spy)
    assert translit_ppa("eval", words) == 0
    assert seen == []
    assert (tmp_path / "out" / "results.md").read_text() == first
    lose(tmp_path / "out" / "records" / "parallel-names.jsonl", "ell_Grek", "heb_Hebr")
    assert translit_ppa("eval", words) == 0
    assert seen == [[Sides("ell_Grek", "heb_Hebr")]]
    # The page of a run that went on is that of one that was never stopped.
    assert (tmp_path / "out" / "results.md").read_text() == first
    lose(tmp_path / "out" / "records" / "parallel-names.jsonl", "heb_Hebr", "eng_Latn")
    assert translit_ppa("eval", words) == 0
    assert (tmp_path / "out" / "results.md").read_text() == first


def test_checkpoints_by_pattern_in_the_order_of_steps(words, tiny_base, tmp_path, capsys):
    for step in (1000, 200):
        shutil.copytree(tiny_base, tmp_path / "run" / f"checkpoint-{step}")
    pattern = str(tmp_path / "run" / "checkpoint-*")
    assert translit_ppa("eval", [*words[:-1], pattern, "--gate", "0"]) == 0
    shown = capsys.readouterr().out
    assert shown.index("checkpoint-200") < shown.index("checkpoint-1000")


def test_two_benchmarks_in_one_run(words, tiny_base, tmp_path, capsys):
    second = write_parallel(tmp_path / "other", rows=9)
    words.insert(words.index("--group"), f"parallel:{second}")
    assert translit_ppa("eval", words) == 0
    records = load_records(tmp_path / "out" / "records", kind="eval")
    assert {r.benchmark.partition("@")[0] for r in records} == {"parallel:names", "parallel:other"}
    text = (tmp_path / "out" / "results.csv").read_text()
    assert text.count("model,source,target") == 1
    assert len(text.splitlines()) == 13
    # Both are called parallel; their figures are not one file.
    assert translit_ppa("eval", [*words, "--layers", "1", "2", "2"]) == 0
    curves = [path.name for path in (tmp_path / "out").glob("*-layers.png")]
    assert sorted(name.split("-sha256")[0] for name in curves) == [
        "parallel-names", "parallel-other"
    ]  # fmt: skip
    assert translit_ppa("eval", [*words, "--benchmark_dir", str(second)]) == 2
    assert "with several, NAME:DIR" in capsys.readouterr().err
