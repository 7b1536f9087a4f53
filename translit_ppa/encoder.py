"""Sentences to vectors, and the nearest sentences, with any model that this package knows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import resolve_code
from translit_ppa.data_builders.sentences.filters import normalise
from translit_ppa.data_builders.sentences.forms import fold_forms
from translit_ppa.data_builders.transliterators import get_transliterator
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_reading import reads_hub
from translit_ppa.modeling.embedding.encoder import SentenceEncoder
from translit_ppa.modeling.embedding.retrieval import top_k

__all__ = ["Encoder", "Hits"]

Texts = Sequence[str]


@dataclass(frozen=True)
class Hits:
    """The nearest sentences of each query, nearest first.

    Attributes:
        indices: Their places in the corpus. *Shape:* (queries, k), int64.
        scores: Their cosines with the query, -1 to 1. *Shape:* (queries, k), float32.
    """

    indices: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[list[tuple[int, float]]]:
        """Give (place, cosine) of the hits of one query after another."""
        for places, cosines in zip(self.indices.tolist(), self.scores.tolist(), strict=True):
            yield list(zip(places, cosines, strict=True))


class Encoder:
    """Embeds sentences with one layer of a multilingual encoder.

    Which layer, which pooling and how long an input may be is what the checkpoint says of itself,
    unless it is given here: an aligned checkpoint names the layer that was aligned, a model of
    sentence-transformers has its own way (modules, prompts) and gives the vectors that it gives
    there, and any other model is read at two thirds of its layers, where the paper aligns.
    """

    @raises_translit_error
    @reads_hub
    def __init__(
        self,
        model: Any,
        layer: int | None = None,
        pooling: str | None = None,
        max_length: int | None = None,
        *,
        prompt: str | Sequence[str] | None = None,
        revision: str | None = None,
        device: str | None = None,
        batch_size: int = 64,
        transliterator: str = "uroman",
        fold_forms: bool = True,
    ) -> None:
        """Open a model.

        Args:
            model: Name on the Hub, folder, or the run that `align` returns.
            layer: Layer counted from 1; 0 is the embedding output.
            pooling: Mean over `attended` tokens, over `content` without special tokens, or the
                first token's state, `cls`.
            max_length: Longest input in tokens, special ones included.
            prompt: What stands before every text: a prompt of the sentence model by name, such as
                `query`, or the words, such as `query: `; "" is none. Two, such as `("query",
                "passage")`: before queries, and before what is searched. None: the model's default.
            revision: Commit, tag or branch on the Hub.
            device: Such as `cpu` or `cuda:1`; None is CUDA where there is one.
            batch_size: Sentences computed at a time.
            transliterator: What `romanise=True` romanises with.
            fold_forms: Whether it first brings text into the letters that Unicode has for it, as a
                build does: letters shaped by a font, SARA AM in two parts and so on; Zawgyi where
                the language is said to be Burmese.

        Raises:
            TranslitError: There is no such model, layer or pooling.
        """
        self.name = os.fspath(getattr(model, "folder", model))
        self.transliterator = transliterator
        self.fold_forms = fold_forms
        self._encoder = SentenceEncoder.from_pretrained(
            self.name,
            revision=revision,
            device=device,
            layer=layer,
            pooling=pooling,
            max_length=max_length,
            batch_size=batch_size,
            prompt=prompt,
        )

    @property
    def layer(self) -> int:
        """The layer that embeddings come from; 0 is the embedding output."""
        return self._encoder.layer

    @property
    def pooling(self) -> str:
        """How the states of a sentence become one vector: `attended`, `content` or `cls`."""
        return self._encoder.pooling

    @property
    def prompt(self) -> str:
        """What stands before every text, or before queries; mostly nothing."""
        return self._encoder.prompt

    @property
    def max_length(self) -> int:
        """Longest input in tokens; what is longer is cut."""
        return self._encoder.max_length

    @property
    def model(self) -> Any:
        """The model, of transformers."""
        return self._encoder.model

    @property
    def tokenizer(self) -> Any:
        """The tokenizer, of transformers."""
        return self._encoder.tokenizer

    def __repr__(self) -> str:
        return (
            f"Encoder({self.name!r}, layer={self.layer}, pooling={self.pooling!r}, "
            f"max_length={self.max_length})"
        )

    @raises_translit_error
    def encode(
        self,
        texts: Texts,
        romanise: bool = False,
        language: str | None = None,
        show_progress: bool | None = None,
        *,
        searched: bool = False,
    ) -> np.ndarray:
        """Embed sentences.

        Args:
            texts: Any number of strings.
            romanise: Romanise them first.
            language: Code of their language, which romanisation is better for; None is unknown.
            show_progress: Show a bar with an estimate; None does so on a terminal, for more than
                a few hundred sentences.
            searched: They are what is searched, not queries; where there are two prompts, the
                second stands before them.

        Returns:
            float32; of length 1 where a sentence model makes them so. *Shape:* (texts, hidden).

        Raises:
            TranslitError: It is not a sequence of strings, or romanisation fails.
        """
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise DataError("texts: came something else; legal: a list of strings")
        if romanise:
            code = None if language is None else resolve_code(language)
            if self.fold_forms:
                iso639_3 = code and code.partition("_")[0]
                texts = [fold_forms(normalise(text), iso639_3)[0] for text in texts]
            texts = get_transliterator(self.transliterator)(texts, code)
        return self._encoder.encode(texts, searched=searched, show_progress=show_progress)

    @raises_translit_error
    def search(
        self,
        queries: Texts | np.ndarray,
        corpus: Texts | np.ndarray,
        k: int = 10,
        *,
        romanise: bool = False,
        show_progress: bool | None = None,
    ) -> Hits:
        """Find the nearest sentences of a corpus by cosine, exactly.

        Args:
            queries: Sentences, or vectors that `encode` gave.
            corpus: Sentences, or vectors that `encode` gave.
            k: How many; of a smaller corpus, all.
            romanise: Romanise sentences first.
            show_progress: As for `encode`.

        Returns:
            The hits; of equally near ones the earlier comes first.

        Raises:
            TranslitError: `k` is below 1, the corpus is empty, or vectors are of another length.
        """
        wanted, found = (
            side
            if isinstance(side, np.ndarray)
            else self.encode(side, romanise, show_progress=show_progress, searched=searched)
            for side, searched in ((queries, False), (corpus, True))
        )
        if k < 1 or not len(found):
            raise DataError(f"k {k}, corpus of {len(found)}; legal is 1 or more of both")
        if wanted.ndim != 2 or found.ndim != 2 or wanted.shape[1] != found.shape[1]:
            raise DataError(
                f"vectors of shapes {wanted.shape} and {found.shape}; legal: (n, hidden) and "
                "(m, hidden) of one model"
            )
        indices = top_k(wanted, found, min(k, len(found)))
        scores = np.einsum("qh,qkh->qk", _unit(wanted), _unit(found[indices]))
        return Hits(indices, scores.astype(np.float32))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True).clip(min=1e-12)
