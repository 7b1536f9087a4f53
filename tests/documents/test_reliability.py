"""The page of reliability is what its record says, and its record is of a whole campaign."""

from __future__ import annotations

import json

import pytest

from documents import in_checkout

pytestmark = pytest.mark.skipif(not in_checkout(), reason="the checkout is not beside the tests")


def test_the_pages_are_made_from_their_record():
    from soak.report import PAGES, load, page

    for path in PAGES:
        text = path.read_text("utf-8")
        assert page(text, load()) == text and "<!-- soak " in text


def test_the_records_have_every_row_of_a_campaign():
    from soak.kinds.hub_faults import PUBLISH, READS
    from soak.kinds.kills import COMMANDS
    from soak.kinds.targets import TARGETS
    from soak.report import load

    rows = {(line["kind"], line["row"]) for line in load() if line["kind"] not in ("soak", "found")}
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


def test_campaigns_are_summed_and_each_is_told():
    from soak.report import facts, load, table

    counts = {"refused": 1, "accepted": 2, "wrong": 0, "seconds": 3600.0, "cpu": 1800.0}
    (run,) = (line for line in load() if line.get("seed") == 42)
    row = {"kind": "kill", "row": "build", **counts}
    lines = [run, row, {**run, "seed": 7, "kills": 6}, row, row]
    assert "| build | 9 | 3 | 6 | 0 |" in table(lines)
    first, second, *_ = facts(lines).splitlines()
    assert first.startswith("- seed 42") and f"3 kills of {run['kills']:,}" in first
    assert second.startswith("- seed 7") and "6 kills of 6" in second and "2.0 hours, 1.0" in second


def test_what_was_found_is_told_by_its_root(tmp_path):
    from soak.campaign import write
    from soak.found import found, table

    again = {"verdict": "refused", "why": "", "commit": "a"}
    cases = [
        {
            "why": "refused, but left 3/0/a.csv, 3/0/b.csv",
            "replayed": {**again, "verdict": "wrong"},
        },
        {"why": "refused, but left 14/x"},
        {"why": "traceback: A at b.py:1 <c>", "replayed": again},
    ]
    for number, case in enumerate(cases):
        text = json.dumps({"kind": "option", "row": "quick", "case": {}, **case})
        write(tmp_path / "wrong" / f"{number}.json", text)
    assert table(found(tmp_path)).splitlines()[2:] == [
        "| option: quick | refused, but left ... | 2 | 1 | 0 |",
        "| option: quick | traceback: A at b.py:1 &lt;c> | 1 | 1 | 1 |",
    ]
    assert table([]) == "Nothing went wrong.\n"
