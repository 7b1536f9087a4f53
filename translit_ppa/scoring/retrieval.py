"""Retrieval benchmarks scored: here sentences, embeddings and records meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from translit_ppa.hub_cards import EvalRecord
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.identity import LIBRARIES, tokenizer_digest

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks import Benchmark
    from translit_ppa.data_builders.transliterators import Transliterator
    from translit_ppa.modeling import SentenceEncoder


class TextEmbeddings:
    """Embeddings by text: each distinct string of a language is encoded once."""

    def __init__(
        self, encoder: SentenceEncoder, transliterator: Transliterator | None = None
    ) -> None:
        """Keep an encoder; with a transliterator, texts are romanised first."""
        self.encoder = encoder
        self.transliterator = transliterator
        self._rows: dict[tuple[str, str], np.ndarray] = {}

    def __call__(self, language: str, texts: Sequence[str]) -> np.ndarray:
        """Return one embedding per text. *Shape:* (texts, hidden)."""
        new = list(dict.fromkeys(t for t in texts if (language, t) not in self._rows))
        if new:
            written = self.transliterator(new, language) if self.transliterator else new
            for text, row in zip(new, self.encoder.encode(written), strict=True):
                self._rows[language, text] = row
        return np.stack([self._rows[language, text] for text in texts])


def score_directions(
    benchmark: Benchmark, embed: TextEmbeddings, directions: Sequence[tuple[str, str]], split: str
) -> Iterator[dict[str, Any]]:
    """Score a retrieval benchmark, one ordered pair of languages after the other.

    Queries whose own target is the same string are left out of `scores` (the targets stay), and
    are part of `scores_all`.

    Yields:
        `source, target, n, pool, identical, scores, scores_all, items`; a pair without any query
        that counts is left out, and tables name it as a gap.
    """
    # Not above: these may load torch, and a program for text alone imports this file too.
    from translit_ppa.modeling.embedding.retrieval import gold_ranks, retrieval_accuracy
    from translit_ppa.modeling.tasks.outcomes import rank_outcomes

    for source, target in directions:
        pair = benchmark.load_pair(source, target, split)
        identical = np.array(pair.identical, dtype=bool)
        if identical.all():
            continue
        ranks = gold_ranks(embed(source, pair.source), embed(target, pair.target))
        yield {
            "source": source,
            "target": target,
            "n": int((~identical).sum()),
            "pool": len(pair),
            "identical": int(identical.sum()),
            "scores": retrieval_accuracy(ranks, ~identical),
            "scores_all": retrieval_accuracy(ranks),
            "items": " ".join(rank_outcomes(ranks, ~identical)),
        }


def evaluate_model(
    encoder: SentenceEncoder,
    name: str,
    digest: str,
    benchmark: Benchmark,
    directions: Sequence[tuple[str, str]],
    *,
    split: str = "test",
    transliterator: Transliterator | None = None,
    seed: int = 42,
) -> Iterator[EvalRecord]:
    """Score one model on a retrieval benchmark, as records with their signature.

    Args:
        encoder: The model, with layer and pooling.
        name: How tables call it.
        digest: From `model_digest`.
        benchmark: A retrieval benchmark.
        directions: Ordered pairs of language codes.
        split: `test` or `validation`.
        transliterator: Romanises both sides first; None scores the original script.
        seed: The training seed that the record names; retrieval itself draws nothing.

    Yields:
        One record per direction.
    """
    embed = TextEmbeddings(encoder, transliterator)
    for cell in score_directions(benchmark, embed, directions, split):
        yield EvalRecord(
            kind="eval",
            version=package_version(),
            created=now(),
            model=name,
            model_digest=digest,
            tokenizer=tokenizer_digest(encoder.tokenizer),
            benchmark=benchmark.signature(),
            protocol=benchmark.protocol,
            split=split,
            input="latin" if transliterator else "original",
            transliterator=transliterator.signature() if transliterator else None,
            layer=encoder.layer,
            pooling=encoder.pooling,
            seed=seed,
            libraries=libraries(LIBRARIES),
            **cell,
        )
