from __future__ import annotations

import csv
import io

import pytest

from hub_examples import score
from score_examples import scores
from translit_ppa.hub_cards.records.files import RecordError
from translit_ppa.hub_cards.scores.scores import Scores
from translit_ppa.hub_cards.table import to_csv, to_markdown, to_terminal
from translit_ppa.hub_cards.tables.retrieval_tables import (
    retrieval_cells,
    retrieval_matrix,
    retrieval_table,
)

ENG, AMH, ELL = "eng_Latn", "amh_Ethi", "ell_Grek"
SIX = [(ENG, AMH), (ENG, ELL), (AMH, ENG), (AMH, ELL), (ELL, ENG), (ELL, AMH)]


def grid(model, values, **changes):
    return [score(model, *pair, value, **changes) for pair, value in zip(SIX, values, strict=True)]


@pytest.fixture
def two_models():
    return grid("base", [1, 2, 3, 4, 5, 6]) + grid("full", [2, 4, 6, 8, 9, 0.5])


def test_means_are_over_cells(two_models):
    table = retrieval_table(scores(two_models))
    assert table.header == ("model", "top-1", "top-10", ENG, AMH, ELL)
    assert table.rows == (
        ("base", "3.5", "35.0", "15.0", "35.0", "55.0"),
        # 29.5 / 6 = 4.917, (90 + 5) / 2 = 47.5
        ("full", "4.9", "49.2", "30.0", "70.0", "47.5"),
    )
    assert table.title == "cldr retrieval, mean over 6 ordered pairs, %; by source: top-10"


def test_columns_can_be_chosen(two_models):
    table = retrieval_table(scores(two_models), columns=("top5",), by_source=("top1", "top10"))
    assert table.header[:4] == ("model", "top-5", "eng_Latn top-1", "eng_Latn top-10")
    assert table.rows[0][:4] == ("base", "17.5", "1.5", "15.0")
    assert retrieval_table(scores(two_models), by_source=()).header == ("model", "top-1", "top-10")
    with pytest.raises(RecordError, match="came 'top3'; legal: top1, top5, top10"):
        retrieval_table(scores(two_models), columns=("top3",))


def test_a_missing_cell_is_named_and_marks_its_means(two_models):
    records = [r for r in two_models if (r.model, r.source, r.target) != ("full", ELL, AMH)]
    table = retrieval_table(scores(records))
    # 29 / 5 = 5.8: not averaged over 6, and not hidden.
    full = ("full", "5.8 (5 of 6)", "58.0 (5 of 6)", "30.0", "70.0", "90.0 (1 of 2)")
    assert table.rows[1] == full
    assert table.rows[0][1] == "3.5"
    assert table.notes[-1] == "not measured (1): full, ell_Grek -> amh_Ethi"
    matrix = retrieval_matrix(scores(records), "full", "top1")
    assert matrix.rows[2] == (ELL, "9.0", "-", "", "9.0 (1 of 2)")
    assert matrix.notes[-1] == table.notes[-1]


def test_expected_pairs_can_be_given():
    table = retrieval_table(scores([score("base", ENG, AMH, 1)], SIX))
    assert table.rows == (("base", "1.0 (1 of 6)", "10.0 (1 of 6)", "10.0 (1 of 2)", "-", "-"),)
    assert table.notes[-1] == (
        "not measured (5): base, eng_Latn -> ell_Grek; base, amh_Ethi -> eng_Latn, ell_Grek; "
        "base, ell_Grek -> eng_Latn, amh_Ethi"
    )


def test_matrix_shows_every_cell(two_models):
    table = retrieval_matrix(scores(two_models), "base", "top1")
    assert table.header == ("source", ENG, AMH, ELL, "mean")
    assert table.rows == (
        (ENG, "", "1.0", "2.0", "1.5"),
        (AMH, "3.0", "", "4.0", "3.5"),
        (ELL, "5.0", "6.0", "", "5.5"),
    )
    with pytest.raises(RecordError, match="model: came 'other'; legal: base, full"):
        retrieval_matrix(scores(two_models), "other")


def test_notes_give_signature_counts_and_chance():
    records = [score("base", ENG, AMH, 1, n=300, pool=400), score("base", AMH, ENG, 1, pool=5)]
    table = retrieval_table(scores(records))
    assert table.signature == (
        "cldr|split:test|src:*|tgt:*|input:original|translit:none|layer:8|pool:attended"
        "|n:300-400|seed:42|v:0.1.0"
    )
    # top-1: (0.25 + 20) / 2; top-10: (2.5 + 100) / 2, ten guesses of five are a certainty.
    assert table.notes == (
        "a pair has queries 300-400, pool 5-400, chance top-1 10.1, top-10 51.2",
    )


def test_identical_strings_are_reported_beside_the_headline():
    records = grid("base", [1, 2, 3, 4, 5, 6], n=90, identical=10)
    table = retrieval_table(scores(records))
    assert table.rows[0][1:3] == ("3.5", "35.0")
    assert table.notes[1] == (
        "identical source and target strings left out: 60 of 600 queries; "
        "top-1 / top-10 with them: base 4.5 / 36.0"
    )


def test_one_model_under_two_settings_is_two_rows():
    records = grid("base", [1] * 6) + grid("base", [2] * 6, layer=4)
    records += grid("base", [4] * 6, input="latin") + grid("full", [3] * 6)
    assert [row[:2] for row in retrieval_table(scores(records)).rows] == [
        ("base [layer:8]", "1.0"),
        ("base [layer:4]", "2.0"),
        ("base [latin]", "4.0"),
        ("full", "3.0"),
    ]


def test_records_that_do_not_belong_together_are_refused(two_models):
    with pytest.raises(RecordError, match="benchmark: came cldr, srb; legal: one per table"):
        retrieval_table(scores([*two_models, score("base", ENG, AMH, 1, benchmark="srb")]))
    with pytest.raises(RecordError, match="split: came test, validation"):
        retrieval_table(scores([*two_models, score("base", ENG, AMH, 1, split="validation")]))
    with pytest.raises(RecordError, match="two records for base, eng_Latn -> amh_Ethi"):
        retrieval_table(scores([*two_models, two_models[0]]))
    with pytest.raises(RecordError, match="no scores"):
        retrieval_table(Scores(()))


def test_the_mean_does_not_depend_on_order():
    values = [0.1, 0.7, 1.3, 2.9, 3.1, 9.7]
    forward, backward = grid("m", values), grid("m", values)[::-1]
    means = [scores(r).mean("m", metric="top1").value for r in (forward, backward)]
    assert means[0] == means[1] == pytest.approx(17.8 / 6)


def test_three_ways_of_writing(two_models):
    table = retrieval_table(scores(two_models), by_source=())
    assert to_terminal(table) == (
        "cldr retrieval, mean over 6 ordered pairs, %\n"
        "\n"
        "model  top-1  top-10\n"
        "--------------------\n"
        "base     3.5    35.0\n"
        "full     4.9    49.2\n"
        "\n"
        f"signature: {table.signature}\n"
        "a pair has queries 400, pool 400, chance top-1 0.2, top-10 2.5\n"
    )
    assert to_markdown(table) == (
        "**cldr retrieval, mean over 6 ordered pairs, %**\n"
        "\n"
        "| model | top-1 | top-10 |\n"
        "| --- | ---: | ---: |\n"
        "| base | 3.5 | 35.0 |\n"
        "| full | 4.9 | 49.2 |\n"
        "\n"
        f"- signature: `{table.signature}`\n"
        "- a pair has queries 400, pool 400, chance top-1 0.2, top-10 2.5\n"
    )
    assert to_csv(table) == "model,top-1,top-10\nbase,3.5,35.0\nfull,4.9,49.2\n"


def test_cells_list_every_record(two_models):
    rows = list(csv.DictReader(io.StringIO(to_csv(retrieval_cells(scores(two_models))))))
    assert len(rows) == 12
    assert rows[-1]["model"] == "full"
    assert (rows[-1]["source"], rows[-1]["target"], rows[-1]["n"]) == (ELL, AMH, "400")
    assert (rows[-1]["top10"], rows[-1]["top10_all"]) == ("5.0", "6.0")
    assert rows[-1]["signature"] == two_models[-1].signature()
