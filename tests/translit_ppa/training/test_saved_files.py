"""What is saved of a tokenizer is what it was before the training, in each form of a checkpoint."""

from __future__ import annotations

import json
import shutil

import pytest
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoTokenizer

from corridor_examples import train, train_words, write_pairs
from translit_ppa import interpolate, restore_vocabulary
from translit_ppa.hub_cards.cards.model_story import without_paths
from translit_ppa.hub_cards.records.files import load_records
from translit_ppa.modeling.checkpoints.saving import forget_use
from translit_ppa.modeling.checkpoints.sentence_twin import export_sentence_twin
from translit_ppa.publish import model as publish_model

LONG = "one two three " * 60
SHORT = ("--max-length", "8", "--max-steps", "2")
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
OF_USE = {"max_length", "stride", "truncation_strategy", "is_local", "local_files_only"}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return write_pairs(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


@pytest.fixture
def run(tiny_base, pairs, tmp_path):
    words = train_words(tiny_base, pairs, tmp_path / "run", *SHORT)
    assert train([*words, "--save-strategy", "steps", "--save-steps", "1"]) == 0
    return tmp_path / "run"


def unused(folder, whole: int) -> None:
    """See that a folder's tokenizer cuts and fills nothing, in plain `tokenizers` and otherwise."""
    state, settings = (json.loads((folder / name).read_text("utf-8")) for name in TOKENIZER)
    assert state["truncation"] is None and state["padding"] is None
    assert not OF_USE & set(settings)
    assert len(Tokenizer.from_file(str(folder / "tokenizer.json")).encode(LONG).ids) == whole
    assert len(AutoTokenizer.from_pretrained(folder)(LONG)["input_ids"]) == whole


def polluted(folder) -> None:
    """Make a tokenizer what an older version saved after a training on 8 tokens."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer(["one two three"], truncation=True, max_length=8, padding="max_length")
    tokenizer.save_pretrained(folder)
    AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
    assert json.loads((folder / "tokenizer.json").read_text("utf-8"))["truncation"]
    assert set(json.loads((folder / "tokenizer_config.json").read_text("utf-8"))) >= OF_USE


def test_a_training_leaves_nothing_in_what_it_saves(run, tiny_base):
    whole = len(AutoTokenizer.from_pretrained(tiny_base)(LONG)["input_ids"])
    assert whole > 100
    for folder in (run, run / "checkpoint-1"):
        unused(folder, whole)
        for name in TOKENIZER:
            assert json.loads((folder / name).read_text()) == json.loads(
                (tiny_base / name).read_text()
            )
        assert AutoConfig.from_pretrained(folder).use_cache
        for file in folder.glob("*.json"):
            if file.name != "train_record.json":  # which stays here; a published one has no paths
                assert str(tiny_base) not in file.read_text("utf-8")


def test_equal_runs_save_equal_bytes(run, tiny_base, pairs, tmp_path):
    """The second takes its tokens from the cache, where the first has cut them itself."""
    assert train(train_words(tiny_base, pairs, tmp_path / "again", *SHORT)) == 0
    for folder in (run, tmp_path / "again"):
        export_sentence_twin(folder, tmp_path / f"{folder.name}-twin")
    for one, other in ((run, tmp_path / "again"), (tmp_path / "run-twin", tmp_path / "again-twin")):
        names = [path.relative_to(other) for path in other.rglob("*") if path.is_file()]
        assert len(names) >= 5
        for name in names:
            if name.name != "train_record.json":
                assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_the_twin_cuts_at_what_its_model_holds(run, tiny_base, tmp_path):
    sentence_transformers = pytest.importorskip("sentence_transformers")
    polluted(run)
    export_sentence_twin(run, tmp_path / "twin", max_length=100)
    whole = len(AutoTokenizer.from_pretrained(tiny_base)(LONG)["input_ids"])
    unused(tmp_path / "twin", whole)
    told = json.loads((tmp_path / "twin" / "sentence_bert_config.json").read_text())
    encoder = sentence_transformers.SentenceTransformer(str(tmp_path / "twin"), device="cpu")
    assert told["max_seq_length"] == encoder.max_seq_length == 100
    assert encoder.tokenize([LONG])["input_ids"].shape == (1, 100)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "twin")
    assert len(tokenizer(LONG, truncation=True)["input_ids"]) == 100


def test_other_forms_of_a_checkpoint_cut_nothing_either(tiny_base, pairs, tmp_path):
    whole = len(AutoTokenizer.from_pretrained(tiny_base)(LONG)["input_ids"])
    polluted(tiny_base)
    words = train_words(tiny_base, pairs, tmp_path / "small", *SHORT, "--trim-vocabulary", "true")
    assert train(words) == 0
    small = AutoTokenizer.from_pretrained(tmp_path / "small")
    unused(tmp_path / "small", len(small(LONG)["input_ids"]))
    restore_vocabulary(tmp_path / "small", str(tiny_base), tmp_path / "large")
    unused(tmp_path / "large", whole)
    polluted(tmp_path / "large")
    interpolate(tiny_base, tmp_path / "large", 0.5, tmp_path / "between")
    unused(tmp_path / "between", whole)


def test_an_older_checkpoint_is_published_without_it(run, tiny_base, tmp_path):
    polluted(run)
    before = (run / "tokenizer.json").read_bytes()
    publish_model(
        run, "org/aligned", license="mit", examples=False, dry_run=True, stage=tmp_path / "stage"
    )
    unused(tmp_path / "stage", len(AutoTokenizer.from_pretrained(tiny_base)(LONG)["input_ids"]))
    assert (run / "tokenizer.json").read_bytes() == before  # the stage holds links


def test_an_author_s_own_choices_stay(tmp_path, tiny_base):
    shutil.copytree(tiny_base, tmp_path / "left")
    file = tmp_path / "left" / "tokenizer_config.json"
    settings = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(settings | {"truncation_side": "left", "model_max_length": 77}))
    forget_use(tmp_path / "left")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "left")
    assert (tokenizer.truncation_side, tokenizer.model_max_length) == ("left", 77)


def test_a_published_record_names_no_folder_of_this_machine(run, pairs, tiny_base, tmp_path):
    words = ["--base", str(tiny_base), "--pairs", str(pairs), str(pairs), "--output-dir"]
    both = [*words, str(tmp_path / "both"), *train_words(tiny_base, pairs, run)[6:], *SHORT]
    assert train(both) == 0
    (record,) = load_records(tmp_path / "both" / "train_record.json")
    assert record.arguments["pairs"][0]["name"] == str(pairs)
    public = without_paths(record)
    assert public.data.name == "pairs + pairs" and public.base == "base"
    assert [one["name"] for one in public.arguments["pairs"]] == ["pairs", "pairs"]
    assert str(pairs.parent) not in json.dumps(public.to_dict(), default=str)
