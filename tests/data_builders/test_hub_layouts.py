"""The Hub source against a Hub on this machine: shards of any layout, any split, one true line."""

import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub_datasets import lines, parquet, serve
from loopback_clients import BUILD, run_module
from loopback_hub import loopback_hub

CODE = "ell_Grek"


def words(start, count=3):
    return [f"καλημέρα {i}" for i in range(start, start + count)]


CARD = """---
configs:
- config_name: ell_Grek
  data_files:
  - split: train
    path: ell_Grek/train-*
  - split: extra
    path: ell_Grek/extra-*
dataset_info:
- config_name: ell_Grek
  features:
  - name: text
    dtype: string
  - name: dataset
    dtype: string
  splits:
  - name: train
    num_bytes: 1
    num_examples: 9
---
"""

LAYOUTS = {
    # As in Glot500: an index in some shards, columns in another order, one that is missing, others.
    "ell_Grek/train-0.parquet": parquet(dataset=["a"] * 3, text=words(0)),
    "ell_Grek/train-1.parquet": parquet(
        text=pa.array(words(3), pa.large_string()),
        dataset=["b"] * 3,
        __index_level_0__=[0, 1, 2],
    ),
    "ell_Grek/train-2.parquet": parquet(
        meta=[{"x": 1}] * 3, text=pa.array(words(6)).dictionary_encode()
    ),
    "ell_Grek/extra-0.parquet": parquet(text=words(90), dataset=["c", None, "d\n😀"]),
}


@pytest.fixture
def hub():
    with loopback_hub() as hub:
        yield hub


def build(hub, home, *more, languages=(CODE,)):
    home.mkdir(exist_ok=True)
    options = ("--source", "hub:org/name", "--out", home / "out", "--languages", *languages)
    fixed = ("--transliterator", "identity", "--validation", "0", "--quiet")
    return run_module(BUILD, hub, home, "build", *map(str, (*options, *fixed, *more)))


def rows(home):
    paths = sorted((home / "out/mediterranean").glob("translit-train-*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def test_shards_of_any_layout_are_read(hub, tmp_path):
    serve(hub, "org/name", {"README.md": CARD.encode(), **LAYOUTS})
    done = build(hub, tmp_path / "a", "--origin-column", "dataset")
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path / "a")
    assert [row["text"] for row in found] == words(0, 9)
    parts = [re.sub(r"@[0-9a-f]{40}", "@", row["source"]) for row in found]
    assert parts == ["org/name@#a"] * 3 + ["org/name@#b"] * 3 + ["org/name@"] * 3

    done = build(hub, tmp_path / "b", "--origin-column", "dataset", "--split", "extra")
    assert done.returncode == 0, done.stderr
    assert [row["text"] for row in rows(tmp_path / "b")] == words(90)
    assert [row["source"].partition("#")[2] for row in rows(tmp_path / "b")] == ["c", "", "d😀"]


def fetched(hub):
    """Numbers of the shards that were asked for since last asked."""
    asked = [path for method, path in hub.requests if method == "GET" and "/resolve/" in path]
    hub.requests.clear()
    return sorted({found[1] for path in asked if (found := re.search(r"train-(\d)", path))})


@pytest.mark.parametrize(
    ("splitting", "fraction"),
    [("no", "1"), ("yes", "0.9"), ("yes", "1")],
    ids=["sentences", "documents", "documents, all of them"],
)
def test_a_stream_that_broke_goes_on_behind_what_was_read(hub, tmp_path, splitting, fraction):
    serve(hub, "org/name", {"README.md": CARD.encode(), **LAYOUTS})
    words = ("--split-sentences", splitting, "--fraction", fraction, "--floor", "0")
    whole = build(hub, tmp_path / "whole", *words)
    assert whole.returncode == 0, whole.stderr
    # What is drawn whole is counted and kept in one pass.
    gets = [path for method, path in hub.requests if method == "GET"]
    assert sum(path.endswith("train-0.parquet") for path in gets) == (2 if fraction == "0.9" else 1)
    hub.requests.clear()

    hub.fail(r"^GET .*/train-2", 403, 1_000)
    done = build(hub, tmp_path / "a", *words)
    assert done.returncode == 2 and done.stderr.count("error:") == 1, done.stderr
    assert fetched(hub) == ["0", "1", "2"]
    hub.faults.clear()
    if fraction == "0.9":
        # It broke while sentences were counted; the counted parts are not read again for that.
        hub.fail(r"^GET .*/train-0", 403, 1_000)
        assert build(hub, tmp_path / "a", *words).returncode == 2
        assert fetched(hub)[:2] == ["0", "2"]
        hub.faults.clear()
        hub.fail(r"^GET .*/train-2", 403, 1_000)
        assert build(hub, tmp_path / "a", *words).returncode == 2
        hub.requests.clear()
        hub.faults.clear()
    (kept,) = (tmp_path / "a/out/.work/mediterranean").glob("ell_Grek-*/part-000001.arrow")
    # One that was damaged is read anew, and only that one.
    kept.write_bytes(kept.read_bytes()[:-1])
    done = build(hub, tmp_path / "a", *words)
    assert done.returncode == 0, done.stderr
    assert fetched(hub) == ["1", "2"]
    assert rows(tmp_path / "a") == rows(tmp_path / "whole")
    assert not list((tmp_path / "a/out/.work/mediterranean").rglob("part-*"))
    one, other = (
        json.loads((tmp_path / at / "out/mediterranean/build_record.json").read_text("utf-8"))
        for at in ("a", "whole")
    )
    assert one["digest"] == other["digest"] and one["languages"] == other["languages"]


def test_json_lines_of_any_layout_are_read(hub, tmp_path):
    files = {
        "ell_Grek/train-0.jsonl": lines(*({"text": text, "n": 1} for text in words(0))),
        "ell_Grek/train-1.jsonl": lines(*({"n": "x", "id": 7, "text": t} for t in words(3))),
        "ell_Grek/extra-0.jsonl": lines({"text": "άλλο"}),
    }
    serve(hub, "org/name", {"README.md": CARD.encode(), **files})
    done = build(hub, tmp_path / "a")
    assert done.returncode == 0, done.stderr
    assert [row["text"] for row in rows(tmp_path / "a")] == words(0, 6)


@pytest.mark.parametrize(
    ("shard", "told"),
    [
        (parquet(body=words(0)), "train-1.parquet has no column 'text'; it has body"),
        (parquet(text=[[1], [2]]), "train-1.parquet: column 'text' holds list<"),
        (parquet(text=words(0))[:-9], "train-1.parquet cannot be read as Parquet: "),
    ],
    ids=["no column", "no text", "cut"],
)
def test_the_line_names_the_file_and_the_cause(hub, tmp_path, shard, told):
    serve(
        hub, "org/name", {"README.md": CARD.encode(), **LAYOUTS, "ell_Grek/train-1.parquet": shard}
    )
    done = build(hub, tmp_path / "a")
    assert done.returncode == 2
    assert done.stderr.startswith("error: org/name: ") and done.stderr.count("\n") == 1
    assert told in done.stderr and "your token" not in done.stderr
    assert not (tmp_path / "a/out/mediterranean").exists()


def test_another_language_does_not_take_the_place_of_the_first(hub, tmp_path):
    second = {"tur_Latn/train-0.parquet": parquet(text=["bir", "iki"])}
    card = CARD.replace("dataset_info", TURKISH + "dataset_info")
    serve(hub, "org/name", {"README.md": card.encode(), **LAYOUTS, **second})
    assert build(hub, tmp_path / "a").returncode == 0
    before = rows(tmp_path / "a")
    done = build(hub, tmp_path / "a", languages=["tur_Latn"])
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "holds pairs in ell_Grek, which would be lost" in done.stderr
    assert "give these languages too (ell_Grek tur_Latn)" in done.stderr
    assert rows(tmp_path / "a") == before
    done = build(hub, tmp_path / "a", languages=["ell_Grek", "tur_Latn"])
    assert done.returncode == 0, done.stderr
    assert {row["lang"] for row in rows(tmp_path / "a")} == {"ell", "tur"}


TURKISH = """- config_name: tur_Latn
  data_files: tur_Latn/train-*
"""
