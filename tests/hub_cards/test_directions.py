"""Directions: which records are of one, and their tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub_examples import eval_fields
from score_examples import ELL, ENG, HEB, TUR, query, scores
from translit_ppa.hub_cards.records.files import EvalRecord, RecordError
from translit_ppa.hub_cards.scores.directions import (
    DIRECTIONS,
    has_directions,
    in_one_script,
    of_direction,
)
from translit_ppa.hub_cards.tables.direction_tables import direction_table, direction_tables

CLOSE = {"matched": 0.9, "random": 0.8}


def asked(model, source, target, hits, searched="original", **changes):
    """A record of romanised queries."""
    fields = {"source": source, "input": "latin", "transliterator": "uroman", "cosines": CLOSE}
    searched = None if searched == "latin" else searched
    return query(model, target, set(range(hits)), **fields, target_input=searched, **changes)


@pytest.fixture
def records():
    """Two models; the second finds 20 more of 200 in every direction, and 40 in `own`."""
    found = []
    for model, more in (("base", 0), ("aligned", 20)):
        found += [query(model, HEB, set(range(100 + more)), source=ELL, cosines=CLOSE)]
        found += [asked(model, ELL, ENG, 60 + more), asked(model, HEB, ENG, 20 + more)]
        found += [asked(model, ELL, ELL, 50 + 2 * more), asked(model, ELL, TUR, 30 + more)]
        found += [asked(model, ELL, HEB, 10 + more, "latin")]
    return found


def test_a_record_is_of_its_directions(records):
    every = scores(records)
    counts = {name: len(of_direction(every, name)) for name in DIRECTIONS}
    assert counts == {"original": 2, "english": 4, "own": 2, "others": 6, "romanised": 2}
    # Text in Latin letters is not romanised, though `--input latin` hands it to the romaniser.
    both = scores([asked("base", TUR, ELL, 1, "latin"), asked("base", ELL, TUR, 1, "latin")])
    assert not of_direction(both, "romanised").records and not has_directions(both)
    assert in_one_script(both) is both
    assert [r.input for r in in_one_script(every).records] == ["original", "original"]


def test_keys_signatures_and_names_tell_both_scripts():
    old, mixed = asked("base", ELL, HEB, 1, "latin"), asked("base", ELL, HEB, 1)
    assert old.key() != mixed.key() and "target_input" not in old.cell().told()
    assert "|input:latin|" in old.signature() and "|input:latin -> original|" in mixed.signature()
    assert list(scores([old, mixed]).rows) == ["base [latin]", "base [latin -> original]"]
    # What an older record lacks is not written into it either.
    assert "target_input" not in old.to_dict() and "cosines" not in query("b", ELL, {1}).to_dict()
    assert EvalRecord.from_dict(mixed.to_dict()) == mixed
    with pytest.raises(RecordError, match=r"cosines: came \['near'\]"):
        EvalRecord.from_dict(eval_fields(cosines={"near": 1.0}))


def test_the_table_has_a_row_per_direction(records):
    table = direction_table(scores(records))
    assert table.header == (
        *("direction", "pairs", "base", "aligned", "base: cosine", "aligned: cosine"),
        "aligned against base, top-10",
    )
    found = {row[0]: row[1:] for row in table.rows}
    assert list(found) == [direction.title for direction in DIRECTIONS.values()]
    # 60 and 20 of 200, then 80 and 40; `own` has one language, and no other's mean.
    assert found["romanised -> English"][:3] == ("2", "0.0 / 20.0", "0.0 / 30.0")
    assert found["romanised -> own original"][:3] == ("1", "0.0 / 25.0", "0.0 / 45.0")
    assert found["romanised -> own original"][3:5] == ("0.10", "0.10")
    assert found["romanised -> own original"][5].startswith("+20.0 (+13.8")
    assert found["romanised -> own original"][5].endswith("), better")
    assert found["romanised -> romanised"][:3] == ("1", "0.0 / 5.0", "0.0 / 15.0")
    assert "equal texts left out: 0 of 2400 queries" in table.notes[1]


def test_by_language_and_by_layer(records):
    summary, languages = direction_tables(scores(records))
    rows = {row[:2]: row[2:] for row in languages.rows}
    assert languages.header == ("direction", "model", ELL, HEB)
    assert rows["romanised -> English", "aligned"] == ("0.0 / 40.0", "0.0 / 20.0")
    assert rows["romanised -> own original", "base"] == ("0.0 / 25.0", "-")
    deep = [replace(r, layer=3, cosines={"matched": 0.7, "random": 0.2}) for r in records]
    old = [replace(r, layer=1, cosines=None) for r in records if r.model == "base"]
    again, _, layers = direction_tables(scores([*records, *deep, *old]))
    assert again.rows == summary.rows
    assert layers.header == ("direction", "model", "1", "3", "8")
    by_row = {row[:2]: row[2:] for row in layers.rows}
    assert by_row["romanised -> English", "base"] == ("-", "0.50", "0.10")
    assert by_row["romanised -> English", "aligned"] == ("-", "0.50", "0.10")
