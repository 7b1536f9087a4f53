"""The programs read their inputs from a Hub by repo id: a corpus, pairs, a recipe, a model.

Every program is a fresh process with an empty cache and without a token.
"""

from __future__ import annotations

import io
import json
import os

import datasets
import pyarrow.parquet as pq
import pytest
import yaml

from corridor_examples import QUICK, WORDS, write_pairs
from loopback_clients import BUILD, TRAIN, publish, published, run_module
from loopback_hub import loopback_hub
from loopback_store import Blob

CORPUS = "org/Glot"
CODES = ("ell_Grek", "amh_Ethi")
SPLITS = ("train", "validation")


@pytest.fixture
def hub():
    with loopback_hub() as running:
        yield running


def add_corpus(hub, tmp_path, shape):
    """A corpus of the shape of Glot500: a config and a folder per language, four text columns."""
    repo = hub.store.create("dataset", CORPUS, False)
    files, configs = {}, []
    for code in CODES:
        word = WORDS[code][0]
        configs.append({"config_name": code, "data_files": f"{code}/train/*.{shape}"})
        for shard in range(2):
            texts = [f"{word} {i}" for i in range(30 * shard, 30 * shard + 30)]
            # As there: repeated sentences, and other columns that differ between the shards.
            texts += [texts[0], "Latin"]
            columns = {"text": texts, "dataset": ["x"] * 32, "script": [code[4:]] * 32}
            table = datasets.Dataset.from_dict(columns | {"lang_script": [code] * 32})
            if shard:
                table = table.remove_columns("script")
            path = f"{code}/train/data-{shard:05d}-of-00002.{shape}"
            files[path] = Blob(content(table, shape, tmp_path), True)
    card = yaml.safe_dump({"license": "other", "license_name": "mixed", "configs": configs})
    files["README.md"] = Blob(f"---\n{card}---\n".encode(), False)
    for blob in files.values():
        hub.store.objects[blob.etag] = blob.data
    return repo.add("main", "corpus", {**repo.at("main").files, **files}).sha


def content(table, shape, tmp_path):
    if shape == "parquet":
        buffer = io.BytesIO()
        pq.write_table(table.data.table, buffer)
        return buffer.getvalue()
    table.save_to_disk(tmp_path / "arrow")
    (file,) = (tmp_path / "arrow").glob("*.arrow")
    return file.read_bytes()


def build_words(out):
    words = ["build", "--group", "mediterranean", "--source", f"hub:{CORPUS}", "--out", out]
    return [*words, "--languages", *CODES, "--fraction", "0.5", "--floor", "1", "--quiet"]


def built(hub, home, out):
    done = run_module(BUILD, hub, home, *build_words(out))
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((out / "mediterranean" / "build_record.json").read_text("utf-8"))


@pytest.mark.parametrize("shape", ["parquet", "arrow"])
def test_pairs_from_a_corpus_and_again_from_their_recipe(hub, tmp_path, shape):
    sha = add_corpus(hub, tmp_path, shape)
    record = built(hub, tmp_path / "h1", tmp_path / "pairs")
    assert record["source"] == f"{CORPUS}@{sha}"
    by_code = {entry["code"]: entry for entry in record["languages"]}
    assert {code: entry["available"] for code, entry in by_code.items()} == dict.fromkeys(CODES, 64)
    assert by_code["ell_Grek"]["dropped"].keys() <= {"duplicate", "wrong_script"}
    assert 15 < by_code["ell_Grek"]["kept"] < 50

    refusal = publish(hub, tmp_path / "h2", "dataset", tmp_path / "pairs", "org/recipe")
    assert refusal.returncode == 2 and refusal.stderr.count("\n") == 1
    assert "whose licence is mixed" in refusal.stderr and "--recipe-only" in refusal.stderr
    words = ("dataset", tmp_path / "pairs", "org/recipe", "--recipe-only")
    published(hub, tmp_path / "h2", *words)
    files = hub.files("dataset", "org/recipe")
    shards = [path for path in files if path.endswith(".parquet")]
    assert shards == [f"mediterranean/recipe-{s}-00000-of-00001.parquet" for s in SPLITS]
    rows = [row for path in shards for row in pq.read_table(io.BytesIO(files[path])).to_pylist()]
    assert len(rows) == sum(entry["kept"] for entry in by_code.values())
    assert {(row["source"], row["revision"]) for row in rows} == {(CORPUS, sha)}
    assert {row["row"] for row in rows} <= set(range(64)) and rows[0].keys() == {
        *("lang", "script", "source", "revision", "row", "start", "end", "sha256")
    }
    for word, _ in WORDS.values():
        assert not any(word.encode() in data for path, data in files.items() if path in shards)
    card = files["README.md"].decode()
    assert "| `mediterranean` | recipe | 2 |" in card
    assert "rebuild org/recipe mediterranean --out pairs" in card and "license: other" in card

    # The corpus has moved on since: the recipe names the commit.
    repo = hub.store.repos["dataset", CORPUS]
    repo.add("main", "emptied", {"README.md": repo.at("main").files["README.md"]})
    words = ("rebuild", "org/recipe", "mediterranean", "--out", tmp_path / "again", "--quiet")
    done = run_module(BUILD, hub, tmp_path / "h3", *words)
    assert done.returncode == 0, done.stderr[-3000:]
    for path in sorted((tmp_path / "pairs" / "mediterranean").glob("*.parquet")):
        again = tmp_path / "again" / "mediterranean" / path.name
        assert again.read_bytes() == path.read_bytes(), path.name


def test_a_hub_that_fails_is_one_line_and_the_same_command_goes_on(hub, tmp_path):
    add_corpus(hub, tmp_path, "parquet")
    hub.fail("GET /get/", 404, 100)
    done = run_module(BUILD, hub, tmp_path / "h1", *build_words(tmp_path / "pairs"))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("error: cannot read org/Glot (revision main)")
    assert not (tmp_path / "pairs" / "mediterranean").exists()
    hub.faults.clear()
    assert built(hub, tmp_path / "h1", tmp_path / "pairs")["splits"]["train"] > 30


def test_training_reads_pairs_and_base_by_their_names(hub, tiny_base, tmp_path):
    pairs = write_pairs(tmp_path / "data")
    published(hub, tmp_path / "h1", "dataset", pairs, "org/pairs", "--license", "cc0-1.0")
    base = hub.store.create("model", "org/base", False)
    files = {
        path.name: Blob(path.read_bytes(), path.suffix == ".safetensors")
        for path in tiny_base.iterdir()
    }
    for blob in files.values():
        hub.store.objects[blob.etag] = blob.data
    sha = base.add("main", "base", files).sha
    output = tmp_path / "run"
    words = ["--base", "org/base", "--pairs", "org/pairs"]
    words += ["--group", "mediterranean", "--output-dir", str(output)]
    done = run_module(TRAIN, hub, tmp_path / "h2", "train", *words, *QUICK, "--max-steps", "2")
    assert done.returncode == 0, done.stderr[-3000:]
    record = json.loads((output / "train_record.json").read_text("utf-8"))
    assert (record["base"], record["base_revision"]) == ("org/base", sha)
    assert (record["data"]["name"], record["data"]["rows"]) == ("org/pairs", 35)
    built = json.loads((pairs / "mediterranean" / "build_record.json").read_text("utf-8"))
    assert record["data"]["digest"] == built["digest"]
    assert record["transliterator"] == built["transliterator"] == "ready pairs"
    assert record["steps"] == 2
    assert {"config.json", "model.safetensors"} <= set(os.listdir(output))


def test_what_is_not_on_the_hub_is_one_line(hub, tiny_base, tmp_path):
    pairs = write_pairs(tmp_path / "data")
    published(hub, tmp_path / "h1", "dataset", pairs, "org/pairs", "--license", "cc0-1.0")
    common = ["--base", str(tiny_base), "--output-dir", str(tmp_path / "run")]
    common += ["--group", "mediterranean", *QUICK, "--max-steps", "1"]
    for words, expected in (
        (["--pairs", "org/none"], "org/none"),
        (["--pairs", "org/pairs", "--group", "sea"], "sea"),
        (["--pairs", "org/pairs", "--base", "org/nobody"], "org/nobody"),
    ):
        done = run_module(TRAIN, hub, tmp_path / "h2", "train", *common, *words)
        assert done.returncode == 2, done.stderr[-3000:]
        error = done.stderr.splitlines()[-1]
        assert error.startswith("error: ") and expected in error, error
        assert not (tmp_path / "run").exists()
