"""Recipes and precedence: default, then recipe, then --paper-compat, then what was typed."""

from __future__ import annotations

import pytest

from corridor_examples import train
from translit_ppa.commands.train import training_options
from translit_ppa.modeling.aligned.errors import AlignmentError
from translit_ppa.modeling.training.arguments import make_arguments
from translit_ppa.modeling.training.data_collator import PairCollator

# arXiv 2406.19759, section 4.1 and appendix A: 512 pairs per update, Adam 2e-5, linear to 0.
PAPER = {
    "per_device_train_batch_size": 64,
    "gradient_accumulation_steps": 8,
    "learning_rate": 2e-5,
    "lr_scheduler_type": "linear",
    "warmup_steps": 0,
    "weight_decay": 0.01,
    "adam_beta1": 0.9,
    "adam_beta2": 0.999,
    "adam_epsilon": 1e-8,
    "max_grad_norm": 1.0,
    "max_steps": -1,
    "save_steps": 2000,
    "logging_steps": 100,
    "seed": 42,
    "optim": "adamw_torch_fused",
    "bf16": True,
    "fp16": False,
}


# transformers refuses bf16 on a machine without CUDA unless it is told to use the CPU.
ANYWHERE = ["--use-cpu"]
WORKERS = ["--dataloader-persistent-workers", "true"]
TRIM = ["--trim-vocabulary", "--trim-keep"]


def parse_arguments(words):
    """As the command does, up to the training itself."""
    return make_arguments(training_options(words))


GIVEN = ["--base", "m", "--pairs", "d"]


@pytest.mark.parametrize(("recipe", "epochs"), [("mediterranean", 2), ("sea", 8)])
def test_recipes_are_the_papers_runs(recipe, epochs):
    inputs, objectives, _, training = parse_arguments(["--recipe", recipe, *ANYWHERE])
    assert {name: getattr(training, name) for name in PAPER} == PAPER
    assert training.num_train_epochs == epochs
    assert training.output_dir == f"runs/glot500-translit-ppa-{recipe}"
    assert (inputs.base, inputs.pairs) == ("cis-lmu/glot500-base", None)
    assert (inputs.source, inputs.group) == ("hub", recipe)
    assert (inputs.max_length, inputs.max_train_samples, inputs.recipe) == (512, None, recipe)
    options = objectives.alignment()
    assert options.to_dict() == {
        "objectives": ["mlm", "seq", "tlm"],
        "mlm_weight": 1.0,
        "seq_weight": 1.0,
        "tlm_weight": 1.0,
        "layer": None,
        "similarity": "dot",
        "temperature": 1.0,
        "mask_equal_texts": True,
        "gather_with_gradient": True,
        "pooling": "attended",
    }
    assert options.resolve_layer(12) == 8
    assert objectives.mlm_probability == 0.15


def test_defaults_are_the_papers_without_a_recipe():
    inputs, _, _, training = parse_arguments(["--base", "x"])
    assert inputs.recipe is None
    expected = {**PAPER, "per_device_train_batch_size": 16, "bf16": False}
    assert {name: getattr(training, name) for name in PAPER} == expected
    assert (training.num_train_epochs, training.output_dir) == (2, "runs/train")


def test_no_argument_is_the_embedded_example():
    inputs, _, _, training = parse_arguments([])
    assert (inputs.recipe, inputs.source, inputs.base) == (
        "embedded",
        "cldr",
        None,
    )
    assert (inputs.validation_benchmark, training.load_best_model_at_end) == ("cldr", True)
    assert training.output_dir == "runs/default"


def test_typed_wins_over_recipe():
    words = ["--recipe", "sea", "--num-train-epochs", "1", "--learning-rate", "1e-4"]
    words += ["--group", "mediterranean", "--bf16", "false"]
    inputs, _, _, training = parse_arguments(words)
    assert (training.num_train_epochs, training.learning_rate, training.bf16) == (1, 1e-4, False)
    assert inputs.group == "mediterranean"
    assert training.per_device_train_batch_size == 64


def test_paper_compat_reaches_alignment_and_collator(tokenizer):
    words = ["--recipe", "mediterranean", "--paper-compat", *ANYWHERE]
    inputs, objectives, _, training = parse_arguments(words)
    assert inputs.paper_compat
    assert training.weight_decay == 0.0, "paper_compat wins over the recipe's 0.01"
    options = objectives.alignment()
    assert options.weights == {"mlm": 1.0, "seq": 0.5, "tlm": 1.0}
    assert (options.gather_with_gradient, options.mask_equal_texts) == (False, False)
    assert options.pooling == "attended"
    collator = PairCollator(tokenizer, **objectives.collator_options())
    assert (collator.keep_separator, collator.mask_at_least_one) == (False, False)
    assert collator.replace_with_special
    assert collator._replacements[:5].tolist() == [0, 1, 2, 3, 4]


def test_typed_wins_over_paper_compat(tokenizer):
    words = ["--paper-compat", "--recipe", "mediterranean", *ANYWHERE, "--seq-weight", "0.7"]
    words += ["--mask-equal-texts", "true", "--weight-decay", "0.3", "--replace-with-special=false"]
    _, objectives, _, training = parse_arguments(words)
    assert objectives.alignment().weights["seq"] == 0.7
    assert objectives.alignment().mask_equal_texts
    assert not objectives.alignment().gather_with_gradient
    assert training.weight_decay == 0.3
    collator = PairCollator(tokenizer, **objectives.collator_options())
    assert not {0, 1, 2, 3, tokenizer.mask_token_id} & set(collator._replacements.tolist())


def test_without_paper_compat_typed_booleans_switch_off():
    _, objectives, _, _ = parse_arguments(["--no-mask-equal-texts", "--keep-separator", "false"])
    assert not objectives.alignment().mask_equal_texts
    assert not objectives.collator_options()["keep_separator"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["--max-train-samples", "0"], "max_train_samples is 0. Legal: 1 or more."),
        (["--max-length", "4"], "max_length is 4. Legal: 5 or more"),
        (["--per-device-train-batch-size", "0"], "per_device_train_batch_size is 0. Legal: 1"),
        (["--tokens-per-batch", "0"], "tokens_per_batch is 0. Legal: 1 or more."),
        (["--tokens-per-batch", "-8"], "tokens_per_batch is -8. Legal: 1 or more."),
        ([*WORKERS, "--dataloader-num-workers", "2"], "masks of the first. Leave it out."),
        (["--trim-keep", "nowhere"], "nothing is trimmed. Add --trim-vocabulary"),
        ([*TRIM, "nowhere"], "trim_keep nowhere is or holds no text file. Legal: UTF-8"),
        ([*TRIM, "srb"], "srb reads a local folder and none was given"),
        (["--seed", "-1"], "seed is -1. Legal: 0 to 4294967295."),
        (["--remove-unused-columns", "true"], "remove_unused_columns is true"),
        (["--label-smoothing-factor", "0.1"], "label_smoothing_factor has no effect"),
        (["--report-to", "nope"], "report_to nope: nope is not supported"),
        ([*GIVEN, "--metric-for-best-model", "eval_top10"], "needs --validation-benchmark"),
        (["--resume-from-checkpoint", "nodir"], "which is no checkpoint folder of a training"),
        (["--mlm-weight", "nan"], "mlm_weight is nan. Legal: 0 or more, finite."),
        (["--no-such-option", "1"], "--no-such-option"),
    ],
)
def test_what_cannot_be_honoured_is_refused_first(tmp_path, monkeypatch, capsys, wrong, message):
    monkeypatch.chdir(tmp_path)
    assert train([*ANYWHERE, "--output-dir", "out", *wrong]) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("option", "value", "legal"),
    [
        ("learning-rate", "-1", "learning_rate: came -1.0; legal: a number from 0"),
        ("learning-rate", "nan", "learning_rate: came nan"),
        ("stand-in-learning-rate", "inf", "stand_in_learning_rate: came inf"),
        ("adam-epsilon", "-1e-8", "adam_epsilon: came -1e-08"),
        ("adam-beta2", "1", "adam_beta2: came 1.0; legal: 0 to below 1"),
    ],
)
def test_numbers_that_no_optimizer_takes_are_refused_at_once(option, value, legal):
    with pytest.raises(AlignmentError, match=legal):
        parse_arguments([*GIVEN, f"--{option}={value}"])
