"""Packed encoding and the vocabulary loss: those of the stock model, and no more than is read."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from transformers import XLMRobertaForMaskedLM

from translit_ppa.modeling import AlignmentConfig, load_for_alignment
from translit_ppa.modeling.aligned import variable_attention
from translit_ppa.modeling.aligned.modeling_families import FAMILIES
from translit_ppa.modeling.aligned.packed_encoder import PaddedView, encode_views
from translit_ppa.modeling.aligned.variable_attention import (
    Layout,
    _offsets,
    jagged,
    jagged_attention,
    jagged_works,
)
from translit_ppa.modeling.aligned.vocabulary_loss import linear_cross_entropy
from translit_ppa.modeling.training.data_collator import PairCollator


def reference(query, key, value, queries, keys):
    parts, q, k = [], 0, 0
    for asked, known in zip(queries, keys, strict=True):
        sides = (query[q : q + asked], key[k : k + known], value[k : k + known])
        a, b, c = (side.transpose(0, 1) for side in sides)
        parts.append(F.scaled_dot_product_attention(a, b, c).transpose(0, 1))
        q, k = q + asked, k + known
    return torch.cat(parts)


@pytest.mark.parametrize("queries", [None, [1, 0, 2, 1, 1, 3, 0, 2, 4, 1, 1, 9]])
def test_grouped_attention_equals_one_sequence_at_a_time(queries):
    torch.manual_seed(0)
    keys = [1, 1, 2, 2, 3, 4, 4, 4, 5, 9, 9, 30]
    asked = keys if queries is None else queries
    tensors = [torch.randn(n, 2, 8, requires_grad=True) for n in (sum(asked), sum(keys), sum(keys))]
    layout = Layout(keys, torch.device("cpu"), queries)
    result = layout.attend(*tensors)
    expected = reference(*tensors, asked, keys)
    assert torch.allclose(result, expected, atol=1e-6)
    weights = torch.randn_like(result)
    for one, other in zip(
        torch.autograd.grad((result * weights).sum(), tensors),
        torch.autograd.grad((expected * weights).sum(), tensors),
        strict=True,
    ):
        assert torch.allclose(one, other, atol=1e-5)


def test_attention_dropout_keeps_the_mean():
    torch.manual_seed(0)
    keys = [3] * 4 + [7] * 8
    states = torch.randn(sum(keys), 1, 4) / 4
    layout = Layout(keys, torch.device("cpu"))
    expected = layout.attend(states, states, states)
    draws = torch.stack([layout.attend(states, states, states, 0.3) for _ in range(3000)])
    assert not torch.allclose(draws[0], expected, atol=1e-2)
    assert torch.allclose(draws.mean(0), expected, atol=0.05)


def test_jagged_attention_of_cuda_equals_the_groups_of_the_cpu():
    torch.manual_seed(0)
    keys, asked = [2, 3, 5], [1, 3, 2]
    device = torch.device("cpu")
    assert jagged_works(device)
    query, key, value = (torch.randn(n, 2, 8) for n in (sum(asked), sum(keys), sum(keys)))
    sides = ((query, asked), (key, keys), (value, keys))
    result = jagged_attention(*(jagged(s, _offsets(n, device), n) for s, n in sides), 0.0)
    grouped = Layout(keys, device, asked).attend(query, key, value)
    assert torch.allclose(result, grouped, atol=1e-6)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_attention_on_a_gpu_equals_that_of_the_cpu(dtype):
    torch.manual_seed(0)
    keys, asked = [2, 3, 5, 90], [1, 3, 2, 12]
    tensors = [torch.randn(n, 2, 64, dtype=dtype) for n in (sum(asked), sum(keys), sum(keys))]
    results = []
    for device in (torch.device("cpu"), torch.device("cuda")):
        assert device.type == "cpu" or jagged_works(device)
        there = [x.to(device).requires_grad_() for x in tensors]
        attended = Layout(keys, device, asked).attend(*there)
        gradients = torch.autograd.grad(attended.float().square().sum(), there)
        results.append([x.detach().float().cpu() for x in (attended, *gradients)])
    limit = 1e-4 if dtype == torch.float32 else 5e-2
    for expected, found in zip(*results, strict=True):
        assert (found - expected).norm() <= limit * expected.norm()


def test_a_device_without_jagged_attention_is_named_once(monkeypatch):
    def refuse(*args):
        raise RuntimeError("no kernel")

    monkeypatch.setattr(variable_attention, "jagged_attention", refuse)
    jagged_works.cache_clear()
    with pytest.warns(UserWarning, match="no variable-length attention on cpu \\(no kernel\\)"):
        assert not jagged_works(torch.device("cpu"))
    jagged_works.cache_clear()


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
def test_states_and_embeddings_are_those_of_the_stock_model(tiny_base, tokenizer, rows, layer):
    batch = PairCollator(tokenizer)([rows[i] for i in range(8)])
    stock = XLMRobertaForMaskedLM.from_pretrained(tiny_base).eval()
    views, last, pooled = [], [], []
    for prefix in ("", "joint_"):
        ids, mask = batch[f"{prefix}input_ids"], batch[f"{prefix}attention_mask"]
        labels = batch[f"{prefix}labels"].clone()
        labels[1::2] = -100  # every other sequence predicts nothing
        views.append(PaddedView(ids, mask, mask, labels))
        hidden = stock.roberta(ids, attention_mask=mask, output_hidden_states=True).hidden_states
        last.append(hidden[-1][labels != -100])
        weights = mask[..., None]
        pooled.append((hidden[layer] * weights).sum(1) / weights.sum(1))
    found = encode_views(stock.roberta, views, layer)
    for index in range(2):
        of_view = found.view == index
        expected = stock.lm_head(last[index]).argmax(-1).sort().values
        assert torch.equal(stock.lm_head(found.states[of_view]).argmax(-1).sort().values, expected)
        assert torch.allclose(found.states[of_view].sum(0), last[index].sum(0), atol=1e-4)
        assert torch.allclose(found.sentences[index], pooled[index], atol=1e-5)


def test_seq_alone_stops_at_its_layer(tiny_base, tokenizer, rows):
    model = load_for_alignment(str(tiny_base), AlignmentConfig(objectives=("seq",), layer=1))
    batch = PairCollator(tokenizer, objectives=("seq",))([rows[i] for i in range(4)])
    model(**batch).loss.backward()
    layers = model.base_model.encoder.layer
    assert layers[0].output.dense.weight.grad is not None
    assert layers[1].output.dense.weight.grad is None and model.lm_head.bias.grad is None


@pytest.mark.parametrize("chunk", [1, 150, 10**6])
def test_chunked_cross_entropy_equals_the_plain_one(chunk):
    torch.manual_seed(0)
    states, weight = torch.randn(9, 6), torch.randn(50, 6)
    bias, labels, scales = torch.randn(50), torch.randint(50, (9,)), torch.rand(9)
    sides = [t.clone().requires_grad_() for t in (states, weight, bias)]
    total, losses = linear_cross_entropy(*sides, labels, scales, chunk)
    plain = [t.clone().requires_grad_() for t in (states, weight, bias)]
    logits = plain[0] @ plain[1].T + plain[2]
    expected = F.cross_entropy(logits, labels, reduction="none")
    assert torch.allclose(losses, expected, rtol=1e-6, atol=1e-6)
    (3 * total).backward()
    (3 * (expected * scales).sum()).backward()
    for one, other in zip(sides, plain, strict=True):
        assert torch.allclose(one.grad, other.grad, rtol=1e-6, atol=2e-6)


def test_float16_does_not_lose_small_probabilities():
    """A probability of 1e-5, divided by the tokens of a step, is nothing in float16."""
    torch.manual_seed(0)
    states, weight = torch.randn(6, 16), 0.1 * torch.randn(30_000, 16)
    labels, scales = torch.arange(6), torch.full((6,), 1 / 4000)
    gradients = []
    for half in (False, True):
        inputs = [x.clone().requires_grad_() for x in (states, weight, torch.zeros(30_000))]
        with torch.autocast("cpu", torch.float16, enabled=half):
            total, _ = linear_cross_entropy(*inputs, labels, scales)
        gradients.append(torch.autograd.grad(1024 * total, inputs))
    for exact, found in zip(*gradients, strict=True):
        assert (found - exact).norm() < 1e-3 * exact.norm()


def test_embeddings_of_their_own_get_dense_gradients(tiny_config, tokenizer, rows):
    tiny_config.tie_word_embeddings = False
    tiny_config.hidden_dropout_prob = tiny_config.attention_probs_dropout_prob = 0.0
    torch.manual_seed(0)
    model = FAMILIES["xlm-roberta"](tiny_config).train()
    words = model.get_input_embeddings().weight
    assert words is not model.get_output_embeddings().weight
    batch = PairCollator(tokenizer, objectives=("mlm",))([rows[i] for i in range(4)])
    model.config.alignment = AlignmentConfig(objectives=("mlm",)).to_dict()
    model(**batch).loss.backward()
    assert not words.grad.is_sparse
    touched = words.grad.abs().sum(dim=1) > 0
    assert set(touched.nonzero().flatten().tolist()) <= set(
        torch.cat([batch[f"{p}input_ids"].flatten() for p in ("", "transliteration_")]).tolist()
    )
    before = words.detach().clone()
    torch.optim.AdamW(model.parameters(), lr=1e-2, fused=True).step()
    assert not torch.equal(before, words)
