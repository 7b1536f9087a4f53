"""mDeBERTa models with random weights, and a tokenizer of its kind."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from tiny_models import LATIN, SENTENCES

MDEBERTA = {
    "attention_probs_dropout_prob": 0.1,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "hidden_size": 768,
    "initializer_range": 0.02,
    "intermediate_size": 3072,
    "max_position_embeddings": 512,
    "relative_attention": True,
    "position_buckets": 256,
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "pos_att_type": "p2c|c2p",
    "layer_norm_eps": 1e-7,
    "max_relative_positions": -1,
    "position_biased_input": False,
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "type_vocab_size": 0,
    "vocab_size": 251000,
}
"""By the keys of the published config of microsoft/mdeberta-v3-base."""
SMALL = {
    "vocab_size": 120,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_attention_heads": 2,
    "num_hidden_layers": 4,
}
LENGTHS = (1, 64, 65, 129, 1000)


def deberta_config(**changes):
    """Config of a tiny mDeBERTa."""
    from transformers import DebertaV2Config

    return DebertaV2Config(**{**MDEBERTA, **SMALL, **changes})


def stock_results(model, ids, mask, labels, layer):
    """Predicted states, sentence vectors of a layer, and the loss, all of the stock model."""
    output = model.base_model(ids, attention_mask=mask, output_hidden_states=True)
    last = output.last_hidden_state[labels != -100]
    weights = mask[..., None]
    pooled = (output.hidden_states[layer] * weights).sum(1) / weights.sum(1)
    logits = model.cls(last)
    return last, pooled, F.cross_entropy(logits, labels[labels != -100])


def unigram_tokenizer():
    """Pieces of likelihood, `[CLS]` and `[SEP]`, `[MASK]` behind all pieces: mDeBERTa's."""
    from tokenizers import Tokenizer, models, trainers
    from transformers import DebertaV2Tokenizer

    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    plain = DebertaV2Tokenizer()
    learner = Tokenizer(models.Unigram())
    learner.normalizer = plain.backend_tokenizer.normalizer
    learner.pre_tokenizer = plain.backend_tokenizer.pre_tokenizer
    trainer = trainers.UnigramTrainer(
        vocab_size=200, special_tokens=special, unk_token="[UNK]", show_progress=False
    )
    learner.train_from_iterator(SENTENCES + LATIN, trainer)
    pieces = sorted(learner.get_vocab().items(), key=lambda item: item[1])
    scores = [(name, 0.0 if name in special else -5.0 - row / 100) for name, row in pieces]
    return DebertaV2Tokenizer(vocab=scores, unk_id=3, model_max_length=512)


def save_deberta(folder, **changes):
    """Write a tiny masked language model with its tokenizer; returns the tokenizer."""
    from transformers import DebertaV2ForMaskedLM

    from translit_ppa.modeling.checkpoints.saving import save_checkpoint

    tokenizer = unigram_tokenizer()
    torch.manual_seed(0)
    changes = {"num_hidden_layers": 3, "vocab_size": len(tokenizer), **changes}
    model = DebertaV2ForMaskedLM(deberta_config(pad_token_id=tokenizer.pad_token_id, **changes))
    torch.nn.init.normal_(model.cls.predictions.decoder.bias, std=0.1)
    save_checkpoint(model, tokenizer, folder)
    return tokenizer
