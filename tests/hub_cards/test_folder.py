"""A folder of records as JSON lines: appended while running, torn lines, order, the old layout."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from hub_examples import CREATED
from score_examples import ELL, ENG, HEB, query, task
from translit_ppa.hub_cards.records.files import ModelRecord, load_records, write_record
from translit_ppa.hub_cards.records.folder import (
    append_record,
    tidy_folder,
    write_folder,
    write_lines,
)


def topics(model, seed=42):
    """A record whose items are all right, and whose score says so."""
    return task(model, value=100.0, seed=seed)


def model(name, digest=None):
    fields = {"kind": "model", "version": "0.1.0", "created": CREATED, "model": name}
    fields |= {"model_digest": digest or f"sha256:{name}", "tokenizer": "t", "training": None}
    return ModelRecord.from_dict(fields)


def test_a_file_per_benchmark_in_order(tmp_path):
    records = [query("b", ELL, {1}), topics("a", 2), topics("b"), query("a", HEB, {1}), topics("a")]
    records.append(query("a", ELL, {2}, benchmark="parallel:names@sha256:1"))
    for record in records:
        append_record(tmp_path, record)
    assert load_records(tmp_path / "sib200.jsonl") == [records[1], records[2], records[4]]
    for name in ("b", "a"):
        append_record(tmp_path, model(name))
    tidy_folder(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [
        *("cldr.jsonl", "models.jsonl", "parallel-names.jsonl", "sib200.jsonl"),
    ]
    # Models as they came; scores by model, then by cell and seed.
    assert [m.model for m in load_records(tmp_path / "models.jsonl")] == ["b", "a"]
    found = load_records(tmp_path / "sib200.jsonl")
    assert [(r.model, r.seed) for r in found] == [("b", 42), ("a", 2), ("a", 42)]
    assert [r.model for r in load_records(tmp_path / "cldr.jsonl")] == ["b", "a"]
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in os.listdir(tmp_path)}
    tidy_folder(tmp_path)
    after = {name: (tmp_path / name).stat().st_mtime_ns for name in os.listdir(tmp_path)}
    assert before == after, "what is in order is left alone"


def test_a_torn_last_line_is_dropped_with_a_notice(tmp_path, capsys):
    for target in (ELL, HEB):
        append_record(tmp_path, query("base", target, {1}))
    path = tmp_path / "cldr.jsonl"
    content = path.read_bytes()
    cut = len(content) - 40
    path.write_bytes(content[:cut])
    (left,) = load_records(tmp_path)
    assert left.target == ELL
    assert "cldr.jsonl: the last line is torn and left out" in capsys.readouterr().err
    # What comes next stands on a line of its own.
    append_record(tmp_path, query("base", HEB, {1}))
    assert path.read_bytes() == content
    # A whole record that only lacks its line feed is kept.
    path.write_bytes(content[:-1])
    append_record(tmp_path, query("base", "tur_Latn", {1}))
    assert [r.target for r in load_records(tmp_path)] == [ELL, HEB, "tur_Latn"]
    # Every place where a writer may have been killed.
    line = content.splitlines(keepends=True)[0]
    for size in range(1, len(line), 97):
        path.write_bytes(line[:size])
        append_record(tmp_path, query("base", HEB, {1}))
        assert [r.target for r in load_records(tmp_path)] == [HEB]
    # A broken line further up is no torn one.
    path.write_bytes(content[:30] + b"\n" + content)
    with pytest.raises(ValueError, match=r"cldr\.jsonl: not readable as JSON"):
        load_records(tmp_path)


def test_the_last_of_one_content_is_kept(tmp_path):
    old, new = query("base", ELL, {1}), replace(query("base", ELL, {1}), model="renamed")
    unknown = replace(old, model_digest="unknown")
    again = replace(unknown, created="2027-01-01T00:00:00+00:00")
    other = replace(unknown, model="another")
    write_folder(tmp_path, [old, unknown, new, again, other, model("x", "d"), model("y", "d")])
    found = load_records(tmp_path / "cldr.jsonl")
    assert sorted(r.model for r in found) == ["another", "base", "renamed"]
    assert again in found and unknown not in found
    assert [m.model for m in load_records(tmp_path / "models.jsonl")] == ["y"]


def test_one_file_and_the_old_layout_hold_the_same(tmp_path):
    records = [model("base"), *(topics("base", seed) for seed in (42, 43)), query("base", ELL, {1})]
    write_lines(tmp_path / "all.jsonl", records)
    assert load_records(tmp_path / "all.jsonl") == [records[0], records[3], *records[1:3]]
    for number, record in enumerate(records):
        write_record(tmp_path / "old" / f"{number}-{ENG}.json", record)
    assert load_records(tmp_path / "old") == records
    write_folder(tmp_path / "old", records)
    both = load_records(tmp_path / "old")
    assert len(both) == 2 * len(records) and all(record in both for record in records)


def test_odd_characters_survive(tmp_path):
    odd = replace(query("a\u2028b\udc80😀", ELL, {1}), benchmark="x/../y@1")
    append_record(tmp_path, odd)
    assert load_records(tmp_path) == [odd]
    (name,) = os.listdir(tmp_path)
    assert name == "x-..-y.jsonl" and len((tmp_path / name).read_bytes().splitlines()) == 1
    assert json.loads((tmp_path / name).read_text("utf-8"))["kind"] == "eval"
