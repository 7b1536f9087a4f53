from __future__ import annotations

import os

import pytest

from hub_examples import score, train_fields
from score_examples import scores
from translit_ppa.hub_cards.figures.drawing import Heatmaps, draw_heatmaps, script_of
from translit_ppa.hub_cards.figures.figures import loss_curves, retrieval_heatmap
from translit_ppa.hub_cards.records.files import RecordError, TrainRecord

ENG, AMH, TUR = "eng_Latn", "amh_Ethi", "tur_Latn"
PAIRS = [(s, t) for s in (ENG, AMH, TUR) for t in (ENG, AMH, TUR) if s != t]


@pytest.fixture
def records():
    before = [score("base", *pair, 1 + i) for i, pair in enumerate(PAIRS)]
    after = [score("full", *pair, 2 + i / 2) for i, pair in enumerate(PAIRS)]
    return before + after


def pixels(path):
    from matplotlib.image import imread

    return imread(path)


def test_heatmap_and_its_numbers(records, tmp_path):
    path = retrieval_heatmap(
        scores(records), "base", "full", tmp_path / "figures" / "retrieval.png"
    )
    picture = pixels(path)
    assert picture.shape[1] > picture.shape[0] > 400
    # Not an empty canvas: a good share of the pixels is coloured.
    assert (picture[..., :3].max(axis=-1) - picture[..., :3].min(axis=-1) > 0.2).mean() > 0.1
    assert path.with_suffix(".csv").read_text() == (
        "source,target,metric,base,full,difference\n"
        "eng_Latn,amh_Ethi,top10,10.0,20.0,10.0\n"
        "eng_Latn,tur_Latn,top10,20.0,25.0,5.0\n"
        "amh_Ethi,eng_Latn,top10,30.0,30.0,0.0\n"
        "amh_Ethi,tur_Latn,top10,40.0,35.0,-5.0\n"
        "tur_Latn,eng_Latn,top10,50.0,40.0,-10.0\n"
        "tur_Latn,amh_Ethi,top10,60.0,45.0,-15.0\n"
    )
    assert sorted(os.listdir(path.parent)) == ["retrieval.csv", "retrieval.png"]


def test_the_same_records_give_the_same_bytes(records, tmp_path):
    import matplotlib as mpl

    one = retrieval_heatmap(scores(records), "base", "full", tmp_path / "one.png").read_bytes()
    with mpl.rc_context({"font.size": 20, "savefig.facecolor": "red"}):
        two = retrieval_heatmap(scores(records), "base", "full", tmp_path / "two.png").read_bytes()
        assert mpl.rcParams["font.size"] == 20
    assert one == two
    records[0] = score("base", *PAIRS[0], 9)
    assert (
        retrieval_heatmap(scores(records), "base", "full", tmp_path / "3.png").read_bytes() != one
    )


def test_names_and_labels_are_drawn(records, tmp_path):
    plain = retrieval_heatmap(scores(records), "base", "full", tmp_path / "a.png")
    names = {ENG: "English", AMH: "Amharic", TUR: "Turkish"}
    named = retrieval_heatmap(scores(records), "base", "full", tmp_path / "b.png", names=names)
    labelled = retrieval_heatmap(
        scores(records), "base", "full", tmp_path / "c.png", labels={"base": "Before"}
    )
    assert len({file.read_bytes() for file in (plain, named, labelled)}) == 3


def test_a_gap_is_left_open(records, tmp_path):
    path = retrieval_heatmap(scores(records[:-1]), "base", "full", tmp_path / "gap.png")
    assert "tur_Latn,amh_Ethi,top10,60.0,," in path.with_suffix(".csv").read_text()


def test_both_panels_share_the_colour_scale(monkeypatch):
    from matplotlib.axes import Axes

    limits, plain = [], Axes.imshow

    def imshow(self, *arguments, **options):
        image = plain(self, *arguments, **options)
        limits.append(image.get_clim())
        return image

    monkeypatch.setattr(Axes, "imshow", imshow)
    languages = [(ENG, "English"), (AMH, "Amharic")]
    old, new = {(ENG, AMH): 10.0, (AMH, ENG): 20.0}, {(ENG, AMH): 80.0, (AMH, ENG): 15.0}
    panels = [("before", old), ("after", new)]
    content = Heatmaps("t", "s", "c", languages, languages, panels, "%")
    assert draw_heatmaps(content).startswith(b"\x89PNG")
    assert limits == [(0, 80), (0, 80), (-70, 70)]


def test_mistakes_are_named(records, tmp_path):
    with pytest.raises(RecordError, match="model: came 'mlm'; legal: base, full"):
        retrieval_heatmap(scores(records), "mlm", "full", tmp_path / "a.png")
    with pytest.raises(RecordError, match="score: came 'f1'; legal: top1, top5, top10"):
        retrieval_heatmap(scores(records), "base", "full", tmp_path / "a.png", metric="f1")
    with pytest.raises(RecordError, match=r"came 'a.jpg'; legal: a file name ending in \.png"):
        retrieval_heatmap(scores(records), "base", "full", tmp_path / "a.jpg")
    assert os.listdir(tmp_path) == []


def test_loss_curves_and_their_numbers(tmp_path):
    record = TrainRecord.from_dict(train_fields())
    path = loss_curves(record, tmp_path / "loss.png")
    assert pixels(path).shape[:2] == (736, 1280)
    assert path.with_suffix(".csv").read_text() == (
        "step,loss,seq,mlm_latin\n10,9.5,4.25,5.25\n20,7,,4\n"
    )
    assert path.read_bytes() == loss_curves(record, tmp_path / "again.png").read_bytes()
    loss_curves(record, path, parts=["seq"])
    assert path.with_suffix(".csv").read_text() == "step,seq\n10,4.25\n"
    with pytest.raises(RecordError, match="no loss tlm; it has: step, epoch, loss"):
        loss_curves(record, path, parts=["tlm"])
    empty = TrainRecord.from_dict(train_fields() | {"history": []})
    with pytest.raises(RecordError, match="no loss at all"):
        loss_curves(empty, path)


def test_script_of_a_code():
    assert [script_of(code) for code in (ENG, "zho_Hani", "eng")] == ["Latn", "Hani", ""]
