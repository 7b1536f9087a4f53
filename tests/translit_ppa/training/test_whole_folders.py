"""What training leaves appears whole: a base and a run in place of older ones; damage is seen."""

from __future__ import annotations

import json

import pytest

from corridor_examples import write_pairs
from translit_ppa.hub_cards import RecordError
from translit_ppa.identity import model_digest, training_of
from translit_ppa.modeling.training.arguments import make_arguments
from translit_ppa.training import ablation, align, outputs
from translit_ppa.training.ablation import MARK_NAME, train_once
from translit_ppa.training.bases import small_base
from translit_ppa.training.inputs import load_or_build_pairs

SMALL = {
    "use_cpu": True,
    "disable_tqdm": True,
    "report_to": "none",
    "logging_steps": 1,
    "per_device_train_batch_size": 4,
    "gradient_accumulation_steps": 1,
    "save_strategy": "no",
    "max_steps": 1,
}
JUNK = ["", "null", "[]", "3", '"a"', "true", "{}", "{", "[" * 100_000, "\x00", '{"seed": true}']


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return write_pairs(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


@pytest.fixture
def make_base(pairs, tmp_path):
    sizes = {"stand_in_layers": 1, "stand_in_hidden": 16, "stand_in_heads": 2}
    more = {"stand_in_pieces": 20, "stand_in_steps": 1, "stand_in_source": "none"}
    values = {**SMALL, **sizes, **more, "pairs": [str(pairs)], "output_dir": str(tmp_path)}
    values |= {"eval_strategy": "no", "load_best_model_at_end": False}

    def make(**changes):
        inputs, _, stand_in, training = make_arguments({**values, **changes})
        rows = load_or_build_pairs(inputs, tmp_path / "pairs", training)["train"]
        return small_base.make_stand_in(tmp_path / "small", rows, inputs, stand_in, training)

    return make


def test_a_damaged_base_is_made_again(make_base, monkeypatch, capsys):
    folder = make_base()
    first, mark = model_digest(str(folder)), folder / small_base.MARK_NAME
    whole = mark.read_text()
    times = mark.stat().st_mtime_ns
    assert make_base() == folder and mark.stat().st_mtime_ns == times
    assert json.loads(whole)["weights"] == first
    assert not [path for path in folder.parent.iterdir() if path.name.startswith(".small")]
    capsys.readouterr()

    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-9] ^= 64
    weights.write_bytes(content)
    make_base()
    assert capsys.readouterr().err.startswith(f"notice: the weights of {folder} are damaged")
    assert model_digest(str(folder)) == first

    made = []
    monkeypatch.setattr(small_base, "pretrain", lambda *_: made.append(1))
    monkeypatch.setattr(small_base, "put_in_place", lambda *_: None)
    for text in JUNK:
        mark.write_text(text)
        make_base()
    assert len(made) == len(JUNK)
    mark.write_text(whole)
    make_base()
    assert len(made) == len(JUNK)


def test_a_base_stays_until_the_next_is_whole(make_base, monkeypatch):
    folder = make_base()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(small_base, "put_in_place", stopped)
    with pytest.raises(KeyboardInterrupt):
        make_base(seed=7)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_run_stays_until_the_next_is_whole(tiny_base, pairs, tmp_path, monkeypatch):
    values = {"base": str(tiny_base), "pairs": [str(pairs)], **SMALL, "learning_rate": 1e-3}
    folder = tmp_path / "run"
    run = train_once(folder, values, str(tiny_base))
    old = model_digest(str(folder))
    seen = []
    train = ablation.post_train

    def watched(*words):
        seen.append(model_digest(str(folder)))
        found = train(*words)
        seen.append((training_of(str(folder)).seed, model_digest(str(folder))))
        return found

    monkeypatch.setattr(ablation, "post_train", watched)
    again = train_once(folder, {**values, "seed": 7}, str(tiny_base))
    assert seen == [old, (42, old)]
    assert (run.record.seed, again.record.seed, again.folder) == (42, 7, folder)
    assert training_of(str(folder)).seed == 7 and model_digest(str(folder)) != old
    assert not (tmp_path / ".run.training").exists()


@pytest.mark.parametrize("resume", [None, False, True])
def test_a_damaged_mark_is_no_settings(tiny_base, pairs, tmp_path, monkeypatch, resume):
    values = {"base": str(tiny_base), "pairs": [str(pairs)], **SMALL}
    folder = tmp_path / "run"
    train_once(folder, values, str(tiny_base))
    trained = []
    monkeypatch.setattr(ablation, "post_train", lambda *_: trained.append(1))
    monkeypatch.setattr(ablation, "put_in_place", lambda *_: None)
    for number, text in enumerate(JUNK, 1):
        (folder / MARK_NAME).write_text(text)
        if resume is None:
            train_once(folder, values, str(tiny_base), resume=None)
            assert len(trained) == number
        else:
            with pytest.raises(ValueError, match="is a run of other settings") as caught:
                train_once(folder, values, str(tiny_base), resume=resume)
            assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [*JUNK, '{"kind": "train"}', '{"kind": []}', "[null]"])
def test_a_damaged_record_is_one_line(tmp_path, text):
    (tmp_path / "train_record.json").write_text(text)
    with pytest.raises(RecordError) as caught:
        training_of(str(tmp_path))
    assert "\n" not in str(caught.value) and "train_record.json" in str(caught.value)


def test_config_and_record_of_a_checkpoint_come_last(tiny_base, pairs, tmp_path, monkeypatch):
    """And an older record goes first: a stop in between is no finished run."""
    run = align(tiny_base, str(pairs), output_dir=tmp_path / "out", **{**SMALL, "max_steps": 2})
    names = []
    replace = outputs.os.replace

    def watched(old, new):
        if new.parent == run.folder:
            assert not (run.folder / "train_record.json").exists()
            names.append(new.name)
        replace(old, new)

    monkeypatch.setattr(outputs.os, "replace", watched)
    for path in (tmp_path / "out").iterdir():
        if path.name != "train_record.json":
            path.unlink()
    (tmp_path / "out" / "train_record.json").rename(tmp_path / "record")
    align(tiny_base, str(pairs), output_dir=tmp_path / "out", **{**SMALL, "max_steps": 2})
    assert names[-2:] == ["config.json", "train_record.json"]
    assert {"model.safetensors", "tokenizer.json"} <= set(names[:-2])
