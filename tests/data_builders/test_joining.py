"""Finished languages are joined while others are romanised; what is drawn whole is read once."""

import threading
import time

import pytest

from translit_ppa.data_builders.build import pairs as building
from translit_ppa.data_builders.build.joining import Joining
from translit_ppa.data_builders.errors import DamagedShard, DataError

WORDS = {"amh_Ethi": "ሰላም", "ell_Grek": "λέξη", "heb_Hebr": "שלום"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


@pytest.fixture
def text(tmp_path):
    folder = tmp_path / "text"
    for code, word in WORDS.items():
        (folder / code).mkdir(parents=True)
        for number in range(3):
            # A line of each file stands in the one before it too, and one in another language.
            lines = [f"{word} {i}" for i in range(number * 40, number * 40 + 41)]
            (folder / code / f"{number}.txt").write_text("\n".join([*lines, "1 ሰላም"]), "utf-8")
    return folder


def build(text, out, **options):
    options = {"transliterator": "identity", "fraction": 1.0, "shard_rows": 10, **options}
    return building.build_pairs("mediterranean", f"files:{text}", out, progress=False, **options)


def files(out):
    return {path.name: path.read_bytes() for path in (out / "mediterranean").glob("*.parquet")}


@pytest.mark.parametrize(
    "options",
    [
        {"validation": 0.2},
        {"validation": 0},
        {"validation": 0.2, "drop_shared": True},
        {"cap": 50, "floor": 0},
    ],
    ids=["validation", "train alone", "shared dropped", "a sample"],
)
def test_the_files_are_the_same_whoever_joins(text, tmp_path, options):
    alone, many = (build(text, tmp_path / str(n), num_proc=n, **options) for n in (1, 2))
    assert alone["digest"] == many["digest"] and alone["languages"] == many["languages"]
    assert alone["splits"] == many["splits"]
    assert files(tmp_path / "1") == files(tmp_path / "2")


def test_a_build_that_goes_on_joins_what_an_earlier_one_finished(text, tmp_path, monkeypatch):
    first = build(text, tmp_path / "out", num_proc=2)
    added = []
    monkeypatch.setattr(Joining, "add", _noting(added, Joining.add))
    (text / "heb_Hebr" / "2.txt").write_text("שלום שלום\n", "utf-8")
    again = build(text, tmp_path / "out", num_proc=2)
    assert again["digest"] != first["digest"]
    # The two that were finished come first, before anything is romanised.
    assert [run.counts.code for run in added] == [*sorted(WORDS)]
    assert again["digest"] == build(text, tmp_path / "new")["digest"]


def _noting(calls, function):
    def noted(self, run):
        calls.append(run)
        return function(self, run)

    return noted


def test_what_is_drawn_whole_is_read_once(text, tmp_path, monkeypatch):
    whole = build(text, tmp_path / "1")
    romanise = building.romanise

    def without_a_source(*given):
        for path in text.rglob("*.txt"):
            path.unlink()
        return romanise(*given)

    monkeypatch.setattr(building, "romanise", without_a_source)
    assert build(text, tmp_path / "2", num_proc=2)["digest"] == whole["digest"]


def test_what_fails_leaves_no_thread_and_no_dataset(text, tmp_path, monkeypatch):
    whole = build(text, tmp_path / "whole")
    monkeypatch.setattr(Joining, "add", _failing_at("heb_Hebr", Joining.add))
    before = set(threading.enumerate())
    with pytest.raises(DataError, match="stopped here"):
        build(text, tmp_path / "out", num_proc=2)
    monkeypatch.undo()
    end = time.monotonic() + 20
    while set(threading.enumerate()) - before:
        assert time.monotonic() < end, "a thread stayed"
        time.sleep(0.05)
    assert not (tmp_path / "out" / "mediterranean").exists()
    again = build(text, tmp_path / "out", num_proc=2)
    assert again["digest"] == whole["digest"]


def _failing_at(code, function):
    def add(self, run):
        if run.counts.code == code:
            raise DataError("stopped here")
        return function(self, run)

    return add


def test_a_shard_damaged_before_it_is_joined_is_named_and_made_again(text, tmp_path, monkeypatch):
    whole = build(text, tmp_path / "whole")
    add = Joining.add

    def damaging(self, run):
        if run.counts.code == "ell_Grek":
            path = run.paths[1]
            path.write_bytes(path.read_bytes()[:-40])
        return add(self, run)

    monkeypatch.setattr(Joining, "add", damaging)
    with pytest.raises(DamagedShard, match=r"pairs-000001\.parquet"):
        build(text, tmp_path / "out", num_proc=2)
    monkeypatch.undo()
    assert not (tmp_path / "out" / "mediterranean").exists()
    assert build(text, tmp_path / "out", num_proc=2)["digest"] == whole["digest"]
