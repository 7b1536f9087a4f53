"""The cost of the paper's whole design: counted work, and hours that follow from assumptions."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "speed").is_dir():
    pytest.skip("the benchmarks are not part of the wheel", allow_module_level=True)
sys.path.insert(0, str(ROOT))

from speed import plan  # noqa: E402
from translit_ppa.hub_cards.tables.fill_markers import fill  # noqa: E402


def cells(table: str, task: str) -> list[str]:
    (row,) = [line for line in table.splitlines() if line.startswith(f"| {task} |")]
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_work_is_counted():
    """SIB-200: 22 batches of 32 texts in each of 40 epochs, counted here by hand."""
    record = json.loads((plan.DOCS / "performance" / "step-12x768-fp32.json").read_text("utf-8"))
    tokens = record["text"]["tokens_per_original"]
    _, count, steps, work, _ = cells(plan.table(0.2, 0.03), "sib200")
    assert (count, steps) == ("200", "880")
    weights = 12 * (4 * 768**2 + 2 * 768 * 3072)
    seen = 6 * 40 * 701 + 2 * (40 * 99 + 9 * 204)
    assert work == f"{weights * tokens * seen / 1e15:,.1f}"


def test_hours_follow_from_the_assumptions():
    fast, slow = (float(cells(plan.table(share, 0), "all")[4]) for share in (0.4, 0.2))
    assert slow == pytest.approx(2 * fast, abs=0.1)
    # Bound by the least time of a step, a faster GPU gains nothing.
    assert cells(plan.table(0.5, 10), "all") == cells(plan.table(1, 10), "all")


def test_the_page_shows_the_table(capsys):
    text = (plan.DOCS / "scale.md").read_text(encoding="utf-8")
    assert plan.main([]) == 0
    assert fill(text, "plan", capsys.readouterr().out) == text
