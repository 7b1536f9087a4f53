from __future__ import annotations

import json
import os
from dataclasses import FrozenInstanceError

import pytest

from hub_examples import build_fields, eval_fields, train_fields
from translit_ppa.hub_cards.records.files import (
    BuildRecord,
    EvalRecord,
    RecordError,
    TrainRecord,
    common_signature,
    load_records,
    parse_record,
    write_record,
)

EXAMPLES = [
    (BuildRecord, build_fields),
    (TrainRecord, train_fields),
    (EvalRecord, eval_fields),
]


@pytest.mark.parametrize(("kind", "fields"), EXAMPLES)
def test_dictionary_round_trip(kind, fields):
    record = kind.from_dict(fields())
    assert record.to_dict() == fields()
    assert parse_record(fields()) == record
    assert json.loads(json.dumps(record.to_dict())) == fields()


@pytest.mark.parametrize(("kind", "fields"), EXAMPLES)
def test_each_field_is_needed_and_no_other(kind, fields):
    for name in fields():
        rest = {key: value for key, value in fields().items() if key != name}
        with pytest.raises(RecordError, match=f"missing field {name}; legal: .*{name}"):
            kind.from_dict(rest)
    with pytest.raises(RecordError, match="unknown field colour"):
        kind.from_dict(fields() | {"colour": 1})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n": "350"}, "n: came '350'; legal: an integer"),
        ({"n": True}, "n: came True; legal: an integer"),
        ({"n": 3.0}, "n: came 3.0; legal: an integer"),
        ({"n": 0}, "n: came 0; legal: at least 1"),
        ({"identical": -1}, "identical: came -1; legal: at least 0"),
        ({"kind": "build"}, "kind: came 'build'; legal: 'eval'"),
        ({"created": "yesterday"}, "created: came 'yesterday'; legal: an ISO 8601 time"),
        ({"transliterator": 1}, "transliterator: came 1; legal: a string"),
        ({"scores": {"top1": 1.0}}, "scores: missing top5"),
        ({"scores": {"top1": 1.0, "top5": 101.0, "top10": 2.0}}, r"scores\.top5: came 101.0"),
        ({"scores": {"top1": float("nan")}}, r"scores\.top1: came nan; legal: a finite number"),
        ({"scores": [1.0]}, r"scores: came \[1.0\]; legal: an object, each value a finite number"),
    ],
)
def test_illegal_values_are_named_with_the_legal_ones(changes, message):
    with pytest.raises(RecordError, match=message):
        EvalRecord.from_dict(eval_fields(**changes))


def test_nested_fields_are_named_by_their_path():
    fields = build_fields()
    fields["languages"][0]["kept"] = None
    with pytest.raises(RecordError, match=r"languages\[0\]\.kept: came None; legal: an integer"):
        BuildRecord.from_dict(fields)
    fields = build_fields()
    del fields["languages"][0]["dropped"]
    with pytest.raises(RecordError, match=r"missing field languages\[0\]\.dropped"):
        BuildRecord.from_dict(fields)
    fields = train_fields()
    fields["history"].append({"loss": 1.0})
    with pytest.raises(RecordError, match=r"history\[3\]\.step"):
        TrainRecord.from_dict(fields)


@pytest.mark.parametrize("value", [float("inf"), [1, float("nan")], {"a": {"b": float("-inf")}}])
def test_a_number_that_no_json_has_is_refused_wherever_it_stands(value):
    fields = train_fields()
    fields["arguments"]["odd"] = value
    with pytest.raises(RecordError, match=r"arguments\.odd: came .*; legal: a finite number"):
        TrainRecord.from_dict(fields)


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("objectives", ["mlm", None], r"objectives\[1\]: came "),
        ("objectives", "mlm", "objectives: came"),
        ("layer", "8", "layer: came"),
    ],
)
def test_options_that_cards_read_are_checked(option, value, told):
    fields = train_fields()
    fields["alignment"] = {**fields["alignment"], option: value}
    with pytest.raises(RecordError, match=rf"^alignment\.{told}"):
        TrainRecord.from_dict(fields)


def test_records_are_frozen_and_numbers_typed():
    record = TrainRecord.from_dict(train_fields() | {"seconds": 3})
    assert isinstance(record.seconds, float)
    with pytest.raises(FrozenInstanceError):
        record.seconds = 4.0


def test_a_diverged_training_is_recorded(tmp_path):
    fields = train_fields()
    fields["history"][0] |= {"loss": float("nan"), "grad_norm": float("inf")}
    record = TrainRecord.from_dict(fields)
    assert (record.history[0]["loss"], record.history[0]["grad_norm"]) == (None, None)
    assert load_records(write_record(tmp_path / "train_record.json", record)) == [record]


def test_signature_text():
    assert EvalRecord.from_dict(eval_fields()).signature() == (
        "cldr|split:test|src:eng_Latn|tgt:amh_Ethi|input:original|translit:none|layer:8"
        "|pool:attended|n:400|seed:42|v:0.1.0"
    )
    record = EvalRecord.from_dict(eval_fields(transliterator="uroman-1.3.1.1|lcode:yes"))
    assert "|translit:uroman-1.3.1.1,lcode:yes|layer:8|" in record.signature()


def test_common_signature_stars_what_differs():
    records = [
        EvalRecord.from_dict(eval_fields(**changes))
        for changes in ({}, {"target": "ell_Grek", "n": 90}, {"layer": 4, "n": 1000})
    ]
    assert common_signature(record.signature_parts() for record in records) == (
        "cldr|split:test|src:eng_Latn|tgt:*|input:original|translit:none|layer:*"
        "|pool:attended|n:90-1000|seed:42|v:0.1.0"
    )


@pytest.mark.parametrize(("kind", "fields"), EXAMPLES)
def test_written_records_load_again(tmp_path, kind, fields):
    path = write_record(tmp_path / "deep" / "record.json", kind.from_dict(fields()))
    assert load_records(path) == [kind.from_dict(fields())]
    assert os.listdir(path.parent) == ["record.json"]
    assert path.stat().st_mode & 0o444 == 0o444 & ~_umask()


def _umask():
    umask = os.umask(0)
    os.umask(umask)
    return umask


def test_odd_characters_survive(tmp_path):
    fields = build_fields()
    fields["languages"][0]["unmapped"] = {"\u2028": 1, "\udc80": 2, "😀": 3}
    path = write_record(tmp_path / "record.json", BuildRecord.from_dict(fields))
    assert load_records(path)[0].languages[0].unmapped == {"\u2028": 1, "\udc80": 2, "😀": 3}


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = write_record(tmp_path / "record.json", EvalRecord.from_dict(eval_fields()))
    old = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_record(path, EvalRecord.from_dict(eval_fields(n=1)))
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["record.json"]


def test_a_folder_gives_its_records_in_order_and_passes_over_other_json(tmp_path):
    lines = [json.dumps(eval_fields(seed=seed)) for seed in (3, 1)]
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "scores.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "b.json").write_text(json.dumps([eval_fields(seed=7), eval_fields(seed=5)]))
    (tmp_path / "config.json").write_text('{"model_type": "xlm-roberta"}')
    (tmp_path / "build_record.json").write_text(json.dumps(build_fields()))
    assert [record.seed for record in load_records(tmp_path, "eval")] == [3, 1, 7, 5]
    assert [record.kind for record in load_records(tmp_path)] == [*["eval"] * 4, "build"]


def test_unusable_files_are_named(tmp_path):
    with pytest.raises(RecordError, match="no file or folder"):
        load_records(tmp_path / "nowhere")
    with pytest.raises(RecordError, match="holds no record of kind build, train, eval"):
        load_records(tmp_path)
    with pytest.raises(RecordError, match="kind: came 'sleep'; legal: build, train, eval"):
        load_records(tmp_path, "sleep")
    (tmp_path / "config.json").write_text('{"model_type": "xlm-roberta"}')
    with pytest.raises(RecordError, match=r"config\.json: kind: came None; legal: build"):
        load_records(tmp_path / "config.json")
    broken = tmp_path / "half.json"
    broken.write_text('{"kind": "eval", ')
    with pytest.raises(RecordError, match=r"half\.json: not readable as JSON"):
        load_records(tmp_path)
    broken.write_text(json.dumps(eval_fields(pool="x")))
    with pytest.raises(RecordError, match=r"half\.json: pool: came 'x'"):
        load_records(tmp_path)


def test_a_build_record_of_0_1_0_lacks_the_unreadable_numbers():
    fields = build_fields()
    del fields["languages"][0]["unreadable_numbers"]
    assert BuildRecord.from_dict(fields).languages[0].unreadable_numbers == 0
