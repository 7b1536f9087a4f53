"""The page of new pieces: its table comes from the records beside it."""

from __future__ import annotations

import sys

import pytest

from documents import ROOT

sys.path.insert(0, str(ROOT / "docs"))


@pytest.fixture(scope="module")
def maker():
    import make_romanised_pieces

    return make_romanised_pieces


def test_the_table_is_that_of_the_records(maker):
    page = maker.PAGE.read_text(encoding="utf-8")
    assert maker.filled(page) == page
    assert page.count("_Latn | ") == 3 and "| all | " in page


def test_romanised_text_has_fewer_pieces_in_every_language(maker):
    base, extended = maker.records()
    assert len(base.languages) == 18
    for before, after in zip(base.languages, extended.languages, strict=True):
        if not before.code.endswith("Latn"):
            assert after.latin.tokens < before.latin.tokens
        assert 0 <= before.original.tokens - after.original.tokens < 0.01 * before.original.tokens


def test_the_records_name_no_place_of_a_machine(maker):
    for path in maker.RECORDS.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert "/tmp" not in text and "/home" not in text and "/root" not in text, path
