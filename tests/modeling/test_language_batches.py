"""Batches of one language: every row once, deterministic, replay spread evenly."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from datasets import Dataset

from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.training.anchored.language_batches import (
    LanguageBatches,
    language_numbers,
)
from translit_ppa.modeling.training.pair_dataset import PairDataset


def dataset(*counts, equal=0):
    numbers = np.repeat([*range(len(counts)), -1], [*counts, equal]).astype(np.int32)
    rows = Dataset.from_dict({"input_ids": numbers.tolist()})
    return PairDataset(rows, np.random.default_rng(0).permutation(numbers))


def batches(rows, size=8, share=0.9, seed=42):
    order = list(LanguageBatches(rows, size, share, seed))
    return [order[i : i + size] for i in range(0, len(order), size)]


def of_one_language(rows, found):
    spoken = [set(rows.languages[batch].tolist()) - {-1} for batch in found]
    return sum(len(languages) == 1 for languages in spoken)


def test_every_row_once_and_most_batches_of_one_language():
    rows = dataset(200, 90, 310, 3, equal=100)
    found = batches(rows)
    assert sorted(chain(*found)) == list(range(len(rows)))
    assert [len(batch) for batch in found[:-1]] == [8] * (len(found) - 1)
    assert of_one_language(rows, found) >= 0.85 * len(found)
    replay = [(rows.languages[batch] < 0).sum() for batch in found[:-1]]
    assert min(replay) >= 1 or np.mean(np.array(replay) >= 1) > 0.9, "spread over the batches"
    assert max(replay) <= 6
    assert of_one_language(rows, batches(rows, share=0.2)) < 0.4 * len(found)


def test_order_follows_from_seed_and_epoch():
    rows = dataset(50, 50, equal=7)
    first = batches(rows)
    assert first == batches(rows)
    assert first != batches(rows, seed=43)
    rows.set_epoch(1)
    assert first != batches(rows)
    rows.set_epoch(0)
    assert first == batches(rows)


@pytest.mark.parametrize("counts", [(1,), (7, 1), (8,), (0, 5)])
@pytest.mark.parametrize("equal", [0, 1, 40])
def test_few_rows(counts, equal):
    rows = dataset(*counts, equal=equal)
    assert sorted(chain(*batches(rows))) == list(range(len(rows)))
    assert sorted(chain(*batches(rows, size=1))) == list(range(len(rows)))


def test_languages_are_numbered_and_equal_sides_have_none():
    text = Dataset.from_dict(
        {
            "text": ["α", "b", "γ", "д", "α"],
            "transliteration": ["a", "b", "g", "d", "a"],
            "lang": ["ell", "eng", "ell", "rus", "ell"],
        }
    )
    assert language_numbers(text, "text", "transliteration").tolist() == [0, -1, 0, 1, 0]
    some = text.select([3, 1, 0])
    assert language_numbers(some, "text", "transliteration").tolist() == [1, -1, 0]
    with pytest.raises(AlignmentError, match="no column lang"):
        language_numbers(text.remove_columns("lang"), "text", "transliteration")


def test_share_is_checked():
    with pytest.raises(AlignmentError, match="language_batches is 2"):
        LanguageBatches(dataset(3), 2, 2.0, 0)
    with pytest.raises(AlignmentError, match="languages are known"):
        LanguageBatches(PairDataset(Dataset.from_dict({"input_ids": [1]})), 2, 0.5, 0)
