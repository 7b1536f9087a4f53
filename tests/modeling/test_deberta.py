"""The DeBERTa family: the stock model's states, losses and gradients, from packed tokens."""

from __future__ import annotations

import pytest
import torch

from deberta_models import LENGTHS, MDEBERTA, deberta_config, stock_results
from modernbert_models import gradients, padded_batch
from packed_equality import assert_equal_to_stock, packed_results
from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.aligned.deberta_layers import why_not
from translit_ppa.modeling.aligned.modeling_families import FAMILIES, alignment_config_of
from translit_ppa.modeling.aligned.packed_encoder import PaddedView, encode_views
from translit_ppa.modeling.checkpoints.adapters import add_adapters, freeze_for_adapters


def assert_page_equals_stock(config, lengths, layer):
    torch.manual_seed(0)
    assert_equal_to_stock(FAMILIES["deberta-v2"](config).eval(), stock_results, lengths, layer)


@pytest.mark.parametrize("layer", [0, 2, 4])
def test_states_losses_and_gradients_are_those_of_the_stock_model(layer):
    assert_page_equals_stock(deberta_config(), LENGTHS, layer)


@pytest.mark.parametrize(
    "changes",
    [
        {"share_att_key": False},
        {"pos_att_type": "c2p"},
        {"pos_att_type": ["p2c"], "share_att_key": False},
        {"pos_att_type": None},
        {"relative_attention": False, "pos_att_type": None, "position_biased_input": True},
        {"position_buckets": -1, "norm_rel_ebd": "none", "max_relative_positions": 20},
        {"position_buckets": 8, "type_vocab_size": 2, "embedding_size": 16},
    ],
)
def test_other_forms_of_its_attention_are_those_of_the_stock_model(changes):
    lengths = [*range(3, 12), *range(30, 40), 70]
    assert_page_equals_stock(deberta_config(num_hidden_layers=2, **changes), lengths, 1)


def test_dropout_draws_as_often_as_it_should():
    torch.manual_seed(0)
    model = FAMILIES["deberta-v2"](deberta_config(num_hidden_layers=1)).train()
    ids, mask, _ = padded_batch((9,) * 2000, 120)
    ids[:] = ids[0]
    with torch.inference_mode():
        (vectors,) = encode_views(model.base_model, [PaddedView(ids, mask, mask)], 1).sentences
        output = model.base_model(ids, attention_mask=mask).last_hidden_state.mean(1)
    assert vectors.std(0).mean() == pytest.approx(output.std(0).mean().item(), rel=0.05)


def test_forms_that_its_page_does_not_know_are_refused(tmp_path):
    assert why_not(deberta_config()) is None
    deberta_config(legacy=False).save_pretrained(tmp_path / "head")
    with pytest.raises(AlignmentError, match=r"form legacy false, .* Legal: legacy true in its co"):
        alignment_config_of(str(tmp_path / "head"))
    deberta_config(conv_kernel_size=3).save_pretrained(tmp_path / "conv")
    with pytest.raises(
        AlignmentError, match=r"conv has a convolution over .* Legal: the form of m"
    ):
        alignment_config_of(str(tmp_path / "conv"))


def test_the_published_config_is_of_a_known_form():
    from transformers import DebertaV2Config

    config = DebertaV2Config(**MDEBERTA)
    assert why_not(config) is None and config.pos_att_type == ["p2c", "c2p"]
    with torch.device("meta"):
        model = FAMILIES["deberta-v2"](config)
    # 86M in the layers and 193M of embeddings, as its card says; and the head.
    embeddings = model.get_input_embeddings().weight.numel()
    layers = sum(weight.numel() for weight in model.base_model.encoder.parameters())
    assert (round(embeddings / 1e6), round(layers / 1e6)) == (193, 85)


def test_checkpointed_layers_have_the_same_gradients():
    torch.manual_seed(0)
    config = deberta_config(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = FAMILIES["deberta-v2"](config).train()
    batch = padded_batch((5, 9, 40), config.vocab_size)
    found = []
    for checkpointed in (False, True):
        if checkpointed:
            model.gradient_checkpointing_enable()
        _, vectors, loss = packed_results(model, *batch, 2)
        found.append(gradients(model, loss + vectors.cos().mean()))
    assert found[0].keys() == found[1].keys()
    for name, expected in found[0].items():
        assert torch.allclose(expected.to_dense(), found[1][name].to_dense(), atol=1e-6), name


def test_adapters_stand_beside_its_layers_and_merge():
    pytest.importorskip("peft")
    torch.manual_seed(0)
    model = FAMILIES["deberta-v2"](deberta_config()).eval()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    batch = padded_batch((5, 9, 40), 120)
    expected = packed_results(model, *batch, 2)
    merging = add_adapters(model, freeze_for_adapters(model), 2)
    found = packed_results(model, *batch, 2)
    for one, other in zip(expected, found, strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    (found[1].cos().mean() + found[2]).backward()
    assert any(p.grad is not None for n, p in model.named_parameters() if "key_proj.lora_B" in n)
    merged = merging.merge_and_unload().state_dict()
    assert merged.keys() == before.keys()
