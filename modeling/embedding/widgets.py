"""Examples for a card, with the outputs that the model itself gives."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, PreTrainedTokenizerBase

from ..opening import OWN_CODE, opening, require_fitting
from .encoder import SentenceEncoder

MASK = "<mask>"


@torch.inference_mode()
def fill_mask(
    checkpoint: str | os.PathLike[str], texts: Sequence[tuple[str, str]], top: int = 3
) -> list[dict[str, Any]]:
    """Fill the mask of some texts.

    Args:
        checkpoint: A masked language model.
        texts: Title and text; the text has one `<mask>`.
        top: How many fillings.

    Returns:
        Widget examples: `example_title, text, output` with labels and probabilities (0 to 1).

    Raises:
        AlignmentError: The model cannot be opened, also where there are no texts.
    """
    with opening(checkpoint):
        model = AutoModelForMaskedLM.from_pretrained(checkpoint, **OWN_CODE).eval()
        tokenizer = AutoTokenizer.from_pretrained(checkpoint, **OWN_CODE)
    require_fitting(model, tokenizer, checkpoint)
    examples = []
    for title, text in texts:
        text = text.replace(MASK, tokenizer.mask_token)
        inputs = tokenizer(text, truncation=True, max_length=128, return_tensors="pt")
        where = (inputs["input_ids"][0] == tokenizer.mask_token_id).nonzero()
        if len(where) != 1:
            continue
        chances = model(**inputs).logits[0, int(where[0])].float().softmax(dim=-1)
        best = chances.topk(top)
        output = [
            {"label": _label(tokenizer, int(token)), "score": round(float(chance), 4)}
            for token, chance in zip(best.indices, best.values, strict=True)
        ]
        examples.append({"example_title": title, "text": text, "output": output})
    return examples


def _label(tokenizer: PreTrainedTokenizerBase, token: int) -> str:
    # The piece of a bare space decodes to nothing.
    shown = str(tokenizer.decode([token])).strip()
    return shown or str(tokenizer.convert_ids_to_tokens(token))


def similarity(
    encoder: SentenceEncoder, cases: Sequence[tuple[str, str, Sequence[str]]]
) -> list[dict[str, Any]]:
    """Compare sentences by the cosine of their embeddings.

    Args:
        encoder: The sentence twin.
        cases: Title, source sentence, sentences to compare it with.

    Returns:
        Widget examples: `example_title, source_sentence, sentences, output` (cosines, -1 to 1).
    """
    examples = []
    for title, source, sentences in cases:
        rows = encoder.encode([source, *sentences])
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(min=1e-12)
        output = [round(float(score), 4) for score in rows[1:] @ rows[0]]
        example = {"source_sentence": source, "sentences": list(sentences), "output": output}
        examples.append({"example_title": title, **example})
    return examples
