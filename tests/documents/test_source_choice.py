"""The documents' table of source choice on the CLDR, computed again: every figure is the same."""

from __future__ import annotations

import pytest

from places import ROOT
from translit_ppa.hub_cards.records.files import load_records
from translit_ppa.scoring.sources.source_choice import validate_source_choice

COMMITTED = ROOT / "docs" / "records" / "cldr" / "source_validation.md"


@pytest.mark.slow
@pytest.mark.skipif(not COMMITTED.is_file(), reason="no docs/ beside the tests of a wheel")
def test_the_committed_table_comes_out_again(tmp_path):
    pytest.importorskip("urielplus")
    record = validate_source_choice(out=tmp_path)
    assert (tmp_path / COMMITTED.name).read_text("utf-8") == COMMITTED.read_text("utf-8")
    (committed,) = load_records(COMMITTED.with_suffix(".json"))
    for ours, theirs in zip(record.scores, committed.scores, strict=True):
        assert ours.tau == pytest.approx(theirs.tau, abs=1e-9)
        assert ours.regret == pytest.approx(theirs.regret, abs=1e-9)
