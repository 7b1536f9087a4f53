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
        pieces = self._pieces(inputs)
        examples: list[Example] = []
        for number, words in enumerate(inputs):
            tags = (
                [0] * len(words) if gold is None else [self.labels.index(t) for t in gold[number]]
            )
            if len(tags) != len(words):
                raise ValueError(f"sentence {number}: {len(words)} words and {len(tags)} tags")
            examples += self._split([pieces[word] for word in words], tags)
        return examples

    def _pieces(self, inputs: Sequence[Sequence[str]]) -> dict[str, list[int]]:
        """Subwords of each distinct word, never empty, never more than fit."""
        words = list(dict.fromkeys(word for sentence in inputs for word in sentence))
        encoded = self.tokenizer(words, add_special_tokens=False)["input_ids"] if words else []
        room = self._room()
        # Byte-level pieces know every text, and so no unknown one.
        tokenizer = self.tokenizer
        nothing = tokenizer.unk_token_id
        unknown = [tokenizer.mask_token_id if nothing is None else nothing]
        return {
            word: list(ids) if 0 < len(ids) <= room else unknown
            for word, ids in zip(words, encoded, strict=True)
        }

    def _room(self) -> int:
        return self.settings.max_length - self.tokenizer.num_special_tokens_to_add(pair=False)

    def _split(self, words: list[list[int]], tags: list[int]) -> list[Example]:
        room = self._room()
        chunks: list[tuple[list[int], list[int]]] = []
        for ids, tag in zip(words, tags, strict=True):
            if not chunks or len(chunks[-1][0]) + len(ids) > room:
                chunks.append(([], []))
            chunks[-1][0].extend(ids)
            chunks[-1][1].extend([tag] + [IGNORED] * (len(ids) - 1))
        first = self.tokenizer.cls_token_id
        last = self.tokenizer.sep_token_id
        return [
            {"input_ids": [first, *ids, last], "labels": [IGNORED, *labels, IGNORED]}
            for ids, labels in chunks
        ]

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
