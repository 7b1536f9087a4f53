"""train.py --ablation in miniature: four runs, one base, one order; finished runs stay."""

from __future__ import annotations

import json
import shutil

import pytest

from corridor_examples import QUICK, run, train, train_words, write_pairs, write_parallel
from translit_ppa.hub_cards.records.files import load_records
from translit_ppa.modeling.training.data_collator import PairCollator
from translit_ppa.training import ablation as train_runs

NAMES = {
    "mlm": ["mlm"],
    "mlm+seq": ["mlm", "seq"],
    "mlm+tlm": ["mlm", "tlm"],
    "mlm+seq+tlm": ["mlm", "seq", "tlm"],
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


def trained(output):
    return {name: load_records(output / name / "train_record.json")[0] for name in NAMES}


def test_four_runs_see_the_same_pairs_in_the_same_order(tiny_base, tmp_path, monkeypatch, capsys):
    pairs, out = write_pairs(tmp_path / "data"), tmp_path / "out"
    seen = []
    collate = PairCollator.__call__

    def watched(self, rows):
        seen.append([list(map(int, row["input_ids"])) for row in rows])
        return collate(self, rows)

    monkeypatch.setattr(PairCollator, "__call__", watched)
    # 35 pairs in batches of 4: 12 steps reach into the second epoch.
    words = train_words(tiny_base, pairs, out, "--max-steps", "12", "--ablation")
    words += ["--save-strategy", "steps", "--save-steps", "4"]
    assert train(words) == 0
    batches = len(seen) // 4
    assert len(seen) == 4 * batches and batches >= 12
    order = seen[:12]
    assert order[0] != order[9], "the second epoch has an order of its own"
    for turn in range(1, 4):
        assert seen[turn * batches : turn * batches + 12] == order

    records = trained(out)
    assert {name: r.alignment["objectives"] for name, r in records.items()} == NAMES
    assert {r.steps for r in records.values()} == {12}
    assert len({r.base_revision for r in records.values()}) == 1
    assert len({r.data.digest for r in records.values()}) == 1
    assert len({json.dumps(r.arguments) for r in records.values()}) == 1

    # Again: nothing. A run that lost its end: only that one, from its last checkpoint.
    seen.clear()
    assert train(words) == 0
    assert seen == []
    cut = out / "mlm+tlm"
    whole = records["mlm+tlm"]
    (cut / "train_record.json").unlink()
    shutil.rmtree(cut / "checkpoint-12")
    assert train(words) == 2
    assert "--resume-from-checkpoint last" in capsys.readouterr().err
    assert train([*words, "--resume-from-checkpoint=last"]) == 0
    assert seen[:4] == order[8:12], "goes on after step 8"
    again = trained(out)["mlm+tlm"]
    assert again.history[:12] == whole.history[:12]

    # Other settings under the same folder are refused, whatever is asked to resume.
    assert train([*words, "--learning-rate", "2e-3"]) == 2
    assert "other settings" in capsys.readouterr().err


def test_without_a_model_the_stand_in_is_made_once(tmp_path, monkeypatch):
    pairs, out = write_pairs(tmp_path / "data"), tmp_path / "out"
    small = [*("--stand-in-steps", "2", "--stand-in-layers", "2", "--stand-in-hidden", "16")]
    small += ["--stand-in-heads", "2", "--stand-in-pieces", "60", "--stand-in-source", "none"]
    words = ["--pairs", str(pairs), "--output-dir", str(out), *QUICK, *small]
    parallel = write_parallel(tmp_path / "names")
    words += ["--max-steps", "2", "--validation-benchmark", f"parallel:{parallel}"]
    words += ["--eval-strategy", "no"]
    words += ["--load-best-model-at-end=false", "--ablation"]
    made = []
    make = train_runs.prepare
    monkeypatch.setattr(train_runs, "prepare", lambda *a: made.append(1) or make(*a))
    assert train(words) == 0
    assert made == [1]
    records = trained(out)
    assert {r.base for r in records.values()} == {str(out / "base")}
    assert {r.arguments["recipe"] for r in records.values()} == {"embedded"}
    assert sorted(path.name for path in out.iterdir()) == sorted([*NAMES, "base"])


def test_two_processes_train_each_run_once(tiny_base, tmp_path, capsys):
    pairs, out = write_pairs(tmp_path / "data"), tmp_path / "out"
    words = train_words(tiny_base, pairs, out, "--max-steps", "2", "--ablation")
    done = run(words, tmp_path, processes=2)
    assert [done.stdout.count(f"saved {out / name} after 2 steps") for name in NAMES] == [1] * 4
    records = trained(out)
    assert {name: r.alignment["objectives"] for name, r in records.items()} == NAMES
    assert {(r.steps, r.arguments["world_size"]) for r in records.values()} == {(2, 2)}
    assert sorted(path.name for path in out.iterdir()) == sorted(NAMES)

    # Again: nothing, said once. One process has half the batch: that is another run.
    done = run(words, tmp_path, processes=2)
    assert [done.stdout.count(f"{out / name} is finished") for name in NAMES] == [1] * 4
    assert "saved" not in done.stdout
    assert trained(out) == records
    assert train(words) == 2
    assert "other settings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (["--objectives", "mlm"], "--ablation sets --objectives itself"),
        (["--resume-from-checkpoint", "{tmp}/checkpoint-3"], "goes on from the last checkpoint"),
    ],
)
def test_user_errors_leave_nothing(option, told, tiny_base, tmp_path, capsys):
    out = tmp_path / "out"
    (tmp_path / "checkpoint-3").mkdir()
    (tmp_path / "checkpoint-3" / "trainer_state.json").write_text("{}")
    option = [word.format(tmp=tmp_path) for word in option]
    words = train_words(tiny_base, tmp_path / "no-pairs", out, "--ablation", *option)
    assert train(words) == 2
    assert told in capsys.readouterr().err
    assert not out.exists()
