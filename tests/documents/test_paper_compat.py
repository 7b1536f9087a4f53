"""The table of differences to the authors' code: true, complete, and the same in the page."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from translit_ppa.data_builders import build_pairs, get_transliterator
from translit_ppa.modeling.aligned.alignment_config import POOLING_NAMES
from translit_ppa.modeling.training.arguments import (
    ObjectiveArguments,
    PostTrainingArguments,
    make_arguments,
    weight_options,
)
from translit_ppa.modeling.training.paper_compat import PAPER_COMPAT, compat_markdown, compat_values

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reproduce.md"


def dataclass_defaults():
    return {
        f.name: f.default if f.default is not MISSING else f.default_factory()
        for kind in (PostTrainingArguments, ObjectiveArguments, weight_options())
        for f in fields(kind)
        if f.default is not MISSING or f.default_factory is not MISSING
    }


def test_the_page_holds_the_table():
    if not PAGE.is_file():
        # The tests of an installed wheel run away from the tree.
        pytest.skip("no docs/ beside the tests")
    assert f"\n\n{compat_markdown()}\n\n" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "row", [r for r in PAPER_COMPAT if r.command == "train"], ids=lambda r: r.option
)
def test_training_rows_are_what_a_command_line_gives(row):
    assert dataclass_defaults()[row.option] == row.default
    assert row.default != row.paper_compat
    for given, expected in (({}, row.default), ({"paper_compat": True}, row.paper_compat)):
        _, objectives, _, training = make_arguments({"base": "x", **given})
        values = {**vars(training), **vars(objectives), **objectives.alignment().to_dict()}
        assert values[row.option] == expected


def test_paper_compat_changes_nothing_else():
    named = set(compat_values("train"))
    plain = make_arguments({"base": "x"})
    compat = make_arguments({"base": "x", "paper_compat": True})
    changed = {
        name
        for ours, theirs in zip(plain, compat, strict=True)
        for name, value in vars(ours).items()
        if not name.startswith("_") and name != "distributed_state" and vars(theirs)[name] != value
    }
    assert changed - {"logging_dir"} == named - {"seq_weight"} | {"paper_compat", "weights"}
    assert [kind[1].weights for kind in (plain, compat)] == [
        {"mlm": 1.0, "seq": 1.0, "tlm": 1.0},
        {"mlm": 1.0, "seq": 0.5, "tlm": 1.0},
    ]
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
    (row,) = [r for r in PAPER_COMPAT if r.command == "build"]
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
    (row,) = [r for r in PAPER_COMPAT if r.command == "eval"]
    assert (row.option, row.paper_compat) == ("pooling", "attended")
    # Of a raw encoder; a sentence model has a pooling of its own.
    assert dataclass_defaults()["pooling"] is None and POOLING_NAMES[0] == row.default


def test_markdown_has_a_line_for_every_row():
    lines = compat_markdown().split("\n")
    assert len(lines) == 2 + len(PAPER_COMPAT) == 11
    assert lines[2] == (
        "| `train` | `seq_weight` | 1.0 | 0.5 | the code halves the paper's contrastive loss |"
    )
    assert all(line.count("|") == 6 for line in lines)
