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

MEASURED = {
    "device": "one core, X",
    "precision": "fp32",
    "shape": "12x768",
    "texts": 32,
    "tokens": 36,
    "seconds": [2.0, 4.0, 9.0],
    "rate": 1e11,
    "libraries": {"torch": "2"},
}


def cells(table: str, task: str) -> list[str]:
    (row,) = [line for line in table.splitlines() if line.startswith(f"| {task} |")]
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_work_is_counted():
    """SIB-200: 22 batches of 32 texts in each of 40 epochs, counted here by hand."""
    record = json.loads((plan.DOCS / "performance" / "step-12x768-fp32.json").read_text("utf-8"))
    tokens = record["text"]["tokens_per_original"]
    _, count, steps, work, _, _ = cells(plan.table(0.2, 0.03, MEASURED), "sib200")
    assert (count, steps) == ("200", "880")
    weights = 12 * (4 * 768**2 + 2 * 768 * 3072)
    seen = 6 * 40 * 701 + 2 * (40 * 99 + 9 * 204)
    assert work == f"{weights * tokens * seen / 1e15:,.1f}"


def test_hours_follow_from_the_measured_rate():
    (hours,) = {cells(plan.table(share, 0.03, MEASURED), "sib200")[4] for share in (0.1, 0.2)}
    tokens = plan.tokens_of_a_text()
    work = 200 * 2 * plan.WEIGHTS * tokens * (3 * 40 * 701 + 40 * 99 + 9 * 204)
    assert hours == f"{work / 1e11 / 3600:,.1f}"
    told = plan.table(0.2, 0.03, MEASURED)
    assert "on one core, X: 4 s, 100 GFLOP/s (median of 3; torch 2)" in told
    assert "no H100 was measured" in told and "1,978 times the measured rate" in told
    there = plan.table(0.2, 0.03, MEASURED | {"device": "NVIDIA H100 80GB HBM3", "rate": 2e14})
    assert "no H100" not in there and len(cells(there, "all")) == 5


def test_hours_follow_from_the_assumptions():
    def reckoned(share, step):
        return float(cells(plan.table(share, step, MEASURED), "all")[5].replace(",", ""))

    assert reckoned(0.2, 0) == pytest.approx(2 * reckoned(0.4, 0), abs=0.1)
    # Bound by the least time of a step, a faster GPU gains nothing.
    assert reckoned(0.5, 10) == reckoned(1, 10)


def test_a_step_is_measured():
    from speed.training.fine_tuning import measure_step

    found = measure_step(1, 64, 8, steps=2)
    assert found["operations"] == 6 * 12 * 64**2 * 32 * 8 and len(found["seconds"]) == 2
    assert found["rate"] > 0 and found["shape"] == "1x64"


def test_the_page_shows_the_table(capsys):
    text = (plan.DOCS / "scale.md").read_text(encoding="utf-8")
    assert plan.main([]) == 0
    assert fill(text, "plan", capsys.readouterr().out) == text
