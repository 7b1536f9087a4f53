"""`recommend_source` and its command: order, gaps, embeddings, validation, user errors."""

from __future__ import annotations

import pytest

from translit_ppa import build_pairs
from translit_ppa.command_line import main
from translit_ppa.data_builders.closeness import typology
from translit_ppa.hub_cards.records.files import SourceRanking, SourceValidation, load_records
from translit_ppa.hub_cards.scores.source_choice import paper_places
from translit_ppa.scoring.sources.source_choice import recommend_source

TEXT = {
    "mlt_Latn": "il-belt tal-ferrovija\nbonġu\n",
    "ara_Arab": "al belt\nmarhaba\n",
    "eng_Latn": "the ferrovija belt\nhello\n",
    "ell_Grek": "poli\nkalimera\n",
}
LEXICAL = ("--transliterator", "identity", "--signals", "lexical")


@pytest.fixture
def text(tmp_path):
    folder = tmp_path / "text"
    folder.mkdir()
    for code, lines in TEXT.items():
        (folder / f"{code}.txt").write_text(lines, encoding="utf-8")
    return folder


def recommend(*words) -> int:
    return main(["recommend-source", *map(str, words)])


def test_the_language_with_more_words_in_common_comes_first(text, tmp_path, capsys):
    out = tmp_path / "out"
    more = ("--target", "mt", "--sources", "ell_Grek", "ar", "eng", "heb_Hebr")
    assert recommend(*more, "--text", text, *LEXICAL, "--out", out) == 0
    (record,) = load_records(out)
    assert isinstance(record, SourceRanking)
    assert record.target == "mlt_Latn"
    assert [s.source for s in record.sources] == ["eng_Latn", "ara_Arab", "ell_Grek", "heb_Hebr"]
    by = {s.source: s for s in record.sources}
    # il, belt, tal, ferrovija, bonġu against the, ferrovija, belt, hello: two words of nine.
    assert by["eng_Latn"].signals["words"] == pytest.approx(4 / 9)
    assert by["ara_Arab"].signals["words"] == pytest.approx(2 / 8)
    assert (by["eng_Latn"].combined, by["ell_Grek"].combined) == (0.0, 1.0)
    assert by["heb_Hebr"].combined is None
    assert "no text in text@sha256:" in record.missing["heb_Hebr"]
    shown = capsys.readouterr().out
    assert record.signature() in shown and "\nheb_Hebr: no text" in shown
    assert {p.name for p in out.iterdir()} == {
        "source_ranking_mlt_Latn.json",
        "source_ranking_mlt_Latn.md",
    }


def test_group_and_task_give_the_papers_candidates_and_figures(text, capsys):
    more = ("--target", "mlt_Latn", "--group", "mediterranean", "--task", "ner")
    assert recommend(*more, "--text", text, *LEXICAL) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    found = {
        line[0]: line[-1] for line in lines if line and line[0][3:4] == "_" and ":" not in line[0]
    }
    (place,) = (
        p
        for p in paper_places(["MLM+SEQ+TLM"])
        if (p.group, p.task, p.target) == ("mediterranean", "ner", "mlt_Latn")
    )
    assert found == {source: f"{score:.1f}" for source, score in place.scores.items()}


def test_before_and_after_alignment(text, models, tmp_path, capsys):
    from translit_ppa.modeling import SentenceEncoder
    from translit_ppa.modeling.embedding.language_similarity import (
        centroid_similarity,
        language_centroid,
    )

    more = ("--target", "mlt_Latn", "--sources", "ara_Arab", "eng_Latn", "ell_Grek")
    out = tmp_path / "out"
    options = ("--transliterator", "identity", "--signals", "embedding", "--model", *models)
    assert recommend(*more, "--text", text, *options, "--out", out) == 0
    (record,) = load_records(out)
    centroids = []
    for model in models:
        encoder = SentenceEncoder.from_pretrained(model)
        centroids.append(
            {c: language_centroid(encoder, t.split("\n")[:2]) for c, t in TEXT.items()}
        )
    for entry in record.sources:
        for name, found in zip(models, centroids, strict=True):
            expected = centroid_similarity(found["mlt_Latn"], found[entry.source])
            assert entry.signals[f"cosine {name}"] == pytest.approx(expected)
    # The last model decides the order.
    order = [entry.signals[f"cosine {models[1]}"] for entry in record.sources]
    assert order == sorted(order, reverse=True)
    assert [m.partition("@")[0] for m in record.conditions.models] == ["model1", "model2"]


def test_text_that_the_cldr_lacks_comes_from_the_groups_pairs(tmp_path, capsys):
    """Egyptian Arabic is ranked by its pairs; what the CLDR has is read there, English included."""
    (tmp_path / "arz_Arab.csv").write_text(
        "text,transliteration\nكلام,the same words as\n", "utf-8"
    )
    pairs = tmp_path / "pairs"
    build_pairs(tmp_path, languages=["arz_Arab"], out=pairs, validation=0, show_progress=False)
    more = ("--target", "arz_Arab", "--sources", "tur_Latn", "eng_Latn", "heb_Hebr")
    more += ("--signals", "lexical", "--out", tmp_path / "out")
    assert recommend(*more) == 0
    (without,) = load_records(tmp_path / "out")
    assert {source.combined for source in without.sources} == {None}
    assert "no text in cldr-" in without.missing["arz_Arab"]
    assert "give what has it: --pairs DIR" in without.missing["arz_Arab"]
    assert recommend(*more, "--pairs", pairs) == 0
    (record,) = load_records(tmp_path / "out")
    assert record.missing == {}
    assert [name.partition("@")[0] for name in record.conditions.texts] == [
        without.conditions.texts[0], "mediterranean"
    ]  # fmt: skip
    assert record.sources[0].source == "eng_Latn"


def test_scores_on_other_targets_count_where_the_paper_has_them(text, tmp_path):
    """With a task of the paper they are one kind more, and each kind counts the same."""
    options = {"text": [text], "transliterator": "identity", "signals": ["lexical"]}
    record = recommend_source("mlt_Latn", group="mediterranean", task="ner", **options)
    assert record.conditions.scores == "paper,MLM+SEQ+TLM"
    places = paper_places(["MLM+SEQ+TLM"])
    places = [p for p in places if (p.group, p.task) == ("mediterranean", "ner")]
    others = [p.scores for p in places if p.target != "mlt_Latn"]
    for entry in record.sources:
        known = [scores for scores in others if {s.source for s in record.sources} <= set(scores)]
        mean = sum(scores[entry.source] for scores in known) / len(known)
        assert entry.signals["mean on others"] == pytest.approx(mean)
        if entry.combined is not None:
            assert entry.combined == (entry.ranks["lexical"] + entry.ranks["scores"]) / 2
    alone = recommend_source("mlt_Latn", group="mediterranean", **options)
    assert alone.conditions.scores == "none" and "scores" not in alone.sources[0].ranks


def test_validation_names_what_was_not_measured(text, tmp_path, capsys):
    out = tmp_path / "out"
    assert recommend("--validate", "--text", text, *LEXICAL, "--out", out) == 0
    (record,) = load_records(out)
    assert isinstance(record, SourceValidation)
    # Only with English, Arabic and Greek as candidates is every candidate known: Hebrew as NER
    # target is not, and Maltese has Hebrew as a candidate.
    lexical = [s for s in record.scores if s.choice == "lexical"]
    assert len(lexical) == 10 and {s.targets for s in lexical} == {0}
    assert all(s.targets == s.possible for s in record.scores if s.choice == "always English")
    assert "heb_Hebr" in record.missing
    assert "mean of tasks" in capsys.readouterr().out


def test_a_missing_extra_is_named_and_the_rest_ranked(text, monkeypatch, capsys):
    monkeypatch.setattr(typology, "PACKAGE", "no-such-distribution")
    more = ("--target", "mlt_Latn", "--sources", "ara_Arab", "eng_Latn", "--text", text)
    assert recommend(*more, "--transliterator", "identity") == 0
    shown = capsys.readouterr().out
    assert "\ntypology: no-such-distribution is not installed" in shown
    assert "typology:none" in shown
    assert recommend(*more, "--signals", "typology") == 2
    assert "no signal is left" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--target", "xx"], "'xx'"),
        (["--target", "mlt_Latn", "--group", "atlantis"], "unknown group 'atlantis'"),
        (["--target", "mlt_Latn", "--sources", "mlt_Latn", "eng"], "1 candidate beside mlt_Latn"),
        (["--target", "mlt_Latn", "--text", "/no/where"], "is no folder"),
        (["--target", "mlt_Latn", "--sentences", "0"], "legal is 1 or more"),
        (["--target", "mlt_Latn", "--task", "ner"], "--task needs --group"),
        (["--validate", "--group", "sea"], "leave --group, --task, --sources out"),
    ],
)
def test_user_errors(tmp_path, capsys, more, said):
    out = tmp_path / "out"
    assert recommend(*more, "--signals", "lexical", "--out", out) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ") and said in error
    assert not out.exists()


def test_from_python_and_in_the_spelling_of_0_1_0(text, models, capsys):
    record = recommend_source(
        "mt",
        sources=["ara_Arab", "eng_Latn"],
        text=[text],
        signals=["lexical", "embedding"],
        models=models[:1],
        transliterator="identity",
    )
    assert {source.source for source in record.sources} == {"ara_Arab", "eng_Latn"}
    assert [name.partition("@")[0] for name in record.conditions.models] == ["model1"]
    old = ["--target", "mt", "--sources", "ara_Arab", "eng_Latn", "--text", str(text)]
    old += ["--signals", "lexical", "embedding", "--model", models[0]]
    assert main(["eval", "recommend-source", *old, "--transliterator", "identity"]) == 0
    shown, notice = capsys.readouterr()
    assert record.signature() in shown
    assert "notice: eval recommend-source is now translit-ppa recommend-source;" in notice


@pytest.mark.parametrize("name", ["vocabulary", "recommend-source", "map", "restore-vocabulary"])
def test_commands_answer_help(name, capsys):
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: translit-ppa {name} [-h]")
    options = [word for word in shown.split() if word.startswith("--")]
    assert options and not any("_" in option for option in options)


def test_eval_keeps_its_own_help(capsys):
    with pytest.raises(SystemExit) as end:
        main(["eval", "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("usage: translit-ppa eval [-h]")
