"""Tokens on disk: what goes in comes out, in two or three bytes, in any process and selection."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from datasets import Dataset
from torch.utils.data import DataLoader

from translit_ppa.modeling.training.data_collator import PairCollator
from translit_ppa.modeling.training.pair_dataset import PairBatch, PairDataset
from translit_ppa.modeling.training.token_table import (
    SIDES,
    piece_ids,
    renumber,
    token_features,
    tokenize_pairs,
)

TEXTS = {"text": [f"one {'two ' * (i % 5)}" for i in range(25)], "transliteration": ["two"] * 25}
BIG = 70_000


@pytest.fixture
def table(tmp_path, tokenizer):
    """A memory-mapped table of several chunks."""
    return Dataset.from_dict(TEXTS).map(
        tokenize_pairs,
        batched=True,
        batch_size=7,
        writer_batch_size=7,
        remove_columns=list(TEXTS),
        features=token_features(len(tokenizer)),
        cache_file_name=str(tmp_path / "tokens.arrow"),
        fn_kwargs={"tokenizer": tokenizer},
    )


@pytest.fixture
def expected(tokenizer):
    """What the tokenizer says of every row and side."""
    return [
        [tokenizer(text)["input_ids"] for text in pair]
        for pair in zip(*TEXTS.values(), strict=True)
    ]


def moved(table, by, pieces):
    """The same tokens under numbers that are higher by so many."""
    return table.with_format("arrow").map(
        renumber,
        batched=True,
        features=token_features(pieces),
        fn_kwargs={"kept": range(-by, pieces - by)},
    )


def rows_of(table):
    return [[row[side].tolist() for side in SIDES] for row in PairDataset(table)]


def test_rows_of_a_table_are_what_the_tokenizer_says(table, expected, tokenizer):
    assert len(table.data.column("input_ids").chunks) > 1
    assert rows_of(table) == expected
    assert piece_ids(table) == {i for pair in expected for side in pair for i in side}


def test_ids_above_16_bits_come_back(table, expected):
    wide = moved(table, BIG, BIG + 500)
    assert rows_of(wide) == [[[i + BIG for i in side] for side in pair] for pair in expected]
    assert piece_ids(wide) == {i + BIG for i in piece_ids(table)}
    back = moved(wide, -BIG, 500)
    assert rows_of(back) == expected


@pytest.mark.parametrize(("pieces", "width"), [(1 << 16, 2), ((1 << 16) + 1, 3), (401_145, 3)])
def test_a_token_takes_two_or_three_bytes(table, expected, pieces, width):
    stored = moved(table, 0, pieces)
    chunks = [c for side in SIDES for c in stored.data.column(side).chunks]
    tokens = sum(len(side) for pair in expected for side in pair)
    assert sum(chunk.values.nbytes for chunk in chunks) == width * tokens


def test_a_table_for_another_vocabulary_is_another_cache(table):
    one, other = moved(table, 0, 1 << 16), moved(table, 0, (1 << 16) + 1)
    assert one._fingerprint != other._fingerprint


def test_a_selection_serves_its_own_rows(table, expected):
    for chosen in ([5, 2, 24], range(3, 12), [7] * 3):
        assert rows_of(table.select(chosen)) == [expected[i] for i in chosen]
    shuffled = table.shuffle(seed=1)
    assert sorted(rows_of(shuffled)) == sorted(expected) != rows_of(shuffled)


def test_a_batch_collates_as_its_rows(table, tokenizer):
    dataset, collate = PairDataset(table), PairCollator(tokenizer)
    dataset.set_epoch(3)
    batch = dataset.__getitems__([20, 3, 8])
    assert batch.draws.tolist() == [95, 78, 83]
    fast, slow = collate(batch), collate([dataset[i] for i in (20, 3, 8)])
    assert fast.keys() == slow.keys()
    assert all(torch.equal(fast[name], slow[name]) for name in slow)
    assert [row["draw"] for row in batch[1:]] == [78, 83] and batch[-1]["draw"] == 83


def test_rows_that_are_not_there_are_refused(table):
    for rows in ([25], [-1], [0, 25]):
        with pytest.raises(IndexError, match="of 25"):
            PairDataset(table).__getitems__(rows)


def test_a_worker_gives_the_batches_of_one_process(table, tokenizer):
    dataset = PairDataset(table)
    dataset[0]
    copy = pickle.loads(pickle.dumps(dataset))
    assert copy[24]["input_ids"].tolist() == dataset[24]["input_ids"].tolist()
    options = {"batch_size": 8, "collate_fn": PairCollator(tokenizer)}
    alone = list(DataLoader(dataset, **options))
    helped = list(DataLoader(copy, num_workers=1, **options))
    for one, other in zip(alone, helped, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_groups_are_equal_exactly_where_the_tokens_are(tokenizer):
    generator = np.random.default_rng(0)
    sides = [generator.integers(4, 8, generator.integers(1, 4)).tolist() for _ in range(400)]
    rows = [
        {"input_ids": [0, *a, 2], "transliteration_input_ids": [0, *b, 2], "draw": 0}
        for a, b in zip(sides[:200], sides[200:], strict=True)
    ]
    batch = PairCollator(tokenizer)(rows)
    groups = [*batch["group"].tolist(), *batch["transliteration_group"].tolist()]
    number = dict(zip(map(tuple, sides), groups, strict=True))
    assert [number[tuple(side)] for side in sides] == groups
    assert len(set(groups)) == len(number) < len(sides)
    # The same in another batch, beside a longer row.
    longer = {**rows[0], "input_ids": [0, *[5] * 300, 2]}
    again = PairCollator(tokenizer)(PairBatch.of([longer, rows[0]]))
    assert again["group"][1] == batch["group"][0] != again["group"][0]
