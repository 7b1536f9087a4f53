"""Anchored training in miniature: teacher, several pairs, resuming, two ranks, interpolation."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from corridor_examples import QUICK, run, train, write_pairs
from translit_ppa import TranslitError, align, build_pairs, interpolate
from translit_ppa.command_line import main
from translit_ppa.modeling.training.arguments import load_recipe, make_arguments
from translit_ppa.training import Run

STEPS = ["--max-steps", "6", "--learning-rate", "1e-3", "--warmup-steps", "2"]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return write_pairs(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    """Pairs whose sides are equal, of a group of their own."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "latin.tsv").write_text(
        "code\tname\trole\tprinted\tfull\tsource\nfra_Latn\tFrench\ttrain\t\t\there\n"
    )
    (folder / "text").mkdir()
    lines = [f"one two three {i}" for i in range(8)]
    (folder / "text" / "fra_Latn.txt").write_text("\n".join(lines) + "\n")
    return build_pairs(
        f"files:{folder / 'text'}",
        group=str(folder / "latin.tsv"),
        out=folder / "pairs",
        transliterator="identity",
        fraction=1.0,
        show_progress=False,
    )


def words(base, pairs, output, *more):
    given = ["--base", str(base), "--pairs", *map(str, pairs), "--recipe", "anchor", *QUICK]
    return [*given, *STEPS, "--layer", "3", "--output-dir", str(output), *more]


def weights(folder):
    return load_file(folder / "model.safetensors")


def difference(a, b):
    left, right = weights(a), weights(b)
    return {n: (left[n] - right[n]).abs().max().item() for n in left.keys() & right.keys()}


def course(record):
    return [e for e in record.history if "loss" in e]


def test_recipe_says_what_was_found_best():
    recipe = load_recipe("anchor")
    assert recipe["objectives"] == ["anchor"]
    inputs, objectives, _, training = make_arguments({"base": "x", "recipe": "anchor"})
    assert (training.learning_rate, training.adam_beta2, training.warmup_steps) == (2e-4, 0.98, 50)
    assert (training.max_steps, training.per_device_train_batch_size) == (900, 48)
    assert (training.language_batches, inputs.max_length) == (0.9, 64)
    assert objectives.freeze_embeddings and objectives.anchor_bank == 4096
    assert objectives.alignment().anchor_temperature == 0.05
    paper = make_arguments({"base": "x"})
    assert paper[3].language_batches == 0 and not paper[1].freeze_embeddings


def test_several_pairs_are_trained_together(tiny_base, pairs, replay, tmp_path, capsys):
    output = tmp_path / "out"
    assert train(words(tiny_base, [pairs, replay.folder], output)) == 0
    record = Run.open(output).record
    assert record.data.rows == 35 + 7
    assert record.data.name == f"{pairs} + {replay.folder}"
    assert record.data.config == "mediterranean + latin"
    assert record.transliterator == "ready pairs + identity"
    assert [p["config"] for p in record.arguments["pairs"]] == ["mediterranean", "latin"]
    assert all(len(p["digest"]) > 12 for p in record.arguments["pairs"])
    assert record.arguments["language_batches"] == 0.9
    assert record.arguments["anchor_bank"] == 4096
    assert record.arguments["teacher"]["layer"] == 3
    assert record.alignment["anchor_temperature"] == 0.05
    for entry in course(record):
        parts = entry["anchor_original"] + entry["anchor_latin"]
        assert entry["loss"] == pytest.approx(parts, rel=1e-4)
    vectors = np.load(output / "teacher" / "vectors.npy")
    assert vectors.dtype == np.float16 and vectors.shape[1] == 16
    moved = difference(tiny_base, output)
    assert moved["roberta.embeddings.word_embeddings.weight"] == 0, "frozen"
    assert moved["roberta.encoder.layer.2.output.dense.weight"] > 1e-4
    assert "teacher:" in capsys.readouterr().out


def test_pairs_are_a_list_in_python_too(tiny_base, pairs, replay, tmp_path):
    options = {"use_cpu": True, "report_to": "none", "max_steps": 1, "layer": 3}
    options |= {"save_strategy": "no", "disable_tqdm": True, "group": "mediterranean"}
    run = align(tiny_base, [pairs, replay], recipe="anchor", output_dir=tmp_path / "o", **options)
    assert run.record.data.rows == 35 + 7
    with pytest.raises(TranslitError, match="empty list"):
        align(tiny_base, [], output_dir=tmp_path / "p")


def test_an_ablation_of_a_sentence_encoder(tiny_base, pairs, replay, tmp_path, capsys):
    """The paper's contrast, ours and both, of pairs that are the same in the same order."""
    given = words(tiny_base, [pairs, replay.folder], tmp_path / "out", "--ablation")
    assert train(given) == 0
    runs = {name: Run.open(tmp_path / "out" / name) for name in ("seq", "anchor", "seq+anchor")}
    assert {n: "+".join(r.record.alignment["objectives"]) for n, r in runs.items()} == {
        name: name for name in runs
    }
    parts = {n: {"seq", "anchor_latin"} & course(r.record)[0].keys() for n, r in runs.items()}
    assert parts == {
        "seq": {"seq"},
        "anchor": {"anchor_latin"},
        "seq+anchor": {"seq", "anchor_latin"},
    }
    assert train([*given, "--objectives", "mlm"]) == 2
    assert "--ablation sets --objectives itself" in capsys.readouterr().err


def test_last_layer_of_a_sentence_encoder(tiny_base, pairs, tmp_path, capsys):
    given = [w for w in words(tiny_base, [pairs], tmp_path / "a") if w not in ("--layer", "3")]
    assert train([*given, "--max-steps", "1"]) == 0
    assert "anchor: layer 2 of 3" in capsys.readouterr().out
    (tiny_base / "modules.json").write_text("[]", encoding="utf-8")
    given = [w for w in words(tiny_base, [pairs], tmp_path / "b") if w not in ("--layer", "3")]
    assert train([*given, "--max-steps", "1"]) == 0
    told = "embeddings: layer 3 of 3, attended; "
    assert f"{told}{tiny_base} is a sentence encoder (modules.json)" in capsys.readouterr().out
    config = json.loads((tmp_path / "b" / "config.json").read_text("utf-8"))
    assert config["alignment"]["layer"] == 3


def test_resumed_equals_uninterrupted(tiny_base, pairs, replay, tmp_path, capsys):
    """The languages' order, the bank and the originals are those of the uninterrupted run."""
    config = json.loads((tiny_base / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
    (tiny_base / "config.json").write_text(json.dumps(config))
    more = ["--max-steps", "16", "--save-strategy", "steps", "--save-steps", "13"]
    more += ["--anchor-bank", "5", "--anchor-originals", "0.5"]
    both = [pairs, replay.folder]
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert train(words(tiny_base, both, whole, *more)) == 0
    assert train(words(tiny_base, both, cut, *more)) == 0
    for path in cut.iterdir():
        if path.is_file():
            path.unlink()
    (cut / "checkpoint-16" / "trainer_state.json").unlink()
    capsys.readouterr()
    assert train([*words(tiny_base, both, cut, *more), "--resume-from-checkpoint", "last"]) == 0
    assert "are used again" in capsys.readouterr().out
    assert max(difference(whole, cut).values()) == 0
    assert course(Run.open(cut).record) == course(Run.open(whole).record)


@pytest.mark.slow
def test_two_processes_train_with_one_teacher(tiny_base, pairs, tmp_path):
    run(words(tiny_base, [pairs], tmp_path / "two"), tmp_path, processes=2)
    record = Run.open(tmp_path / "two").record
    assert record.arguments["world_size"] == 2
    assert len(course(record)) == 6
    assert all(np.isfinite(entry["loss"]) for entry in course(record))


def test_validation_loss_needs_no_second_teacher(tiny_base, pairs, replay, tmp_path):
    rows = write_pairs(tmp_path / "more", per_language=40)
    more = ["--eval-strategy", "steps", "--eval-steps", "3"]
    assert train(words(tiny_base, [rows], tmp_path / "out", *more)) == 0
    losses = [e["eval_loss"] for e in Run.open(tmp_path / "out").record.history if "eval_loss" in e]
    assert len(losses) == 2 and all(np.isfinite(losses))


def test_mistakes_before_anything_is_written(tiny_base, pairs, tmp_path, capsys):
    for more, told in (
        (["--language-batches", "1.5"], "language_batches is 1.5"),
        (["--anchor-temperature", "0"], "anchor_temperature is 0"),
        (["--anchor-originals", "-1"], "anchor_originals is -1"),
    ):
        assert train(words(tiny_base, [pairs], tmp_path / "bad", *more)) != 0
        assert told in capsys.readouterr().err
    assert not (tmp_path / "bad" / "train_record.json").exists()


def test_interpolated_ends_are_base_and_trained(tiny_base, pairs, tmp_path, capsys):
    trained = tmp_path / "run"
    assert train(words(tiny_base, [pairs], trained)) == 0
    for alpha, same in ((0.0, tiny_base), (1.0, trained)):
        out = interpolate(tiny_base, trained, alpha, tmp_path / f"at{alpha}")
        assert max(difference(out, same).values()) == 0
    line = ["interpolate", str(tiny_base), str(trained)]
    half = tmp_path / "half"
    assert main([*line, "--alpha", "0.5", "--out", str(half)]) == 0
    low, high, middle = weights(tiny_base), weights(trained), weights(half)
    for name, value in middle.items():
        assert torch.allclose(value, (low[name] + high[name]) / 2, atol=1e-6), name
    record = Run.open(half).record
    assert record.arguments["interpolated"]["alpha"] == 0.5
    assert record.arguments["interpolated"]["base"] == Run.open(trained).record.base_revision
    assert json.loads((half / "config.json").read_text())["alignment"]["objectives"] == ["anchor"]
    capsys.readouterr()
    for more, told in (
        (["--alpha", "1.5", "--out", "x"], "alpha is 1.5. Legal: 0"),
        (["--alpha", "0.5", "--out", str(half)], "exists"),
    ):
        assert main([*line, *more]) == 2
        assert told in capsys.readouterr().err


def test_interpolation_refuses_strangers(
    tiny_base, tmp_path, tiny_config, tokenizer, bert_tokenizer
):
    from transformers import XLMRobertaForMaskedLM

    other = tmp_path / "wide"
    tiny_config.hidden_size = 32
    XLMRobertaForMaskedLM(tiny_config).save_pretrained(other)
    tokenizer.save_pretrained(other)
    with pytest.raises(TranslitError, match="weights of other shapes"):
        interpolate(tiny_base, other, 0.5, tmp_path / "out")
    shutil.copytree(tiny_base, tmp_path / "words")
    for file in (tmp_path / "words").glob("tokenizer*"):
        file.unlink()
    bert_tokenizer.save_pretrained(tmp_path / "words")
    with pytest.raises(TranslitError, match="it is that of another model"):
        interpolate(tiny_base, tmp_path / "words", 0.5, tmp_path / "out")
    assert not (tmp_path / "out").exists()
