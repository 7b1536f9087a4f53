"""Numbers that do not agree are refused in one line: with their items, weights, versions, twins."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hub_examples import CREATED, eval_fields
from score_examples import ELL, HEB, query, scores, tagged
from translit_ppa.hub_cards.cards.results_page import write_page
from translit_ppa.hub_cards.records.files import ModelRecord, RecordError, load_records
from translit_ppa.hub_cards.records.folder import write_folder
from translit_ppa.hub_cards.scores.scores import Scores


def folder(tmp_path, *changed):
    """A folder of records as it lies on a disk, some fields of each changed by hand."""
    lines = []
    for record, changes in changed:
        lines.append(json.dumps(record.to_dict() | changes))
    (tmp_path / "scores.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scores": {"top1": 0.0, "top5": 0.0, "top10": 60.0}}, "items: give top10 50.00; legal"),
        ({"scores": {"top1": 0.0, "top5": 1.0, "top10": 50.0}}, "items: give top5 0.00; legal"),
        ({"scores": {"top1": 9.0, "top5": 9.0, "top10": 50.0}}, "items: give top1 0.00; legal"),
        ({"n": 5}, "n: came 5; items count 200"),
        ({"identical": 3}, "identical: came 3; items count 0"),
        ({"items": " ".join(["x"] * 200)}, "items: do not fit top10"),
    ],
)
def test_a_score_that_its_items_do_not_give_is_refused(tmp_path, changes, said):
    record = query("base", ELL, set(range(100)))
    assert load_records(folder(tmp_path, (record, {}))) == [record]
    with pytest.raises(RecordError, match=said) as caught:
        load_records(folder(tmp_path, (record, changes)))
    assert "scores.jsonl: " in str(caught.value) and "\n" not in str(caught.value)


def test_so_is_that_of_a_task(tmp_path):
    record = tagged("base", {1, 2, 3})
    with pytest.raises(RecordError, match=r"items: give entity_f1 1\.50; legal: scores.entity_f1"):
        load_records(folder(tmp_path, (record, {"scores": {"entity_f1": 90.0}})))


def test_what_is_no_record_among_records_is_not_passed_over(tmp_path):
    one, other = query("base", ELL, {1}), query("base", HEB, {1})
    with pytest.raises(RecordError, match=r"holds 1 records and 1 values .* of kind 'Eval'; legal"):
        load_records(folder(tmp_path, (one, {}), (other, {"kind": "Eval"})))
    (tmp_path / "log.jsonl").write_text('{"step": 1}\n{"step": 2}\n', "utf-8")
    assert load_records(folder(tmp_path, (one, {}))) == [one]


def test_two_records_of_one_cell_that_disagree_are_refused():
    one, other = query("base", ELL, {1}), query("base", ELL, {1, 2})
    assert Scores.of([one, one]).records == (one,)
    told = r"eng_Latn -> ell_Grek, seed 42: two records of .* disagree"
    with pytest.raises(RecordError, match=told):
        Scores.of([one, other])


def test_two_versions_are_not_compared():
    base, other = query("base", ELL, {1}), query("other", ELL, {2, 3}, version="0.0.9")
    with pytest.raises(RecordError, match=r"version: came 0\.0\.9 and 0\.1\.0 for base, other on"):
        scores([base, other]).compare("base", "other")
    assert scores([base, replace(other, version="0.1.0")]).compare("base", "other") is not None


def test_a_page_shows_no_score_of_other_weights_under_the_name_of_a_model(tmp_path):
    """A model was trained anew under its old name, and scored on one benchmark only."""
    names = {"base": "sha256:base", "run": "sha256:new"}
    models = [
        ModelRecord.from_dict(
            {"kind": "model", "version": "0.1.0", "created": CREATED, "model": name}
            | {"model_digest": digest, "tokenizer": "t", "training": None}
        )
        for name, digest in names.items()
    ]
    old = replace(query("run", ELL, {1}, benchmark="srb@sha256:2"), model_digest="sha256:old")
    new = [replace(query(name, ELL, {1, 2}), model_digest=digest) for name, digest in names.items()]
    write_folder(tmp_path / "records", [*models, *new, old])
    records = load_records(tmp_path / "records")
    with pytest.raises(RecordError, match=r"srb@sha256:2: came scores of run with .* sha256:old; "):
        write_page(records, "mediterranean", tmp_path / "page.md")
    assert not (tmp_path / "page.md").exists()
    rest = [record for record in records if record.to_dict().get("model_digest") != "sha256:old"]
    assert write_page(rest, "mediterranean", tmp_path / "page.md").is_file()


def test_records_of_examples_are_whole():
    """The helper of other tests makes items that give its scores."""
    fields = eval_fields(scores={"top1": 1.0, "top5": 5.0, "top10": 10.0})
    assert fields["items"].split().count("1") == 4 and fields["items"].split().count("0") == 360
