"""The API of scores: `score`, tables, data frames, comparisons, saving, going on after a kill."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from corridor_examples import lose, write_parallel
from hub_examples import CREATED
from score_examples import ELL, ENG, HEB, grid_of, query
from translit_ppa.command_line import run
from translit_ppa.errors import TranslitError
from translit_ppa.hub_cards.records.files import ModelRecord, load_records, write_record
from translit_ppa.scoring.score import score
from translit_ppa.scoring.scores import Scores, load_scores


def srb(name, hits):
    return [query(name, t, set(range(hits)), benchmark="srb@sha256:2") for t in (ELL, HEB)]


@pytest.fixture
def both():
    tasks = [r for name, by in (("base", 100), ("full", 100)) for r in grid_of(name, {1: [by] * 5})]
    return Scores.of([*srb("base", 50), *srb("full", 90), *tasks])


def test_compare_by_name(both):
    found = both.compare("base", "full", "srb")
    assert found.difference == pytest.approx(20)
    assert 0 < found.low < 20 < found.high and found.p < 0.001
    assert (found.verdict, found.seeds, found.cells) == ("better", None, 2)
    assert str(found).startswith("+20.0 (+")
    assert both.compare("full", "base", "srb").verdict == "worse"
    with pytest.raises(TranslitError, match="benchmark: came none; legal: one of srb, sib200"):
        both.compare("base", "full")
    with pytest.raises(TranslitError, match="model: came 'x'; legal: base, full"):
        both.compare("base", "x", "srb")


def test_tables_print_and_show_as_html(both):
    table = both.table("srb")
    assert str(table).startswith("srb@sha256:2 retrieval, mean over 2 ordered pairs, %")
    assert table.rows[1][:4] == ("full", "0.0", "0.0", "45.0")
    assert both.table("sib200", model="full").title.startswith("full: sib200@sha256:1 macro_f1")
    assert str(both).count("signature: ") == 2
    with pytest.raises(TranslitError, match="legal: one of srb, sib200"):
        both.table("ntrex")
    page = both._repr_html_()
    assert page.count("<table>") == page.count("</table>") == 2
    assert "<td>full</td><td>0.0</td><td>0.0</td><td>45.0</td>" in page
    nasty = Scores.of([query("<script>alert(1)</script>&", ELL, {1})])
    assert "<script" not in nasty._repr_html_()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in nasty._repr_html_()
    assert "no scores" in str(Scores(()))


def test_where_keeps_the_class_and_refuses_what_is_no_field(both):
    part = both.where(model="full", benchmark="srb", target=[ELL, "x"])
    assert isinstance(part, Scores) and len(part) == 1
    assert len(both.where(input="latin")) == 0
    with pytest.raises(ValueError, match="where: came colour; legal: model, model_digest"):
        both.where(colour="red")


def test_a_data_frame_has_every_record_and_key(both):
    frame = both.to_pandas()
    assert len(frame) == len(both) == 14
    key = ("model", "benchmark", "split", "source", "target", "input", "layer", "pooling", "seed")
    assert {*key, "transliterator", "shots", "main_score", "score", "n"} <= set(frame.columns)
    row = frame[(frame.model == "full") & (frame.benchmark == "srb@sha256:2")].iloc[0]
    assert (row.score, row.top10, row.top10_all, row.main_score) == (45, 45, 45, "top10")
    means = frame[frame.main_score == "macro_f1"].groupby("model").score.mean()
    assert means.to_dict() == {"base": 100.0, "full": 100.0}


@pytest.mark.parametrize("name", ["folder", "scores.jsonl"])
def test_saved_scores_load_again(both, tmp_path, name):
    fields = {"kind": "model", "version": "0.1.0", "created": CREATED, "model": "new name"}
    fields |= {"model_digest": "sha256:full", "tokenizer": "t", "training": None}
    records = [ModelRecord.from_dict(fields), *both.records]
    saved = Scores.of(records)
    assert saved.save(tmp_path / name) == tmp_path / name
    again = load_scores(tmp_path / name)
    assert {r.key(): r for r in again.records} == {r.key(): r for r in saved.records}
    assert again.models == saved.models
    # A model goes by the name that it has now.
    assert "new name" in [row[0] for row in again.table("srb").rows]
    assert again.compare("base", "new name", "srb") == both.compare("base", "full", "srb")
    with pytest.raises(TranslitError, match="no file or folder"):
        load_scores(tmp_path / "nowhere")


def test_the_same_cell_from_two_folders_counts_once(tmp_path):
    Scores.of(srb("base", 50)).save(tmp_path / "a")
    for number, record in enumerate(srb("base", 50)):
        write_record(tmp_path / "b" / f"{number}.json", record)  # as 0.1.0 wrote them
    assert len(load_scores(tmp_path)) == 2


def test_score_measures_resumes_and_reads_old_records(models, tmp_path, monkeypatch, capsys):
    from translit_ppa.scoring import retrieval
    from translit_ppa.scoring.sides import Sides

    bench = f"parallel:{write_parallel(tmp_path / 'names')}"
    trained = SimpleNamespace(folder=tmp_path / "model2")
    out = tmp_path / "out"
    scores = score([models[0], trained], bench, out=out)
    assert isinstance(scores, Scores) and len(scores) == 12
    assert list(scores.rows) == models and scores.group == "mediterranean"
    assert [model.model for model in scores.models] == models
    assert scores.missing[scores.benchmarks[0]][0] == "amh_Ethi"
    assert (out / "results.md").is_file()
    compared = scores.compare(*models)
    assert compared.cells == 6 and compared.low <= compared.difference <= compared.high
    assert {r.key() for r in load_scores(out).records} == {r.key() for r in scores.records}
    assert capsys.readouterr().out == ""

    seen = []
    real = retrieval.evaluate_model

    def spy(encoder, model, benchmark, directions, **options):
        seen.append((model.name, list(directions)))
        return real(encoder, model, benchmark, directions, **options)

    monkeypatch.setattr(retrieval, "evaluate_model", spy)
    # Killed while writing: the cell of the torn line is measured again, and no other.
    path = out / "records" / "parallel-names.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-25])
    again = score(models, bench, out=out)
    assert seen == [(models[1], [Sides(HEB, ENG)])]
    values = {r.key(): r.scores for r in scores.records}
    assert {r.key(): r.scores for r in again.records} == values
    assert len(path.read_bytes().splitlines()) == 12
    # A folder of 0.1.0, a file per record, is where a run goes on as well.
    for number, record in enumerate(load_records(path)):
        write_record(out / "records" / f"{number}-parallel:names.json", record)
    path.unlink()
    seen.clear()
    assert {r.key(): r.scores for r in score(models, bench, out=out).records} == values
    assert seen == [] and not path.exists()


@pytest.mark.parametrize("file", ["parallel-names.jsonl", "models.jsonl"])
@pytest.mark.parametrize("broken", ['{"kind":"e\x91al"', '{"k\x93nd":"eval"', "{", '{"kind":3'])
def test_records_that_a_run_cannot_add_to_are_said_first(models, tmp_path, file, broken):
    bench = f"parallel:{write_parallel(tmp_path / 'names')}"
    score(models[:1], bench, out=tmp_path / "out")
    path = tmp_path / "out" / "records" / file
    _, mark, rest = path.read_text("utf-8").partition(",")
    path.write_text(broken + mark + rest, "utf-8")
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    with pytest.raises(TranslitError, match=file) as caught:
        score(models, bench, out=tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()} == before


def test_a_record_is_written_when_it_is_measured(models, tmp_path, monkeypatch):
    from translit_ppa.scoring import retrieval

    real = retrieval.score_directions

    def killed(*arguments):
        for number, cell in enumerate(real(*arguments)):
            if number == 2:
                raise KeyboardInterrupt
            yield cell

    bench = f"parallel:{write_parallel(tmp_path / 'names')}"
    monkeypatch.setattr(retrieval, "score_directions", killed)
    with pytest.raises(KeyboardInterrupt):
        score(models[:1], bench, out=tmp_path / "out")
    monkeypatch.setattr(retrieval, "score_directions", real)
    assert len(load_scores(tmp_path / "out")) == 2
    assert len(score(models[:1], bench, out=tmp_path / "out")) == 6
    lose(tmp_path / "out" / "records" / "parallel-names.jsonl", ELL, HEB)
    assert len(load_scores(tmp_path / "out")) == 5


def test_mistakes_raise_one_family(models, tmp_path):
    with pytest.raises(TranslitError, match="unknown benchmark 'glue'"):
        score(models, "glue")
    with pytest.raises(TranslitError, match="input: came 'greek'; legal: original, latin, both"):
        score(models, "cldr", input="greek")
    with pytest.raises(TranslitError, match="cannot open the model nobody/nothing"):
        score("nobody/nothing", "cldr")
    with pytest.raises(TypeError):
        score(models, "cldr", "mediterranean")


def test_encoding_shows_progress(models, tmp_path, capsys):
    bench = f"parallel:{write_parallel(tmp_path / 'names')}"
    score(models[:1], bench, show_progress=True)
    # Twelve lines in each of three languages.
    assert "36/36" in (shown := capsys.readouterr().err) and "sentences" in shown
    score(models[:1], bench)
    assert "sentences" not in capsys.readouterr().err, "no terminal, no bar"


def test_old_subcommands_run_with_one_notice(tmp_path, capsys):
    assert run("eval", ["results", "--records", str(tmp_path), "--group", "sea", "--out", "x"]) == 2
    notice, error = capsys.readouterr().err.splitlines()
    assert notice.startswith("notice: eval results is now translit-ppa results")
    assert error.startswith("error: ") and "holds no record" in error


def test_help_begins_with_what_most_people_set(capsys):
    with pytest.raises(SystemExit):
        run("eval", ["--help"])
    text = capsys.readouterr().out
    told = [text.index(f"  {word}") for word in ("--model", "--benchmark", "--group", "--out")]
    groups = [text.index(f"\n{word}:") for word in ("retrieval", "tasks")]
    assert told + groups == sorted(told + groups)
    assert "_" not in "".join(word for word in text.split() if word.startswith("--"))
    assert "(default: 42 43 44 45 46)" in " ".join(text.split())


def test_models_by_name_are_several(models):
    from translit_ppa.scoring.models import names_of

    run = SimpleNamespace(folder=models[1])
    assert names_of(run) == [models[1]] and names_of(models[0]) == [models[0]]
    assert names_of({"mlm": run, "full": models[0]}) == [models[1], models[0]]
