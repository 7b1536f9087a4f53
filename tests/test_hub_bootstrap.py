"""The paired bootstrap, LaTeX, and the paper's layout."""

from __future__ import annotations

import pytest

from hub_cards.bootstrap import compare, comparison_table
from hub_cards.grid import Grid
from hub_cards.latex import paper_layout, to_latex
from hub_cards.tables import Table

PAIRS = tuple((source, target) for source in "AB" for target in "CDE")


def grid(**rows):
    return Grid(
        {
            row: {pair: {1: value} for pair, value in zip(PAIRS, values, strict=True)}
            for row, values in rows.items()
        },
        PAIRS,
    )


def test_a_gain_everywhere_is_shown_and_noise_is_not():
    base = [10, 20, 30, 40, 50, 60]
    table = grid(
        base=base,
        up=[v + 2 + i % 2 for i, v in enumerate(base)],
        noise=[v + (5, -5)[i % 2] for i, v in enumerate(base)],
        down=[v - 1 for v in base],
    )
    up = compare(table, "base", "up")
    assert (up.difference, up.better, up.cells) == (2.5, 1.0, 6)
    # Draws of 2 and 3 points: the mean lies between them.
    assert 2 <= up.low < 2.5 < up.high <= 3
    noise = compare(table, "base", "noise")
    assert noise.difference == 0
    assert noise.low < 0 < noise.high
    assert compare(table, "base", "noise") == noise
    down = compare(table, "base", "down")
    assert (down.low, down.high, down.better) == (-1, -1, 0)
    shown = comparison_table(table, [("base", r) for r in ("up", "noise", "down")], "pos")
    assert [row[-1] for row in shown.rows] == ["yes", "not shown", "worse"]
    assert shown.rows[0][:4] == ("up", "base", "6", "+2.5")


def test_the_interval_is_that_of_the_normal_law_for_many_cells():
    values = [float(i % 10) for i in range(200)]
    pairs = tuple((f"s{i}", "t") for i in range(200))
    rows = {
        "base": {pair: {1: 0.0} for pair in pairs},
        "other": {pair: {1: v} for pair, v in zip(pairs, values, strict=True)},
    }
    result = compare(Grid(rows, pairs), "base", "other")
    # Standard error: sqrt(8.25 / 200) = 0.203.
    assert (result.low, result.high) == (
        pytest.approx(4.5 - 0.398, abs=0.03),
        pytest.approx(4.5 + 0.398, abs=0.03),
    )


def test_only_common_cells_are_compared():
    rows = {"base": {PAIRS[0]: {1: 1.0}}, "other": {PAIRS[0]: {1: 2.0}, PAIRS[1]: {1: 2.0}}}
    assert compare(Grid(rows, PAIRS), "base", "other") is None
    assert comparison_table(Grid(rows, PAIRS), [("base", "other")], "pos") is None


def test_latex_escapes_and_counts_columns():
    text = to_latex(Table("50% of a_b", ("model", "x & y"), (("m_1", "1.0 ± 0.1"),), "p|q", ("n",)))
    assert r"\begin{tabular}{lr}" in text
    assert "model & x \\& y \\\\\n" in text
    assert "m\\_1 & 1.0 $\\pm$ 0.1 \\\\\n" in text
    assert r"\caption{50\% of a\_b. n. Signature: p|q.}" in text


def test_the_papers_layout_marks_sources_and_leaves_english_out():
    pairs = (("eng_Latn", "ell_Grek"), ("eng_Latn", "heb_Hebr"), ("ell_Grek", "heb_Hebr"))
    pos = Grid({"m": {pairs[0]: {1: 10.0, 2: 20.0}, pairs[2]: {1: 30.0}}}, pairs)
    srb = Grid({"m": {("heb_Hebr", "eng_Latn"): {1: 5.0}, ("heb_Hebr", "ell_Grek"): {1: 7.0}}},
               (("heb_Hebr", "eng_Latn"), ("heb_Hebr", "ell_Grek")))  # fmt: skip
    table = paper_layout({"pos": pos, "srb": srb}, "m")
    assert table.header == ("target", "SR-B heb_Hebr", "POS eng_Latn", "POS ell_Grek")
    assert table.rows == (
        ("ell_Grek", "7.0", "15.0", "src"),
        ("heb_Hebr", "src", "-", "30.0"),
        ("Average", "7.0", "15.0 ±7.1 (1 of 2)", "30.0"),
    )
    assert paper_layout({"pos": pos}, "other") is None
