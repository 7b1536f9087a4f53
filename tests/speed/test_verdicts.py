"""The count of wrong verdicts: made-up answers are scored as real ones; the page is its record."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "speed").is_dir():
    pytest.skip("the benchmarks are not part of the wheel", allow_module_level=True)
sys.path.insert(0, str(ROOT))

from speed import made_up_models, verdicts  # noqa: E402
from translit_ppa.hub_cards.records.items import table_scores  # noqa: E402
from translit_ppa.hub_cards.tables.fill_markers import fill  # noqa: E402


def test_made_up_answers_are_scored_as_records_are():
    random = np.random.default_rng(0)
    weights = random.multinomial(30, [1 / 30] * 30, size=4).astype(float)
    gold = random.integers(0, 7, 30)
    answer = random.integers(0, 7, (30, 2, 3))
    ours = made_up_models.topic_scores(gold, answer, weights)
    theirs = table_scores(np.stack([gold, answer[:, 1, 2]], axis=1), "macro_f1", weights)
    assert ours[:, 1, 2] == pytest.approx(theirs)
    units = 1 + random.poisson(2, 30)
    right = random.binomial(units[:, None, None], 0.5, (30, 2, 3))
    predicted = right + 1
    ours = made_up_models.tag_scores(right, predicted, units, weights)
    table = np.stack([right[:, 0, 1], predicted[:, 0, 1], units], axis=1)
    assert ours[:, 0, 1] == pytest.approx(table_scores(table, "entity_f1", weights))


@pytest.mark.parametrize("name", ["retrieval, 40 queries", "NER, 8 cells, 5 seeds"])
def test_equal_models_are_seldom_told_apart(name):
    """A slice of the full count: of 200 at most 5% and four standard errors of the count."""
    row = verdicts.measure(name, 0, 200)
    assert row["any_shown"] <= 0.05 + 4 * (0.05 * 0.95 / 200) ** 0.5
    assert verdicts.measure(name, 20, 40)["verdicts"]["better"] > 0.5


def test_the_page_shows_the_record():
    record = json.loads(verdicts.RECORD.read_text(encoding="utf-8"))
    text = verdicts.TEXT.read_text(encoding="utf-8")
    assert fill(text, "verdicts", verdicts.render(record)) == text
    # Equal models: no more than 5%, but for the error of the count itself.
    equal = [row for row in record["rows"] if row["points"] == 0]
    assert len(equal) >= 5
    for row in equal:
        assert row["any_shown"] <= 0.05 + 2 * (0.05 * 0.95 / row["times"]) ** 0.5, row["name"]
