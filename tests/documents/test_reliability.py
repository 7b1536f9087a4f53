"""The page of reliability is what its record says, and its record is of a whole campaign."""

from __future__ import annotations

import pytest

from documents import ROOT, in_checkout

pytestmark = pytest.mark.skipif(not in_checkout(), reason="the checkout is not beside the tests")
recorded = pytest.mark.skipif(
    not (ROOT / "docs" / "records" / "soak.jsonl").exists(), reason="no campaign is recorded yet"
)


@recorded
def test_the_page_is_made_from_its_record():
    from soak.report import PAGE, load, page

    text = PAGE.read_text("utf-8")
    assert page(text, load()) == text


@recorded
def test_the_record_has_every_row_of_the_campaign():
    from soak.kinds.hub_faults import PUBLISH, READS
    from soak.kinds.kills import COMMANDS
    from soak.kinds.targets import TARGETS
    from soak.report import load

    rows = {(line["kind"], line["row"]) for line in load()[1:]}
    expected = {("kill", name) for name in COMMANDS} | {("input", name) for name in TARGETS}
    expected |= {("hub", name) for name in (*PUBLISH, *READS)}
    expected |= {("option", f"of {speed} commands") for speed in ("quick", "slow")}
    assert rows == expected


def test_a_table_adds_up():
    from soak.report import table

    counts = {"refused": 1200, "accepted": 30, "wrong": 4, "seconds": 1.0}
    lines = [{"kind": "input", "row": name, **counts} for name in ("a", "b")]
    assert table(lines).splitlines() == [
        "| damaged file: what | tried | refused well | accepted rightly | wrong |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| a | 1,234 | 1,200 | 30 | 4 |",
        "| b | 1,234 | 1,200 | 30 | 4 |",
        "| **all** | 2,468 | 2,400 | 60 | 8 |",
    ]
