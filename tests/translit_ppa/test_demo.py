"""demo.py in miniature: two languages of the CLDR, few phrases, few steps."""

from __future__ import annotations

import json
import math
import shutil

import pytest

from translit_ppa import Encoder, command_line
from translit_ppa.hub_cards.records.files import load_records
from translit_ppa.modeling import AlignmentError
from translit_ppa.training import ablation

ROWS = ("base", "mlm", "mlm+seq+tlm")
OPTIONS = [
    *("--count", "150", "--max-steps", "6", "--logging-steps", "2", "--eval-steps", "3"),
    *("--save-steps", "3", "--per-device-train-batch-size", "8", "--warmup-steps", "1"),
    *("--stand-in-steps", "4", "--stand-in-layers", "2", "--stand-in-hidden", "32"),
    *("--stand-in-heads", "2", "--stand-in-pieces", "100", "--stand-in-batch-size", "16"),
    *("--use-cpu", "--disable-tqdm=true", "--report-to", "none"),
    *("--preprocessing-num-proc", "1"),
]


def run(folder, group, *more):
    words = ["--group", str(group), "--out", str(folder), *more]
    return command_line.run("demo", [*words, *OPTIONS])


def test_demo(tmp_path, monkeypatch, capsys):
    from matplotlib.image import imread

    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")
    group = tmp_path / "two.tsv"
    group.write_text(
        "code\tname\trole\nell_Grek\tGreek\ttrain\nmlt_Latn\tMaltese\ttrain\n"
        "eng_Latn\tEnglish\tevaluation\n"
    )
    out = tmp_path / "demo"
    assert run(out, group, "--seed", "7") == 0
    summary = json.loads((out / "summary.json").read_text())
    assert list(summary) == [*ROWS, "seed", "seconds"]
    assert summary["seed"] == 7
    assert set(summary["seconds"]) == {"pairs and base", "mlm", "mlm+seq+tlm", "scores", "total"}
    assert all(value >= 0 for value in summary["seconds"].values())

    described = load_records(out / "records", kind="model")
    assert [model.model for model in described] == list(ROWS)
    assert [model.training is None for model in described] == [True, False, False]
    found = load_records(out / "records", kind="eval")
    # Greek alone is romanised: asked for in itself, in Maltese and in English.
    directions = [r for r in found if r.input == "latin"]
    assert {(r.source, r.target, r.target_input) for r in directions} == {
        ("ell_Grek", code, "original") for code in ("ell_Grek", "mlt_Latn", "eng_Latn")
    }
    records = [r for r in found if r.input == "original"]
    assert len(records) == 18 and len(directions) == 9
    by_pair = {(r.model, r.source, r.target): r for r in records}
    assert {(r.split, r.seed, r.input) for r in records} == {("test", 7, "original")}
    assert by_pair["base", "mlt_Latn", "eng_Latn"].identical > 50
    assert by_pair["base", "ell_Grek", "eng_Latn"].identical == 0
    for row in ROWS:
        assert summary[row].keys() == {"top1", "top10"}
        mine = [r for r in records if r.model == row]
        assert len({(r.source, r.target) for r in mine}) == 6
        for metric, value in summary[row].items():
            mean = math.fsum(r.scores[metric] for r in mine) / 6
            assert value == pytest.approx(mean, abs=0.0051)
            # With identical strings, which any model finds, the score would be higher.
            assert value < math.fsum(r.scores_all[metric] for r in mine) / 6 - 1
    assert len({r.model_digest for r in records}) == 3

    printed = capsys.readouterr().out
    for row in ROWS:
        (line,) = [x for x in printed.split("\n") if x.split()[:1] == [row]]
        assert [float(x) for x in line.split()[1:3]] == pytest.approx(
            list(summary[row].values()), abs=0.0551
        )
    text = (out / "retrieval.md").read_text()
    assert text.count("\n| ") == 5 + 6 and "| romanised -> own original | 1 |" in text
    assert (out / "directions.md").read_text().count("\n| romanised -> ") == 3 * len(ROWS)

    trained = {row: load_records(out / row / "train_record.json")[0] for row in ROWS[1:]}
    assert trained["mlm"].alignment["objectives"] == ["mlm"]
    assert trained["mlm+seq+tlm"].alignment["objectives"] == ["mlm", "seq", "tlm"]
    assert trained["mlm"].data == trained["mlm+seq+tlm"].data
    assert trained["mlm"].base_revision == trained["mlm+seq+tlm"].base_revision
    assert {t.steps for t in trained.values()} == {6}
    for run_record in trained.values():
        assert max(run_record.unk_rate.values()) < 1
        assert run_record.best.metric == "eval_top10"

    for name in ("retrieval.png", "losses.png"):
        picture = (out / name).read_bytes()
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        assert 10_000 < len(picture) < 2_000_000
        height, width, _ = imread(out / name).shape
        assert width >= 600 and height >= 300

    # The same command again trains nothing; a run of another seed takes its place when whole.
    before = (out / "mlm" / "train_record.json").read_bytes()
    monkeypatch.setattr(ablation, "post_train", lambda *_: pytest.fail("trained again"))
    assert run(out, group, "--seed", "7") == 0
    again = json.loads((out / "summary.json").read_text())
    assert [again[row] for row in ROWS] == [summary[row] for row in ROWS]
    assert (out / "mlm" / "train_record.json").read_bytes() == before
    asked = []

    def refuse(arguments, seen_as):
        assert seen_as == out / "mlm"
        asked.append(arguments)
        raise AlignmentError("no")

    monkeypatch.setattr(ablation, "post_train", refuse)
    assert run(out, group, "--seed", "8") == 2
    assert asked[0][-1].seed == 8
    assert (out / "mlm" / "train_record.json").read_bytes() == before
    assert not (out / ".mlm.training" / "train_record.json").exists()


def test_user_errors(tmp_path, capsys):
    assert command_line.run("demo", ["--group", "atlantis", "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith("error: unknown group 'atlantis'")
    # Behind 0.1.0's --train_option too.
    words = ["--out", str(tmp_path / "out"), "--train_option=--max_stops", "--train_option=3"]
    assert command_line.run("demo", words) == 2
    assert "--max_stops" in capsys.readouterr().err
    assert command_line.run("demo", ["--out", str(tmp_path / "out"), "--pairs", "x"]) == 2
    assert capsys.readouterr().err == "error: the demo sets pairs itself; leave it out.\n"
    assert not (tmp_path / "out").exists()


def test_demo_of_a_base_takes_the_recipe_that_fits(tmp_path, tiny_base, monkeypatch, capsys):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")
    group = tmp_path / "two.tsv"
    group.write_text("code\tname\trole\nell_Grek\tGreek\ttrain\neng_Latn\tEnglish\tevaluation\n")
    # What a sentence encoder holds; the other base is a masked language model.
    sentence_base = shutil.copytree(tiny_base, tmp_path / "sentence")
    (sentence_base / "modules.json").write_text("[]")
    options = [
        *OPTIONS[: OPTIONS.index("--stand-in-steps")],
        *OPTIONS[OPTIONS.index("--use-cpu") :],
    ]
    for base, objectives in ((tiny_base, ["mlm", "seq", "tlm"]), (sentence_base, ["anchor"])):
        out = tmp_path / objectives[0]
        words = ["--group", str(group), "--out", str(out), "--base", str(base), *options]
        assert command_line.run("demo", words) == 0
        record = load_records(out / "aligned" / "train_record.json")[0]
        assert record.alignment["objectives"] == objectives and record.base == str(base)
        found = load_records(out / "records", kind="eval")
        assert {r.model for r in found} == {"base", "aligned"}
        assert {r.layer for r in found} == {Encoder(out / "aligned").layer}
        assert not (out / "base").exists()
        assert str(out / "aligned") in capsys.readouterr().out
