"""A family's page against its stock model: states, vectors, losses and gradients."""

from __future__ import annotations

import torch

from modernbert_models import gradients, padded_batch
from translit_ppa.modeling.aligned.packed_encoder import PaddedView, encode_views
from translit_ppa.modeling.aligned.vocabulary_loss import linear_cross_entropy


def packed_results(model, ids, mask, labels, layer):
    view = PaddedView(ids, mask, mask, labels)
    found = encode_views(model.base_model, [view], layer, tied=True)
    scales = torch.full((len(found.labels),), 1 / len(found.labels))
    decoder = model.get_output_embeddings()
    features = model.lm_features(found.states)
    loss, _ = linear_cross_entropy(features, decoder.weight, decoder.bias, found.labels, scales)
    return found.states, found.sentences[0], loss


def assert_equal_to_stock(model, stock_results, lengths, layer):
    """Compare within 1e-5; `stock_results` works out the same in the stock way."""
    batch = padded_batch(lengths, model.config.vocab_size)
    results = []
    for way in (stock_results, packed_results):
        states, vectors, loss = way(model, *batch, layer)
        weights = torch.arange(vectors.numel()).view_as(vectors).cos()
        found = gradients(model, loss + (weights * vectors).mean())
        results.append((states.detach(), vectors.detach(), loss.detach(), found))
    stock, ours = results
    # Packed states come in the order of the sequences' lengths.
    order = torch.tensor(lengths).argsort(stable=True)
    counts = (batch[2] != -100).sum(1).tolist()
    stock_states = torch.cat([stock[0].split(counts)[row] for row in order])
    differences = {
        "states": (stock_states - ours[0]).abs().max(),
        "vectors": (stock[1] - ours[1]).abs().max(),
        "loss": (stock[2] - ours[2]).abs(),
    }
    assert stock[3].keys() == ours[3].keys()
    for name, expected in stock[3].items():
        differences[name] = (expected - ours[3][name].to_dense()).abs().max()
    assert max(differences.values()) < 1e-5, differences
