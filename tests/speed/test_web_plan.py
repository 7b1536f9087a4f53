"""What FineWeb-2 takes: reckoned from a record of rates and counted documents, by hand here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "speed").is_dir():
    pytest.skip("the benchmarks are not part of the wheel", allow_module_level=True)
sys.path.insert(0, str(ROOT))

from speed import web_plan  # noqa: E402
from translit_ppa.hub_cards.tables.fill_markers import fill  # noqa: E402

ONE = {
    "characters": 1_000_000,
    "bytes": 2_000_000,
    "sentences": 10_000,
    "pairs": 10_000,
    "seconds": {"collect": 1.0, "duplicates": 0.1, "choose": 0.0, "romanise": 4.0, "finish": 0.2},
    "sizes": {"candidates": 1_000_000, "shards": 2_000_000, "pairs": 1_500_000},
}
RATES = {
    "text": "text",
    "created": "2026-01-31T12:00:00+00:00",
    "peak_mib": 500,
    "languages": {"ell_Grek": ONE},
}


def test_the_figures_follow_from_the_rates(monkeypatch):
    monkeypatch.setattr(web_plan, "DOCUMENTS", {"ell_Grek": 1_000_000, "zho_Hani": 3_000_000})
    monkeypatch.setattr(web_plan, "OTHERS", 0)
    made = web_plan.table(RATES, characters=36_000, cores=10, price=0.5)
    # 36e9 characters are 360 million sentences and 36 million pairs; a file of ours has 10,000.
    hours = 360e6 / 10_000 * 1.0 / 3600, 36e6 / 10_000 * 4.0 / 3600
    disk = 1.65 * 36e6 * 100 / 1e9 + 36e6 * 350 / 1e9
    row = f"1 | 360 | 36 | {hours[0]:.0f} | {hours[1]:.0f} | {disk:.0f} |"
    assert f"| ell_Grek | {row}" in made
    # Three times as many documents of a third of the length.
    assert f"| zho_Hani | 3{row[1:]}" in made
    assert "| all | 4 | 720 | 72 | 20 | 8 |" in made
    assert "so 28 core hours: 0 hours on 10 nodes of 10 cores" in made and "14 dollars" in made


def test_the_page_shows_the_table(capsys):
    text = (web_plan.DOCS / "scale.md").read_text(encoding="utf-8")
    assert web_plan.main([]) == 0
    assert fill(text, "web plan", capsys.readouterr().out) == text
