"""Doors that a download passes are the same in all rooms, and nobody goes round them."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from translit_ppa.data_builders import names as data_names
from translit_ppa.hub_cards.hub import names as hub_names
from translit_ppa.hub_cards.json_file import parse_json, read_json
from translit_ppa.hub_cards.records.schema_check import RecordError

ROOMS = {"data_builders": "DataError", "hub_cards": "RecordError", "modeling": "AlignmentError"}
# JSON that this very program has just made in memory or written, or that comes with it.
OWN = {
    "dataset/builder.py",
    "vocabulary/tokenizer_state.py",
    "training/stand_in.py",
    "training/arguments.py",
    "space/app.py",
    "space/sentence_modules.py",
    "checkpoints/sentence_twin.py",
    "translit_ppa/identity.py",
    "training/ablation.py",  # a copy of its own settings
}


def door(room):
    return importlib.import_module(f"translit_ppa.{room}.json_file")


def test_the_space_folds_letters_as_a_build_does():
    """It runs alone, so it has the same file once more."""
    import translit_ppa.data_builders.sentences.forms as forms
    from translit_ppa import hub_cards

    copy = Path(hub_cards.__file__).parent / "space" / "forms.py"
    assert copy.read_bytes() == Path(forms.__file__).read_bytes()


def test_the_doors_for_json_are_one_file():
    texts = set()
    for room in ROOMS:
        lines = Path(door(room).__file__).read_text("utf-8").splitlines()
        texts.add("\n".join(line for line in lines if not line.endswith(" as JsonError")))
    assert len(texts) == 1


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 100_000, "more than 100 levels deep"),
        ('{"a":' * 101 + "1" + "}" * 101, "more than 100 levels deep"),
        ("[" + "1" * 5000 + "]", "a number of 5,000 digits"),
        (b"\xff{}", "codec"),
        ("", "Expecting value"),
        ("[1,", "Expecting value"),
    ],
)
def test_json_past_a_limit_is_one_line(tmp_path, room, text, told):
    path = tmp_path / "a.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match="not readable as JSON") as caught:
        door(room).read_json(path)
    assert type(caught.value).__name__ == ROOMS[room]
    assert told in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["null", "[1]", "3", '"a"'])
def test_what_is_no_object_is_said(tmp_path, value):
    (tmp_path / "a.json").write_text(value)
    with pytest.raises(RecordError, match="legal: a JSON object"):
        door("hub_cards").read_object(tmp_path / "a.json")


def test_brackets_in_strings_do_not_count(tmp_path):
    text = '{"a": "' + "[" * 500 + '\\\\\\"{{"}'
    assert parse_json(text, "x") == {"a": "[" * 500 + '\\"{{'}
    assert parse_json("[" * 100 + "]" * 100, "x")


def test_a_file_of_too_many_bytes_is_not_read(tmp_path):
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate((1 << 26) + 1)
    with pytest.raises(RecordError, match="longer than 67,108,864 bytes"):
        read_json(tmp_path / "a.json")


def test_nobody_reads_json_past_the_door():
    roots = [Path(importlib.import_module(f"translit_ppa.{r}").__file__).parent for r in ROOMS]
    roots.append(Path(importlib.import_module("translit_ppa").__file__).parent)
    readers = set()
    for file in {file for root in roots for file in root.rglob("*.py")}:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("json.load", "json.loads"):
                readers.add(f"{file.parent.name}/{file.name}")
    readers -= {f"{room}/json_file.py" for room in ROOMS}
    assert readers <= OWN, readers - OWN


def test_the_names_of_two_rooms_have_one_shape():
    assert data_names.ConfigName.shape == hub_names.CONFIG
    assert data_names.RepositoryId.shape == hub_names.REPOSITORY


@pytest.mark.parametrize(
    "text", ["../x/y", "a/..", "/a/b", "a/b/c", "a", "a--b/c", ".a/b", "a/b\n", 3, None, "a\\b/c"]
)
def test_what_is_no_repository(text):
    assert not hub_names.is_hub_id(text)


@pytest.mark.parametrize(
    "text", ["..", ".", "a/b", "/a", "", "data", "default", "a\n", "a" * 97, 1]
)
def test_what_is_no_config(text):
    assert not hub_names.is_config_name(text)
    with pytest.raises(ValueError, match="is no name of a config"):
        data_names.ConfigName(text)


def test_every_checkpoint_is_opened_without_its_code():
    """Every `Auto...from_pretrained` says so; a class of ours runs no code of a checkpoint."""
    roots = [Path(importlib.import_module(f"translit_ppa.{r}").__file__).parent for r in ROOMS]
    roots.append(Path(importlib.import_module("translit_ppa").__file__).parent)
    found = 0
    for file in {file for root in roots for file in root.rglob("*.py")}:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            call = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if call.startswith("Auto") and call.endswith(".from_pretrained"):
                words = ast.unparse(node)
                assert "OWN_CODE" in words or "trust_remote_code=False" in words, f"{file}: {words}"
                found += 1
    assert found >= 15
