"""What 0.1.0 wrote opens today: with this package, and with the untouched libraries.

`tests/fixtures/0.1.0` was written by the programs of commit 7c57c55: a base, a run of two steps
with its last checkpoint, the pairs that it learned from, and records of scores.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from corridor_examples import train, train_words
from translit_ppa.hub_cards.records.files import (
    BuildRecord,
    EvalRecord,
    ModelRecord,
    TaskRecord,
    TrainRecord,
    load_records,
)

OLD = Path(__file__).parents[1] / "fixtures" / "0.1.0"
TEXTS = ["Ελλάδα και Τουρκία", "Ellada kai Tourkia"]


@pytest.fixture
def old(tmp_path, monkeypatch):
    """A copy of the files in the folder where they lay when they were written."""
    shutil.copytree(OLD, tmp_path / "old")
    monkeypatch.chdir(tmp_path / "old")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")
    return tmp_path / "old"


def test_a_checkpoint_opens_with_stock_transformers(old):
    from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained("run")
    for stock in (AutoModel, AutoModelForMaskedLM):
        model, told = stock.from_pretrained(
            "run", trust_remote_code=False, output_loading_info=True
        )
        assert type(model).__module__.startswith("transformers.")
        assert all("pooler" in name for name in told["missing_keys"])
        with torch.inference_mode():
            found = model(**tokenizer(TEXTS, return_tensors="pt", padding=True))
        assert found[0].shape[0] == 2 and found[0].isfinite().all()


def test_a_checkpoint_opens_with_this_package(old):
    from translit_ppa.modeling import SentenceEncoder, load_for_alignment

    encoder = SentenceEncoder.from_pretrained("run")
    (record,) = load_records(old / "run" / "train_record.json")
    assert isinstance(record, TrainRecord) and record.steps == 2
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (2, 8)
    # Training goes on from the weights alone, too.
    model = load_for_alignment("run")
    assert model.config.alignment["objectives"] == record.alignment["objectives"]


def test_pairs_open_with_stock_datasets_and_this_package(old):
    from datasets import load_dataset

    from translit_ppa.pairs import open_pairs

    stock = load_dataset(str(old / "pairs"), "mediterranean")
    assert {split: len(rows) for split, rows in stock.items()} == {"train": 33, "validation": 3}
    assert {"text", "transliteration", "lang", "script"} <= set(stock["train"].column_names)
    ours = open_pairs("pairs", "mediterranean")
    assert ours["train"][:] == stock["train"][:]
    (record,) = load_records(old / "pairs", "build")
    assert isinstance(record, BuildRecord)
    assert {language.code for language in record.languages if language.kept} == {
        *("ell_Grek", "heb_Hebr", "tur_Latn")
    }


def test_records_parse_and_keep_their_keys(old):
    records = load_records(old / "records")
    kinds = {kind: [r for r in records if isinstance(r, kind)] for kind in (EvalRecord, TaskRecord)}
    assert [len(found) for found in kinds.values()] == [6, 2]
    assert sum(isinstance(record, ModelRecord) for record in records) == 1
    for found in kinds.values():
        keys = [record.key() for record in found]
        assert None not in keys and len(set(keys)) == len(found)


def test_what_was_measured_then_is_known_by_its_content_now(old):
    """Weights, tokenizer and benchmark are what the keys of scores are made of."""
    from transformers import AutoTokenizer

    from translit_ppa.data_builders import get_benchmark
    from translit_ppa.identity import model_digest, tokenizer_digest

    scores = load_records(old / "records", "eval")
    assert {record.model_digest for record in scores} == {model_digest("run")}
    tokenizer = tokenizer_digest(AutoTokenizer.from_pretrained("run"))
    assert {record.tokenizer for record in scores} == {tokenizer}
    assert {record.benchmark for record in scores} == {get_benchmark("parallel:names").signature()}


def test_a_run_goes_on_from_its_checkpoint(old):
    more = ["--max_length", "128", "--save_strategy", "steps", "--save_steps", "1"]
    more += ["--save_total_limit", "1", "--max_steps", "3", "--resume_from_checkpoint", "last"]
    assert train(train_words("base", "pairs", "run", *more)) == 0
    (record,) = load_records(old / "run" / "train_record.json")
    assert record.steps == 3
    losses = [entry["step"] for entry in record.history if "loss" in entry]
    assert losses == [1, 2, 3]
