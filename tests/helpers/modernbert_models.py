"""ModernBERT models with random weights, and what the stock model makes of a padded batch."""

from __future__ import annotations

import json

import torch
import torch.nn.functional as F

from tiny_models import LATIN, SENTENCES

MMBERT = {
    "vocab_size": 256000,
    "intermediate_size": 1152,
    "num_hidden_layers": 22,
    "max_position_embeddings": 8192,
    "local_attention": 128,
    "global_attn_every_n_layers": 3,
    "global_rope_theta": 160000,
    "local_rope_theta": 160000,
    "hidden_activation": "gelu",
    "norm_eps": 1e-5,
    "norm_bias": False,
    "attention_bias": False,
    "mlp_bias": False,
    "classifier_bias": False,
    "decoder_bias": True,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 1,
    "cls_token_id": 1,
    "sep_token_id": 1,
}
"""What mmBERT small and base have in common, by the keys of their published config."""
SIZES = {
    "small": {"hidden_size": 384, "num_attention_heads": 6},
    "base": {"hidden_size": 768, "num_attention_heads": 12},
}
LENGTHS = (1, 64, 65, 129, 1000)


def modernbert_config(**changes):
    """Config of a tiny mmBERT: of every kind a layer, thetas of both kinds apart."""
    from transformers import ModernBertConfig

    small = {
        "vocab_size": 120,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_attention_heads": 2,
        "num_hidden_layers": 4,
        "local_rope_theta": 10000,
    }
    return ModernBertConfig(**{**MMBERT, **small, **changes})


def padded_batch(lengths, vocabulary, predicted=0.15, seed=0):
    """Random ids, mask and labels; in every third sequence nothing is predicted."""
    draw = torch.Generator().manual_seed(seed)
    shape = (len(lengths), max(lengths))
    mask = (torch.arange(shape[1]) < torch.tensor(lengths)[:, None]).long()
    ids = torch.randint(5, vocabulary, shape, generator=draw) * mask
    labels = torch.randint(5, vocabulary, shape, generator=draw)
    chosen = (torch.rand(shape, generator=draw) < predicted) & mask.bool()
    chosen[2::3] = False
    chosen[0, 0] = True
    return ids, mask, labels.where(chosen, torch.tensor(-100))


def stock_results(model, ids, mask, labels, layer):
    """Predicted states, sentence vectors of a layer, and the loss, all of the stock model."""
    base = model.base_model
    output = base(ids, attention_mask=mask, output_hidden_states=True)
    last = output.last_hidden_state[labels != -100]
    # The last of the stock hidden states is behind the norm already.
    top = layer == model.config.num_hidden_layers
    states = output.hidden_states[layer]
    states = states if top else base.final_norm(states)
    weights = mask[..., None]
    pooled = (states * weights).sum(1) / weights.sum(1)
    logits = model.decoder(model.head(last))
    return last, pooled, F.cross_entropy(logits, labels[labels != -100])


def gradients(model, total):
    """Gradients by name, and the parameters without one."""
    model.zero_grad(set_to_none=True)
    total.backward()
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def gemma_like_tokenizer():
    """Merges over whole sentences, bytes for what has no piece, `<bos>` and `<eos>`: mmBERT's."""
    from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
    from tokenizers.models import BPE
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(BPE())
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES + LATIN, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    vocabulary = {name: i for i, name in enumerate(special)}
    pieces = sorted(set(model["vocab"]) - set(special), key=model["vocab"].__getitem__)
    for name in [*(f"<0x{byte:02X}>" for byte in range(256)), *pieces]:
        vocabulary[name] = len(vocabulary)
    merges = [tuple(merge) for merge in model["merges"]]
    tokenizer.model = BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        "<bos> $A <eos>", "<bos> $A <eos> $B <eos>", [("<bos>", 2), ("<eos>", 1)]
    )
    names = {"bos": "<bos>", "cls": "<bos>", "eos": "<eos>", "sep": "<eos>"}
    names |= {"unk": "<unk>", "pad": "<pad>", "mask": "<mask>"}
    told = {f"{name}_token": token for name, token in names.items()}
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, padding_side="left", model_max_length=8192, **told
    )


def byte_level_tokenizer():
    """Merges of bytes, `[CLS]` and `[SEP]`, no unknown and no padding token."""
    from tokenizers import Tokenizer, decoders, pre_tokenizers, processors, trainers
    from tokenizers.models import BPE
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES + LATIN, trainer)
    tokenizer.add_special_tokens(["[CLS]", "[SEP]", "[MASK]"])
    ids = [(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", ids
    )
    names = {"cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    told = {f"{name}_token": token for name, token in names.items()}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=8192, **told)


TOKENIZERS = {"gemma-like": gemma_like_tokenizer, "byte-level": byte_level_tokenizer}


def save_modernbert(folder, kind="gemma-like", biased=True, **changes):
    """Write a tiny masked language model with a tokenizer of some kind; returns its tokenizer."""
    from transformers import ModernBertForMaskedLM

    from translit_ppa.modeling.checkpoints.saving import save_checkpoint

    tokenizer = TOKENIZERS[kind]()
    ids = ("pad", "bos", "eos", "cls", "sep")
    told = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ids}
    torch.manual_seed(0)
    changes = {**told, "decoder_bias": biased, **changes}
    model = ModernBertForMaskedLM(
        modernbert_config(vocab_size=len(tokenizer), num_hidden_layers=3, **changes)
    )
    # A head that was trained has biases, and a layer of its own has no mean of 0.
    if biased:
        torch.nn.init.normal_(model.decoder.bias, std=0.1)
    save_checkpoint(model, tokenizer, folder)
    return tokenizer
