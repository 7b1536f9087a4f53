"""Leave pieces out of a checkpoint's vocabulary that its text never uses, and put them back.

Of Glot500's parameters four in five are embeddings, most of them of languages that a group has not.
For a text that uses kept pieces alone, the segmentation is that of the full vocabulary: its best
path, or all its merges, are still there, and only competitors are gone. For given weights, so are
its states. The softmax runs over the kept pieces alone: losses are other numbers, and training
takes another way.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers.pre_tokenizers import ByteLevel
from transformers import AutoConfig, AutoTokenizer, PreTrainedModel
from transformers import PreTrainedTokenizerBase as Tokenizer

from ..aligned.alignment_config import AlignmentError
from ..checkpoints.saving import save_checkpoint
from ..checkpoints.sentence_files import carry_sentence_files
from ..checkpoints.stock import open_stock
from ..checkpoints.tokenizer_check import carry_sentencepiece
from ..opening import OWN_CODE, opening, require_fitting
from .merges import kept_merges, steps_of
from .tokenizer_state import state_of, with_state

SEGMENTERS = ("Unigram", "WordPiece", "BPE")
SHAPE = (
    "model_type",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
    "type_vocab_size",
)
"""What a trimmed model and its base have in common."""


def pieces_of(tokenizer: Tokenizer, sentences: Sequence[str]) -> set[int]:
    """Return the ids that some text uses."""
    ids = tokenizer(list(sentences))["input_ids"] if len(sentences) else []
    return {i for row in ids for i in row}


def kept_pieces(tokenizer: Tokenizer, used: Iterable[int]) -> list[int]:
    """Return the ids to keep, ascending: those used, and those that segmentation itself needs.

    Raises:
        AlignmentError: If the tokenizer is not a Unigram, a WordPiece or a BPE one.
    """
    state, used = state_of(tokenizer, SEGMENTERS, "trimmed"), set(used)
    model = state["model"]
    kept = used | set(tokenizer.all_special_ids)
    kept |= {token["id"] for token in state["added_tokens"]}
    names = _names(model)
    kept |= {i for i, name in enumerate(names) if name.startswith("<0x") and len(name) == 6}
    if model["type"] == "Unigram":
        kept.add(model["unk_id"])
        # An unknown character costs the lowest score and ten more: keep the piece that has it.
        scores = [score for _, score in model["vocab"]]
        kept.add(scores.index(min(scores)))
    elif model["unk_token"] is not None:
        kept.add(names.index(model["unk_token"]))
    if model["type"] == "BPE":
        if "ByteLevel" in json.dumps([state["pre_tokenizer"], state["decoder"]]):
            alphabet = set(ByteLevel.alphabet())
            kept |= {i for i, name in enumerate(names) if name in alphabet}
        kept |= steps_of(model, used)
    return sorted(kept)


def trim_tokenizer(tokenizer: Tokenizer, kept: Sequence[int]) -> Tokenizer:
    """Return a tokenizer of the kept pieces; their new ids are their places in `kept`.

    Args:
        tokenizer: With a fast backend.
        kept: From `kept_pieces`, ascending.
    """
    state = state_of(tokenizer, SEGMENTERS, "trimmed")
    new = {old: place for place, old in enumerate(kept)}
    model, names = state["model"], _names(state["model"])
    if model["type"] == "Unigram":
        pieces = {i: pair for i, pair in enumerate(model["vocab"]) if i in new}
        model["vocab"] = [pieces[i] for i in kept if i in pieces]
        model["unk_id"] = new[model["unk_id"]]
    else:
        model["vocab"] = {names[i]: new[i] for i in kept if i < len(names)}
    if model["type"] == "BPE":
        model["merges"] = kept_merges(model)
    for token in state["added_tokens"]:
        token["id"] = new[token["id"]]
    _renumber(state.get("post_processor"), new)
    return with_state(tokenizer, state)


def trim_model(model: PreTrainedModel, kept: Sequence[int]) -> PreTrainedModel:
    """Keep some rows of a masked language model's vocabulary, in place.

    Args:
        model: With tied or separate input and output embeddings.
        kept: Old ids, ascending; their places are the new ids.

    Returns:
        The model; its config's token ids are the new ones.
    """
    config: Any = model.config
    new = {old: place for place, old in enumerate(kept)}
    rows = torch.tensor(kept, device=model.device)
    inputs: Any = model.get_input_embeddings()
    outputs: Any = model.get_output_embeddings()
    tied = outputs.weight is inputs.weight
    full = len(inputs.weight)
    inputs.weight = torch.nn.Parameter(inputs.weight.detach()[rows])
    inputs.num_embeddings = len(kept)
    if inputs.padding_idx is not None:  # of no piece, where the tokenizer has no padding
        inputs.padding_idx = new.get(inputs.padding_idx)
    outputs.weight = inputs.weight if tied else torch.nn.Parameter(outputs.weight.detach()[rows])
    if outputs.bias is not None:
        bias = torch.nn.Parameter(outputs.bias.detach()[rows])
        for module in model.modules():  # heads hold the decoder's bias a second time
            if getattr(module, "bias", None) is outputs.bias and module is not outputs:
                module.bias = bias
        outputs.bias = bias
    outputs.out_features = len(kept)
    config.vocab_size = len(kept)
    for name in ("pad", "bos", "eos", "unk", "sep", "cls"):
        if getattr(config, f"{name}_token_id", None) is not None:
            setattr(config, f"{name}_token_id", new.get(getattr(config, f"{name}_token_id")))
    config.full_vocab_size = full
    return model


def restore(trimmed: str, base: str, out: Path, revision: str | None = None) -> None:
    """Write a trimmed checkpoint with the full vocabulary of its base.

    Rows of kept pieces come from the checkpoint, all others from the base.

    Args:
        trimmed: Folder or Hub id of the trimmed checkpoint.
        base: Folder or Hub id of the model it was trained from.
        out: A folder that is not there yet.
        revision: Commit, tag or branch of the base.

    Raises:
        AlignmentError: If the two do not belong together, or `out` is there.
    """
    if out.exists():
        raise AlignmentError(f"{out} is there already; give another folder.")
    with opening(base):
        large = AutoTokenizer.from_pretrained(base, revision=revision, **OWN_CODE)
        config = AutoConfig.from_pretrained(base, revision=revision, **OWN_CODE)
    with opening(trimmed):
        tokenizer = AutoTokenizer.from_pretrained(trimmed, **OWN_CODE)
        small_config = AutoConfig.from_pretrained(trimmed, **OWN_CODE)
    full, new = large.get_vocab(), tokenizer.get_vocab()
    places = sorted(new.values())
    rows = [full.get(name, -1) for name in sorted(new, key=new.__getitem__)]
    reason = _difference(small_config, config)
    if not reason and (-1 in rows or rows != sorted(rows)):  # trimming keeps the order
        reason = "the base's tokenizer lacks some pieces, or has them in another order"
    if reason:
        raise AlignmentError(f"{trimmed} is no trimmed form of {base}: {reason}.")
    with opening(trimmed):
        small, _ = open_stock(trimmed, dtype="auto")
    require_fitting(small, tokenizer, trimmed)
    with opening(base):
        # Not in the base's own type: half precision would round what was trained.
        head = small.get_output_embeddings() is not None
        model, _ = open_stock(base, revision=revision, dtype=small.dtype, head=head)
    require_fitting(model, large, base)
    source = small.state_dict()
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.shape == source[name].shape:
                tensor.copy_(source[name])
            else:
                tensor[rows] = source[name][places]
    if hasattr(small.config, "alignment"):
        model.config.alignment = small.config.alignment
    aside = out.with_name(f".{out.name}.saving")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        save_checkpoint(model, large, aside)
        carry_sentence_files(trimmed, aside)
        carry_sentencepiece(base, large, aside, revision)
        aside.rename(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _difference(trimmed: Any, base: Any) -> str | None:
    """Say in which figure of their configs a trimmed model and a base do not fit, if in any."""
    if getattr(trimmed, "full_vocab_size", None) is None:
        return "its config has no full_vocab_size"
    if trimmed.full_vocab_size != base.vocab_size:
        return f"it had {trimmed.full_vocab_size} pieces, and the base has {base.vocab_size}"
    for name in SHAPE:
        one, other = getattr(trimmed, name, None), getattr(base, name, None)
        if one != other:
            return f"{name} is {one}, and {other} in the base"
    return None


def _names(model: dict[str, Any]) -> list[str]:
    """The pieces in the order of their ids."""
    vocabulary = model["vocab"]
    if isinstance(vocabulary, dict):
        return sorted(vocabulary, key=vocabulary.__getitem__)
    return [name for name, _ in vocabulary]


def _renumber(processor: Any, new: Mapping[int, int]) -> None:
    """Give the special tokens of a post-processor their new ids, wherever they stand."""
    if isinstance(processor, list):
        for item in processor:
            _renumber(item, new)
    elif isinstance(processor, dict):
        for name, value in processor.items():
            if name == "ids":
                processor[name] = [new[i] for i in value]
            elif name in ("sep", "cls") and isinstance(value, list):
                processor[name] = [value[0], new[value[1]]]
            else:
                _renumber(value, new)
