"""A recipe and its corpus give back the same pairs, byte for byte; anything else is refused."""

import hashlib
import json
import os
import sys
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from translit_ppa.command_line import main
from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.build.rebuild import rebuild
from translit_ppa.data_builders.build.shards import shard_path
from translit_ppa.data_builders.dataset.recipe import write_recipe
from translit_ppa.data_builders.sentences.filters import normalise
from translit_ppa.data_builders.transliterators.rows import _romaniser

ROMANISER = """
def f(sentences, lang):
    return [f"{lang} {sentence}" for sentence in sentences]
"""

OWN = ("--transliterator", "own_romaniser:f")


@pytest.fixture
def corpus(tmp_path):
    """Two languages with rows that a build drops: duplicates, another script, empty lines."""
    folder = tmp_path / "text"
    folder.mkdir()
    for code, word in (("ell_Grek", "Ελλάδα"), ("amh_Ethi", "ግሪክ")):
        lines = [("Latin", "", f"{word} {i // 2}", f" {word}\u00a0{i} ")[i % 4] for i in range(400)]
        (folder / f"{code}.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def recipe(tmp_path, corpus, monkeypatch):
    """The recipe of a build that sampled, split and used a user's romaniser."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own_romaniser.py").write_text(ROMANISER)
    build_pairs(
        "mediterranean",
        f"files:{corpus}",
        tmp_path / "pairs",
        transliterator="own_romaniser:f",
        fraction=0.5,
        floor=1,
        validation=0.1,
        progress=False,
    )
    write_recipe(tmp_path / "pairs", "mediterranean", tmp_path / "recipe")
    return tmp_path / "recipe"


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


@pytest.mark.parametrize(("num_proc", "shard_rows"), [(1, 1000), (1, 7), (2, 7)])
def test_the_same_bytes_again(tmp_path, corpus, recipe, num_proc, shard_rows):
    options = {"num_proc": num_proc, "shard_rows": shard_rows, "progress": False}
    options["transliterator"] = "own_romaniser:f"
    record = rebuild(
        str(recipe), "mediterranean", tmp_path / "again", source=f"files:{corpus}", **options
    )
    before = contents(tmp_path / "pairs" / "mediterranean")
    assert len(before) == 4
    assert contents(tmp_path / "again" / "mediterranean") == before
    first = json.loads((tmp_path / "pairs/mediterranean/build_record.json").read_text("utf-8"))
    changed = {"created", "seconds"}
    assert {k: v for k, v in record.items() if k not in changed} == {
        k: v for k, v in first.items() if k not in changed
    }


def test_what_made_up_the_number_stays_behind_the_sample(tmp_path, corpus):
    """Three in four lines of the corpus are dropped, so the sample is far too small."""
    source, options = f"files:{corpus}", {"progress": False, "transliterator": "identity"}
    record = build_pairs(
        "mediterranean", source, tmp_path / "a", fraction=0.2, floor=1, validation=0.2, **options
    )
    assert [entry["kept"] for entry in record["languages"]] == [80, 80]
    rows = pq.read_table(tmp_path / "a/mediterranean/rows-train.parquet")["row"].to_pylist()
    descents = sum(a > b for a, b in pairwise(rows))
    assert descents >= 3  # one between the languages, one or more within each
    write_recipe(tmp_path / "a", "mediterranean", tmp_path / "recipe")
    rebuild(
        str(tmp_path / "recipe"), "mediterranean", tmp_path / "b", source=source, progress=False
    )
    group = "mediterranean"
    assert contents(tmp_path / "b" / group) == contents(tmp_path / "a" / group)


def test_a_recipe_in_no_order_is_refused(tmp_path, corpus, recipe, capsys):
    """Each round costs a pass over the corpus, and a recipe may come from anywhere."""
    path = next((recipe / "mediterranean").glob("recipe-train-*"))
    table = pq.read_table(path)
    row = table.schema.names.index("row")
    numbers = pa.array(range(table.num_rows, 0, -1), pa.int64())
    pq.write_table(table.set_column(row, "row", numbers), path)
    error = refused(recipe, corpus, tmp_path / "again", capsys, *OWN)
    assert "are in no order of a build of ours" in error


def test_a_recipe_says_where_each_row_is_and_opens_without_code(tmp_path, corpus, recipe):
    from datasets import load_dataset

    data = load_dataset(str(recipe), "mediterranean", cache_dir=str(tmp_path / "hf"))
    assert data["train"].column_names == [
        *("lang", "script", "source", "revision", "row", "start", "end", "sha256")
    ]
    pairs = load_dataset(str(tmp_path / "pairs"), "mediterranean", cache_dir=str(tmp_path / "hf"))
    for split in ("train", "validation"):
        assert data[split].num_rows == pairs[split].num_rows > 8
        for row, pair in zip(data[split], pairs[split], strict=True):
            code = f"{row['lang']}_{row['script']}"
            lines = (corpus / f"{code}.txt").read_text(encoding="utf-8").split("\n")
            assert row["source"] == pair["source"] == f"files:{code}.txt"
            assert normalise(lines[row["row"]]) == pair["text"]
            assert row["start"] is row["end"] is None  # the whole row
            assert row["sha256"] == hashlib.sha256(pair["text"].encode()).hexdigest()
    assert not any(b"\xce\x95\xce\xbb" in content for content in contents(recipe).values())


def test_it_goes_on_where_it_was_stopped(tmp_path, corpus, recipe):
    calls = tmp_path / "calls.txt"
    log = f"\n    open({str(calls)!r}, 'a').write(f'{{len(sentences)}} ')"
    (tmp_path / "own_romaniser.py").write_text(ROMANISER.replace("lang):", "lang):" + log))
    sys.modules.pop("own_romaniser", None)
    _romaniser.cache_clear()
    words = [str(recipe), "mediterranean", "--out", str(tmp_path / "again"), "--quiet"]
    words = ["rebuild", *words, "--source", f"files:{corpus}", "--shard-rows", "10", *OWN]
    assert main(words) == 0
    whole = sum(map(int, calls.read_text().split()))
    calls.unlink()
    (folder,) = (tmp_path / "again/.work/mediterranean").glob("amh_Ethi-*")
    (folder / "done.json").unlink()
    shard_path(folder, 1).unlink()
    assert main(words) == 0
    assert calls.read_text().split() == ["10"] and whole > 100


def change_text(corpus, recipe):
    wanted = pq.read_table(next((recipe / "mediterranean").glob("recipe-train-*")))
    number = next(r["row"] for r in wanted.to_pylist() if r["lang"] == "ell")
    path = corpus / "ell_Grek.txt"
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[number] += "!"
    path.write_text("\n".join(lines), encoding="utf-8")


def cut_file(corpus, recipe):
    path = corpus / "ell_Grek.txt"
    path.write_text("".join(path.read_text("utf-8").splitlines(True)[:200]), encoding="utf-8")


def remove_file(corpus, recipe):
    (corpus / "ell_Grek.txt").unlink()


def change_romaniser(corpus, recipe):
    record = recipe / "mediterranean" / "build_record.json"
    record.write_text(record.read_text("utf-8").replace("own_romaniser:f", "identity"), "utf-8")


def change_version(corpus, recipe):
    record = recipe / "mediterranean" / "build_record.json"
    text = record.read_text("utf-8").replace("own_romaniser:f", "uroman-0.1|lcode:yes")
    record.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (change_text, "is not the text of the recipe"),
        (cut_file, "ends before row"),
        (remove_file, "error: ell_Grek: no file ell_Grek.txt"),
        (change_romaniser, "identity gives another romanisation here"),
        (change_version, "the recipe was romanised by uroman-0.1|lcode:yes, here is uroman-"),
        (None, "error: the recipe was made from files:text@"),
    ],
)
def test_a_corpus_that_is_not_the_same_is_one_line(
    tmp_path, corpus, recipe, capsys, damage, message
):
    words = ["rebuild", str(recipe), "mediterranean", "--out", str(tmp_path / "again"), "--quiet"]
    words += OWN if damage in (change_text, cut_file) else []
    if damage:
        damage(corpus, recipe)
        words += ["--source", f"files:{corpus}"]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    assert message in error
    out = tmp_path / "again"
    assert not (out / "mediterranean").exists() and not (out / "README.md").exists()


def test_pairs_and_unknown_configs_are_told_apart(tmp_path, recipe, capsys):
    out = ["--out", str(tmp_path / "again"), "--source", "files:text"]
    assert main(["rebuild", str(tmp_path / "pairs"), "mediterranean", *out]) == 2
    assert "it holds the pairs themselves" in capsys.readouterr().err
    assert main(["rebuild", str(recipe), "sea", *out]) == 2
    assert "has no config 'sea'; it has mediterranean" in capsys.readouterr().err


def test_ready_pairs_of_a_mixed_file_and_the_embedded_source(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("text,transliteration\nሰላም,salam\nשלום,shlvm\nNA,\nครับ,khrap\n", "utf-8")
    build_pairs("mediterranean", f"files:{path}", tmp_path / "a", progress=False)
    build_pairs("sea", "cldr", tmp_path / "a", languages=["tha_Thai"], count=50, progress=False)
    for group, source in (("mediterranean", f"files:{path}"), ("sea", None)):
        write_recipe(tmp_path / "a", group, tmp_path / "recipe")
        rebuild(str(tmp_path / "recipe"), group, tmp_path / "b", source=source, progress=False)
        assert contents(tmp_path / "b" / group) == contents(tmp_path / "a" / group)
        assert len(contents(tmp_path / "b" / group)) == 4


def change(recipe, **fields):
    path = recipe / "mediterranean" / "build_record.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **fields}), "utf-8")


def refused(recipe, corpus, out, capsys, *more):
    words = ["rebuild", str(recipe), "mediterranean", "--out", str(out), "--quiet", *more]
    assert main([*words, "--source", f"files:{corpus}"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    return error


@pytest.mark.parametrize(
    "named",
    ["evil_module:f", "subprocess:check_output", "os:system", "uroman:x", "identity:f", "a.b.c:d"],
)
def test_no_recipe_starts_code(tmp_path, corpus, recipe, capsys, monkeypatch, named):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil_module.py").write_text("open('ran', 'w')\n" + ROMANISER)
    before = set(sys.modules)
    change(recipe, transliterator=named)
    error = refused(recipe, corpus, tmp_path / "again", capsys)
    assert f"if you have that code and trust it, add --transliterator {named}" in error
    # Only that very name opens the door, not another one.
    error = refused(recipe, corpus, tmp_path / "again", capsys, *OWN)
    assert "and not by 'own_romaniser:f'" in error
    assert not (tmp_path / "ran").exists() and "evil_module" not in set(sys.modules) - before


def test_a_romaniser_that_is_named_must_be_that_of_the_recipe(tmp_path, corpus, recipe, capsys):
    change(recipe, transliterator="identity")
    assert "legal is identity" in refused(recipe, corpus, tmp_path / "again", capsys, *OWN)


def test_an_informal_draw_is_ours(tmp_path, corpus):
    options = {"progress": False, "languages": ["ell_Grek"], "floor": 5, "fraction": 0.01}
    source, spec = f"files:{corpus}", "informal@3"
    build_pairs("mediterranean", source, tmp_path / "a", transliterator=spec, **options)
    write_recipe(tmp_path / "a", "mediterranean", tmp_path / "recipe")
    rebuild(
        str(tmp_path / "recipe"), "mediterranean", tmp_path / "b", source=source, progress=False
    )
    group = "mediterranean"
    assert contents(tmp_path / "b" / group) == contents(tmp_path / "a" / group)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"languages": [{"code": "mul_/../../../x", "kept": 1}]}, "is no language code"),
        ({"languages": [{"code": "ell_Grek"}]}, "kept: came None"),
        ({"languages": None}, "languages: came None"),
        ({"languages": [3]}, "each is an object"),
        ({"seed": -1}, "seed: came -1; legal: a whole number from 0"),
        ({"seed": True}, "seed: came True"),
        ({"filters": {"validation": 2, "validation_cap": 1}}, "validation: came 2"),
        (
            {"filters": {"validation": 0, "validation_cap": 1, "fold_forms": "no"}},
            "fold_forms: came 'no'; legal: true or false",
        ),
        ({"filters": []}, "filters: came []"),
        ({"source_options": {"exclude_ids": "/etc/passwd"}}, "source_options.'exclude_ids'"),
        ({"source_options": {"count": 10**9}}, "count: came 1000000000; legal: 1 to 10,000,000"),
        ({"digest": "0"}, "is no SHA-256"),
        ({"transliterator": ["x"]}, "transliterator: came ['x']"),
        ({"kind": "train"}, "is no record of a build"),
    ],
)
def test_a_record_from_elsewhere_is_checked(tmp_path, corpus, recipe, capsys, fields, told):
    change(recipe, **fields)
    out = tmp_path / "deep" / "er" / "out"
    before = sorted(tmp_path.iterdir())
    assert told in refused(recipe, corpus, out, capsys, *OWN)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("../evil@main", "'main' is no commit"),
        (f"../evil@{'0' * 40}", "'../evil' is no repository"),
        (f"/etc/x@{'0' * 40}", "'/etc/x' is no repository"),
        (f"https://x.example/a@{'0' * 40}", "is no repository"),
    ],
)
def test_a_record_names_no_place_but_a_commit_on_the_hub(tmp_path, recipe, capsys, source, told):
    change(recipe, source=source)
    words = ["rebuild", str(recipe), "mediterranean", "--out", str(tmp_path / "again"), *OWN]
    assert main(words) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("text", ["null", "[]", "3", "", "{", "[" * 100_000, '"' + "a" * 9])
def test_a_record_that_is_no_object_is_one_line(tmp_path, corpus, recipe, capsys, text):
    (recipe / "mediterranean" / "build_record.json").write_text(text)
    error = refused(recipe, corpus, tmp_path / "again", capsys)
    assert "build_record.json" in error and "build mediterranean again" in error


def test_columns_of_a_recipe_have_their_types(tmp_path, corpus, recipe, capsys):
    path = next((recipe / "mediterranean").glob("recipe-train-*"))
    table = pq.read_table(path)
    row = table.schema.names.index("row")
    broken = table.set_column(row, "row", pa.array([None] * table.num_rows, pa.int64()))
    pq.write_table(broken, path)
    error = refused(recipe, corpus, tmp_path / "again", capsys, *OWN)
    assert "column row is int64 with" in error


def test_a_pipe_in_place_of_the_rows_is_one_line(tmp_path, corpus, recipe, capsys):
    (path,) = (recipe / "mediterranean").glob("recipe-train-*.parquet")
    path.unlink()
    os.mkfifo(path)
    told = refused(recipe, corpus, tmp_path / "out", capsys, *OWN)
    assert f"{path.name}: is no regular file; remove it" in told
