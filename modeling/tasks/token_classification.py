"""Sentences with one tag per word: the tag is read off the word's first subword.

A sentence of more subwords than fit is split between words into several examples; every word keeps
its tag. A word without subwords, or with more than fit, is the unknown piece.

Source: arXiv 2406.19759, section 4.3 (NER, POS), and the authors' code.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from transformers import AutoModelForTokenClassification

from ..embedding.words import pieces_of_words, room_of, windows
from ..padding import padded
from .fine_tuning import Example, FineTuner

IGNORED = -100


class TokenClassifier(FineTuner):
    """Tags words."""

    auto_class = AutoModelForTokenClassification

    def encode(
        self, inputs: Sequence[Sequence[str]], gold: Sequence[Sequence[str]] | None
    ) -> list[Example]:
        """Turn sentences into one or more examples each, in order.

        `labels` holds an id (without gold 0) at first subwords and -100 elsewhere.
        """
        room = room_of(self.tokenizer, self.settings.max_length)
        pieces = pieces_of_words(self.tokenizer, inputs, room)
        examples: list[Example] = []
        for number, words in enumerate(inputs):
            tags = (
                [0] * len(words) if gold is None else [self.labels.index(t) for t in gold[number]]
            )
            if len(tags) != len(words):
                raise ValueError(f"sentence {number}: {len(words)} words and {len(tags)} tags")
            given = iter(tags)
            for window in windows([pieces[word] for word in words], room):
                examples.append(self._example(window, [next(given) for _ in window]))
        return examples

    def _example(self, words: Sequence[list[int]], tags: Sequence[int]) -> Example:
        ids = [piece for word in words for piece in word]
        labels = [
            label
            for word, tag in zip(words, tags, strict=True)
            for label in (tag, *[IGNORED] * (len(word) - 1))
        ]
        first, last = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        return {"input_ids": [first, *ids, last], "labels": [IGNORED, *labels, IGNORED]}

    def pad(self, examples: Sequence[Example]) -> dict[str, torch.Tensor]:
        """Make one batch; with `labels` where the examples have them."""
        tensors = padded([example["input_ids"] for example in examples], self.tokenizer)
        if "labels" in examples[0]:
            labels = torch.full(tensors["input_ids"].shape, IGNORED)
            for row, example in enumerate(examples):
                labels[row, : len(example["labels"])] = torch.tensor(example["labels"])
            tensors["labels"] = labels
        return tensors

    def predict(self, inputs: Sequence[Sequence[str]]) -> list[list[str]]:
        """Give each word its most probable tag."""
        examples = self.encode(inputs, None)
        tags = [
            self.labels[int(logits[place].argmax())]
            for example, logits in zip(examples, self.logits(examples), strict=True)
            for place, label in enumerate(example["labels"])
            if label != IGNORED
        ]
        # One first subword per word, in order: the splits join up again by counting.
        ends = [0]
        for words in inputs:
            ends.append(ends[-1] + len(words))
        if ends[-1] != len(tags):
            raise AssertionError(f"{ends[-1]} words but {len(tags)} tags")
        return [tags[a:b] for a, b in pairwise(ends)]
