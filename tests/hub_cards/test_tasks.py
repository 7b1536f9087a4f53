"""Records and tables of fine-tuned cells, the gate, and our figures beside the paper's."""

from __future__ import annotations

from statistics import stdev

import pytest

from hub_examples import score
from score_examples import ELL, ENG, HEB, PAIRS, grid_of, query, scores, tagged, task
from translit_ppa.hub_cards.paper.results import BASE, FULL, paper_score
from translit_ppa.hub_cards.records.files import (
    RecordError,
    load_records,
    parse_record,
    write_record,
)
from translit_ppa.hub_cards.scores.comparing.gate import target_changes
from translit_ppa.hub_cards.tables.comparison_table import gate_table
from translit_ppa.hub_cards.tables.retrieval_tables import layer_table
from translit_ppa.hub_cards.tables.task_tables import (
    paper_table,
    task_cells,
    task_matrix,
    task_table,
)


def test_a_record_loads_again_and_refuses_what_is_wrong(tmp_path):
    record = task(value=100.0)
    write_record(tmp_path / "a.json", record)
    assert load_records(tmp_path, "task") == [record]
    assert parse_record(record.to_dict()) == record
    assert record.score == 100
    assert record.signature().startswith(
        "sib200@sha256:1|split:test|src:eng_Latn|tgt:ell_Grek|input:original|translit:none|shots:0|"
        "tune:early_stopping-"
    )
    assert record.signature().endswith("|n:204|seed:42|v:0.1.0")
    for change, said in (
        ({"main_score": "f1"}, "missing f1, the main score"),
        ({"n": 0}, "n: came 0; legal: at least 1"),
        ({"shots": -1}, "shots: came -1"),
        ({"scores": {"macro_f1": 101}}, "scores.macro_f1: came 101"),
    ):
        with pytest.raises(RecordError, match=said):
            task(**change)


def test_the_key_is_content():
    key = task().key()
    assert len(key) == 64
    same = task(
        model="other", model_digest="sha256:base", value=1.0, created="2027-01-01T00:00:00Z"
    )
    assert same.key() == key
    for change in (
        {"model_digest": "sha256:x"},
        {"benchmark": "sib200@sha256:2"},
        {"source": HEB},
        {"target": HEB},
        {"seed": 43},
        {"shots": 5},
        {"settings": {"selection": "best_epoch"}},
        {"input": "latin"},
        {"version": "0.2.0"},
    ):
        assert task(**change).key() != key, change
    assert task(model_digest="unknown").key() is None


def test_means_spread_and_own_scores():
    records = grid_of("base", {1: [10, 20, 60, 90, 80], 2: [12, 22, 66, 92, 84]})
    records += grid_of("full", {1: [20, 30, 70, 80, 80], 2: [20, 30, 70, 80, 80]})
    table = task_table(scores(records))
    assert table.header == (
        *("model", ENG, ELL, "all cells", f"{ENG} on itself", f"{ELL} on itself"),
    )
    assert [row[0] for row in table.rows] == ["base", "full", "chance: majority", "chance: uniform"]
    assert table.rows[2][1:] == ("5.0",) * 5
    # eng: 15 and 17; all: 30 and 100 / 3.
    total = stdev([30, 100 / 3])
    assert table.rows[0] == (
        *("base", f"16.0 ± {stdev([15, 17]):.1f}", "63.0 ± 4.2", f"31.7 ± {total:.1f}"),
        *("91.0 ± 1.4", "82.0 ± 2.8"),
    )
    assert table.rows[1][1:4] == ("25.0 ± 0.0", "70.0 ± 0.0", "40.0 ± 0.0")
    matrix = task_matrix(scores(records), "base")
    assert matrix.header == ("source", ELL, HEB, "mean", "on itself")
    assert matrix.rows[1] == (ELL, "", "63.0 ± 4.2", "63.0 ± 4.2", "82.0 ± 2.8")
    with pytest.raises(RecordError, match="model: came 'x'; legal: base, full"):
        task_matrix(scores(records), "x")


def test_a_gap_is_named_and_counted():
    records = [task(value=10), task(target=HEB, value=20)]
    table = task_table(scores(records, PAIRS))
    assert table.rows[0][1:4] == ("15.0", "-", "15.0 (2 of 3)")
    assert table.notes[-1] == "not measured (1): base, ell_Grek -> heb_Hebr"
    assert "seeds per cell: 1" in table.notes[0]
    with pytest.raises(RecordError, match="two records for base, eng_Latn -> ell_Grek, seed 42"):
        task_table(scores([task(), task()]))
    with pytest.raises(RecordError, match="benchmark: came sib200@sha256:1, ner@1"):
        task_table(scores([task(), task(benchmark="ner@1")]))


def test_a_table_says_how_models_were_fine_tuned():
    """Every setting that the records name, and rows, epochs and seeds; what differs is a range."""
    settings = {"learning_rate": 1e-3, "epochs": 4, "evaluate_every": None}
    records = [
        task(seed=43, settings=settings, train_rows=500, epochs=3.0),
        task(target=HEB, settings=settings, train_rows=278, epochs=4.0),
        task("other", settings={**settings, "learning_rate": 2e-5}, train_rows=500, epochs=4.0),
    ]
    for table in (task_table(scores(records[:2])), task_matrix(scores(records[:2]), "base")):
        assert table.notes[1] == (
            "fine-tuned with learning rate 0.001, epochs 4, rows learned from 278 to 500, epochs "
            "run 3 to 4, seeds 42, 43"
        )
    assert "learning rate 0.001 or 2e-05, epochs 4," in task_table(scores(records)).notes[1]


def test_settings_that_differ_make_rows():
    grid = scores([task(), task(shots=5)])
    assert list(grid.rows) == ["base [shots:0]", "base [shots:5]"]


def test_the_gate_judges_by_the_verdict_and_the_points():
    def runs(model, rights):
        """Of 200 sentences: by target, how many are right with each seed, the first ones."""
        return [
            tagged(model, set(range(count)), target, seed)
            for target, counts in rights.items()
            for seed, count in enumerate(counts)
        ]

    base = runs("base", {ELL: [100, 104, 102, 98, 101], HEB: [90, 91, 89, 92, 90]})
    full = runs("full", {ELL: [98, 105, 100, 99, 101], HEB: [60, 64, 59, 66, 61]})
    parts = {"ner": scores(base + full)}
    greek, hebrew = target_changes(parts, "base")
    assert (greek.target, greek.found.verdict) == (ELL, "not shown")
    assert (hebrew.target, hebrew.found.verdict) == (HEB, "worse")
    assert [c.falls(0) for c in (greek, hebrew)] == [False, True]
    assert hebrew.found.difference == pytest.approx(-14.2)
    assert hebrew.falls(14) and not hebrew.falls(14.2)
    # The same function and the same numbers as the table, and judged together with what stands
    # beside it: the lesser p of two counts twice.
    alone = parts["ner"].compare("base", "full", pairs=[(ENG, HEB)])
    assert (alone.change, alone.p * 2) == (hebrew.found.change, pytest.approx(hebrew.found.p))
    text = f"{hebrew}"
    assert text.startswith(f"ner, full, {HEB}: 31.0 is 14.2 below the base's 45.2, -14.2 (-")
    assert text.endswith("; 5 seeds), p <0.001")
    table = gate_table([greek, hebrew], 2, {"ner": "ner@1|split:test"})
    assert "signature of ner: `ner@1|split:test`" in table.notes
    assert [row[-2:] for row in table.rows] == [("not shown", ""), ("worse", "falls")]
    assert table.rows[1][4:8] == ("45.2", "31.0", "5.0", "2.0")
    # What fell to chance is a fall, though a table says no more than that it is at chance.
    lost = {"ner": scores(base + runs("lost", {ELL: [8] * 5, HEB: [9] * 5}))}
    assert [(c.found.verdict, c.falls(2)) for c in target_changes(lost, "base")] == [
        ("at chance", True),
        ("at chance", True),
    ]
    # Two of 40 queries are no fall, here as in the table.
    few = [query("base", ELL, set(range(20)), 40), query("full", ELL, set(range(18)), 40)]
    (change,) = target_changes({"srb": scores(few)}, "base")
    assert (change.found.verdict, change.falls(2)) == ("not shown", False)
    # Only cells that both have are compared.
    part = [r for r in base + full if (r.model, r.target) != ("full", HEB)]
    assert [c.target for c in target_changes({"ner": scores(part)}, "base")] == [ELL]


def test_our_figures_beside_the_papers():
    records = [task(value=60), task(target=HEB, value=70), task("full", target=HEB, value=75)]
    models = {"base": BASE, "full": FULL}
    table = paper_table(scores(records), "mediterranean", "sib200", models)
    cell = {t: paper_score("mediterranean", "sib200", BASE, ENG, t) for t in (ELL, HEB)}
    mean = (cell[ELL] + cell[HEB]) / 2
    assert table.rows[0] == (*("base", ENG, "2", "65.0", BASE, f"{mean:.1f}", f"{65 - mean:+.1f}"),)
    theirs = paper_score("mediterranean", "sib200", FULL, ENG, HEB)
    # The same single target as ours, not the paper's average.
    assert table.rows[1][2:] == ("1", "75.0", FULL, f"{theirs:.1f}", f"{75 - theirs:+.1f}")
    assert paper_table(scores(records), "romance", "sib200", models) is None
    listed = task_cells(scores(records), "mediterranean", models)
    row = dict(zip(listed.header, listed.rows[0], strict=True))
    assert (row["paper"], row["difference"]) == (f"{cell[ELL]:.1f}", f"{60 - cell[ELL]:+.1f}")


def test_retrieval_has_a_grid_too():
    records = [score("base", ENG, ELL, 4), score("base", ELL, ENG, 6)]
    grid = scores(records)
    assert grid.mean("base").value == pytest.approx(50)
    assert grid.mean("base").std is None
    table = paper_table(grid, "mediterranean", "srb", {"base": BASE})
    # English is no target of the paper: one row, of one cell.
    (row,) = table.rows
    assert row[:4] == ("base", ENG, "1", "40.0")


def test_layers():
    records = [score("m", ENG, ELL, layer, layer=layer) for layer in (0, 2, 1)]
    assert layer_table(scores(records)).rows == (("0", "0.0"), ("1", "10.0"), ("2", "20.0"))
    with pytest.raises(RecordError, match="came 'top3'"):
        layer_table(scores(records), "top3")
