"""eval.py in miniature: records, table, both scripts, layers and pooling, identical strings."""

from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest

from corridor_examples import write_parallel
from translit_ppa.command_line import run as translit_ppa
from translit_ppa.hub_cards import EvalRecord
from translit_ppa.hub_cards.records.files import load_records
from translit_ppa.modeling import SentenceEncoder

ROMANISER = """
LATIN = str.maketrans("Ελάδαιוןקr", "Eladaivnqr")
def f(sentences, lang):
    assert lang in ("ell_Grek", "heb_Hebr", "eng_Latn"), lang
    return [sentence.translate(LATIN) for sentence in sentences]
"""
PAIRS = [
    (a, b)
    for a in ("ell_Grek", "heb_Hebr", "eng_Latn")
    for b in ("ell_Grek", "heb_Hebr", "eng_Latn")
    if a != b
]


@pytest.fixture
def bench(tmp_path):
    return write_parallel(tmp_path / "names")


@pytest.fixture
def romaniser(tmp_path, monkeypatch):
    (tmp_path / "tiny_romaniser.py").write_text(ROMANISER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return "tiny_romaniser:f"


def evaluate(models, bench, out, *more):
    words = ["--model", *models, "--benchmark", f"parallel:{bench}", "--group", "mediterranean"]
    return translit_ppa("eval", [*words, "--out", str(out), *more])


def records_of(out) -> list[EvalRecord]:
    return load_records(out / "records", kind="eval")


def table_of(text) -> dict[str, list[str]]:
    """Rows of the terminal table by model."""
    lines = text.split("\n")
    rule = next(i for i, line in enumerate(lines) if set(line) == {"-"})
    rows = lines[rule + 1 : lines.index("", rule)]
    return {row.split("  ")[0]: row.split("  ", 1)[1].split() for row in rows}


def top(k, queries, targets, counted):
    """Retrieval accuracy as one would write it on a blackboard."""
    hits = []
    for i in counted:
        cosine = [
            float(queries[i] @ t / np.linalg.norm(queries[i]) / np.linalg.norm(t)) for t in targets
        ]
        hits.append(sum(c > cosine[i] for c in cosine) < k)
    return 100 * sum(hits) / len(hits)


def test_queries_and_what_is_searched_have_prompts_of_their_own(models, bench, tmp_path, capsys):
    assert evaluate(models[:1], bench, tmp_path / "out", "--prompt", "query: ", "passage: ") == 0
    encoder = SentenceEncoder.from_pretrained(models[0])
    lines = {
        code: [
            line.partition("\t")[2]
            for line in (bench / f"{code}.tsv").read_text("utf-8").splitlines()
        ]
        for code in ("ell_Grek", "heb_Hebr", "eng_Latn")
    }
    records = records_of(tmp_path / "out")
    assert {r.pooling for r in records} == {"attended+prompt 'query: ' searched 'passage: '"}
    for record in records:
        asked, searched = lines[record.source], lines[record.target]
        queries = encoder.encode([f"query: {line}" for line in asked])
        targets = encoder.encode([f"passage: {line}" for line in searched])
        counted = [
            i for i, pair in enumerate(zip(asked, searched, strict=True)) if len({*pair}) > 1
        ]
        assert record.scores["top1"] == pytest.approx(top(1, queries, targets, counted))
    assert evaluate(models[:1], bench, tmp_path / "two", "--prompt", "a: ", "b: ", "c: ") == 2
    assert "prompt: came 3. Legal: one, or two" in capsys.readouterr().err


def test_records_and_table_of_two_models(models, bench, tmp_path, capsys):
    out = tmp_path / "out"
    assert evaluate(models, bench, out) == 0
    shown = capsys.readouterr()
    records = records_of(out)
    assert len(records) == 12
    assert {(r.source, r.target) for r in records} == set(PAIRS)
    assert [r.model for r in records if r.source == "ell_Grek" and r.target == "heb_Hebr"] == models
    table = table_of(shown.out)
    assert list(table) == models
    for model in models:
        mine = [r for r in records if r.model == model]
        assert len({r.model_digest for r in mine}) == 1
        for column, metric in enumerate(("top1", "top5", "top10")):
            mean = math.fsum(r.scores[metric] for r in mine) / 6
            assert table[model][column] == f"{mean:.1f}"
        greek = [r.scores["top10"] for r in mine if r.source == "ell_Grek"]
        assert table[model][3] == f"{sum(greek) / 2:.1f}"
    assert len({r.model_digest for r in records}) == 2

    record = next(r for r in records if (r.source, r.target) == PAIRS[0])
    digest = record.benchmark.partition("@")[2]
    assert digest.startswith("sha256:")
    assert record.signature() == (
        f"parallel:names@{digest}|split:test|src:ell_Grek|tgt:heb_Hebr|input:original|"
        f"translit:none|layer:2|pool:attended|n:12|seed:42|v:{record.version}"
    )
    markdown = (out / "results.md").read_text(encoding="utf-8")
    assert markdown.count("| model |") == 1 and markdown.count("| source |") == 2
    with (out / "results.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert {row["signature"] for row in rows} == {r.signature() for r in records}
    assert "amh_Ethi" in shown.err and "lacks" in shown.err
    # The table itself says so too, not only the terminal of whoever made it.
    assert "- no text in this benchmark, and in no mean: amh_Ethi, " in markdown
    (lacking,) = [line for line in shown.err.splitlines() if " lacks " in line]
    assert "ell_Grek" not in lacking
    assert "ell_Grek.tsv: ell_Grek (Grek " in shown.err, (
        "what the files are taken for is said first"
    )


def test_scores_are_those_of_the_embeddings(models, bench, tmp_path):
    from translit_ppa.data_builders import get_benchmark

    assert evaluate(models[:1], bench, tmp_path / "out") == 0
    encoder = SentenceEncoder.from_pretrained(models[0])
    benchmark = get_benchmark(f"parallel:{bench}")
    for record in records_of(tmp_path / "out"):
        pair = benchmark.load_pair(record.source, record.target)
        queries, targets = encoder.encode(pair.source), encoder.encode(pair.target)
        counted = [i for i in range(12) if pair.source[i] != pair.target[i]]
        for k in (1, 5, 10):
            name = f"top{k}"
            assert record.scores[name] == pytest.approx(top(k, queries, targets, counted))
            assert record.scores_all[name] == pytest.approx(top(k, queries, targets, range(12)))


def test_identical_strings_are_beside_the_headline(models, bench, tmp_path, capsys):
    assert evaluate(models[:1], bench, tmp_path / "out") == 0
    records = {(r.source, r.target): r for r in records_of(tmp_path / "out")}
    for pair, record in records.items():
        same = set(pair) == {"ell_Grek", "eng_Latn"}
        assert (record.n, record.pool, record.identical) == ((11, 12, 1) if same else (12, 12, 0))
        if same:
            # The identical query is always found, so with it the score is (11 s + 100) / 12.
            expected = (11 * record.scores["top1"] + 100) / 12
            assert record.scores_all["top1"] == pytest.approx(expected)
        else:
            assert record.scores_all == record.scores
    out = capsys.readouterr().out
    assert "identical source and target strings left out: 2 of 72 queries" in out
    mean = math.fsum(r.scores_all["top1"] for r in records.values()) / 6
    assert f"{models[0]} {mean:.1f} /" in out


def test_both_scripts(models, bench, romaniser, tmp_path, capsys):
    out = tmp_path / "out"
    more = ["--input", "both", "--transliterator", romaniser]
    assert evaluate(models[:1], bench, out, *more) == 0
    records = records_of(out)
    assert len(records) == 12
    latin = [r for r in records if r.input == "latin"]
    assert {r.model for r in records} == {models[0]}
    assert {r.transliterator for r in latin} == {romaniser}
    assert {r.transliterator for r in records if r.input == "original"} == {None}
    assert all(f"|input:latin|translit:{romaniser}|" in r.signature() for r in latin)
    assert list(table_of(capsys.readouterr().out)) == [models[0], f"{models[0]} [latin]"]

    assert evaluate(models[:1], bench, tmp_path / "one", "--input", "latin", *more[2:]) == 0
    alone = {(r.source, r.target): r.scores for r in records_of(tmp_path / "one")}
    assert alone == {(r.source, r.target): r.scores for r in latin}
    # The paper's models read the original script: what reads Latin is never set beside them.
    assert {(r.model, r.input) for r in records_of(tmp_path / "one")} == {(models[0], "latin")}
    assert "[latin] | " in (tmp_path / "one" / "results.md").read_text(encoding="utf-8")
    original = {(r.source, r.target): r.scores for r in records if r.input == "original"}
    assert alone != original


def test_layer_and_pooling(models, tmp_path):
    from translit_ppa.data_builders import get_benchmark

    # Forty rows: few enough to be quick, enough for scores of several settings to differ.
    bench = write_parallel(tmp_path / "more", rows=40)
    pair = get_benchmark(f"parallel:{bench}").load_pair("ell_Grek", "heb_Hebr")
    scores = {}
    for layer in ("0", "3"):
        for pooling in ("attended", "content"):
            out = tmp_path / f"{layer}{pooling}"
            more = ["--layer", layer, "--pooling", pooling]
            assert evaluate(models[:1], bench, out, *more) == 0
            records = records_of(out)
            assert {(r.layer, r.pooling) for r in records} == {(int(layer), pooling)}
            assert f"|layer:{layer}|pool:{pooling}|" in records[0].signature()
            record = next(r for r in records if (r.source, r.target) == PAIRS[0])
            encoder = SentenceEncoder.from_pretrained(models[0], layer=int(layer), pooling=pooling)
            sides = encoder.encode(pair.source), encoder.encode(pair.target)
            assert record.scores["top5"] == pytest.approx(top(5, *sides, range(40)))
            scores[layer, pooling] = json.dumps([r.scores for r in records])
    assert len(set(scores.values())) == 4


def test_languages_pick_a_subset(models, bench, tmp_path, capsys):
    assert evaluate(models[:1], bench, tmp_path / "out", "--languages", "el", "amh_Ethi") == 0
    pairs = {(r.source, r.target) for r in records_of(tmp_path / "out")}
    assert pairs == {("ell_Grek", "eng_Latn"), ("eng_Latn", "ell_Grek")}
    told = capsys.readouterr().err.splitlines()
    assert sum(line.endswith("lacks amh_Ethi") for line in told) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--benchmark", "glue"], "unknown benchmark 'glue'; legal: cldr, flores, bouquet"),
        (["--benchmark", "parallel:{tmp}/nowhere"], "nowhere is no folder"),
        (["--group", "atlantis"], "unknown group 'atlantis'"),
        (["--languages", "xyz_Latn"], "xyz_Latn"),
        (["--languages", "tur_Latn", "--group", "mediterranean"], "covers no two languages"),
        (["--split", "dev"], "no split 'dev'"),
        (["--layer", "4"], "layer 4 does not exist: the model has 3 layers"),
        (["--transliterator", "kanji"], "unknown romaniser 'kanji'"),
        (["--model", "{tmp}/nowhere"], "nowhere"),
        (["--model", "nobody/nothing"], "cannot open the model nobody/nothing"),
    ],
)
def test_user_errors(models, bench, tmp_path, capsys, more, said):
    words = [word.format(tmp=tmp_path) for word in more]
    if "tur_Latn" in words:
        (bench / "eng_Latn.tsv").unlink()
    assert evaluate(models[:1], bench, tmp_path / "out", *words) == 2
    error = capsys.readouterr().err
    assert error.splitlines()[-1].startswith("error: ") and error.count("error: ") == 1
    assert said in error
    assert not (tmp_path / "out").exists()
