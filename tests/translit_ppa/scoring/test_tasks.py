"""eval.py on tasks: cells, seeds, resuming, gaps, the paper's figures, the gate."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from corridor_examples import lose
from hub_examples import train_fields
from translit_ppa.command_line import run as translit_ppa
from translit_ppa.errors import TranslitError
from translit_ppa.hub_cards.records.files import TaskRecord, load_records
from translit_ppa.hub_cards.records.items import weighted_scores
from translit_ppa.identity import model_digest
from translit_ppa.modeling import AlignmentError, SentenceEncoder
from translit_ppa.modeling.embedding.words import embed_words, windows
from translit_ppa.modeling.tasks.frozen import FrozenSettings, VectorClassifier, remembered
from translit_ppa.modeling.tasks.frozen_words import (
    WordSettings,
    WordVectorClassifier,
    remembered_words,
)
from translit_ppa.modeling.tasks.outcomes import label_outcomes
from translit_ppa.scoring.score import score
from translit_ppa.scoring.tasks import jobs as matrix_tasks

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
            text = f"{word}\tB-LOC\none\tO\n\n" * 8
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


def rig(monkeypatch, models, share):
    """Let the second model have a share of the base's entities in Hebrew, all else being equal."""
    real = matrix_tasks._fine_tuned

    def rigged(model, task, source, seed, targets):
        for record in real(model, task, source, seed, targets):
            fallen = model.name == models[1] and record.target == "heb_Hebr"
            right = max(0, 8 - round(8 * (1 - share)) * fallen - (seed % 2))
            yield replace(
                record,
                scores={"entity_f1": 12.5 * right},
                items=" ".join(["1/1/1"] * right + ["0/1/1"] * (8 - right)),
                chance={"majority": 0.0, "uniform": 0.0},
            )

    monkeypatch.setattr(matrix_tasks, "_fine_tuned", rigged)


def test_the_gate_names_what_fell(models, tags, tmp_path, capsys, monkeypatch):
    words = ["--sources", "eng_Latn", "--languages", "el", "he", "--max_train_rows", "2"]
    words += ["--epochs", "1", "--seeds", *map(str, range(6))]
    rig(monkeypatch, models, 0.0)
    out = tmp_path / "out"
    assert run(models, f"ner:{tags}", out, *words, "--gate", "9.5") == 1
    shown = capsys.readouterr()
    (line,) = [s for s in shown.err.splitlines() if s.startswith("gate: ")]
    assert line.startswith(f"gate: ner, {models[1]}, heb_Hebr: ")
    assert " below the base's 93.8, " in line and "; 6 seeds), p " in line
    # What the gate judged is shown, with the verdict that it acts on.
    table = shown.out.partition("gate: against the base by target language, points")[2]
    greek, hebrew = (s for s in table.splitlines() if s.startswith("ner "))
    assert greek.endswith("not shown") and hebrew.endswith(("worse  falls", "at chance  falls"))
    # 93.8 points is all that there is to lose.
    assert run(models, f"ner:{tags}", out, *words, "--gate", "100") == 0
    assert run(models[:1], f"ner:{tags}", out, *words, "--gate", "10") == 2
    assert "give the base model and another" in capsys.readouterr().err
    # One model by two words, or by a pattern, has nothing to be compared with either.
    for twice in ([models[0], models[0]], [models[0][:-1] + "[1]*"]):
        assert run(twice, f"ner:{tags}", out, *words, "--gate", "10") == 2
        assert "give the base model and another" in capsys.readouterr().err


def test_the_gate_wants_seeds(models, tags, tmp_path, capsys):
    assert run(models, f"ner:{tags}", tmp_path / "out", "--seeds", "1", "1", "--gate", "2") == 2
    assert "give at least two --seeds" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_answers_and_models_are_kept_on_request(models, topics, tmp_path, monkeypatch):
    out = tmp_path / "out"
    words = ["--sources", "el", "--languages", "el", "he", "--seeds", "1"]
    assert run(models[:1], f"sib200:{topics}", out, *words) == 0
    plain = cells(out)
    assert sorted(p.name for p in out.iterdir() if p.is_dir()) == ["records"]
    words += ["--save-predictions", "--keep-models"]
    assert run(models[:1], f"sib200:{topics}", out, *words) == 0
    assert {k: r.scores for k, r in cells(out).items()} == {k: r.scores for k, r in plain.items()}
    files = {p.name.rsplit("-", 1)[0]: p for p in (out / "predictions" / "sib200").iterdir()}
    assert set(files) == {"ell_Grek-heb_Hebr-seed1", "ell_Grek-ell_Grek-seed1"}
    for file in files.values():
        told = json.loads(file.read_text(encoding="utf-8"))
        record = plain[models[0], told["cell"]["source"], told["cell"]["target"], 1]
        assert label_outcomes(told["gold"], told["predicted"]) == record.items.split()
    (folder,) = (out / "models" / "sib200").iterdir()
    assert folder.name.startswith("ell_Grek-seed1-")
    kept = AutoModelForSequenceClassification.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    text = "יוון one 0"
    best = kept.eval()(**tokenizer(text, return_tensors="pt")).logits.argmax().item()
    hebrew = json.loads(files["ell_Grek-heb_Hebr-seed1"].read_text(encoding="utf-8"))
    assert kept.config.id2label[best] == hebrew["predicted"][0]
    # All is there: nothing is trained again. What is lost is made again, the record stays.
    trained = []
    real = matrix_tasks._fine_tuned
    monkeypatch.setattr(matrix_tasks, "_fine_tuned", lambda *a: trained.append(a[-1]) or real(*a))
    assert run(models[:1], f"sib200:{topics}", out, *words) == 0 and trained == []
    files["ell_Grek-heb_Hebr-seed1"].unlink()
    assert run(models[:1], f"sib200:{topics}", out, *words) == 0 and trained == [["heb_Hebr"]]
    assert len(list((out / "predictions" / "sib200").iterdir())) == 2


def test_a_folder_is_needed_to_keep_anything(models, topics, capsys):
    for option in ("--save-predictions", "--keep-models"):
        words = ["--model", models[0], "--benchmark", f"sib200:{topics}", option]
        assert translit_ppa("eval", words) == 2
        assert "need a folder to write to: --out DIR" in capsys.readouterr().err


def test_texts_are_cut_at_the_models_positions(models, topics, tmp_path, capsys):
    """A word that is too long for the model: once a RuntimeError of an index out of range."""
    for file in topics.rglob("*.tsv"):
        text = file.read_text(encoding="utf-8").replace(" 1\n", " one" * 2000 + "\n")
        file.write_text(text, encoding="utf-8")
    config = json.loads((tmp_path / "model1" / "config.json").read_text())
    positions = config["max_position_embeddings"]
    room = positions - (2 if config["model_type"] == "xlm-roberta" else 0)
    words = ["--sources", "el", "--languages", "el", "he", "--seeds", "1"]
    long = ["--max-length", str(positions + 1000)]
    assert run(models[:1], f"sib200:{topics}", tmp_path / "long", *words, *long) == 0
    assert {r.settings["max_length"] for r in cells(tmp_path / "long").values()} == {room}
    assert run(models[:1], f"sib200:{topics}", tmp_path / "short", *words, "--max-length", "8") == 0
    assert {r.settings["max_length"] for r in cells(tmp_path / "short").values()} == {8}
    assert run(models[:1], f"sib200:{topics}", tmp_path / "no", *words, "--max-length", "2") == 2
    assert "came '2'; legal: whole numbers from 4" in capsys.readouterr().err


def test_bf16_is_another_setting(models, topics, tmp_path):
    words = ["--sources", "el", "--languages", "el", "he", "--seeds", "1"]
    assert run(models[:1], f"sib200:{topics}", tmp_path / "a", *words) == 0
    assert run(models[:1], f"sib200:{topics}", tmp_path / "b", *words, "--bf16") == 0
    full, half = cells(tmp_path / "a"), cells(tmp_path / "b")
    assert {r.settings.get("bf16") for r in half.values()} == {True}
    assert all("bf16" not in r.settings for r in full.values())
    assert {r.key() for r in full.values()}.isdisjoint(r.key() for r in half.values())


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


def test_labels_are_read_from_the_vectors_of_a_frozen_model(models, topics, tmp_path, capsys):
    """Nothing is trained: a seed draws the examples, and the settings name layer and pooling."""
    before = {path: path.stat().st_mtime_ns for path in Path(models[0]).rglob("*")}
    words = ["--model", models[0], "--benchmark", f"sib200:{topics}", "--out", str(tmp_path / "o")]
    words += ["--frozen", "--layer", "2", "--seeds", "1", "2", "--input", "both"]
    assert translit_ppa("eval", words) == 0
    told = capsys.readouterr().out
    assert "not fine-tuned: logistic regression on frozen vectors with layer 2" in told
    assert "per label 8" in told and "epochs run" not in told
    found = [r for r in load_records(tmp_path / "o" / "records") if isinstance(r, TaskRecord)]
    assert {r.input for r in found} == {"original", "latin"} and {r.seed for r in found} == {1, 2}
    assert {r.settings["selection"] for r in found} == {"frozen"}
    assert all(0 <= r.score <= 100 and r.n == 6 for r in found)
    assert before == {path: path.stat().st_mtime_ns for path in Path(models[0]).rglob("*")}
    # Another layer is another setting; what is measured already is found again.
    assert translit_ppa("eval", words) == 0
    words[words.index("2")] = "1"
    assert translit_ppa("eval", words) == 0
    again = [r for r in load_records(tmp_path / "o" / "records") if isinstance(r, TaskRecord)]
    assert len(again) == 2 * len(found)


def test_a_frozen_classifier_learns_what_vectors_say():
    vectors = {
        f"{name} {n}": [1.0 + n / 50, s] for name, s in (("a", -1), ("b", 1)) for n in range(9)
    }
    asked = []

    def encode(texts):
        asked.extend(texts)
        return np.array([vectors[text] for text in texts])

    embed = remembered(encode)
    settings = FrozenSettings(layer=1, pooling="attended", per_label=3)
    learner = VectorClassifier(embed, settings, seed=1)
    texts = list(vectors)
    course = learner.fit(texts, [text[0] for text in texts], lambda: 50.0)
    assert course.best_score == 50.0 and len(asked) == 6
    assert learner.predict(texts) == [text[0] for text in texts]
    assert sorted(asked) == sorted(texts)
    assert np.linalg.norm(embed(texts), axis=1) == pytest.approx(1)
    with pytest.raises(AlignmentError, match="two or more"):
        learner.fit(texts[:9], ["a"] * 9, lambda: 0.0)


def test_tags_are_read_from_the_words_of_a_frozen_model(models, tags, tmp_path, capsys):
    words = ["--model", models[0], "--benchmark", f"ner:{tags}", "--out", str(tmp_path / "o")]
    words += ["--frozen", "--layer", "2", "--seeds", "1", "2", "--input", "both"]
    assert translit_ppa("eval", words) == 0
    told = capsys.readouterr().out
    assert "not fine-tuned: logistic regression on frozen vectors with layer 2" in told
    assert "sentences 1000" in told and "pooling mean of pieces" in told
    found = [r for r in load_records(tmp_path / "o" / "records") if isinstance(r, TaskRecord)]
    assert {r.input for r in found} == {"original", "latin"} and {r.seed for r in found} == {1, 2}
    assert all(0 <= r.score <= 100 for r in found)


def test_a_word_is_the_mean_of_its_pieces_whatever_the_window(models):
    encoder = SentenceEncoder.from_pretrained(models[0], layer=2, batch_size=2)
    tokenizer, base = encoder.tokenizer, encoder.model.base_model
    sentences = [["καλημέρα", "κόσμε", "!"], ["ναι"], ["όχι", "", "ποτέ"]]
    found = embed_words(encoder, sentences)
    assert [len(vectors) for vectors in found] == [3, 1, 3]
    assert embed_words(encoder, []) == []
    pieces = [tokenizer(word, add_special_tokens=False)["input_ids"] for word in sentences[0]]

    def first_of(words):
        flat = [piece for ids in words for piece in ids]
        ids = torch.tensor([[tokenizer.cls_token_id, *flat, tokenizer.sep_token_id]])
        with torch.no_grad():
            states = base(ids, output_hidden_states=True).hidden_states[2][0]
        return states[1 : 1 + len(words[0])].mean(dim=0).numpy()

    assert found[0][0] == pytest.approx(first_of(pieces), abs=1e-5)
    # Where a window holds one word, it stands alone.
    encoder.max_length = 2 + max(map(len, pieces))
    apart = embed_words(encoder, sentences)
    assert [len(vectors) for vectors in apart] == [3, 1, 3]
    assert apart[0][0] == pytest.approx(first_of(pieces[:1]), abs=1e-5)
    assert apart[0][0] != pytest.approx(found[0][0], abs=1e-5)
    assert list(windows([[1] * 3, [2] * 2, [3]], 4)) == [[[1] * 3], [[2] * 2, [3]]]


def test_a_frozen_tagger_learns_what_vectors_say():
    asked = []

    def encode(sentences):
        asked.extend(sentences)
        return [np.array([[2.0, {"a": -1, "b": 1}[word[0]]] for word in s]) for s in sentences]

    sentences = [["a1", "b2"], ["b3"], ["a4", "a5", "b6"]] * 3
    gold = [[word[0].upper() for word in words] for words in sentences]
    tagger = WordVectorClassifier(remembered_words(encode), WordSettings(1, sentences=4), seed=1)
    assert tagger.fit(sentences, gold, lambda: 7.0).best_score == 7.0
    assert tagger.predict(sentences[:3]) == gold[:3]
    assert len(asked) == 3  # no sentence twice
    with pytest.raises(AlignmentError, match="two or more"):
        tagger.fit([["a1"]], [["A"]], lambda: 0.0)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--shots", "2"], "fine-tunes nothing"),
        (["--epochs", "2"], "fine-tunes nothing"),
        (["--layers", "1", "2"], "reads one layer"),
        (["--paper-compat"], "--frozen fine-tunes nothing and reads one layer; leave out"),
        (["--benchmark", "cldr"], "--frozen is for sib200, taxi1500, ner, pos; came cldr"),
        (["--benchmark", "ner:x", "--pooling", "cls"], "--frozen ner reads words, not sentences"),
    ],
)
def test_what_means_nothing_with_a_frozen_model(models, topics, tmp_path, capsys, more, said):
    words = ["--model", models[0], "--benchmark", f"sib200:{topics}", "--out", str(tmp_path / "o")]
    assert translit_ppa("eval", [*words, "--frozen", *more]) == 2
    assert said in capsys.readouterr().err and not (tmp_path / "o").exists()
