"""Words to vectors: the pieces of each word, windows between words, the mean of a word's states.

A sentence of more pieces than fit is split between words into several windows; every word is in
one of them. A word without pieces, or with more than fit, is the unknown piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from ..padding import padded
from .encoder import SentenceEncoder

__all__ = ["embed_words", "pieces_of_words", "room_of", "windows"]


def room_of(tokenizer: PreTrainedTokenizerBase, max_length: int) -> int:
    """Say how many pieces of words a window holds."""
    return max_length - tokenizer.num_special_tokens_to_add(pair=False)


def pieces_of_words(
    tokenizer: PreTrainedTokenizerBase, sentences: Sequence[Sequence[str]], room: int
) -> dict[str, list[int]]:
    """Return the pieces of each distinct word: never none, never more than fit.

    Args:
        tokenizer: Of the model.
        sentences: Words of each.
        room: Pieces that fit.
    """
    words = list(dict.fromkeys(word for sentence in sentences for word in sentence))
    encoded = tokenizer(words, add_special_tokens=False)["input_ids"] if words else []
    # Byte-level pieces know every text, and so no unknown one.
    nothing: Any = tokenizer.unk_token_id
    unknown = [tokenizer.mask_token_id if nothing is None else nothing]
    return {
        word: list(ids) if 0 < len(ids) <= room else unknown
        for word, ids in zip(words, encoded, strict=True)
    }


def windows(words: Sequence[list[int]], room: int) -> Iterator[list[list[int]]]:
    """Part the words of a sentence into windows.

    Args:
        words: Pieces of each word, no more than fit.
        room: Pieces that fit.

    Yields:
        Words that fit together; nothing for a sentence of none.
    """
    window: list[list[int]] = []
    held = 0
    for ids in words:
        if window and held + len(ids) > room:
            yield window
            window, held = [], 0
        window.append(ids)
        held += len(ids)
    if window:
        yield window


@torch.inference_mode()
def embed_words(encoder: SentenceEncoder, sentences: Sequence[Sequence[str]]) -> list[np.ndarray]:
    """Embed words: the mean of the states of a word's pieces, at the encoder's layer.

    Args:
        encoder: The model, its layer and its longest input; prompts and pooling do not count.
        sentences: Words of each.

    Returns:
        One array per sentence, float32. *Shape:* (words, hidden).
    """
    if not sentences:
        return []
    tokenizer, base = encoder.tokenizer, encoder.model.base_model
    room = room_of(tokenizer, encoder.max_length)
    pieces = pieces_of_words(tokenizer, sentences, room)
    parts = [
        window
        for sentence in sentences
        for window in windows([pieces[word] for word in sentence], room)
    ]
    first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
    rows = [[first, *(piece for word in window for piece in word), last] for window in parts]
    found: list[np.ndarray] = [np.empty(0)] * len(parts)
    order = np.argsort([len(row) for row in rows], kind="stable")
    for start in range(0, len(order), encoder.batch_size):
        batch = order[start : start + encoder.batch_size]
        inputs = padded([rows[row] for row in batch], tokenizer)
        inputs = {name: given.to(encoder.model.device) for name, given in inputs.items()}
        states = base(**inputs, output_hidden_states=True).hidden_states[encoder.layer]
        for row, of_row in zip(batch, states.float().cpu().numpy(), strict=True):
            starts = np.cumsum([1, *(len(word) for word in parts[row])])
            found[row] = np.stack([of_row[a:b].mean(axis=0) for a, b in pairwise(starts)])
    # Words came in order: windows join up again by counting.
    width = encoder.model.config.hidden_size
    every = np.concatenate([np.empty((0, width), np.float32), *found])
    return np.split(every, np.cumsum([len(sentence) for sentence in sentences])[:-1])
