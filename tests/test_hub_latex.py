"""LaTeX, and the paper's layout."""

from __future__ import annotations

from hub_cards.grid import Grid
from hub_cards.latex import paper_layout, to_latex
from hub_cards.tables import Table


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
