"""The ModernBERT family: the stock model's states, losses and gradients, from packed tokens."""

from __future__ import annotations

import pytest
import torch
from transformers import ModernBertForMaskedLM, ModernBertModel

from modernbert_models import LENGTHS, modernbert_config, padded_batch, stock_results
from packed_equality import assert_equal_to_stock
from translit_ppa.modeling.aligned.modeling_families import FAMILIES
from translit_ppa.modeling.aligned.packed_encoder import PaddedView, encode_views


def assert_page_equals_stock(config, lengths, attention, layer):
    torch.manual_seed(0)
    model = FAMILIES["modernbert"](config).eval()
    model.set_attn_implementation(attention)
    assert_equal_to_stock(model, stock_results, lengths, layer)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("layer", [0, 2, 4])
def test_states_losses_and_gradients_are_those_of_the_stock_model(attention, layer):
    assert_page_equals_stock(modernbert_config(), LENGTHS, attention, layer)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_last_layer_may_be_local_or_global_and_windows_end_within_groups(layers):
    lengths = [*range(3, 12), *range(66, 80), 129, 130, 140, 200]
    config = modernbert_config(num_hidden_layers=layers)
    assert_page_equals_stock(config, lengths, "sdpa", layers)


def test_a_head_and_layers_with_other_options_are_those_of_the_stock_model():
    config = modernbert_config(
        decoder_bias=False, norm_bias=True, attention_bias=True, mlp_bias=True,
        classifier_bias=True,
        hidden_activation="silu", local_attention=8, layer_types=["sliding_attention"] * 2,
        num_hidden_layers=2,
    )  # fmt: skip
    assert_page_equals_stock(config, (3, 4, 5, 6, 40), "sdpa", 1)


def test_local_layers_do_not_see_beyond_their_window():
    torch.manual_seed(0)
    config = modernbert_config(num_hidden_layers=1, layer_types=["sliding_attention"])
    model = ModernBertModel(config).eval()
    ids = torch.randint(5, 120, (2, 66))
    ids[1] = ids[0]
    ids[1, 65] = 5 + (ids[0, 65] - 4) % 115
    mask, labels = torch.ones_like(ids), torch.full_like(ids, -100)
    labels[:, 0] = labels[:, 1] = 7
    found = encode_views(model, [PaddedView(ids, mask, None, labels)], 0)
    first, second = found.states.view(2, 2, -1)
    assert torch.equal(first[0], second[0])  # 65 tokens away
    assert not torch.allclose(first[1], second[1])  # 64


def test_a_model_cut_at_a_layer_has_its_sentence_vectors():
    torch.manual_seed(0)
    config = modernbert_config()
    whole = ModernBertForMaskedLM(config).eval().base_model
    ids, mask, _ = padded_batch((4, 70, 9), config.vocab_size)
    cut = ModernBertModel(modernbert_config(num_hidden_layers=2)).eval()
    kept = {n: w for n, w in whole.state_dict().items() if n in cut.state_dict()}
    cut.load_state_dict(kept)
    states = cut(ids, attention_mask=mask).last_hidden_state * mask[..., None]
    expected = states.sum(1) / mask.sum(1, keepdim=True)
    (vectors,) = encode_views(whole, [PaddedView(ids, mask, mask)], 2).sentences
    assert torch.allclose(vectors, expected, atol=1e-6)
