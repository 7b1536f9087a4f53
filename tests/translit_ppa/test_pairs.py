"""`build_pairs` and its neighbours: every kind of source, what comes back, one family of errors."""

from __future__ import annotations

import csv

import pytest

import translit_ppa
from translit_ppa import Pairs, TranslitError, build_pairs, check_text, open_pairs, rebuild_pairs
from translit_ppa.data_builders.errors import DataError
from translit_ppa.pairs import _require_inside

GREEK = [f"Ελλάδα {i}" for i in range(30)]
QUIET = {"transliterator": "identity", "show_progress": False, "validation": 0.1}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


@pytest.fixture
def text(tmp_path):
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / "ell_Grek.txt").write_text("\n".join(GREEK) + "\n", encoding="utf-8")
    return folder


def rows_of(pairs):
    return sorted(text for split in pairs.dataset.values() for text in split["text"])


def test_pairs_hold_rows_report_and_folder(tmp_path, text):
    pairs = build_pairs(text, out=tmp_path / "out", **QUIET)
    assert (pairs.folder, pairs.config) == (tmp_path / "out", "mediterranean")
    assert {split: rows.num_rows for split, rows in pairs.dataset.items()} == {
        "train": 27,
        "validation": 3,
    }
    assert pairs["train"].column_names[:2] == ["text", "transliteration"]
    assert pairs.report.splits == {"train": 27, "validation": 3}
    (greek,) = pairs.report.languages
    assert (greek.code, greek.kept, greek.identity_rate) == ("ell_Grek", 30, 1.0)
    assert repr(pairs) == (
        f"Pairs({str(tmp_path / 'out')!r}, 'mediterranean': 1 languages, 27 train, "
        "3 validation pairs)"
    )


def test_a_path_a_name_and_sentences_give_the_same_rows(tmp_path, text):
    one = build_pairs(text, out=tmp_path / "a", **QUIET)
    two = build_pairs(f"files:{text}", out=tmp_path / "b", **QUIET)
    three = build_pairs(str(text / "ell_Grek.txt"), out=tmp_path / "c", **QUIET)
    four = build_pairs(iter(GREEK), language="el", out=tmp_path / "d", **QUIET)
    assert len(rows_of(one)) == 30
    assert {one.report.digest} == {pairs.report.digest for pairs in (two, three, four)}


def test_sentences_keep_their_number_whatever_they_hold(tmp_path):
    odd = ["ένα\nδύο", "", "  τρία\u2028τέσσερα ", "\ud800", "ΝΑ"]
    pairs = build_pairs(odd, language="ell_Grek", out=tmp_path / "out", **QUIET)
    assert rows_of(pairs) == sorted(["ένα δύο", "τρία τέσσερα", "ΝΑ"])
    (greek,) = pairs.report.languages
    assert (greek.available, greek.dropped) == (5, {"empty": 1, "invalid_unicode": 1})


def test_a_build_of_sentences_goes_on_where_it_was(tmp_path, monkeypatch):
    """The same sentences make the same file, so that finished shards stay."""
    calls = []
    from translit_ppa.data_builders.build import shards

    write = shards.write_shard

    def counting(*args, **options):
        calls.append(args)
        return write(*args, **options)

    monkeypatch.setattr("translit_ppa.data_builders.build.shard_writer.write_shard", counting)
    options = {**QUIET, "language": "ell_Grek", "out": tmp_path / "out", "shard_rows": 10}
    first = build_pairs((text for text in GREEK), **options)
    assert len(calls) == 3
    again = build_pairs((text for text in GREEK), **options)
    assert len(calls) == 3 and again.report.digest == first.report.digest
    other = build_pairs([*GREEK[:-1], "άλλο"], **options)
    assert len(calls) > 3 and "άλλο" in rows_of(other)


def test_pairs_of_a_folder_are_opened_by_group(tmp_path, text):
    build_pairs(text, out=tmp_path / "out", **QUIET)
    pairs = open_pairs(tmp_path / "out", "mediterranean")
    assert len(rows_of(pairs)) == 30 and pairs.report.kind == "build"
    with pytest.raises(TranslitError, match="needed is a split 'test' with columns"):
        open_pairs(tmp_path / "out", split="test")
    with pytest.raises(TranslitError, match="sea"):
        open_pairs(tmp_path / "out", "sea")


def test_pairs_of_another_program_have_no_report(tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    with (folder / "train.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "transliteration"), ("ναι", "nai")])
    pairs = open_pairs(folder, "default")
    assert pairs.report is None
    assert repr(pairs) == f"Pairs({str(folder)!r}, 'default')"


def test_a_recipe_gives_the_same_pairs(tmp_path, text):
    from translit_ppa.data_builders.dataset.recipe import write_recipe

    first = build_pairs(text, out=tmp_path / "out", **QUIET)
    write_recipe(tmp_path / "out", "mediterranean", tmp_path / "recipe")
    again = rebuild_pairs(
        tmp_path / "recipe", "mediterranean", tmp_path / "again", source=text, show_progress=False
    )
    assert again.folder == tmp_path / "again" and again.report.digest == first.report.digest
    assert rows_of(again) == rows_of(first)


def test_check_text_tells_of_each_file(text):
    (report,) = check_text(text, examples=1)
    assert (report.language, report.stats.sentences) == ("ell_Grek", 30)
    assert report.examples == [("Ελλάδα 0", "Ellada 0")]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda out: build_pairs("web", out=out), "unknown source 'web'; legal are cldr, hub"),
        (lambda out: build_pairs("no/such/folder", out=out), "unknown source 'no/such/folder'"),
        (
            lambda out: build_pairs("cldr", language="ell", out=out),
            "is for sentences",
        ),
        (lambda out: build_pairs(["ναι"], out=out), "sentences need their language; legal is"),
        (lambda out: build_pairs(["да"], language="rus_Cyrl", out=out), "rus_Cyrl is no language"),
        (lambda out: build_pairs([7], language="ell_Grek", out=out), "sentence 0 is int; legal"),
        (lambda out: build_pairs(group="europe", out=out), "unknown group 'europe'; legal are"),
        (lambda out: build_pairs(validation=1.0, out=out), "legal is a share from 0 to below 1"),
        (lambda out: build_pairs(min_chars=0, out=out), "legal is 1 <= min_chars <= max_chars"),
        (lambda out: rebuild_pairs("no/such", "sea", out), "no/such is no folder"),
        (lambda out: check_text("no/such"), "no file or folder no/such; legal is a text file"),
    ],
)
def test_a_mistake_is_one_line_of_one_family(tmp_path, call, message):
    with pytest.raises(TranslitError, match=message) as caught:
        call(tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("*.parquet"))


def test_the_names_are_those_of_the_package():
    assert translit_ppa.Pairs is type(translit_ppa.Pairs("x", "sea"))


@pytest.mark.parametrize("place", ["absolute", "above"])
def test_a_card_names_no_file_outside(tmp_path, place):
    secret = tmp_path / "secret.txt"
    secret.write_text("of nobody else\n")
    folder = tmp_path / "pairs"
    folder.mkdir()
    path = {"absolute": str(secret), "above": "../secret.txt"}[place]
    card = f"configs:\n- config_name: mine\n  data_files:\n  - split: train\n    path: {path}\n"
    (folder / "README.md").write_text(f"---\n{card}---\n")
    with pytest.raises(TranslitError, match="which is outside of it"):
        Pairs(folder, "mine").dataset  # noqa: B018


@pytest.mark.parametrize(
    "file",
    [
        "hf://datasets/org/other@0a/train.parquet",
        "hf://datasets/org/pairs-of-others@0a/train.parquet",
        "hf://datasets/org/pairs@0a/../other/train.parquet",
        "hf://buckets/org/pairs@0a/train.parquet",
        "https://example.org/train.parquet",
        "file:///etc/hostname",
        "/etc/hostname",
        "train.parquet",
    ],
)
def test_a_card_on_the_hub_names_no_file_outside(file):
    own = "hf://datasets/org/pairs@0a/mediterranean/train.parquet"
    _require_inside({"train": [own]}, "org/pairs")
    with pytest.raises(DataError, match="which is outside of it"):
        _require_inside({"train": [own], "validation": [own, file]}, "org/pairs")


@pytest.mark.parametrize(
    "card",
    [
        *("a: [", "- a", "a: " + "[" * 100_000, "a: !!python/object:os.x {}"),
        *("configs: [3]", "configs: [{config_name: [a]}]", "dataset_info: [3]"),
        *("dataset_info: {features: 3}", "configs: [{config_name: mine, data_files: b.parquet}]"),
    ],
)
def test_a_card_that_is_none_is_one_line(tmp_path, card):
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "README.md").write_text(f"---\n{card}\n---\n")
    with pytest.raises(TranslitError) as caught:
        Pairs(tmp_path, "mine").dataset  # noqa: B018
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("README.md", b"---\nconfigs: \x1b[2J\n---\n"),
        ("mediterranean/translit-train-00000-of-00001.parquet", b"PAR1 cut off"),
    ],
)
def test_damaged_pairs_are_one_line(tmp_path, text, file, content):
    build_pairs(text, out=tmp_path / "out", **QUIET)
    (tmp_path / "out" / file).write_bytes(content)
    with pytest.raises(TranslitError, match="cannot be opened as pairs") as caught:
        open_pairs(tmp_path / "out")
    assert "\n" not in str(caught.value)
