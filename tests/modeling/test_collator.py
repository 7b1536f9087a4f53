"""The collator: golden masks, shares, the joint view, and independence from batching."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from translit_ppa.modeling.aligned.alignment_config import AlignmentError
from translit_ppa.modeling.aligned.objectives import VIEW_PREFIXES
from translit_ppa.modeling.training.counted_random import STEP, below, mix, unit
from translit_ppa.modeling.training.data_collator import PairCollator, _fit


def collate(tokenizer, rows, **options):
    return PairCollator(tokenizer, **options)([rows[i] for i in range(len(rows))])


MASK64 = (1 << 64) - 1


def scalar_mix(x: int) -> int:
    """SplitMix64's finaliser, one number at a time."""
    x = (x + 0x9E3779B97F4A7C15) & MASK64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK64
    return x ^ (x >> 31)


def scalar_uniform(key: int, position: int) -> float:
    return (scalar_mix((key + position * 0x9E3779B97F4A7C15) & MASK64) >> 11) / 2**53


def scalar_masks(content, seed, draw, view, probability, mask_id, replacements):
    """What the collator should do to one framed row: corrupted ids and labels."""
    key = scalar_mix(scalar_mix(scalar_mix(seed) ^ draw) ^ view)
    ids, labels = [0], [-100]
    for position, piece in enumerate(content, start=1):
        chance, action, choice = (scalar_uniform(key, 1 + 3 * position + c) for c in range(3))
        label, out = (piece, piece) if chance < probability else (-100, piece)
        if label != -100 and action < 0.8:
            out = mask_id
        elif label != -100 and action < 0.9:
            out = replacements[int(choice * len(replacements))]
        ids.append(out)
        labels.append(label)
    return [*ids, 2], [*labels, -100]


def test_golden_batch_from_scalar_code(tokenizer):
    pieces = [n % (len(tokenizer) - 5) + 4 for n in range(0, 400, 3)]
    row = {
        "input_ids": [0, *pieces, 2],
        "transliteration_input_ids": [0, *pieces[::-1], 2],
        "group": 1,
        "transliteration_group": 2,
        "draw": 7,
    }
    collator = PairCollator(tokenizer, objectives=("mlm",), seed=42, pad_to_multiple_of=None)
    batch = collator([row])
    replacements = [i for i in range(len(tokenizer)) if i not in set(tokenizer.all_special_ids)]
    for view, prefix in enumerate(["", "transliteration_"]):
        content = row[f"{prefix}input_ids"][1:-1]
        ids, labels = scalar_masks(
            content, 42, 7, view, 0.15, tokenizer.mask_token_id, replacements
        )
        assert batch[f"{prefix}input_ids"].tolist() == [ids]
        assert batch[f"{prefix}labels"].tolist() == [labels]
    assert batch["labels"][0].ne(-100).sum().item() == 19


def test_uniform_equals_scalar_splitmix():
    keys = np.array([0, 1, 2**63 + 5], dtype=np.uint64)
    expected = [[scalar_uniform(int(key), j) for j in range(6)] for key in keys]
    counters = keys[:, None] + np.arange(6, dtype=np.uint64) * STEP
    assert unit(mix(counters)).tolist() == expected


@pytest.mark.parametrize("share", [0.01, 0.15, 0.5, 0.8, 0.9, 1.0])
def test_a_share_of_all_bits_is_below(share):
    limit = below(share)
    bits = np.array([int(limit), min(int(limit) + 1, 2**64 - 1)], dtype=np.uint64)
    assert (unit(bits) < share).tolist() == [True, share == 1]


def test_masking_shares(tokenizer):
    length, count = 64, 2000
    content = list(range(4, 4 + length - 2))
    vocabulary = len(tokenizer)
    rows = [
        {
            "input_ids": [0, *[c % (vocabulary - 5) + 4 for c in content], 2],
            "transliteration_input_ids": [0, 4, 2],
            "group": i,
            "transliteration_group": -i,
            "draw": i,
        }
        for i in range(count)
    ]
    original = torch.tensor([row["input_ids"] for row in rows])
    batch = PairCollator(tokenizer, objectives=("mlm",))(rows)
    selected = batch["labels"] != -100
    total = count * (length - 2)
    assert selected.sum().item() / total == pytest.approx(0.15, abs=0.005)
    assert torch.equal(batch["labels"][selected], original[selected])
    masked = (batch["input_ids"] == tokenizer.mask_token_id) & selected
    kept = (batch["input_ids"] == original) & selected
    assert masked.sum().item() / selected.sum().item() == pytest.approx(0.8, abs=0.01)
    # One replacement in `vocabulary - specials` is the original piece itself.
    assert kept.sum().item() / selected.sum().item() == pytest.approx(0.1, abs=0.01)
    assert torch.equal(batch["input_ids"][~selected], original[~selected])
    replaced = selected & ~masked & ~kept
    special = torch.tensor(tokenizer.all_special_ids)
    assert not torch.isin(batch["input_ids"][replaced], special).any()
    assert not selected[:, 0].any() and not selected[:, -1].any()


def test_paper_compat_replaces_with_special_ids(tokenizer):
    rows = [
        {
            "input_ids": [0, *[5] * 200, 2],
            "transliteration_input_ids": [0, 5, 2],
            "group": 0,
            "transliteration_group": 0,
            "draw": i,
        }
        for i in range(300)
    ]
    batch = PairCollator(tokenizer, objectives=("mlm",), replace_with_special=True)(rows)
    inside = batch["input_ids"][:, 1:201]
    assert (inside == tokenizer.bos_token_id).any()


def test_masks_do_not_depend_on_the_batch(tokenizer, rows):
    collator = PairCollator(tokenizer)
    together = collator([rows[i] for i in range(8)])
    for index in range(8):
        alone = collator([rows[index]])
        for prefix in VIEW_PREFIXES.values():
            width = alone[f"{prefix}labels"].shape[1]
            assert torch.equal(
                together[f"{prefix}labels"][index, :width], alone[f"{prefix}labels"][0]
            )
            assert torch.equal(
                together[f"{prefix}input_ids"][index, :width], alone[f"{prefix}input_ids"][0]
            )


def test_another_epoch_and_another_seed_draw_other_masks(tokenizer, rows):
    first = collate(tokenizer, rows)["joint_labels"]
    assert torch.equal(collate(tokenizer, rows)["joint_labels"], first)
    assert not torch.equal(collate(tokenizer, rows, seed=43)["joint_labels"], first)
    rows.set_epoch(1)
    assert not torch.equal(collate(tokenizer, rows)["joint_labels"], first)


def test_at_least_one_mask_in_every_non_empty_sequence(tokenizer):
    def row(content, draw):
        return {
            "input_ids": [0, *content, 2],
            "transliteration_input_ids": [0, *content, 2],
            "group": 0,
            "transliteration_group": 0,
            "draw": draw,
        }

    rows = [row([7], i) for i in range(200)] + [row([], 999)]
    batch = PairCollator(tokenizer)(rows)
    assert (batch["labels"][:200] != -100).sum(dim=1).tolist() == [1] * 200
    assert (batch["labels"][200] != -100).sum().item() == 0
    compat = PairCollator(tokenizer, mask_at_least_one=False)(rows)
    assert (compat["labels"] != -100).sum().item() < 80


def unmasked(batch):
    labels, ids = batch["joint_labels"], batch["joint_input_ids"]
    restored = torch.where(labels == -100, ids, labels)
    return [
        row[mask.bool()].tolist()
        for row, mask in zip(restored, batch["joint_attention_mask"], strict=True)
    ]


def test_joint_view_is_a_sep_b_in_both_orders(tokenizer, rows):
    joint = unmasked(collate(tokenizer, rows))
    orders = set()
    for row, ids in zip([rows[i] for i in range(8)], joint, strict=True):
        a, b = row["input_ids"][1:-1], row["transliteration_input_ids"][1:-1]
        forms = {"original": [0, *a, 2, *b, 2], "latin": [0, *b, 2, *a, 2]}
        matching = [name for name, form in forms.items() if form == ids]
        assert matching, ids
        orders.update(matching)
    assert orders == {"original", "latin"}


def test_over_long_joint_view_keeps_both_sides_and_the_last_separator(tokenizer):
    row = {
        "input_ids": [0, *[5] * 510, 2],
        "transliteration_input_ids": [0, *[6] * 300, 2],
        "group": 0,
        "transliteration_group": 1,
        "draw": 0,
    }
    ids = unmasked(PairCollator(tokenizer)([row]))[0]
    assert len(ids) == 512 and ids[0] == 0 and ids[-1] == 2 and ids.count(2) == 2
    assert sorted((ids.count(5), ids.count(6))) == [254, 255]
    row["transliteration_input_ids"] = [0, *[6] * 9, 2]
    ids = unmasked(PairCollator(tokenizer)([row]))[0]
    assert (ids.count(5), ids.count(6), ids[-1]) == (500, 9, 2)
    cut = unmasked(PairCollator(tokenizer, keep_separator=False)([row]))[0]
    assert len(cut) == 512 and cut.count(2) == 1


@pytest.mark.parametrize(
    ("a", "b", "kept"), [(3, 4, (3, 4)), (20, 2, (8, 2)), (2, 20, (2, 8)), (20, 20, (5, 5))]
)
def test_fit_shares_the_budget(a, b, kept):
    left, right = _fit(np.array([a]), np.array([b]), 10)
    assert (left.tolist(), right.tolist()) == ([kept[0]], [kept[1]])


def test_views_follow_objectives(tokenizer, rows):
    batch = collate(tokenizer, rows, objectives=("tlm",))
    assert set(batch) == {
        f"joint_{name}" for name in ("input_ids", "attention_mask", "special_tokens_mask", "labels")
    }
    assert not any(key.startswith("joint") for key in collate(tokenizer, rows, objectives=("seq",)))


def test_wrong_probability_is_refused(tokenizer):
    with pytest.raises(AlignmentError, match="mlm_probability is 0"):
        PairCollator(tokenizer, mlm_probability=0)


def test_a_tokenizer_needs_a_mask_but_no_padding(tokenizer):
    lacking = copy.deepcopy(tokenizer)
    lacking.pad_token = None
    assert PairCollator(lacking).tokenizer is lacking
    lacking.mask_token = None
    with pytest.raises(AlignmentError, match=r"the tokenizer has no mask token: .* needs? one"):
        PairCollator(lacking)
