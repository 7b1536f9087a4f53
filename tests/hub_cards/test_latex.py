"""LaTeX: escapes, columns, captions."""

from __future__ import annotations

from translit_ppa.hub_cards.table import Table
from translit_ppa.hub_cards.tables.latex import WIDE, to_latex


def test_latex_escapes_and_counts_columns():
    text = to_latex(Table("50% of a_b", ("model", "x & y"), (("m_1", "1.0 ± 0.1"),), "p|q", ("n",)))
    assert r"\begin{tabular}{lr}" in text
    assert "model & x \\& y \\\\\n" in text
    assert "m\\_1 & 1.0 $\\pm$ 0.1 \\\\\n" in text
    assert r"\caption{50\% of a\_b. n. Signature: p|q.}" in text


def test_a_wide_table_is_shrunk_to_the_page():
    wide = to_latex(Table("t", ("x",) * WIDE, (("1",) * WIDE,), ""))
    assert "\\resizebox{\\textwidth}{!}{%\n\\begin{tabular}" in wide
    assert "\\end{tabular}}\n" in wide
    narrow = to_latex(Table("t", ("x",) * (WIDE - 1), (("1",) * (WIDE - 1),), ""))
    assert "resizebox" not in narrow and "\\end{tabular}\n" in narrow
