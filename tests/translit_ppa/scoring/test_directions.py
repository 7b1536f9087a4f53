"""`score(directions=...)`: which script is asked for in which, each text encoded once."""

from __future__ import annotations

import numpy as np
import pytest

from corridor_examples import write_parallel
from translit_ppa import TranslitError, load_scores, score
from translit_ppa.command_line import run as translit_ppa
from translit_ppa.data_builders import get_benchmark
from translit_ppa.hub_cards.scores.directions import DIRECTIONS, of_direction
from translit_ppa.modeling import SentenceEncoder
from translit_ppa.modeling.embedding.retrieval import mean_cosines
from translit_ppa.scoring.sides import Sides, chosen_sides

ELL, HEB, ENG = "ell_Grek", "heb_Hebr", "eng_Latn"
ROMANISER = """
LATIN = str.maketrans("Ελάδαιוןקr", "Eladaivnqr")
def f(sentences, lang):
    return [sentence.translate(LATIN) for sentence in sentences]
"""


@pytest.fixture
def asked(models, tmp_path, monkeypatch):
    (tmp_path / "tiny_romaniser.py").write_text(ROMANISER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    bench = write_parallel(tmp_path / "names")
    return {
        "models": models[:1],
        "benchmarks": f"parallel:{bench}",
        "transliterator": "tiny_romaniser:f",
        "out": tmp_path / "out",
    }


def test_each_text_is_encoded_once_and_each_direction_is_its_own(asked, monkeypatch):
    encoded = []
    real = SentenceEncoder.encode

    def spy(self, sentences, **options):
        encoded.extend(sentences)
        return real(self, sentences, **options)

    monkeypatch.setattr(SentenceEncoder, "encode", spy)
    scores = score(**asked, directions="all")
    # 12 rows of three languages, and the romanised form of two.
    assert len(encoded) == 5 * 12
    counts = {name: len(of_direction(scores, name)) for name in DIRECTIONS}
    assert counts == {"original": 6, "english": 2, "own": 2, "others": 4, "romanised": 2}
    assert {r.transliterator for r in scores.records if r.input == "latin"} == {"tiny_romaniser:f"}

    # By hand: romanised Greek among the originals of Hebrew, and of itself without equal texts.
    encoder = SentenceEncoder.from_pretrained(asked["models"][0])
    pair = get_benchmark(asked["benchmarks"]).load_pair(ELL, HEB)
    table = str.maketrans("Ελάδα", "Elada")
    romanised = [text.translate(table) for text in pair.source]
    queries, targets = encoder.encode(romanised), encoder.encode(pair.target)
    unit = [side / np.linalg.norm(side, axis=1, keepdims=True) for side in (queries, targets)]
    similarity = unit[0] @ unit[1].T
    first = float((similarity.argmax(axis=1) == np.arange(12)).mean() * 100)
    cells = {(r.source, r.target, r.input, r.target_input): r for r in scores.records}
    found = cells[ELL, HEB, "latin", "original"]
    assert found.scores["top1"] == pytest.approx(first)
    assert found.cosines["matched"] == pytest.approx(np.diag(similarity).mean(), abs=1e-5)
    others = (similarity.sum() - np.trace(similarity)) / (12 * 11)
    assert found.cosines["random"] == pytest.approx(others, abs=1e-5)
    own = cells[ELL, ELL, "latin", "original"]
    assert (own.n, own.identical, own.pool) == (11, 1, 12)

    encoded.clear()
    again = score(**asked, directions=["own", "english"])
    assert encoded == [] and len(again) == 4
    by_key = {record.key(): record for record in scores.records}
    assert all(by_key[record.key()] == record for record in again.records)
    titles = [table.title for table in load_scores(asked["out"]).tables()]
    assert len(titles) == 3 and "retrieval by direction, top-1" in titles[1]


def test_the_command_shows_and_writes_them(asked, capsys):
    words = ["--model", *asked["models"], "--benchmark", asked["benchmarks"]]
    words += ["--transliterator", "tiny_romaniser:f", "--out", str(asked["out"])]
    assert translit_ppa("eval", [*words, "--directions", "--layers", "1", "2"]) == 0
    shown = capsys.readouterr().out
    assert "romanised -> own original" in shown and "counterparts less that of others" in shown
    text = (asked["out"] / "results.md").read_text(encoding="utf-8")
    assert text.count("| romanised -> English |") == 3 and "not measured" not in text
    assert translit_ppa("eval", [*words, "--directions", "own", "--input", "both"]) == 2
    assert "leave input both out" in capsys.readouterr().err
    assert translit_ppa("eval", [*words, "--directions", "sideways"]) == 2
    assert "sideways" in capsys.readouterr().err


def test_only_what_is_asked_for_and_what_there_is(asked, tmp_path):
    benchmark = get_benchmark(asked["benchmarks"])
    assert chosen_sides(benchmark, [ELL, ENG], "own") == [Sides(ELL, ELL, True)]
    assert chosen_sides(benchmark, [ENG, ELL], ["english", "others"]) == [Sides(ELL, ENG, True)]
    folder = tmp_path / "tatoeba"
    folder.mkdir()
    for name, text in (("ell", "Ναι.\nΌχι.\n"), ("eng", "Yes.\nNo.\n")):
        (folder / f"tatoeba.ell-eng.{name}").write_text(text, encoding="utf-8")
    tatoeba = get_benchmark(f"tatoeba:{folder}")
    assert chosen_sides(tatoeba, [ELL, ENG], "all") == [
        *(Sides(ELL, ENG), Sides(ENG, ELL), Sides(ELL, ENG, True), Sides(ELL, ELL, True))
    ]
    with pytest.raises(TranslitError, match="directions: came up; legal: all, original, english"):
        score(**asked, directions="up")
    with pytest.raises(TranslitError, match="directions: came none"):
        score(**asked, directions=[])


def test_a_narrow_cone_cannot_fake_the_difference():
    """All vectors nearly the same: large cosines, and no difference."""
    random = np.random.default_rng(0)
    queries, targets = (1 + 0.01 * random.normal(size=(50, 8)) for _ in range(2))
    found = mean_cosines(queries, targets, np.ones(50, dtype=bool))
    assert found["matched"] > 0.99 and abs(found["matched"] - found["random"]) < 1e-3
    one = mean_cosines(np.eye(8), np.eye(8), np.ones(8, dtype=bool))
    assert one == pytest.approx({"matched": 1.0, "random": 0.0})
    assert mean_cosines(queries[:1], targets[:1], np.ones(1, dtype=bool)) is None
