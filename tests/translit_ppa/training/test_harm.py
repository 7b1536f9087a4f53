"""Do no harm: what is asked, how it is judged, what is kept, and how it is told."""

from __future__ import annotations

import csv
import json

import pytest
import torch
from safetensors.torch import load_file

from corridor_examples import QUICK, train, write_pairs, write_parallel
from translit_ppa import TranslitError, build_pairs, interpolate
from translit_ppa.command_line import main
from translit_ppa.hub_cards.records.files import TrainRecord, load_records
from translit_ppa.modeling.training.arguments import load_recipe
from translit_ppa.training import Run
from translit_ppa.training.harm.questions import ORIGINAL, SAME, Measured, Questions, two_halves
from translit_ppa.training.harm.verdict import best_point, compared, in_one_line, warnings

READY = "ready pairs -> its original"
MANY = range(2500)
"""One in a hundred is for validation."""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Pairs of sentences that are long enough to be cut, and enough of them for validation."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "text").mkdir()
    for code, rows in (
        ("ell_Grek", [(f"ένα δύο {i} τρία άλφα {i}", f"ena dyo {i} tria alfa {i}") for i in MANY]),
        ("tur_Latn", [(f"one two {i} three alpha {i}",) * 2 for i in MANY]),
    ):
        with (folder / "text" / f"{code}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "transliteration"), *rows])
    build_pairs(
        f"files:{folder / 'text'}",
        group="mediterranean",
        out=folder / "pairs",
        fraction=1,
        show_progress=False,
    )
    return folder / "pairs"


def words(base, pairs, output, *more):
    given = ["--base", str(base), "--pairs", str(pairs), *QUICK, "--max-steps", "3"]
    return [*given, "--objectives", "mlm", "seq", "--output-dir", str(output), *more]


def lines(**hits):
    """Lines of 100 queries, of which so many hit."""
    return {
        name: Measured((" ".join(["10"] * count + ["0"] * (100 - count)),), float(count))
        for name, count in hits.items()
    }


def test_a_sentence_has_two_halves():
    assert two_halves("one two three four five six") == ("one two three", "four five six")
    assert two_halves("one two three four") is None
    # Scripts without blanks are cut between characters.
    assert two_halves("ก" * 20) == ("ก" * 10, "ก" * 10)


def test_questions_are_those_of_the_validation_split(pairs):
    from translit_ppa import open_pairs

    rows = open_pairs(pairs)["validation"]
    found = Questions.of_pairs([(str(pairs), "mediterranean")], ("text", "transliteration"))
    assert set(found.texts) == {READY, ORIGINAL, SAME}
    same = {row["text"] for row in rows if row["text"] == row["transliteration"]}
    asked = {(row["transliteration"], row["text"]) for row in rows if row["text"] not in same}
    assert set(found.texts[READY]) == asked
    assert {f"{a} {b}" for a, b in found.texts[SAME]} == same
    again = Questions.of_pairs([(str(pairs), "mediterranean")], ("text", "transliteration"))
    assert again.texts == found.texts


def test_the_best_point_makes_nothing_worse():
    """Halfway is best where the whole way costs one line more than it gives the other."""
    before = lines(original=80, latin=20)
    at = {0.25: (80, 30), 0.5: (79, 50), 0.75: (60, 90), 1.0: (50, 95)}
    check = best_point(before, lambda alpha: lines(original=at[alpha][0], latin=at[alpha][1]))
    assert check.alpha == 0.5 and check.trained == ["original"]
    assert [(p.alpha, p.mean, p.worse) for p in check.tried] == [
        *((0.0, 50.0, []), (0.25, 55.0, []), (0.5, 64.5, [])),
        *((0.75, 75.0, ["original"]), (1.0, 72.5, ["original"])),
    ]
    told = in_one_line(check)
    assert "\n" not in told and "rose: latin 20.0 -> 50.0 (+19.8" in told
    assert "fell: nothing" in told and "no change shown: original 80.0 -> 79.0 (" in told
    (warning,) = warnings(check, kept=True)
    assert "made the base worse: original. Kept is 0.5 of the way" in warning


def test_a_handful_of_queries_shows_nothing_and_can_be_recorded():
    """Three queries that were all lost: no verdict, and an interval that JSON can hold."""
    before, after = {"few": Measured(("1 1 1",), 100.0)}, {"few": Measured(("0 0 0",), 0.0)}
    (line,) = compared(before, after)
    assert (line.verdict, line.low, line.high) == ("at chance", -100.0, 0.0)


def test_nothing_better_keeps_the_base_and_says_so():
    before = lines(original=80, latin=20)
    check = best_point(before, lambda alpha: lines(original=30, latin=20))
    assert check.alpha == 0 and check.trained == ["original"] and not check.worse
    (warning,) = warnings(check, kept=True)
    assert "what is saved is the base itself" in warning and "original" in warning
    assert list(warnings(best_point(before, lambda a: lines(original=80, latin=60)), True)) == []


def test_a_run_says_what_it_changed(tiny_base, pairs, tmp_path, capsys):
    """Steps that wreck the model are seen, on the terminal, in the record and on the card."""
    out = tmp_path / "wrecked"
    assert train(words(tiny_base, pairs, out, "--learning-rate", "0.5")) == 0
    shown = capsys.readouterr()
    (line,) = [x for x in shown.out.splitlines() if x.startswith("against the base, top-10")]
    (warning,) = [x for x in shown.err.splitlines() if x.startswith("WARNING: ")]
    record = Run.open(out).record
    assert {one.name for one in record.harm.lines} == {READY, ORIGINAL, SAME}
    assert record.harm.alpha == 1 and record.harm.tried == []
    assert record.harm.trained == [one.name for one in record.harm.worse] != []
    assert all(one.n >= 20 for one in record.harm.lines)
    for one in record.harm.lines:
        assert f"{one.name} {one.before:.1f} -> {one.after:.1f}" in line
        assert (one.name in warning) == (one.verdict == "worse")
        assert one.low <= one.after - one.before <= one.high
    # Records from before it was measured open, and tell that nobody knows.
    fields = json.loads((out / "train_record.json").read_text(encoding="utf-8"))
    del fields["harm"]
    assert TrainRecord.from_dict(fields).harm is None
    from translit_ppa.publish import card

    text = card("model", out, "org/wrecked", license="mit")
    assert "## Against its base" in text and "**Worse than its base**: " in text
    section = text.partition("## Against its base")[2].partition("## Training")[0]
    assert "|split:validation|" in section
    one = record.harm.worse[0]
    assert f"{one.before:.1f} | {one.after:.1f} |" in text and "| worse |" in text


def test_keep_if_better_keeps_the_base_where_steps_wreck_it(tiny_base, pairs, tmp_path, capsys):
    out = tmp_path / "kept"
    assert train(words(tiny_base, pairs, out, "--learning-rate", "0.5", "--keep-if-better")) == 0
    shown = capsys.readouterr()
    record = Run.open(out).record
    chosen = {point.alpha: point for point in record.harm.tried}
    assert list(chosen) == [0, 0.25, 0.5, 0.75, 1]
    assert not record.harm.worse and record.harm.trained == chosen[1].worse != []
    assert f"kept: {record.harm.alpha:g} of the way" in shown.out and "WARNING: " in shown.err
    assert not (out / ".base").exists()
    begin, end = (load_file(folder / "model.safetensors") for folder in (tiny_base, out))
    if record.harm.alpha == 0:
        assert all(torch.equal(begin[name], end[name]) for name in begin)


def test_too_few_rows_and_no_check(tiny_base, tmp_path, capsys):
    few = write_pairs(tmp_path / "few")
    assert train(words(tiny_base, few, tmp_path / "a")) == 0
    assert (
        "harm is not measured: the pairs have no validation split of 20" in capsys.readouterr().out
    )
    assert Run.open(tmp_path / "a").record.harm is None
    assert train(words(tiny_base, few, tmp_path / "b", "--keep-if-better")) == 0
    assert "WARNING: --keep-if-better cannot choose" in capsys.readouterr().err
    assert train(words(tiny_base, few, tmp_path / "c", "--no-check-harm")) == 0
    assert "harm" not in capsys.readouterr().out
    a, b, c = ((tmp_path / n / "model.safetensors").read_bytes() for n in "abc")
    assert a == b == c
    assert train(words(tiny_base, few, tmp_path / "d", "--keep-if-better", "--no-check-harm")) == 2
    assert "keep_if_better needs check_harm" in capsys.readouterr().err
    assert load_recipe("anchor")["keep_if_better"] is True


def test_asking_changes_no_training(tiny_base, pairs, tmp_path):
    bench = write_parallel(tmp_path / "names", rows=30)
    more = ["--validation-benchmark", f"parallel:{bench}"]
    assert train(words(tiny_base, pairs, tmp_path / "asked", *more)) == 0
    assert train(words(tiny_base, pairs, tmp_path / "not", "--no-check-harm")) == 0
    asked, other = ((tmp_path / n / "model.safetensors").read_bytes() for n in ("asked", "not"))
    assert asked == other
    names = [line.name for line in Run.open(tmp_path / "asked").record.harm.lines]
    assert "parallel romanised -> own original" in names
    assert "parallel original -> original" in names


def test_alpha_auto_is_chosen_on_the_validation_split(tiny_base, pairs, tmp_path, capsys):
    run, out = tmp_path / "run", tmp_path / "auto"
    assert train(words(tiny_base, pairs, run, "--learning-rate", "1e-3", "--no-check-harm")) == 0
    line = ["interpolate", str(tiny_base), str(run), "--alpha", "auto"]
    assert main([*line, "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    (record,) = load_records(out / "train_record.json")
    told = record.arguments["interpolated"]
    assert [point["alpha"] for point in told["tried"]] == [0, 0.25, 0.5, 0.75, 1]
    legal = [p for p in told["tried"] if not p["worse"]]
    assert told["alpha"] == max(legal, key=lambda p: (p["mean"], -p["alpha"]))["alpha"]
    assert record.harm.alpha == told["alpha"] and shown.count("mean top-10") == 5
    same = interpolate(tiny_base, run, told["alpha"], tmp_path / "by_hand")
    first, second = (load_file(folder / "model.safetensors") for folder in (out, same))
    assert all(torch.equal(first[name], second[name]) for name in first)
    # The pairs may be named too; without any there is nothing to choose by.
    other = interpolate(tiny_base, run, "auto", tmp_path / "named", pairs=pairs)
    assert Run.open(other).record.arguments["interpolated"] == told
    (run / "train_record.json").unlink()
    assert main([*line, "--out", str(tmp_path / "none")]) == 2
    assert "nothing to choose by; give --pairs" in capsys.readouterr().err
    assert main([*line[:-1], "half", "--out", str(tmp_path / "none")]) == 2
    assert "--alpha" in capsys.readouterr().err
    with pytest.raises(TranslitError, match="alpha is 'half'; legal: 0"):
        interpolate(tiny_base, run, "half", tmp_path / "none")
    assert not (tmp_path / "none").exists()
