"""Ranking of source languages: ranks, tau and regret by hand, and against the paper's figures."""

from __future__ import annotations

import csv
import math
import random
from importlib import resources

import pytest

from hub_examples import CREATED
from translit_ppa.hub_cards.records.files import (
    RecordError,
    SourceValidation,
    load_records,
    write_record,
)
from translit_ppa.hub_cards.records.source_records import (
    ChoiceScore,
    Conditions,
    RankedSource,
    SourceRanking,
)
from translit_ppa.hub_cards.scores.source_choice import (
    BEST_ON_AVERAGE,
    CLOSENESS,
    COMBINED,
    ENGLISH,
    Place,
    kendall_tau,
    means_on_others,
    paper_places,
    rank_sources,
    regret,
    relative_ranks,
    validate,
)
from translit_ppa.hub_cards.tables.source_tables import ranking_table, validation_table

CONDITIONS = Conditions(["cldr-47"], "uroman-1.3.1.1|lcode:yes", 1000, [], "urielplus-1.3.2")


def test_relative_ranks_by_hand():
    ranks = relative_ranks({"a": 0.9, "b": 0.1, "c": 0.5, "d": 0.5, "e": None})
    assert ranks == {"a": 0.0, "c": 0.5, "d": 0.5, "b": 1.0, "e": None}
    assert relative_ranks({"a": 3.0, "b": None}) == {"a": 0.0, "b": None}


def test_kinds_count_the_same_however_many_signals_they_have():
    signals = {
        "lexical": {"words": {"a": 3.0, "b": 2.0, "c": 1.0}},
        "typology": {
            "genetic": {"a": 1.0, "b": 2.0, "c": 3.0},
            "featural": {"a": 1.0, "b": 3.0, "c": None},
        },
    }
    ranks = rank_sources(signals)
    assert ranks["lexical"] == {"a": 0.0, "b": 0.5, "c": 1.0}
    # a: genetic 1, featural 1; b: 0.5 and 0; c is known to genetic only.
    assert ranks["typology"] == {"a": 1.0, "b": 0.25, "c": 0.0}
    assert ranks[COMBINED] == {"a": 0.5, "b": 0.375, "c": 0.5}


def test_a_candidate_with_fewer_kinds_is_not_compared_and_a_kind_without_any_is_left_out():
    signals = {
        "lexical": {"words": {"a": 3.0, "b": 2.0, "c": None}},
        "embedding": {"cosine": {"a": None, "b": None, "c": None}},
        "typology": {"genetic": {"a": 1.0, "b": 2.0, "c": 3.0}},
    }
    ranks = rank_sources(signals)
    assert ranks["typology"]["c"] == 0.0
    assert ranks[COMBINED] == {"a": 0.5, "b": 0.75, "c": None}
    assert rank_sources({"embedding": signals["embedding"]})[COMBINED] == dict.fromkeys("abc")


def test_tau_by_hand():
    assert kendall_tau([1, 2, 3], [1, 3, 2]) == pytest.approx(1 / 3)
    assert kendall_tau([1, 2, 3], [3, 2, 1]) == -1
    # Two of three pairs are in order, the third is tied in x: 2 / sqrt(2 * 3).
    assert kendall_tau([1, 1, 2], [1, 2, 3]) == pytest.approx(2 / math.sqrt(6))
    assert kendall_tau([1, 1, 1], [1, 2, 3]) == 0


def test_tau_against_counted_pairs():
    rng = random.Random(0)
    for size in (2, 3, 4, 9):
        for _ in range(50):
            x, y = ([rng.randrange(4) for _ in range(size)] for _ in "xy")
            pairs = [
                (math.copysign(x[i] != x[j], x[i] - x[j]), math.copysign(y[i] != y[j], y[i] - y[j]))
                for i in range(size)
                for j in range(i)
            ]
            norm = math.sqrt(sum(a != 0 for a, _ in pairs) * sum(b != 0 for _, b in pairs))
            expected = sum(a * b for a, b in pairs) / norm if norm else 0.0
            assert kendall_tau(x, y) == pytest.approx(expected)


def test_regret_by_hand():
    scores = {"a": 60.0, "b": 70.0, "c": 50.0}
    assert regret({"a": 0.0, "b": 0.5, "c": 1.0}, scores) == 10.0
    assert regret({"a": 1.0, "b": 0.0, "c": 0.5}, scores) == 0.0
    assert regret({"a": 0.0, "b": 0.0, "c": 1.0}, scores) == 5.0


def test_means_on_others_leave_the_target_out():
    def place(target: str, **scores: float) -> Place:
        return Place("g", "ner", "m", target, scores)

    places = [
        place("t1", a=10, b=90),
        place("t2", a=60, b=50),
        place("t3", a=50, b=45),
        # b's own row has no b: no candidate may win by easier targets.
        place("b", a=99),
    ]
    assert means_on_others("t1", "ab", places) == {"a": 55.0, "b": 47.5}
    # With t1 in sight the order turns.
    assert means_on_others("t2", "ab", places) == {"a": 30.0, "b": 67.5}
    assert means_on_others("b", "a", places) == {"a": 40.0}
    assert means_on_others("t1", "ab", places[:1]) == {"a": None, "b": None}
    assert means_on_others("t1", "abc", places) == {"a": None, "b": None, "c": None}


def rows() -> list[dict[str, str]]:
    text = (
        resources.files("translit_ppa.hub_cards.paper")
        .joinpath("paper_results.csv")
        .read_text("utf-8")
    )
    return list(csv.DictReader(text.splitlines()))


def test_paper_places_are_the_tables():
    places = paper_places()
    cells = [
        r for r in rows() if r["target"] != "Average" and r["model"] in ("Glot500", "MLM+SEQ+TLM")
    ]
    # Targets times sources less each source on itself, over five tasks: 33 + 29 + 29 + 29 + 25
    # (mediterranean) and 33 + 29 + 21 + 29 + 13 (sea).
    assert sum(len(place.scores) for place in places) == len(cells) == 2 * (145 + 125)
    assert {len(place.scores) for place in places} == {2, 3, 4}
    assert all("eng_Latn" in place.scores for place in places)
    for place in places:
        key = (place.group, place.task, place.model)
        table = [other for other in places if (other.group, other.task, other.model) == key]
        assert means_on_others(place.target, place.scores, table)["eng_Latn"] is not None


def test_regret_of_english_recomputed_from_the_file():
    got = {
        (s.task, s.model): s.regret
        for s in validate(lambda target, sources: {})
        if s.choice == ENGLISH
    }
    cells: dict[tuple[str, str, str, str], dict[str, float]] = {}
    for row in rows():
        if row["target"] != "Average" and row["task"] == "Taxi1500":
            key = (row["group"], row["model"], row["target"], row["task"])
            cells.setdefault(key, {})[row["source"]] = float(row["score"])
    for model in ("Glot500", "MLM+SEQ+TLM"):
        costs = [max(c.values()) - c["eng_Latn"] for key, c in cells.items() if key[1] == model]
        assert len(costs) == 16
        assert got["taxi1500", model] == pytest.approx(sum(costs) / 16)


def scores_as_signals(sign: float):
    """The paper's own scores as a signal: what a perfect, or a perverse, choice would reach."""
    table = {
        (place.target, frozenset(place.scores)): place.scores
        for place in paper_places(["Glot500"])
        if (place.group, place.task) == ("mediterranean", "srb")
    }

    def signals_of(target, sources):
        known = table.get((target, frozenset(sources)), {})
        return {"oracle": {"score": {s: sign * known[s] if s in known else None for s in sources}}}

    return signals_of


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_an_oracle_has_no_regret_and_its_opposite_the_most(sign):
    found = {(s.task, s.choice): s for s in validate(scores_as_signals(sign), models=["Glot500"])}
    oracle = found["srb", "oracle"]
    # Known for the nine targets of one group out of two.
    assert (oracle.targets, oracle.possible) == (9, 18)
    assert oracle.tau == pytest.approx(sign)
    if sign > 0:
        assert oracle.regret == 0
    else:
        assert oracle.regret > found["srb", BEST_ON_AVERAGE].regret
    assert (found["ner", "oracle"].targets, found["ner", "oracle"].tau) == (0, None)
    assert found["srb", CLOSENESS] == ChoiceScore(
        "srb", "Glot500", CLOSENESS, 9, 18, oracle.tau, oracle.regret
    )
    # Where closeness knows nothing, the scores on other targets are all there is.
    assert found["srb", COMBINED].targets == 18
    best, both = (found["ner", name] for name in (BEST_ON_AVERAGE, COMBINED))
    assert (both.tau, both.regret) == (best.tau, best.regret)
    assert found["srb", ENGLISH].tau is None and found["srb", ENGLISH].targets == 18


def validation(scores) -> SourceValidation:
    return SourceValidation(
        "source-validation", "0.1.0", CREATED, CONDITIONS, scores, {"embedding": "no --model"}, {}
    )


def test_validation_record_and_table(tmp_path):
    record = validation(
        [
            ChoiceScore("srb", "Glot500", "lexical", 17, 18, 0.25, 10.0),
            ChoiceScore("srb", "Glot500", ENGLISH, 18, 18, None, 20.04),
            ChoiceScore("ner", "Glot500", "lexical", 16, 16, 0.5, 1.0),
            ChoiceScore("ner", "Glot500", ENGLISH, 16, 16, None, 2.0),
        ]
    )
    assert load_records(write_record(tmp_path / "v.json", record)) == [record]
    table = validation_table(record)
    assert table.rows == (
        ("Glot500", "SR-B", "0.25 / 10.0 (17)", "- / 20.0"),
        ("Glot500", "NER", "0.50 / 1.0", "- / 2.0"),
        ("Glot500", "mean of tasks", "0.38 / 5.5 (33)", "- / 11.0"),
    )
    assert table.signature == (
        "source-choice|text:cldr-47|translit:uroman-1.3.1.1,lcode:yes|sentences:1000|models:none|"
        "typology:urielplus-1.3.2|scores:none|v:0.1.0"
    )
    assert "embedding: no --model" in table.notes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"targets": 19}, "targets 19 of 18"),
        ({"tau": 1.5}, "tau 1.5; legal: -1 to 1"),
        ({"regret": -1.0}, "regret -1.0; legal: at least 0"),
    ],
)
def test_impossible_scores_are_refused(changes, said):
    fields = validation([ChoiceScore("srb", "Glot500", "lexical", 17, 18, 0.2, 1.0)]).to_dict()
    fields["scores"][0].update(changes)
    with pytest.raises(RecordError, match=said):
        SourceValidation.from_dict(fields)


def test_ranking_table():
    sources = [
        RankedSource("eng_Latn", {"words": 0.5}, {"lexical": 0.0}, 0.0, 86.2),
        RankedSource("heb_Hebr", {"words": None}, {"lexical": None}, None, None),
    ]
    record = SourceRanking(
        *("source-ranking", "0.1.0", CREATED, "mlt_Latn", "mediterranean", "sib200"),
        CONDITIONS,
        sources,
        {"heb_Hebr": "no text"},
        {},
    )
    table = ranking_table(record)
    assert table.header == ("source", "combined", "lexical", "words", "paper %")
    assert table.rows == (
        ("eng_Latn", "0.00", "0.00", "0.500", "86.2"),
        ("heb_Hebr", "-", "-", "-", "-"),
    )
    assert "heb_Hebr: no text" in table.notes
    assert SourceRanking.from_dict(record.to_dict()) == record
    fields = record.to_dict()
    fields["sources"][0]["combined"] = 1.5
    with pytest.raises(RecordError, match=r"eng_Latn.combined: came 1.5"):
        SourceRanking.from_dict(fields)
