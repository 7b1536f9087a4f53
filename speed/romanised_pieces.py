"""What pieces for romanised words bring: the same romanised text, embedded with fewer pieces."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import torch

from speed.settings import NotMeasured, Settings
from speed.text import pairs
from speed.timing import compare
from translit_ppa.identity import model_digest
from translit_ppa.modeling import SentenceEncoder
from translit_ppa.modeling.vocabulary.beginnings import begin
from translit_ppa.modeling.vocabulary.extend import extend_model, extend_tokenizer, learn_pieces

SENTENCES, COUNT = 20_000, 4_000
"""Sentences that pieces are learnt from, and how many; those that an original uses are left out."""


def measure_new_pieces(settings: Settings) -> list[dict[str, object]]:
    """Time embedding romanised text with the pieces of a base, and with new ones beside them.

    They are learnt from up to 20,000 sentences; every hundredth is left out of them and timed.

    Raises:
        NotMeasured: If no base is named: random pieces would say nothing.
    """
    if settings.model is None:
        raise NotMeasured("skipped: it needs --model, the encoder whose vocabulary is extended")
    found = pairs(settings.text, 400 if settings.quick else SENTENCES, settings.folder / "text")
    seen = [pair for number, pair in enumerate(found) if number % 100]
    words = Counter(f" {word}" for text, latin in seen if text != latin for word in latin.split())
    texts = [latin for text, latin in found[::100] if text != latin]
    plain, grown = (SentenceEncoder.from_pretrained(settings.model, device="cpu") for _ in range(2))
    old = plain.tokenizer
    count = 50 if settings.quick else COUNT
    tokenizer, added = extend_tokenizer(
        old, learn_pieces(old, words, count), [text for text, _ in found]
    )
    inputs: Any = grown.model.get_input_embeddings()
    vectors, _ = begin(inputs.weight.detach(), old.get_vocab(), added, "mean", None, [])
    extend_model(grown.model, len(old), vectors, torch.zeros(len(added)))
    grown.tokenizer = tokenizer

    result = compare(lambda: plain.encode(texts), lambda: grown.encode(texts), settings.rounds)
    before, after = (
        sum(map(len, each(texts)["input_ids"])) / len(texts) for each in (old, tokenizer)
    )
    source = f"{Path(settings.model).name} ({model_digest(settings.model)})"
    note = (
        f"left {source}, right with {len(added):,} pieces learnt from other sentences; "
        f"{before:.1f} -> {after:.1f} pieces a sentence"
    )
    what = "embed a romanised sentence, without and with pieces for romanised words"
    return [result.row(what, "ms", 1000 / len(texts), note)]
