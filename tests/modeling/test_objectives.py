"""The objectives against hand-written formulas, and the config's checks."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from translit_ppa.modeling.aligned.alignment_config import AlignmentConfig, AlignmentError
from translit_ppa.modeling.aligned.objectives import info_nce, sequence_contrast
from translit_ppa.modeling.aligned.pooling import pool_packed, pooling_mask


def reference_info_nce(z: torch.Tensor, temperature: float) -> torch.Tensor:
    """The paper's equation 1, written out; rows interleaved as o1, l1, o2, l2, ..."""
    n = len(z) // 2
    z = torch.stack([z[:n], z[n:]], dim=1).reshape(2 * n, -1)
    similarity = z @ z.T / temperature
    similarity.fill_diagonal_(-math.inf)
    return F.cross_entropy(similarity, torch.arange(2 * n) ^ 1)


@pytest.mark.parametrize("temperature", [1.0, 0.05])
def test_info_nce_equals_the_papers_formula(temperature):
    torch.manual_seed(0)
    z = torch.randn(12, 5)
    config = AlignmentConfig(temperature=temperature)
    assert info_nce(z, None, config).item() == pytest.approx(
        reference_info_nce(z, temperature).item(), rel=1e-6
    )
    cosine = AlignmentConfig(temperature=temperature, similarity="cosine")
    assert info_nce(z, None, cosine).item() == pytest.approx(
        reference_info_nce(F.normalize(z, dim=-1), temperature).item(), rel=1e-6
    )


def test_info_nce_by_hand():
    z = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [0.0, 1.0]])
    # Anchor o1: positive l1 = 1, negatives o2 = 0 and l2 = 0; the others likewise.
    e = math.exp
    parts = [
        e(1) / (e(1) + e(0) + e(0)),
        e(2) / (e(2) + e(0) + e(2)),
        e(1) / (e(1) + e(2) + e(1)),
        e(2) / (e(2) + e(0) + e(1)),
    ]
    expected = -sum(math.log(p) for p in parts) / 4
    assert info_nce(z, None, AlignmentConfig()).item() == pytest.approx(expected, rel=1e-6)


def test_equal_texts_are_not_negatives():
    torch.manual_seed(1)
    z = torch.randn(6, 4)
    z[1] = z[0]  # the second original repeats the first,
    z[4] = z[3]  # and so does its Latin form
    group = torch.tensor([1, 1, 2, 7, 7, 8])
    s = z @ z.T
    kept = {
        0: [3, 2, 5],  # o1: its Latin form; not o2 (equal) nor l2 (equal to the positive)
        1: [4, 2, 5],
        2: [5, 0, 1, 3, 4],
        3: [0, 2, 5],
        4: [1, 2, 5],
        5: [2, 0, 1, 3, 4],
    }
    expected = sum(
        -s[i, columns[0]] + torch.logsumexp(s[i, columns], dim=0) for i, columns in kept.items()
    )
    assert info_nce(z, group, AlignmentConfig()).item() == pytest.approx(
        expected.item() / 6, rel=1e-6
    )
    compat = info_nce(z, group, AlignmentConfig(mask_equal_texts=False))
    assert compat.item() == pytest.approx(reference_info_nce(z, 1.0).item(), rel=1e-6)


def test_identity_pair_keeps_its_positive_and_is_no_negative_of_its_twin():
    z = torch.eye(4)
    group = torch.tensor([5, 5, 5, 5])  # two rows "Malta", romanised as "Malta"
    loss = info_nce(z, group, AlignmentConfig())
    assert loss.item() == pytest.approx(0.0, abs=1e-7)


def test_half_precision_input_is_contrasted_in_fp32():
    torch.manual_seed(0)
    z = (torch.randn(8, 64) * 8).bfloat16()
    loss = info_nce(z, None, AlignmentConfig())
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(reference_info_nce(z.float(), 1.0).item(), rel=1e-5)


def test_sequence_contrast_is_the_formula_over_both_views():
    torch.manual_seed(0)
    original, latin = torch.randn(3, 5), torch.randn(3, 5)
    loss = sequence_contrast({"latin": latin, "original": original}, None, AlignmentConfig())
    expected = reference_info_nce(torch.cat([original, latin]), 1.0)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)


def mean_pool(hidden, mask):
    """The mean over the positions where the mask is 1, written out."""
    return torch.stack(
        [
            row[m.bool()].sum(dim=0) / max(1, int(m.sum()))
            for row, m in zip(hidden, mask, strict=True)
        ]
    )


def test_packed_pooling_equals_padded_pooling():
    hidden = torch.arange(24, dtype=torch.float32).reshape(2, 4, 3)
    attention = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    special = torch.tensor([[1, 0, 0, 1], [1, 0, 1, 1]])
    content = pooling_mask("content", attention, special)
    inside = attention.bool()
    rows = torch.tensor([[0], [1]]).expand(2, 4)[inside]
    packed = pool_packed(hidden[inside], content[inside], rows, 3)
    assert torch.equal(packed[:2], mean_pool(hidden, content))
    assert packed[2].tolist() == [0.0, 0.0, 0.0]


def test_pooling_masks_and_empty_rows():
    hidden = torch.tensor([[[2.0], [4.0], [9.0]], [[1.0], [3.0], [5.0]]])
    attention = torch.tensor([[1, 1, 0], [1, 1, 1]])
    special = torch.tensor([[1, 0, 1], [1, 1, 1]])
    attended = pooling_mask("attended", attention, special)
    assert mean_pool(hidden, attended).flatten().tolist() == [3.0, 3.0]
    content = pooling_mask("content", attention, special)
    assert mean_pool(hidden, content).flatten().tolist() == [4.0, 0.0]
    with pytest.raises(AlignmentError, match=r"pooling is 'max'\. Legal: attended, content, cls"):
        pooling_mask("max", attention, special)


@pytest.mark.parametrize(("layers", "layer"), [(12, 8), (6, 4), (24, 16), (4, 3), (3, 2)])
def test_default_layer_is_two_thirds(layers, layer):
    assert AlignmentConfig().resolve_layer(layers) == layer


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objectives": ["mlm", "nsp"]}, "unknown objective: nsp. Legal: any of mlm, seq, tlm"),
        ({"objectives": []}, "unknown objective: none"),
        ({"temperature": 0}, "temperature is 0"),
        ({"similarity": "l2"}, "similarity is 'l2'. Legal: dot, cosine"),
        ({"layer": -1}, "layer is -1"),
        ({"seq_weight": -1}, "seq_weight is -1"),
        ({"tau": 1}, "unknown alignment option: tau"),
    ],
)
def test_config_refuses(options, message):
    with pytest.raises(AlignmentError, match=message):
        AlignmentConfig.from_dict(options)


def test_config_round_trip_and_order():
    config = AlignmentConfig(objectives=("tlm", "mlm"), layer=5, temperature=0.05)
    assert config.objectives == ("mlm", "tlm")
    assert AlignmentConfig.from_dict(config.to_dict()) == config
    with pytest.raises(AlignmentError, match="layer 5 does not exist: the model has 4 layers"):
        config.resolve_layer(4)
