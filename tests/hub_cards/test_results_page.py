"""The page of results: tables, verdicts and figures, from records alone."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.image import imread

from hub_examples import CREATED, score, train_fields
from score_examples import ELL, ENG, HEB, grid_of, query, scores, tagged, task
from translit_ppa.hub_cards.cards.results_page import write_page
from translit_ppa.hub_cards.figures.task_figures import ablation_bars, task_heatmap
from translit_ppa.hub_cards.paper.results import BASE, FULL, paper_score
from translit_ppa.hub_cards.records.figure_records import MapRecord
from translit_ppa.hub_cards.records.files import RecordError
from translit_ppa.hub_cards.records.record_types import ModelRecord
from translit_ppa.hub_cards.scores.comparing.verdicts import compare_with_base, paragraphs, verdict
from translit_ppa.hub_cards.scores.counterparts import paper_counterparts, trainings

COLUMNS = (ELL, HEB)


def model(name, objectives=None, base="sha256:base", digest=None):
    training = None
    if objectives:
        training = train_fields() | {
            "base_revision": base,
            "alignment": {"objectives": objectives},
        }
    return ModelRecord.from_dict(
        {
            "kind": "model",
            "version": "0.1.0",
            "created": CREATED,
            "model": name,
            "model_digest": digest or f"sha256:{name}",
            "tokenizer": "sha256:0123456789ab",
            "training": training,
        }
    )


def srb(name, hits):
    return [query(name, target, set(range(hits)), benchmark="srb@sha256:2") for target in COLUMNS]


def test_a_counterpart_needs_a_record():
    models = [model("base"), model("full", ["mlm", "seq", "tlm"]), model("stranger")]
    assert paper_counterparts(models) == {"base": BASE, "full": FULL}
    # The first of the list is nothing special, and only MLM's combinations are in the paper.
    assert paper_counterparts([model("base"), model("seq", ["seq"], base="sha256:other")]) == {}
    assert paper_counterparts([model("cis-lmu/glot500-base")]) == {"cis-lmu/glot500-base": BASE}


def told(benchmark, found, names):
    """The verdict on `full` beside `base`, judged alone."""
    rows = ("base", "full")
    return verdict(benchmark, found, rows, found.compare(*rows), "mediterranean", names)


def test_verdicts_hold_direction_against_direction():
    names = {"full": FULL}
    up = scores([*srb("base", 50), *srb("full", 90)])
    found = told("srb", up, names)
    pairs = [(ENG, target) for target in COLUMNS]
    expected = [
        paper_score("mediterranean", "srb", FULL, *p)
        - paper_score("mediterranean", "srb", BASE, *p)
        for p in pairs
    ]
    assert found.ours.difference == pytest.approx(20)
    assert found.theirs == pytest.approx(tuple(expected))
    assert found.kind == "agrees"
    down = scores([*srb("base", 90), *srb("full", 50)])
    assert told("srb", down, names).kind == "differs"
    same = scores([*srb("base", 50), *srb("full", 50)])
    nothing = told("srb", same, names)
    assert nothing.kind == "not shown"
    low = told("srb", scores([*srb("base", 5), *srb("full", 90)]), names)
    assert low.kind == "at chance"
    lone = [tagged(m, set(range(n)), seed=1) for m, n in (("base", 50), ("full", 150))]
    assert told("ner", scores(lone), names).kind == "one seed, not judged"
    assert told("ntrex", up, names).kind == "no figure"
    assert told("srb", up, {}).kind == "no figure"
    # Cells that point both ways have no direction, whatever their mean; nor has one cell alone.
    assert replace(found, theirs=(5.0, -4.0)).kind == "no direction"
    assert replace(found, theirs=(5.0,)).kind == "no direction"
    assert replace(found, theirs=(-5.0, -4.0)).kind == "differs"
    text = paragraphs([found, nothing])
    assert "in the paper's direction (1 of 2):\n  - srb, full: 25.0 to 45.0, +20.0 (" in text
    assert "nothing is claimed (1 of 2):\n  - srb, full: 25.0 to 25.0, +0.0" in text
    assert "against the paper's direction (0 of 2): none." in text


def test_trainings_that_differ_in_their_seed_are_compared_as_one():
    """Two seeds of one recipe: a row for each, and one for the way of training."""
    trained = [
        replace(m, training=replace(m.training, seed=seed))
        for m, seed in ((model("full", ["mlm"]), 1), (model("again", ["mlm"]), 2))
    ]
    models = (model("base"), *trained, model("other", ["mlm", "seq"]))
    assert trainings(models) == [("full", "again")]
    cells = [c for name, n in (("base", 50), ("full", 90), ("again", 80)) for c in srb(name, n)]
    part = replace(scores(cells), models=models)
    pairs = [("base", "full"), ("base", "again")]
    (found,) = compare_with_base({"srb": part}, lambda _: pairs).values()
    assert list(found) == [*pairs, ("base", "full, again")]
    way = found["base", "full, again"]
    assert (way.trainings, way.difference) == (2, pytest.approx(17.5))
    # Three comparisons of a page: the least p counts three times.
    alone = part.compare("base", "full")
    assert found["base", "full"].p == pytest.approx(3 * alone.p)


def test_the_page_holds_what_the_records_say(tmp_path):
    records = [model("base"), model("full", ["mlm", "seq", "tlm"])]
    # Scored before it got its name.
    records += srb("base", 50) + [replace(r, model="runs/1") for r in srb("full", 90)]
    for name, by in (("base", 0), ("full", 3)):
        records += grid_of(name, {1: [30 + by, 31, 32, 80, 80], 2: [34, 35, 36 + by, 80, 80]})
    points = {code: [[0.0, 1.0], [1.0, 0.5]] for code in (ELL, HEB)}
    mapped = {
        "model": "base",
        "model_digest": "sha256:base",
        "layer": 3,
        "pooling": "attended",
        "explained": [40.0, 10.0],
        "same_language": 100.0,
        "points": points,
    }
    fields = {"kind": "map", "version": "0.1.0", "created": CREATED, "libraries": {}}
    fields |= {"benchmark": "srb@sha256:2", "split": "test", "n": 2, "models": [mapped, mapped]}
    records.append(MapRecord.from_dict(fields))
    page = write_page(
        records, "mediterranean", tmp_path / "results.md", corpora="Bible: public domain, abc123."
    )
    text = page.read_text(encoding="utf-8")
    assert "Bible: public domain, abc123." in text
    assert "| base | - | - | - | - | - | sha256:base | Glot500 |" in text
    assert "| full | base | mlm+seq+tlm | 16 | 20 | 42 | sha256:full | MLM+SEQ+TLM |" in text
    assert "| full | base | 2 | - | 1 | 25.0 | 45.0 | 5.0 | - | +20.0 |" in text
    # The paper's cells that nobody measured are gaps, named once.
    own = "5.0 | - | 5.0 | -"
    assert f"| chance: majority | {own} | 5.0 | {own} |" in text
    assert "all cells | eng_Latn on itself" in text and "(3 of 29)" in text
    assert "not measured (52): no model, eng_Latn -> tur_Latn, " in text
    assert "| full | eng_Latn | 2 | 45.0 | MLM+SEQ+TLM |" in text
    assert "## What the differences support" in text
    # Two seeds of 1.0 and 0.7 points: far too few to claim anything.
    assert "| full | base | 3 | 2 | 1 |" in text
    assert "nothing is claimed (1 of 2):\n  - sib200, full:" in text
    for name in ("srb.png", "sib200.png", "ablation.png", "map-0.png"):
        assert f"](results/{name})" in text
        height, width, _ = imread(tmp_path / "results" / name).shape
        assert height > 300 and width > 500
    assert (tmp_path / "results" / "ablation.csv").read_text().splitlines()[1:3] == [
        "srb,base,25,,1",
        "srb,full,45,,1",
    ]


def test_layers_among_the_records_become_a_curve(tmp_path):
    """Four layers of each model: the tables stay at 2/3 of them, or where the training says."""
    trained = model("full", ["mlm"])
    at_one = {**trained.training.alignment, "layer": 1}
    trained = replace(trained, training=replace(trained.training, alignment=at_one))
    records = [model("base"), trained]
    for number, name in enumerate(("base", "full")):
        for layer in range(4):
            hits = set(range(20 * number + 10 * layer))
            records += [
                query(name, t, hits, benchmark="srb@sha256:2", layer=layer) for t in COLUMNS
            ]
    # The same cell from another folder is no second one.
    records.append(records[2])
    page = write_page(
        records, "mediterranean", tmp_path / "r.md", languages=[ENG, *COLUMNS, "mlt_Latn"]
    )
    text = page.read_text(encoding="utf-8")
    assert "| 10.0 | 15.0 | 5.0 | - | +5.0 |" in text, "15 % at layer 1 against 10 % at layer 2"
    assert "top-10 by layer" in text and "| 3 | 15.0 | 25.0 |" in text
    assert "![srb, accuracy by layer](r/srb-layers.png)" in text
    assert imread(tmp_path / "r" / "srb-layers.png").shape[0] > 300
    assert "no text in this benchmark, and in no mean: mlt_Latn" in text
    one = write_page([r for r in records if getattr(r, "layer", 2) == 2], "sea", tmp_path / "s.md")
    assert "layers.png" not in one.read_text(encoding="utf-8")


def visible(folder):
    found = folder.rglob("*")
    return {str(p.relative_to(folder)): p.read_bytes() for p in found if p.is_file()}


def test_a_page_and_its_figures_appear_together(tmp_path, monkeypatch):
    records = [model("base"), model("full"), *srb("base", 5), *srb("full", 6)]
    page = write_page(records, "mediterranean", tmp_path / "r.md")
    before = visible(tmp_path)
    assert before.keys() >= {"r.md", "r/ablation.png", "r/ablation.csv"}
    other = [model("base"), model("full"), *srb("base", 5), *srb("full", 9)]
    # A disk that is full while the page is made: all of the older one stays.
    with monkeypatch.context() as patched:
        patched.setattr("translit_ppa.hub_cards.cards.results_page._in_the_papers_layout", _full)
        with pytest.raises(OSError, match="No space"):
            write_page(other, "mediterranean", page)
    assert visible(tmp_path) == before
    # Killed while it is put in place: no page, rather than one that its figures contradict.
    moved: list[str] = []
    stops = [1, 2, 3]
    real = os.replace

    def killed(source, goal):
        if not any(part.startswith(".") for part in Path(goal).relative_to(tmp_path).parts):
            moved.append(Path(goal).name)
            if [len(moved)] == stops[:1]:
                stops.pop(0)
                raise KeyboardInterrupt
        real(source, goal)

    monkeypatch.setattr("os.replace", killed)
    while stops:
        moved.clear()
        with pytest.raises(KeyboardInterrupt):
            write_page(other, "mediterranean", page)
        assert not page.exists()
    moved.clear()
    write_page(other, "mediterranean", page)
    assert len(moved) > 3 and moved[-1] == "r.md" and visible(tmp_path).keys() == before.keys()
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def _full(*arguments):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("name", ["0", "folder.md"])
def test_a_page_in_the_place_of_a_folder(tmp_path, name):
    (tmp_path / "folder.md").mkdir()
    records = [model("base"), *srb("base", 5)]
    with pytest.raises(RecordError, match=r"0\.md|is a folder"):
        write_page(records, "mediterranean", tmp_path / name)
    assert visible(tmp_path) == {} and os.listdir(tmp_path) == ["folder.md"]


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(RecordError, match="no model records"):
        write_page(srb("base", 5), "mediterranean", tmp_path / "r.md")
    with pytest.raises(RecordError, match="no scores"):
        write_page([model("base")], "mediterranean", tmp_path / "r.md")
    with pytest.raises(RecordError, match="base: came 'x'; legal: base"):
        write_page([model("base"), score("base", ENG, ELL, 1)], "sea", tmp_path / "r.md", base="x")
    with pytest.raises(RecordError, match="scores: came those of x; legal: of base, which the mo"):
        write_page([model("base"), *srb("x", 5)], "sea", tmp_path / "r.md")
    newer = [replace(record, version="0.2.0") for record in srb("base", 5)]
    with pytest.raises(RecordError, match=r"version: came 0\.1\.0 and 0\.2\.0 for srb@"):
        write_page([model("base"), *srb("base", 5), *newer], "sea", tmp_path / "r.md")
    grid = scores([task()])
    with pytest.raises(RecordError, match="model: came 'x'; legal: base"):
        task_heatmap(grid, "base", "x", tmp_path / "a.png", title="t", score="s")
    with pytest.raises(RecordError, match="none of them has a score"):
        ablation_bars({"sib200": grid}, ["x"], tmp_path / "a.png", title="t")
    with pytest.raises(RecordError, match="legal: 1 to 1 points"):
        MapRecord.from_dict(
            {
                "kind": "map",
                "version": "1",
                "created": CREATED,
                "benchmark": "b",
                "split": "test",
                "n": 1,
                "libraries": {},
                "models": [
                    {
                        "model": "m",
                        "model_digest": "d",
                        "layer": 1,
                        "pooling": "content",
                        "explained": [1.0, 1.0],
                        "same_language": 0.0,
                        "points": {ELL: [[0.0, 1.0], [0.0, 1.0]]},
                    }
                ],
            }
        )
    assert not list(tmp_path.iterdir())


def test_models_stand_in_the_papers_order(tmp_path):
    models = [model("x"), model("full", ["mlm", "seq", "tlm"]), model("mlm", ["mlm"])]
    models.append(model("base"))
    cells = [cell for name in ("x", "full", "mlm", "base") for cell in srb(name, 50)]
    text = write_page([*models, *cells], "mediterranean", tmp_path / "r.md").read_text("utf-8")
    for heading in ("## Models", "## srb"):
        table = text.partition(heading)[2].partition("\n- ")[0]
        places = [table.index(f"| {name} |") for name in ("base", "mlm", "full", "x")]
        assert places == sorted(places)


def test_a_model_under_several_settings_is_named(tmp_path):
    records = [*grid_of("base", {42: [50] * 5}), *grid_of("full", {42: [60] * 5})]
    few = grid_of("full", {42: [70] * 5}, shots=8)
    models = [model("base"), model("full", ["mlm", "seq", "tlm"])]
    told = "scored under several settings, and so in no comparison: full"
    path = write_page([*models, *records], "mediterranean", tmp_path / "one.md")
    assert told not in path.read_text(encoding="utf-8")
    path = write_page([*models, *records, *few], "mediterranean", tmp_path / "two.md")
    assert told in path.read_text(encoding="utf-8")


def test_two_groups_stand_beside_one_another(tmp_path):
    """Each benchmark has a section for each group, and all comparisons are judged together."""
    names = ("base", "full")
    tuned = [model("base"), model("full", ["mlm", "seq", "tlm"])]
    cells = [
        query(name, target, set(range(hits)), benchmark="srb@sha256:2")
        for target, row in ((ELL, (50, 90)), ("tha_Thai", (60, 130)))
        for name, hits in zip(names, row, strict=True)
    ]
    groups = {"mediterranean": [ENG, ELL, HEB], "sea": [ENG, "tha_Thai"]}
    text = write_page([*tuned, *cells], groups, tmp_path / "r.md").read_text(encoding="utf-8")
    first, second = (
        text.partition(f"## srb ({group})\n")[2].partition("\n## ")[0] for group in groups
    )
    assert "| full | base | 1 | - | 1 | 25.0 | 45.0 | 5.0 | - | +20.0 |" in first
    assert "| full | base | 1 | - | 1 | 30.0 | 65.0 | 5.0 | - | +35.0 |" in second
    assert "tha_Thai" not in first and "ell_Grek" not in second
    assert "no text in this benchmark, and in no mean: heb_Hebr" in first
    for section in (first, second):
        assert "Holm's method for 2 comparisons" in section
    assert "(1 of 2):\n  - srb (mediterranean), full: 25.0 to 45.0" in text or "(2 of 2)" in text
    for group in groups:
        assert (tmp_path / "r" / f"srb-{group}.png").is_file()
