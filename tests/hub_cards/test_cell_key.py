"""Who a number is: keys are content, names are made from them, and records keep what they had."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from hashlib import sha256

import pytest

from hub_examples import eval_fields, score
from places import ROOT
from score_examples import ELL, ENG, query, scores, task
from translit_ppa.hub_cards.records.cell_key import CellKey
from translit_ppa.hub_cards.records.files import EvalRecord, TaskRecord, load_records
from translit_ppa.hub_cards.scores.labels import tails


def test_a_record_is_of_its_key():
    for record in (query("base", ELL, {1}), task()):
        key = record.cell()
        facts = {k: v for k, v in record.to_dict().items() if k not in key.told() and k != "kind"}
        assert type(record).of(key, **facts) == record
        assert key.digest() == record.key() and key == CellKey.of(record)
        assert hash(key) == hash(replace(key)) and key.pair == (ENG, ELL)
        with pytest.raises(FrozenInstanceError):
            key.seed = 1
    assert "layer" not in task().cell().told() and "shots" not in query("b", ELL, {1}).cell().told()


def test_retrieval_draws_nothing_and_a_name_is_no_content():
    record = query("base", ELL, {1})
    for same in ({"seed": 7}, {"model": "runs/1"}, {"created": "2027-01-01T00:00:00Z"}):
        assert replace(record, **same).key() == record.key()
    for other in ({"layer": 7}, {"pooling": "content"}, {"split": "dev"}, {"tokenizer": "x"}):
        assert replace(record, **other).key() != record.key(), other
    assert replace(record, model_digest="unknown").key() is None


def test_the_committed_records_have_the_keys_they_were_measured_under():
    """Written by 0.1.0 into file names; a changed key would measure all of them again."""
    if not (ROOT / "docs").is_dir():
        pytest.skip("the checkout is not beside the tests")
    records = load_records(ROOT / "docs" / "records" / "bible")
    found = [r for r in records if isinstance(r, (EvalRecord, TaskRecord))]
    keys = sorted(record.key() for record in found)
    assert len(keys) == len(set(keys)) == 1425
    assert sha256("\n".join(keys).encode()).hexdigest() == (
        "2d8ec7dfecfab10005f93e0824d11ca08e2060e3356a508270d361b27271d2ef"
    )
    (one,) = [
        r.key()
        for r in found
        if (r.model, r.source, r.target) == ("base", "amh_Ethi", "tur_Latn")
        and r.benchmark.startswith("srb@")
    ]
    assert one.startswith("fcc459be7a08")


def test_the_old_suffix_of_a_latin_record_is_taken_off_once():
    old = eval_fields(model="base [latin]", input="latin", transliterator="uroman")
    assert EvalRecord.from_dict(old).model == "base"
    # A folder may be called so; only Latin records of 0.1.0 had the suffix.
    assert EvalRecord.from_dict(eval_fields(model="a [latin]")).model == "a [latin]"
    original = query("base", ELL, {1})
    latin = replace(original, input="latin", transliterator="uroman")
    assert list(scores([original, latin]).rows) == ["base", "base [latin]"]


def test_names_tell_what_differs():
    base = score("base", ENG, ELL, 1).cell()
    deep, latin = replace(base, layer=3), replace(base, input="latin")
    assert tails([base, latin]) == ["", " [latin]"]
    assert tails([base, deep, latin]) == [" [layer:8]", " [layer:3]", " [latin]"]
    assert tails([base, replace(deep, model="x")]) == ["", ""]
    both = replace(deep, pooling="content", model_digest="f" * 40)
    assert tails([base, both]) == [
        " [layer:8, pooling:attended, model_digest:abababab]",
        " [layer:3, pooling:content, model_digest:ffffffff]",
    ]
    few, other = task(shots=5).cell(), task(settings={"selection": "best"}).cell()
    assert tails([task().cell(), task(seed=43).cell()]) == ["", ""]
    assert tails([task().cell(), few]) == [" [shots:0]", " [shots:5]"]
    assert all(name.startswith(" [settings:") for name in tails([task().cell(), other]))
