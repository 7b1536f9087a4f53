"""What a Space shows of its two models is what the demo's records say, and theirs alone."""

from __future__ import annotations

import pytest

from documents import ROOT
from translit_ppa import TranslitError, publish
from translit_ppa.hub_cards import load_records
from translit_ppa.hub_cards.cards.rendering import escape
from translit_ppa.hub_cards.cards.space_scores import space_scores
from translit_ppa.hub_cards.records.files import RecordError
from translit_ppa.hub_cards.scores.scores import Scores
from translit_ppa.hub_cards.tables.direction_tables import direction_table

RECORDS = ROOT / "docs" / "records" / "demo"


def digests():
    found = {record.model: record.model_digest for record in load_records(RECORDS, kind="model")}
    return found["base"], found["mlm+seq+tlm"]


def test_the_directions_of_both_models_are_shown_and_no_others():
    records = load_records(RECORDS)
    text = space_scores(records, *digests())
    kept = [r for r in records if getattr(r, "model", "") in ("base", "mlm+seq+tlm")]
    wanted = direction_table(Scores.of(kept))
    for row in wanted.rows:
        (line,) = [line for line in text.split("\n") if line.startswith(f"| {escape(row[0])} ")]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[1:4] == list(row[1:4]), row[0]
    assert "| mlm |" not in text and "layer:" in text and "v:" in text


def test_records_of_other_models_are_refused(tmp_path):
    records = load_records(RECORDS)
    base, aligned = digests()
    for pair in ((base, "sha256:000000000000"), ("sha256:000000000000", aligned)):
        with pytest.raises(RecordError, match="no retrieval by direction of both models"):
            space_scores(records, *pair)
    with pytest.raises(TranslitError, match="eval --directions"):
        publish.space(
            *("org/demo",),
            base="org/base",
            aligned="org/aligned",
            records=[RECORDS],
            dry_run=True,
            stage=tmp_path / "stage",
        )
