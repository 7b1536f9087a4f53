"""eval.py on tasks: cells, seeds, resuming, gaps, the paper's figures, the gate."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from statistics import fmean, stdev

import numpy as np
import pytest

from corridor_examples import lose
from hub_examples import train_fields
from translit_ppa.command_line import run as translit_ppa
from translit_ppa.errors import TranslitError
from translit_ppa.hub_cards.records.files import load_records
from translit_ppa.hub_cards.records.items import weighted_scores
from translit_ppa.identity import model_digest
from translit_ppa.scoring import tasks as matrix_tasks
from translit_ppa.scoring.score import score

QUICK = ["--epochs", "2", "--learning_rate", "1e-3", "--group", "mediterranean"]
TOPICS = {"ell_Grek": "Ελλάδα", "heb_Hebr": "יוון", "eng_Latn": "Greece", "tur_Latn": "Yunanistan"}


@pytest.fixture
def topics(tmp_path):
    """SIB200 in four languages; Turkish has only a test split."""
    folder = tmp_path / "sib"
    for code, word in TOPICS.items():
        (folder / code).mkdir(parents=True)
        for split, rows in (("train", 8), ("dev", 4), ("test", 6)):
            if code == "tur_Latn" and split != "test":
                continue
            lines = [
                f"{i}\t{('travel', 'sports')[i % 2]}\t{word} {('one', 'two')[i % 2]} {i}"
                for i in range(rows)
            ]
            text = "\n".join(["index_id\tcategory\ttext", *lines, ""])
            (folder / code / f"{split}.tsv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def tags(tmp_path):
    folder = tmp_path / "ner"
    for code, word in list(TOPICS.items())[:3]:
        (folder / code).mkdir(parents=True)
        for split in ("train", "dev", "test"):
            text = f"{word}\tB-LOC\none\tO\n\n" * 4
            (folder / code / f"{split}.iob2").write_text(text, encoding="utf-8")
    return folder


def run(models, benchmark, out, *more):
    words = ["--model", *models, "--benchmark", benchmark, "--out", str(out), *QUICK, *more]
    return translit_ppa("eval", words)


def test_a_language_without_an_entity_is_left_out_and_named(models, tags, tmp_path, capsys):
    (tags / "heb_Hebr" / "test.iob2").write_text("יוון\tO\n", encoding="utf-8")
    (tags / "ell_Grek" / "test.iob2").write_text("Ελλάδα\tB-TIME\nένα\tB-LOC\n", encoding="utf-8")
    words = ["--sources", "eng_Latn", "--seeds", "1"]
    assert run(models[:1], f"ner:{tags}", tmp_path / "out", *words) == 2
    assert "'B-TIME' (1)" in capsys.readouterr().err
    assert run(models[:1], f"ner:{tags}", tmp_path / "out", *words, "--label-map", "TIME=O") == 0
    assert "lacks heb_Hebr: its test data hold no entity" in capsys.readouterr().err
    assert {target for _, _, target, _ in cells(tmp_path / "out")} == {"ell_Grek", "eng_Latn"}
    with pytest.raises(TranslitError, match="is for the entities of ner"):
        score(models[0], "cldr", label_map={"TIME": "O"})


def cells(out):
    records = load_records(out / "records", kind="task")
    return {(r.model, r.source, r.target, r.seed): r for r in records}


def test_the_papers_sources_and_targets_and_named_gaps(models, topics, tmp_path, capsys):
    out = tmp_path / "out"
    record = train_fields() | {"base_revision": model_digest(models[0])}
    (tmp_path / "model2" / "train_record.json").write_text(json.dumps(record))
    assert run(models, f"sib200:{topics}", out, "--seeds", "1", "2") == 0
    shown = capsys.readouterr()
    found = cells(out)
    # Sources eng, ell, heb (arz is missing), each on tur, ell, heb but itself, and on itself.
    pairs = {(s, t) for _, s, t, _ in found}
    assert pairs == {
        *(("eng_Latn", t) for t in ("tur_Latn", "ell_Grek", "heb_Hebr", "eng_Latn")),
        *(("ell_Grek", t) for t in ("tur_Latn", "ell_Grek", "heb_Hebr")),
        *(("heb_Hebr", t) for t in ("tur_Latn", "ell_Grek", "heb_Hebr")),
    }
    assert len(found) == 2 * 2 * len(pairs)
    for code in ("mlt_Latn", "amh_Ethi", "ary_Arab", "arb_Arab"):
        assert f"lacks {code}: no test data" in shown.err
    assert "lacks arz_Arab: no test data, no train and dev data" in shown.err
    assert "not measured" in shown.out and "arz_Arab -> tur_Latn" in shown.out

    record = found[models[0], "eng_Latn", "ell_Grek", 1]
    assert (record.n, record.train_rows, record.main_score) == (6, 8, "macro_f1")
    assert (record.settings["learning_rate"], record.settings["epochs"]) == (1e-3, 2)
    assert record.signature().startswith(
        f"{record.benchmark}|split:test|src:eng_Latn|tgt:ell_Grek|"
    )

    by_seed = [
        fmean(
            found[models[0], "eng_Latn", t, s].score for t in ("tur_Latn", "ell_Grek", "heb_Hebr")
        )
        for s in (1, 2)
    ]
    expected = f"{fmean(by_seed):.1f} ± {stdev(by_seed):.1f} (3 of 8)"
    line = next(line for line in shown.out.split("\n") if line.startswith(models[0] + " "))
    assert expected in line
    assert "sib200 beside the paper (mediterranean)" in shown.out
    with (out / "tasks.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(found)
    (row,) = [
        r
        for r in rows
        if (r["model"], r["source"], r["target"], r["seed"])
        == (models[0], "eng_Latn", "tur_Latn", "1")
    ]
    # Known as the base because the other's record names it; table 2, Glot500, SIB200.
    assert row["paper's counterpart"] == "Glot500"
    score = found[models[0], "eng_Latn", "tur_Latn", 1].score
    assert float(row["difference"]) == pytest.approx(score - float(row["paper"]), abs=0.051)
    assert {r["paper's counterpart"] for r in rows if r["model"] == models[1]} == {"MLM+SEQ"}


def test_chance_and_items_are_those_of_the_data(models, topics, tmp_path):
    words = ["--seeds", "1", "--sources", "eng_Latn", "--languages", "el"]
    assert run(models[:1], f"sib200:{topics}", tmp_path, *words, "--max_eval_rows", "3") == 0
    (record,) = [r for r in cells(tmp_path).values() if r.target == "ell_Grek"]
    assert (record.n, record.train_rows, record.settings["max_eval_rows"]) == (3, 8, 3)
    # Rows 0, 2, 4 of six are travel; in training both are as frequent, and sports comes first.
    assert record.chance["majority"] == 0.0
    assert 0 < record.chance["uniform"] < 30
    (score,) = weighted_scores(record.items, "macro_f1", np.ones((1, 3)))
    assert score == pytest.approx(record.score)
    # Nothing is known of a lone model: the paper stands beside none of its figures.
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "beside the paper" not in text and "Glot500" not in text


def test_a_finished_cell_is_never_measured_again(models, topics, tmp_path, monkeypatch):
    out = tmp_path / "out"
    words = ["--sources", "el", "--languages", "el", "he", "tr"]
    assert run(models, f"sib200:{topics}", out, *words, "--seeds", "1") == 0
    assert sorted(path.name for path in (out / "records").iterdir()) == [
        *("models.jsonl", "sib200.jsonl"),
    ]
    assert len(cells(out)) == 6
    trained = []
    original = matrix_tasks._fine_tuned

    def spy(model, task, source, seed, targets):
        trained.append((model.name, source, seed, tuple(targets)))
        return original(model, task, source, seed, targets)

    monkeypatch.setattr(matrix_tasks, "_fine_tuned", spy)
    assert run(models, f"sib200:{topics}", out, *words, "--seeds", "1") == 0
    assert trained == []
    # A killed run: one cell is missing, and only that is measured, with the same score.
    before = cells(out)
    kept = lose(out / "records" / "sib200.jsonl", "ell_Grek", "heb_Hebr")
    assert run(models, f"sib200:{topics}", out, *words, "--seeds", "1") == 0
    (call,) = trained
    assert call[1:] == ("ell_Grek", 1, ("heb_Hebr",))
    again = cells(out)
    assert {k: r.scores for k, r in again.items()} == {k: r.scores for k, r in before.items()}
    assert kept["scores"] == again[kept["model"], "ell_Grek", "heb_Hebr", 1].scores
    # Another name for the same weights is the same content; other settings are not.
    trained.clear()
    (tmp_path / "model1").rename(tmp_path / "renamed")
    renamed = [str(tmp_path / "renamed")]
    assert run(renamed, f"sib200:{topics}", out, *words, "--seeds", "1") == 0
    assert trained == []
    assert str(tmp_path / "renamed") in (out / "results.md").read_text(encoding="utf-8")
    assert run(renamed, f"sib200:{topics}", out, *words, "--seeds", "1", "--epochs", "1") == 0
    assert len(trained) == 1


def test_tags_few_shot_and_latin(models, tags, tmp_path, monkeypatch):
    out = tmp_path / "out"
    (tmp_path / "shout.py").write_text("def f(s, lang):\n    return [x.upper() for x in s]\n")
    monkeypatch.syspath_prepend(tmp_path)
    more = [
        "--seeds",
        "3",
        "--sources",
        "eng_Latn",
        "--input",
        "both",
        "--transliterator",
        "shout:f",
    ]
    assert run(models[:1], f"ner:{tags}", out, *more) == 0
    zero = load_records(out / "records", kind="task")
    assert {(r.model, r.input, r.target) for r in zero} == {
        (models[0], script, t)
        for script in ("original", "latin")
        for t in ("ell_Grek", "heb_Hebr", "eng_Latn")
    }
    assert {r.transliterator for r in zero} == {None, "shout:f"}
    few = tmp_path / "few"
    assert run(models[:1], f"ner:{tags}", few, *more[:4], "--shots", "2") == 0
    found = cells(few)
    assert {t for _, _, t, _ in found} == {"ell_Grek", "heb_Hebr"}
    assert {(r.shots, r.settings["shot_epochs"]) for r in found.values()} == {(2, 10)}
    assert all("|shots:2|" in r.signature() for r in found.values())


def test_the_gate_names_what_fell(models, topics, tmp_path, capsys, monkeypatch):
    words = ["--sources", "eng_Latn", "--languages", "el", "he", "--seeds", "1"]
    real = matrix_tasks._fine_tuned

    def rigged(model, task, source, seed, targets):
        for record in real(model, task, source, seed, targets):
            value = 50.0 - 10 * (model.name == models[1]) * (record.target == "heb_Hebr")
            yield replace(record, scores={"macro_f1": value, "accuracy": value})

    monkeypatch.setattr(matrix_tasks, "_fine_tuned", rigged)
    out = tmp_path / "out"
    assert run(models, f"sib200:{topics}", out, *words, "--gate", "9.5") == 1
    (line,) = [s for s in capsys.readouterr().err.splitlines() if s.startswith("gate: ")]
    assert line == (
        f"gate: {models[1]}, heb_Hebr: 40.0 is 10.0 below the base's 50.0 (seed spread 0.0)"
    )
    assert run(models, f"sib200:{topics}", out, *words, "--gate", "10") == 0
    assert run(models[:1], f"sib200:{topics}", out, *words, "--gate", "10") == 2
    assert "give the base model and another" in capsys.readouterr().err
    # One model by two words, or by a pattern, has nothing to be compared with either.
    for twice in ([models[0], models[0]], [models[0][:-1] + "[1]*"]):
        assert run(twice, f"sib200:{topics}", out, *words, "--gate", "10") == 2
        assert "give the base model and another" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "legal"),
    [
        (["--shots", "-1"], "whole numbers from 0"),
        (["--seeds", "1", "-2"], "whole numbers from 0"),
        (["--max_eval_rows", "0"], "whole numbers from 1"),
        (["--gate", "nan"], "points from 0 to 100"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(models, topics, tmp_path, capsys, option, legal):
    assert run(models[:1], f"sib200:{topics}", tmp_path / "out", *option) == 2
    assert f"came '{option[-1]}'; legal: {legal}" in capsys.readouterr().err


def test_a_seed_given_twice_is_one(models, topics, tmp_path):
    words = ["--sources", "eng_Latn", "--languages", "el", "--epochs", "1", "--seeds", "1", "1"]
    assert run(models[:1], f"sib200:{topics}", tmp_path, *words) == 0
    assert {r.seed for r in load_records(tmp_path / "records", "task")} == {1}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--sources", "tur_Latn"], "tur_Latn has no train split; these have: ell_Grek"),
        (["--sources", "mlt"], "sib200 has no mlt"),
        (["--split", "validation"], "no split 'validation'; legal: train, dev, test"),
        (
            ["--languages", "mlt"],
            "no source with a target in mediterranean (mlt_Latn: no test data",
        ),
        (["--epochs", "0"], "epochs: came 0; legal: 1 or more"),
        (["--shots", "50"], "sib200: ell_Grek has 8 rows of train, and 50 are asked for"),
        (["--model", "{tmp}/none-*"], "none-* matches no folder"),
        (["--model", "nobody/nothing"], "cannot open the model nobody/nothing"),
    ],
)
def test_user_errors_write_nothing(models, topics, tmp_path, capsys, more, said):
    words = [word.format(tmp=tmp_path) for word in more]
    assert run(models[:1], f"sib200:{topics}", tmp_path / "out", *words) == 2
    error = capsys.readouterr().err
    assert error.splitlines()[-1].startswith("error: ") and error.count("error: ") == 1
    assert said in error
    assert not (tmp_path / "out").exists()
