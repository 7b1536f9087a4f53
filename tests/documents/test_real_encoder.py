"""The page of the real encoder: every table and every bar comes from the records beside it."""

from __future__ import annotations

import sys

import pytest

from documents import ROOT

sys.path.insert(0, str(ROOT / "docs"))


@pytest.fixture(scope="module")
def maker():
    import make_real_encoder

    return make_real_encoder


def test_the_tables_are_those_of_the_records(maker):
    page = maker.PAGE.read_text(encoding="utf-8")
    assert maker.filled(page) == page
    assert "romanised -> own original" in page and "half -> other half" in page


def test_the_readme_shows_the_first_of_them(maker):
    from translit_ppa.hub_cards.tables.fill_markers import fill

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert fill(readme, "ntrex", maker.between(maker.PAGE.read_text("utf-8"), "ntrex")) == readme


def test_the_bars_are_those_of_the_records(maker, tmp_path):
    maker.draw(tmp_path / "bars.png")
    drawn = (tmp_path / "bars.csv").read_bytes()
    assert drawn == maker.FIGURE.with_suffix(".csv").read_bytes()


def test_the_records_name_no_place_of_a_machine(maker):
    for path in maker.RECORDS.rglob("*.json*"):
        text = path.read_text(encoding="utf-8")
        assert "/tmp" not in text and "/home" not in text and "/root" not in text, path


def test_the_inputs_are_made_of_public_text_and_share_no_sentence(shared_data, tmp_path, capsys):
    import make_e5_inputs

    make_e5_inputs.main([str(shared_data), str(tmp_path)])
    text = [
        line
        for part in ("text", "replay", "names")
        for path in (tmp_path / part).glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert len(text) > 50_000
    trained = set(text)
    for benchmark, languages in (("ntrex300", 15), ("informal", 2), ("outside_cities", 8)):
        files = sorted((tmp_path / benchmark).glob("*.tsv"))
        assert len(files) == languages
        rows = [line.split("\t") for path in files for line in path.read_text("utf-8").splitlines()]
        assert {len(row) for row in rows} == {2}
        assert not {row[1] for row in rows} & trained, benchmark
    codes = (tmp_path / "languages.tsv").read_text(encoding="utf-8").split()
    assert codes == ["code", *sorted(path.stem for path in (tmp_path / "text").iterdir())]
