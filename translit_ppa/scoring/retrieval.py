"""Retrieval benchmarks scored: here sentences, embeddings and records meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from translit_ppa.hub_cards import EvalRecord
from translit_ppa.hub_cards.records.cell_key import CellKey
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.identity import LIBRARIES
from translit_ppa.scoring.store import Model, Pair, Store

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks import Benchmark
    from translit_ppa.data_builders.transliterators import Transliterator
    from translit_ppa.modeling import SentenceEncoder

SEED = 42
"""What a record of retrieval names as its seed unless told otherwise: retrieval draws nothing."""


class TextEmbeddings:
    """Embeddings by text: each distinct string of a language is encoded once."""

    def __init__(
        self,
        encoder: SentenceEncoder,
        transliterator: Transliterator | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Keep an encoder.

        Args:
            encoder: The model.
            transliterator: Texts are romanised by it first.
            progress: Is told how many texts were encoded.
        """
        self.encoder = encoder
        self.transliterator = transliterator
        self.progress = progress
        self._rows: dict[tuple[str, str], np.ndarray] = {}

    def __call__(self, language: str, texts: Sequence[str]) -> np.ndarray:
        """Return one embedding per text. *Shape:* (texts, hidden)."""
        new = list(dict.fromkeys(t for t in texts if (language, t) not in self._rows))
        if new:
            written = self.transliterator(new, language) if self.transliterator else new
            encoded = self.encoder.encode(written, progress=self.progress)
            for text, row in zip(new, encoded, strict=True):
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


def count_texts(benchmark: Benchmark, directions: Sequence[Pair], split: str) -> int:
    """Count the distinct texts that scoring some directions encodes."""
    texts: dict[str, set[str]] = {}
    for source, target in directions:
        pair = benchmark.load_pair(source, target, split)
        if not all(pair.identical):
            texts.setdefault(source, set()).update(pair.source)
            texts.setdefault(target, set()).update(pair.target)
    return sum(map(len, texts.values()))


def cell_key(
    model: Model,
    benchmark: Benchmark,
    pair: Pair,
    *,
    layer: int,
    pooling: str,
    split: str = "test",
    transliterator: Transliterator | None = None,
    seed: int = SEED,
) -> CellKey:
    """Say who the number of one direction is, before or after it is measured."""
    return CellKey(
        model=model.name,
        model_digest=model.digest,
        tokenizer=model.tokenizer,
        version=package_version(),
        benchmark=benchmark.signature(),
        protocol=benchmark.protocol,
        split=split,
        source=pair[0],
        target=pair[1],
        input="latin" if transliterator else "original",
        transliterator=transliterator.signature() if transliterator else None,
        seed=seed,
        layer=layer,
        pooling=pooling,
    )


def evaluate_model(
    encoder: SentenceEncoder,
    model: Model,
    benchmark: Benchmark,
    directions: Sequence[Pair],
    *,
    split: str = "test",
    transliterator: Transliterator | None = None,
    seed: int = SEED,
    show_progress: bool | None = False,
) -> Iterator[EvalRecord]:
    """Score one model on a retrieval benchmark, as records with their signature.

    Args:
        encoder: The model, with layer and pooling.
        model: Who it is.
        benchmark: A retrieval benchmark.
        directions: Ordered pairs of language codes.
        split: `test` or `validation`.
        transliterator: Romanises both sides first; None scores the original script.
        seed: The training seed that the record names; retrieval itself draws nothing.
        show_progress: Whether to count the sentences encoded, with an estimate of the time; None
            does so on a terminal.

    Yields:
        One record per direction.
    """
    disable = None if show_progress is None else not show_progress
    with tqdm(desc=f"{benchmark.name}: {model.name}", unit=" sentences", disable=disable) as bar:
        if not bar.disable:
            bar.total = count_texts(benchmark, directions, split)
        embed = TextEmbeddings(encoder, transliterator, bar.update)
        for cell in score_directions(benchmark, embed, directions, split):
            key = cell_key(
                model,
                benchmark,
                (cell["source"], cell["target"]),
                layer=encoder.layer,
                pooling=encoder.pooling,
                split=split,
                transliterator=transliterator,
                seed=seed,
            )
            yield EvalRecord.of(key, created=now(), libraries=libraries(LIBRARIES), **cell)


def score_retrieval(
    model: Model,
    benchmark: Benchmark,
    directions: Sequence[Pair],
    store: Store,
    encoder: Callable[[int], SentenceEncoder],
    layer: int,
    pooling: str,
    *,
    split: str,
    transliterator: Transliterator | None,
    show_progress: bool | None = False,
) -> Iterator[EvalRecord]:
    """Score one model at one layer, leaving out the directions that a record has.

    Args:
        model: What is scored.
        benchmark: A retrieval benchmark.
        directions: Ordered pairs.
        store: Where records are found and put.
        encoder: Opens the model at a layer; called only if something is missing.
        layer: Which layer, resolved.
        pooling: How tokens become a sentence.
        split: Of the benchmark.
        transliterator: Romanises both sides; None for the original script.
        show_progress: As for `evaluate_model`.

    Yields:
        One record per direction, in their order, whether measured now or before: a run that goes on
        writes the same page as one that was never stopped.
    """
    known: dict[Pair, EvalRecord] = {}
    for pair in directions:
        key = cell_key(
            model,
            benchmark,
            pair,
            layer=layer,
            pooling=pooling,
            split=split,
            transliterator=transliterator,
        )
        record = store.find(key)
        if isinstance(record, EvalRecord):
            known[pair] = record
    pending = [pair for pair in directions if pair not in known]
    if pending:
        for record in evaluate_model(
            encoder(layer),
            model,
            benchmark,
            pending,
            split=split,
            transliterator=transliterator,
            show_progress=show_progress,
        ):
            store.add(record)
            known[record.source, record.target] = record
    yield from (known[pair] for pair in directions)
