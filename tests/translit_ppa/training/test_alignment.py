"""`align` from Python: the command's training, a run that opens, objectives from one row."""

from __future__ import annotations

import inspect
import json
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file
from transformers import XLMRobertaForMaskedLM

from corridor_examples import train, train_words, write_pairs
from translit_ppa.errors import TranslitError
from translit_ppa.modeling.aligned.objectives import OBJECTIVES, Objective
from translit_ppa.modeling.training.arguments import InputArguments, ObjectiveArguments
from translit_ppa.training import Run, ablate, align
from translit_ppa.training.ablation import MARK_NAME, train_once

QUICK = {
    "use_cpu": True,
    "disable_tqdm": True,
    "report_to": "none",
    "logging_steps": 1,
    "per_device_train_batch_size": 4,
    "gradient_accumulation_steps": 1,
    "learning_rate": 1e-3,
    "save_strategy": "no",
    "max_steps": 2,
}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return write_pairs(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


def test_python_and_the_command_give_the_same_weights(tiny_base, pairs, tmp_path, capsys):
    assert train(train_words(tiny_base, pairs, tmp_path / "typed", "--max-steps", "2")) == 0
    assert "notice" not in capsys.readouterr().err
    built = SimpleNamespace(folder=pairs, config="mediterranean")
    run = align(tiny_base, built, output_dir=tmp_path / "called", **QUICK)
    typed, called = (load_file(tmp_path / n / "model.safetensors") for n in ("typed", "called"))
    assert typed.keys() == called.keys()
    assert all(torch.equal(typed[name], called[name]) for name in typed)

    assert (run.folder, run.steps, run.record.steps) == (tmp_path / "called", 2, 2)
    again = Run.open(str(tmp_path / "called"))
    assert again == run
    assert type(again.model) is XLMRobertaForMaskedLM
    assert again.model is again.model and not again.model.training
    assert torch.equal(
        again.model.get_input_embeddings().weight,
        run.model.base_model.embeddings.word_embeddings.weight,
    )
    assert again.tokenizer.tokenize("one two") == run.tokenizer.tokenize("one two")


def test_old_spellings_go_on_with_one_notice(tiny_base, pairs, tmp_path, capsys):
    words = train_words(tiny_base, pairs, tmp_path / "out", "--max_steps", "1", "--tlm_weight", "2")
    old = {"--base": "--model_name_or_path", "--pairs": "--dataset_name"}
    assert train([old.get(word, word) for word in words]) == 0
    (notice,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("notice: ")]
    assert "--model_name_or_path is now --base, --dataset_name is now --pairs" in notice
    assert "--tlm_weight is now --tlm-weight" in notice
    # Underscores of transformers' own options are as good as hyphens.
    assert "max_steps" not in notice
    assert Run.open(tmp_path / "out").record.alignment["tlm_weight"] == 2.0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"learning_rat": 1}, r"^unknown option: learning_rat\. Near: learning_rate"),
        ({"weights": {"seq": 1}}, r"^unknown option: weights\."),
        ({"zzz": 1}, r"^unknown option: zzz\. translit-ppa train --help lists all\.$"),
        (
            {"objectives": ["nsp"]},
            r"^unknown objective: nsp\. Legal: any of mlm, seq, tlm, anchor\.$",
        ),
        ({"seq_weight": -1.0}, r"^seq_weight is -1\.0\. Legal: 0 or more, finite\.$"),
        ({"save_strategy": "daily"}, "daily"),
        ({"pairs": object()}, r"^pairs lie in no folder\. Legal: what build_pairs"),
        ({"recipe": "paper"}, r"^unknown recipe 'paper'\."),
    ],
)
def test_what_align_refuses(tiny_base, pairs, tmp_path, wrong, told):
    given = {"base": tiny_base, "pairs": pairs, "output_dir": tmp_path / "out", **QUICK, **wrong}
    with pytest.raises(TranslitError, match=told):
        align(**given)
    assert not (tmp_path / "out").exists()


def test_no_run_is_opened_where_none_is(tmp_path):
    with pytest.raises(TranslitError, match=r"holds no finished training: train_record\.json is"):
        Run.open(tmp_path)


def test_defaults_are_written_once():
    """Those of `align` that are not None are those of the options, and no recipe sets them."""
    options = {**vars(InputArguments()), **vars(ObjectiveArguments())}
    shown = {
        name: parameter.default
        for name, parameter in inspect.signature(align).parameters.items()
        if parameter.default not in (None, inspect.Parameter.empty)
    }
    # `objectives` and `max_length` are None there: a recipe may set them.
    assert set(shown) == {"paper_compat"}
    for name, default in shown.items():
        assert options[name] == (list(default) if isinstance(default, tuple) else default)


def test_an_objective_is_one_row(tiny_base, pairs, tmp_path, monkeypatch, capsys):
    """Its weight is an option, its part is logged and trained, its settings lie in the config."""

    def length(sentences, groups, config):
        return sum(rows.pow(2).mean() for rows in sentences.values())

    row = Objective(
        "short embeddings (a toy).", ("original", "latin"), contrasts={"length": length}
    )
    monkeypatch.setitem(OBJECTIVES, "short", row)
    # A second reader of the joint view: both predict its tokens.
    twin = Objective("TLM once more (a toy).", ("joint",), predicts={"tlm_again": "joint"})
    monkeypatch.setitem(OBJECTIVES, "twin", twin)
    more = ["--objectives", "mlm", "short", "--objectives", "tlm", "twin", "--max-steps", "2"]
    words = train_words(tiny_base, pairs, tmp_path / "typed", *more, "--short-weight", "0.5")
    assert train(words) == 0
    record = Run.open(tmp_path / "typed").record
    assert record.alignment["objectives"] == ["mlm", "tlm", "short", "twin"]
    assert (record.alignment["short_weight"], record.alignment["twin_weight"]) == (0.5, 1.0)
    first = record.history[0]
    assert first["tlm_again"] == first["tlm"] > 0
    parts = first["mlm_original"] + first["mlm_latin"] + 2 * first["tlm"] + 0.5 * first["length"]
    assert first["loss"] == pytest.approx(parts, rel=1e-4)
    # Cut by tokens it is the same training.
    given = {"objectives": ("mlm", "short", "tlm", "twin"), "short_weight": 0.5, **QUICK}
    run = align(tiny_base, pairs, output_dir=tmp_path / "cut", tokens_per_batch=60, **given)
    assert [e["loss"] for e in run.record.history[:2]] == pytest.approx(
        [e["loss"] for e in record.history[:2]], rel=1e-3
    )
    with pytest.raises(SystemExit):
        train(["--help"])
    assert "--short-weight SHORT_WEIGHT" in capsys.readouterr().out


def test_a_run_of_0_1_0_is_the_same_run(tiny_base, pairs, tmp_path, capsys):
    """The settings in `run.json` have the names that 0.1.0 gave them, and no others."""
    values = {"base": str(tiny_base), "pairs": str(pairs), **QUICK}
    train_once(tmp_path / "run", values, str(tiny_base))
    mark = tmp_path / "run" / MARK_NAME
    settings = json.loads(mark.read_text(encoding="utf-8"))
    assert settings["model_name_or_path"] == str(tiny_base)
    assert settings["base"].startswith("sha256:")
    names = "dataset_name dataset_source dataset_count dataset_config dataset_revision ablation"
    names += " model_revision mlm_weight seq_weight tlm_weight"
    assert set(names.split()) <= set(settings)
    assert not {"pairs", "group", "source", "count", "weights", "base_revision"} & set(settings)
    # 2 and 2.0, and any layout, are the same settings.
    mark.write_text(json.dumps(settings | {"num_train_epochs": 2}), encoding="utf-8")
    capsys.readouterr()
    assert train_once(tmp_path / "run", values, str(tiny_base)).steps == 2
    assert capsys.readouterr().out == f"{tmp_path / 'run'} is finished\n"


def test_the_ablation_from_python(tiny_base, pairs, tmp_path):
    runs = ablate(tiny_base, pairs, output_dir=tmp_path / "out", **QUICK)
    assert list(runs) == ["mlm", "mlm+seq", "mlm+tlm", "mlm+seq+tlm"]
    assert {name: "+".join(run.record.alignment["objectives"]) for name, run in runs.items()} == {
        name: name for name in runs
    }
    assert {run.steps for run in runs.values()} == {2}
    with pytest.raises(TranslitError, match="--ablation sets --objectives itself"):
        ablate(tiny_base, pairs, output_dir=tmp_path / "out", objectives=["mlm"], **QUICK)
