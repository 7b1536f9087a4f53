"""eval.py map and eval.py results in miniature, and the projection against sklearn by hand."""

from __future__ import annotations

import numpy as np
import pytest

from corridor_examples import write_parallel
from translit_ppa.command_line import main
from translit_ppa.hub_cards.records.files import load_records
from translit_ppa.modeling.embedding.sentence_map import map_sentences


def test_two_axes_and_the_nearest_neighbours():
    # Unit vectors: Greek near the first axis, Hebrew near the second; one Hebrew among the Greeks.
    greek = np.array([[1, 0, 0.1], [1, 0, -0.1], [2, 0.1, 0.0]])
    hebrew = np.array([[0, 1, 0.1], [0, 1, -0.1], [1, 0.05, 0.0]])
    found = map_sentences({"ell_Grek": greek, "heb_Hebr": hebrew})
    unit = np.concatenate([greek, hebrew])
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    centred = unit - unit.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    plane = np.concatenate([found.points["ell_Grek"], found.points["heb_Hebr"]])
    assert np.abs(plane) == pytest.approx(np.abs(centred @ vectors[:, [2, 1]]))
    assert found.explained == pytest.approx(tuple(100 * values[[2, 1]] / values.sum()))
    # Nearest: both tilted Greeks the Hebrew or the Greek between them, which have each other.
    similarity = unit @ unit.T - 2 * np.eye(6)
    owners = np.array([0, 0, 0, 1, 1, 1])
    expected = 100 * (owners[similarity.argmax(axis=1)] == owners).mean()
    assert 0 < expected < 100
    assert found.same_language == pytest.approx(expected)


def test_map_and_page(models, tmp_path, capsys):
    bench, out = write_parallel(tmp_path / "names"), tmp_path / "scores"
    common = ["--model", *models, "--group", "mediterranean"]
    words = [*common, "--benchmark", f"parallel:{bench}"]
    assert main(["eval", *words, "--out", str(out)]) == 0
    mapped = [*models, "--group", "mediterranean", "--benchmark", f"parallel:{bench}"]
    mapped += ["--count", "5", "--out", str(out / "records" / "map")]
    assert main(["map", "--models", *mapped]) == 0
    (record,) = load_records(out / "records" / "map", kind="map")
    assert [m.model for m in record.models] == models
    assert record.models[0].points != record.models[1].points
    assert {code: len(p) for code, p in record.models[0].points.items()} == {
        "ell_Grek": 5,
        "heb_Hebr": 5,
        "eng_Latn": 5,
    }
    assert {m.layer for m in record.models} == {2}
    (out / "records" / "corpora.md").write_text("Names of nowhere.\n")
    page = tmp_path / "results.md"
    words = ["--records", str(out / "records"), "--group", "mediterranean", "--out", str(page)]
    assert main(["results", *words]) == 0
    text = page.read_text(encoding="utf-8")
    assert "Names of nowhere." in text and "## parallel:names" in text
    assert text.count(f"| {models[1]} | {models[0]} | 6 | - | 1 |") == 1
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == [
        *("ablation.csv", "ablation.png", "map-0.png"),
        *("parallel-names.csv", "parallel-names.png"),
    ]
    names = [m.model for m in load_records(out / "records", kind="model")]
    assert names == models
    capsys.readouterr()
    none = ["--benchmark", "sib200", "--out", str(tmp_path / "none")]
    assert main(["eval", "map", *common, *none]) == 2  # the spelling of 0.1.0
    assert "unknown benchmark 'sib200'" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
