"""Filling a table into a page: between its markers, twice the same, and clear refusals."""

from __future__ import annotations

import pytest

from translit_ppa.hub_cards import RecordError
from translit_ppa.hub_cards.tables.fill_markers import fill, main

PAGE = "before\n<!-- t -->\nold\n<!-- /t -->\nafter\n"


def test_fill_replaces_only_what_lies_between(tmp_path):
    page, table = tmp_path / "page.md", tmp_path / "table.md"
    page.write_text(PAGE, encoding="utf-8")
    table.write_text("| new |\n", encoding="utf-8")
    for _ in range(2):
        assert main([str(page), f"t={table}"]) == 0
        assert page.read_text(encoding="utf-8") == (
            "before\n<!-- t -->\n| new |\n<!-- /t -->\nafter\n"
        )


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("<!-- t -->", "exactly once each"),
        ("<!-- t --><!-- t --><!-- /t -->", "exactly once each"),
        ("<!-- /t --> <!-- t -->", "stands before"),
    ],
)
def test_fill_refuses_a_page_without_its_markers(page, message):
    with pytest.raises(RecordError, match=message):
        fill(page, "t", "x")
