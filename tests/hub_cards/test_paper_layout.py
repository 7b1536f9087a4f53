"""The paper's tables as layouts: ours, the paper's, the difference, and what is missing."""

from __future__ import annotations

from statistics import fmean

import pytest

from score_examples import scores_of
from translit_ppa.hub_cards.paper.results import (
    AVERAGE,
    BASE,
    FULL,
    TASKS,
    paper_cells,
    paper_pairs,
    paper_score,
)
from translit_ppa.hub_cards.tables.latex import to_latex
from translit_ppa.hub_cards.tables.paper_layout import average_table, cell_tables, paper_cells_table
from translit_ppa.hub_cards.tables.task_tables import paper_table

PRINTED = ("2", "3", *map(str, range(7, 13)))


def grids_of(group, score):
    """Row `m` with all cells of the paper; `score` gives each cell's value."""
    return {
        task: scores_of({"m": {p: {1: score(task, p)} for p in pairs}}, pairs, task)
        for task in TASKS.values()
        if (pairs := paper_pairs(group, task))
    }


def test_a_group_that_the_paper_lacks_is_laid_out_as_found():
    pairs = (("eng_Latn", "ell_Grek"), ("eng_Latn", "heb_Hebr"), ("ell_Grek", "heb_Hebr"))
    pos = scores_of({"m": {pairs[0]: {1: 10.0, 2: 20.0}, pairs[2]: {1: 30.0}}}, pairs, "pos")
    back = (("heb_Hebr", "eng_Latn"), ("heb_Hebr", "ell_Grek"))
    srb = scores_of({"m": {back[0]: {1: 5.0}, back[1]: {1: 7.0}}}, back, "srb")
    (table,) = cell_tables({"pos": pos, "srb": srb}, "m", "romance", FULL)
    assert table.header == ("target", "SR-B heb_Hebr", "POS eng_Latn", "POS ell_Grek")
    assert table.rows == (
        ("ell_Grek", "7.0", "15.0", "src"),
        ("heb_Hebr", "src", "-", "30.0"),
        ("Average", "7.0", "15.0 (1 of 2)", "30.0"),
    )
    assert cell_tables({"pos": pos}, "other", "romance") == []
    assert cell_tables({"cldr": pos}, "m", "sea") == []


@pytest.mark.parametrize("number", PRINTED)
def test_every_table_of_the_paper_is_laid_out_with_its_own_figures(number):
    """Each printed number stands in the row of its target and the column of its source."""
    found = [cell for cell in paper_cells() if cell.table == number]
    for group, model in dict.fromkeys((cell.group, cell.model) for cell in found):
        grids = grids_of(group, lambda task, p, g=group, m=model: paper_score(g, task, m, *p) + 1)
        ours, paper, difference = cell_tables(grids, "m", group, model)
        assert len(ours.header) == 1 + (20 if group == "mediterranean" else 19)
        rows = {row[0]: dict(zip(paper.header, row, strict=True)) for row in paper.rows}
        names = {task: name for name, task in TASKS.items()}
        cells = [c for c in found if (c.model, c.target != AVERAGE) == (model, True)]
        for cell in cells:
            column = f"{names[cell.task]} {cell.source}"
            assert rows[cell.target][column] == f"{cell.score:.1f}"
            assert rows[cell.source][column] == "src" if cell.source in rows else True
        assert sum(c[0].isdigit() for row in paper.rows[:-1] for c in row[1:] if c) == len(cells)
        assert {c for row in difference.rows for c in row[1:] if c} == {"+1.0", "src"}
        assert to_latex(ours).count(r"\\") == len(ours.rows) + 1


def test_averages_are_tables_4_and_5_over_the_cells_that_ours_have():
    def score(task, pair):
        return paper_score("sea", task, FULL, *pair) - 1

    grids = grids_of("sea", score)
    table = average_table(grids, {"m": FULL}, "sea")
    assert [row[0] for row in table.rows] == ["m", f"{FULL} in the paper", "difference"]
    assert table.header[1:5] == tuple(
        f"SR-B {source}" for source in ("eng_Latn", "kor_Hang", "zho_Hani", "tha_Thai")
    )
    assert set(table.rows[2][1:]) == {"-1.0"}
    printed = {
        (c.task, c.source): c.score for c in paper_cells() if (c.table, c.model) == ("5", FULL)
    }
    assert len(printed) == len(table.header) - 1
    for text, figure in zip(table.rows[1][1:], printed.values(), strict=True):
        assert float(text) == pytest.approx(figure, abs=0.11)
    # A gap is counted, and the paper's mean is taken over what is left.
    pair = ("eng_Latn", "lhu_Latn")
    grids["srb"] = grids["srb"].where(target=[t for t in grids["srb"].targets if t != pair[1]])
    table = average_table(grids, {"m": FULL}, "sea")
    rest = [paper_score("sea", "srb", FULL, *p) for p in paper_pairs("sea", "srb")
            if p[0] == "eng_Latn" and p != pair]  # fmt: skip
    assert table.rows[0][1] == f"{fmean(rest) - 1:.1f} (8 of 9)"
    assert table.rows[1][1] == f"{fmean(rest):.1f}"
    (ours, *_) = cell_tables(grids, "m", "sea", FULL)
    assert {row[0]: row[1] for row in ours.rows}["lhu_Latn"] == "-"
    assert average_table({"cldr": grids["srb"]}, {"m": FULL}, "sea") is None


def test_a_likely_misprint_of_the_paper_is_named_where_it_is_used():
    def score(task, pair):
        return paper_score("mediterranean", task, BASE, *pair)

    grids = grids_of("mediterranean", score)
    ours, *theirs = cell_tables(grids, "m", "mediterranean", BASE)
    average = average_table(grids, {"m": BASE}, "mediterranean")
    beside = paper_table(grids["pos"], "mediterranean", "pos", {"m": BASE})
    assert len(theirs) == 2
    for table in (*theirs, average, beside):
        assert sum("84.6" in note and "likely a misprint" in note for note in table.notes) == 1
    others = [ours, *cell_tables(grids, "m", "mediterranean", FULL)]
    others.append(paper_table(grids["ner"], "mediterranean", "ner", {"m": BASE}))
    assert not [note for table in others for note in table.notes if "misprint" in note]


def test_queries_that_the_paper_does_not_ask_stay_out():
    """Our retrieval has all ordered pairs; the paper's has four sources, and English no target."""
    pairs = (("amh_Ethi", "ell_Grek"), ("eng_Latn", "ell_Grek"), ("ell_Grek", "eng_Latn"))
    grids = {"srb": scores_of({"m": {p: {1: 40.0, 2: 50.0} for p in pairs}}, pairs, "srb")}
    (ours, *_) = cell_tables(grids, "m", "mediterranean", BASE)
    assert ours.header[1:] == tuple(
        f"SR-B {source}" for source in ("eng_Latn", "fas_Arab", "ell_Grek", "heb_Hebr")
    )
    assert [row[0] for row in ours.rows if "eng" in row[0]] == []
    listed = paper_cells_table(grids, {"m": BASE}, "mediterranean")
    figure = paper_score("mediterranean", "srb", BASE, "eng_Latn", "ell_Grek")
    assert listed.rows == (
        ("m", "srb", "eng_Latn", "ell_Grek", "45.00", "7.07", "2", BASE, f"{figure:.1f}",
         f"{45 - figure:+.1f}"),
    )  # fmt: skip
    assert paper_cells_table({}, {"m": BASE}, "mediterranean") is None
