"""The vocabulary record, its table computed by hand, the paper's row, and the figure."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hub_examples import CREATED
from translit_ppa.hub_cards.figures.vocabulary import (
    fertility,
    paper_pieces,
    vocabulary_figure,
    vocabulary_table,
)
from translit_ppa.hub_cards.records.files import (
    RecordError,
    VocabularyRecord,
    load_records,
    write_record,
)

NAMES = ("pieces", "tokens", "unknown", "words", "characters", "uncovered")


def counts(*values: int) -> dict[str, int]:
    return dict(zip(NAMES, values, strict=True))


def vocabulary_fields(**changes: Any) -> dict[str, Any]:
    fields = {
        "kind": "vocabulary",
        "version": "0.1.0",
        "created": CREATED,
        "model": "org/glot500-base",
        "base": "org/glot500-base",
        "tokenizer_digest": "sha256:abc",
        "vocabulary": 1000,
        "data": {"name": "pairs", "config": "mediterranean", "digest": "f" * 64, "rows": 30},
        "split": "train",
        "transliterator": "uroman-1.3.1.1|lcode:yes",
        "languages": [
            {
                "code": "ell_Grek",
                "sentences": 10,
                "original": counts(40, 100, 1, 50, 250, 2),
                "latin": counts(20, 120, 0, 50, 300, 0),
            },
            {
                "code": "tha_Thai",
                "sentences": 20,
                "original": counts(60, 300, 0, 10, 400, 0),
                "latin": counts(30, 200, 0, 10, 500, 0),
            },
        ],
        "whole": {
            "code": "all",
            "sentences": 30,
            "original": counts(90, 400, 1, 60, 650, 2),
            "latin": counts(36, 320, 0, 60, 800, 0),
        },
        "libraries": {},
    }
    return copy.deepcopy(fields) | changes


def record(**changes: Any) -> VocabularyRecord:
    return VocabularyRecord.from_dict(vocabulary_fields(**changes))


def test_round_trip(tmp_path):
    path = write_record(tmp_path / "vocabulary_record.json", record())
    assert load_records(path, "vocabulary") == [record()]
    assert record().to_dict() == vocabulary_fields()


@pytest.mark.parametrize(
    ("place", "changes", "said"),
    [
        ("whole", {"sentences": 31}, "whole.sentences"),
        ("original", {"unknown": 101}, "ell_Grek.original"),
        ("original", {"uncovered": 251}, "ell_Grek.original"),
        ("latin", {"pieces": 121}, "ell_Grek.latin"),
    ],
)
def test_impossible_counts_are_refused(place, changes, said):
    fields = vocabulary_fields()
    entry = fields["whole"] if place == "whole" else fields["languages"][0][place]
    entry.update(changes)
    with pytest.raises(RecordError, match=said):
        VocabularyRecord.from_dict(fields)


def test_no_language_is_refused():
    with pytest.raises(RecordError, match="languages: came none"):
        record(languages=[])


def test_table_by_hand():
    table = vocabulary_table(record())
    rows = {row[0]: dict(zip(table.header, row, strict=True)) for row in table.rows}
    greek = rows["ell_Grek"]
    assert (greek["sentences"], greek["pieces"], greek["pieces latin"]) == ("10", "40", "20")
    assert greek["latin / original"] == "50.0"
    assert (greek["pieces per word"], greek["pieces per word latin"]) == ("2.00", "2.40")
    assert (greek["pieces per character"], greek["pieces per character latin"]) == ("0.40", "0.40")
    assert (greek["coverage %"], greek["coverage % latin"]) == ("99.20", "100.00")
    assert (greek["unknown %"], greek["unknown % latin"]) == ("1.00", "0.00")
    thai = rows["tha_Thai"]
    assert (thai["pieces per word"], thai["pieces per word latin"]) == ("-", "-")
    assert thai["pieces per character"] == "0.75"
    assert rows["all"]["pieces"] == "90"
    # Thai has no words between spaces and takes no part.
    assert rows["all"]["pieces per word"] == "2.00"
    assert any("no pieces per word for tha_Thai" in note for note in table.notes)
    assert table.signature == (
        "vocabulary@sha256:abc|data:mediterranean@ffffffffffff|split:train|"
        "translit:uroman-1.3.1.1,lcode:yes|n:30|v:0.1.0"
    )


def test_fertility_without_any_spaced_language_is_unknown():
    assert fertility(record().languages[1:], "original") is None


@pytest.mark.parametrize(
    ("group", "base", "expected"),
    [
        ("mediterranean", "cis-lmu/glot500-base", (209_000, 125_000)),
        ("sea", "models/glot500-base", (120_000, 88_000)),
        ("my_group", "cis-lmu/glot500-base", None),
        ("sea", "FacebookAI/xlm-roberta-base", None),
    ],
)
def test_the_papers_row_needs_its_group_and_its_tokenizer(group, base, expected):
    data = vocabulary_fields()["data"] | {"config": group}
    mine = record(data=data, base=base)
    assert paper_pieces(mine) == expected
    last = vocabulary_table(mine).rows[-1]
    assert (last[0] == "paper, Table 6") == (expected is not None)
    if group == "mediterranean":
        assert last[2:5] == ("209,000", "125,000", "59.8")


def test_figure_and_its_numbers(tmp_path):
    path = vocabulary_figure(record(), tmp_path / "vocabulary.png")
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    text = (tmp_path / "vocabulary.csv").read_text(encoding="utf-8")
    assert text.splitlines()[1].startswith("ell_Grek,10,40,20,50.0,2.00,2.40,")
    again = vocabulary_figure(record(), tmp_path / "again.png")
    assert again.read_bytes() == path.read_bytes()
    with pytest.raises(RecordError, match="ending in"):
        vocabulary_figure(record(), tmp_path / "vocabulary.jpg")
