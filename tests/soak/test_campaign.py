"""The campaign itself: it finds what was planted, leaves what is well, and goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import time
from functools import partial

import pytest
from hypothesis import strategies as st

from soak.campaign import Row, State, draw, keep, plan, replay, run
from soak.kinds import children, inputs, kills
from soak.verdict import ACCEPTED, REFUSED, WRONG, Demand, Outcome, Verdict, judge
from soak.worker import command, run_all
from soak.world import make_texts
from translit_ppa.errors import TranslitError

NUMBERS = st.integers(0, 10**6).map(lambda number: {"number": number})


def row(run, name="planted", share=1.0, **more):
    return Row("input", name, NUMBERS, run, share, **{"batch": 10, "seconds": 20.0} | more)


def well(case, place):
    return Verdict(REFUSED)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome(0, out="done\n"), (ACCEPTED, "")),
        (Outcome(2, err="notice: slow\nerror: came x; legal: y\n"), (REFUSED, "")),
        (Outcome(130, err="interrupted\n"), (ACCEPTED, "")),
        (Outcome(1), (WRONG, "exit status 1")),
        (Outcome(2, err="error: a\nb\n"), (WRONG, "a refusal that is not one line")),
        (Outcome(2, err="error: a\nerror: b\n"), (WRONG, "a refusal that is not one line")),
        (Outcome(2, err="usage: x\n"), (WRONG, "a refusal that is not one line")),
        (Outcome(2, err="error: \x1b[2J\n"), (WRONG, "a control character in the message")),
        (Outcome(0, out="with hf_secret\n"), (WRONG, "a token in the output")),
        (
            Outcome(None, 'Traceback:\n  File "x/data_builders/a.py", line 3, in f\nKeyError: 1'),
            (WRONG, "traceback: KeyError at a.py:3 f"),
        ),
    ],
)
def test_what_counts_as_wrong(outcome, expected):
    verdict = judge(outcome, Demand(("hf_secret",)))
    assert (verdict.name, verdict.why) == expected


def test_a_planted_fault_is_found_kept_and_replayed(tmp_path, monkeypatch):
    from translit_ppa.commands.pairs import check

    def main(words):
        if int(words[0]) % 3 == 0:
            raise KeyError(words[0])
        raise TranslitError("came a number")

    monkeypatch.setattr(check, "main", main)
    rows = [row(lambda case, place: judge(command(["check", str(case["number"])])))]
    found = list(run(rows, State.open(tmp_path), 7, inputs=20, kills=0))
    wrong = [case for _, case, verdict in found if verdict.name == WRONG]
    assert [case["number"] % 3 == 0 for _, case, _ in found].count(True) == len(wrong) > 0
    assert all(verdict.name in (WRONG, REFUSED) for *_, verdict in found)
    kept = sorted((tmp_path / "wrong").iterdir())
    assert json.loads(kept[0].read_text())["why"].startswith("traceback: KeyError")
    assert replay(rows, kept[0]).name == WRONG
    monkeypatch.setattr(check, "main", lambda words: 0)
    assert replay(rows, kept[0]).name == ACCEPTED


def test_crashes_hangs_and_memory_are_found_and_the_rest_goes_on():
    def odd(case, place):
        if case["what"] == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if case["what"] == "hang":
            time.sleep(60)
        if case["what"] == "memory":
            bytearray(4 << 30)
        return Verdict(ACCEPTED)

    names = ["well", "crash", "hang", "memory", "well"]
    verdicts = list(run_all([{"what": name} for name in names], odd, seconds=2))
    assert [verdict.name for verdict in verdicts] == [ACCEPTED, WRONG, WRONG, WRONG, ACCEPTED]
    assert "signal 11" in verdicts[1].why
    assert "still running after 2 s" in verdicts[2].why and "odd" in verdicts[2].tail
    assert "MemoryError" in verdicts[3].why


def test_a_campaign_goes_on_where_it_was(tmp_path):
    rows = [row(well), row(well, "other", 2.0)]
    campaign = run(rows, State.open(tmp_path), 7, inputs=60, kills=0)
    for _ in range(25):
        next(campaign)
    campaign.close()
    assert len(State.open(tmp_path).batches) == 2
    rest = list(run(rows, State.open(tmp_path), 7, inputs=60, kills=0))
    assert len(rest) == 40
    state = State.open(tmp_path)
    assert sum(counts[REFUSED] for counts in state.batches.values()) == 60
    assert list(run(rows, State.open(tmp_path), 7, inputs=60, kills=0)) == []
    # Another seed is another campaign.
    assert len(list(run(rows, State.open(tmp_path), 8, inputs=60, kills=0))) == 60


def test_the_same_seed_draws_the_same_cases():
    strategy = inputs.cases("benchmark files")
    assert draw(strategy, 3, 50) == draw(strategy, 3, 50) != draw(strategy, 4, 50)
    assert json.loads(json.dumps(draw(strategy, 3, 50))) == draw(strategy, 3, 50)


def test_a_plan_holds_what_was_asked_for():
    rows = [row(well), row(well, "b", 3.0), Row("kill", "c", NUMBERS, well, 1.0)]
    sizes = {}
    for planned, _, size in plan(rows, 100, 7):
        sizes[planned.name] = sizes.get(planned.name, 0) + size
    assert sizes == {"planted": 25, "b": 75, "c": 7}


def test_few_cases_of_one_root_are_kept(tmp_path):
    verdicts = [Verdict(WRONG, "one"), Verdict(WRONG, "other")]
    for number in range(30):
        for verdict in verdicts:
            keep(tmp_path, row(well), {"number": number}, verdict)
    assert len(list((tmp_path / "wrong").iterdir())) == 40


@pytest.mark.parametrize("name", ["text", "packed text"])
def test_a_well_behaved_command_is_let_be(tmp_path, name):
    world = tmp_path / "world"
    make_texts(world)
    one = partial(inputs.run, name, world=world, secrets=())
    found = [verdict.name for verdict in run_all(draw(inputs.cases(name), 5, 40), one)]
    assert found.count(WRONG) == 0
    assert found.count(REFUSED) > 2 and found.count(ACCEPTED) > 2


@pytest.fixture
def two_steps(monkeypatch, tmp_path):
    """A command that writes its result in two steps, with a pause between."""
    from translit_ppa.commands.pairs import check

    def main(words):
        os.makedirs("out", exist_ok=True)
        with open("out/result.json", "w") as file:
            file.write('{"a": ')
            file.flush()
            time.sleep(0.5)
            file.write("1}")
        os.rename("out/result.json", "out/done.json")
        return 0

    monkeypatch.setattr(check, "main", main)
    monkeypatch.setitem(kills.COMMANDS, "planted", kills.Killed(("check",), (), "out"))
    monkeypatch.setattr(kills, "_RUNS", {})
    world = tmp_path / "world"
    world.mkdir()
    return partial(kills.run, "planted", world=world, hub=None)


def test_a_half_written_file_is_found_after_a_kill(two_steps):
    early, late = run_all([{"after": 0.5}, {"after": 2.0}], two_steps)
    assert (early.name, early.why) == (
        WRONG,
        "half-written after the kill: out/result.json (JSONDecodeError)",
    )
    assert late.name == ACCEPTED


def test_a_checkpoint_that_was_cut_off_counts_once_its_state_is_there(tmp_path, trained):
    cut = tmp_path / "run" / "checkpoint-4"
    cut.mkdir(parents=True)
    (cut / "config.json").write_text("{")
    assert inputs.half_written(tmp_path / "run") == "run/checkpoint-4/config.json (JSONDecodeError)"
    assert inputs.half_written(tmp_path / "run", kills._cut_off) == ""
    (cut.parent / "config.json").write_text("{")
    assert "run/config.json" in inputs.half_written(cut.parent, kills._cut_off)


@pytest.mark.skipif(not children.traces(), reason="no strace that may look into processes")
def test_every_visible_call_can_be_killed(two_steps):
    """A kill between the write and the rename leaves a file of another name: found."""
    found = list(run_all([{"call": number} for number in range(8)], two_steps))
    assert {verdict.name for verdict in found} >= {WRONG, REFUSED}
