"""The table of differences to the authors' code: true, complete, and the same in the README."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from translit_ppa.data_builders import build_pairs, get_transliterator
from translit_ppa.modeling.training.arguments import (
    ObjectiveArguments,
    PostTrainingArguments,
    parse_arguments,
)
from translit_ppa.modeling.training.paper_compat import PAPER_COMPAT, compat_markdown, compat_values

README = Path(__file__).resolve().parents[2] / "README.md"


def dataclass_defaults():
    return {
        f.name: f.default if f.default is not MISSING else f.default_factory()
        for kind in (PostTrainingArguments, ObjectiveArguments)
        for f in fields(kind)
        if f.default is not MISSING or f.default_factory is not MISSING
    }


def test_readme_holds_the_table():
    if not README.is_file():
        # The tests of an installed wheel run away from the tree.
        pytest.skip("no README.md beside the tests")
    assert compat_markdown() in README.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "row", [r for r in PAPER_COMPAT if r.command == "train.py"], ids=lambda r: r.option
)
def test_training_rows_are_what_a_command_line_gives(row):
    assert dataclass_defaults()[row.option] == row.default
    assert row.default != row.paper_compat
    for words, expected in (([], row.default), (["--paper_compat"], row.paper_compat)):
        _, objectives, _, training = parse_arguments(["--model_name_or_path", "x", *words])
        values = {**vars(training), **vars(objectives)}
        assert values[row.option] == expected


def test_paper_compat_changes_nothing_else():
    named = set(compat_values("train.py"))
    plain = parse_arguments(["--model_name_or_path", "x"])
    compat = parse_arguments(["--model_name_or_path", "x", "--paper_compat"])
    changed = {
        name
        for ours, theirs in zip(plain, compat, strict=True)
        for name, value in vars(ours).items()
        if not name.startswith("_") and name != "distributed_state" and vars(theirs)[name] != value
    }
    assert changed - {"logging_dir"} == named | {"paper_compat"}
    assert named == {
        "seq_weight",
        "gather_with_gradient",
        "weight_decay",
        "mask_equal_texts",
        "keep_separator",
        "replace_with_special",
        "mask_at_least_one",
    }


def test_build_row_is_what_a_build_does():
    (row,) = [r for r in PAPER_COMPAT if r.command == "data_builders build"]
    assert (row.option, row.default, row.paper_compat) == ("language_code", True, False)
    # A build takes it as paper_compat=, and hands the opposite to the romaniser.
    assert inspect.signature(build_pairs).parameters["paper_compat"].default is False
    default = inspect.signature(get_transliterator).parameters["language_code"].default
    assert default is row.default
    signature = {
        code: get_transliterator("uroman", language_code=code).signature().partition("|")[2]
        for code in (row.default, row.paper_compat)
    }
    assert signature == {True: "lcode:yes", False: "lcode:no"}


def test_pooling_row_is_the_option_of_both():
    (row,) = [r for r in PAPER_COMPAT if r.command == "eval.py"]
    assert (row.option, row.paper_compat) == ("pooling", "attended")
    assert dataclass_defaults()["pooling"] == row.default


def test_markdown_has_a_line_for_every_row():
    lines = compat_markdown().split("\n")
    assert len(lines) == 2 + len(PAPER_COMPAT) == 11
    assert lines[2] == (
        "| `train.py` | `seq_weight` | 1.0 | 0.5 | the code halves the paper's contrastive loss |"
    )
    assert all(line.count("|") == 6 for line in lines)
