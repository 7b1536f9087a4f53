"""Retrieval benchmarks scored: here sentences, embeddings and records meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from translit_ppa.hub_cards import EvalRecord
from translit_ppa.hub_cards.records.cell_key import CellKey
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.identity import LIBRARIES
from translit_ppa.scoring.models import Model
from translit_ppa.scoring.sides import Sides, Written
from translit_ppa.scoring.store import Store

if TYPE_CHECKING:
    from translit_ppa.data_builders.benchmarks import Benchmark
    from translit_ppa.modeling import SentenceEncoder

SEED = 42
"""What a record of retrieval names as its seed unless told otherwise: retrieval draws nothing."""


class TextEmbeddings:
    """Embeddings by text: each distinct string of a language and a script is encoded once.

    A model with two prompts encodes it once as a query and once as what is searched.
    """

    def __init__(
        self,
        encoder: SentenceEncoder,
        written: Written | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Keep an encoder.

        Args:
            encoder: The model.
            written: Romanises; not needed where only originals are asked for.
            progress: Is told how many texts were encoded.
        """
        self.encoder = encoder
        self.written = written or Written()
        self.progress = progress
        self._rows: dict[tuple[str, bool, bool], dict[str, np.ndarray]] = {}

    def __call__(
        self, language: str, texts: Sequence[str], latin: bool = False, searched: bool = False
    ) -> np.ndarray:
        """Return one embedding per text, given as original. *Shape:* (texts, hidden)."""
        searched = searched and has_two_prompts(self.encoder)
        rows = self._rows.setdefault((language, latin, searched), {})
        new = list(dict.fromkeys(text for text in texts if text not in rows))
        if new:
            given = self.written(language, new, latin)
            encoded = self.encoder.encode(given, searched=searched, progress=self.progress)
            rows.update(zip(new, encoded, strict=True))
        return np.stack([rows[text] for text in texts])


def has_two_prompts(encoder: SentenceEncoder) -> bool:
    """Tell whether a model reads queries in another way than what is searched."""
    return encoder.prompt != encoder.searched_prompt


def score_directions(
    benchmark: Benchmark, embed: TextEmbeddings, directions: Iterable[Sides], split: str
) -> Iterator[dict[str, Any]]:
    """Score a retrieval benchmark, one direction after the other.

    Queries whose own target is the same string are left out of `scores` (the targets stay), and
    are part of `scores_all`.

    Yields:
        `sides, n, pool, identical, scores, scores_all, items, cosines`; a direction without any
        query that counts is left out, and tables name it as a gap.
    """
    # Not above: these may load torch, and a program for text alone imports this file too.
    from translit_ppa.modeling.embedding.retrieval import (
        gold_ranks,
        mean_cosines,
        retrieval_accuracy,
    )
    from translit_ppa.modeling.tasks.outcomes import rank_outcomes

    for sides in directions:
        pair = benchmark.load_pair(sides.source, sides.target, split)
        identical = embed.written.identical(sides, pair)
        if identical.all():
            continue
        queries = embed(sides.source, pair.source, sides.source_latin)
        targets = embed(sides.target, pair.target, sides.target_latin, searched=True)
        ranks = gold_ranks(queries, targets)
        yield {
            "sides": sides,
            "n": int((~identical).sum()),
            "pool": len(pair),
            "identical": int(identical.sum()),
            "scores": retrieval_accuracy(ranks, ~identical),
            "scores_all": retrieval_accuracy(ranks),
            "items": " ".join(rank_outcomes(ranks, ~identical)),
            "cosines": mean_cosines(queries, targets, ~identical),
        }


def count_texts(
    benchmark: Benchmark,
    written: Written,
    directions: Iterable[Sides],
    split: str,
    two_prompts: bool = False,
) -> int:
    """Count the distinct texts that scoring some directions encodes."""
    texts: dict[tuple[str, bool, bool], set[str]] = {}
    for sides in directions:
        pair = benchmark.load_pair(sides.source, sides.target, split)
        if not written.identical(sides, pair).all():
            asked = (sides.source, sides.source_latin, False)
            searched = (sides.target, sides.target_latin, two_prompts)
            texts.setdefault(asked, set()).update(pair.source)
            texts.setdefault(searched, set()).update(pair.target)
    return sum(map(len, texts.values()))


def cell_key(
    model: Model,
    benchmark: Benchmark,
    sides: Sides,
    *,
    layer: int,
    pooling: str,
    split: str = "test",
    written: Written,
    seed: int = SEED,
) -> CellKey:
    """Say who the number of one direction is, before or after it is measured."""
    folded = None
    if sides.romanised:
        folded = written.folded(sides, benchmark.load_pair(sides.source, sides.target, split))
    return CellKey(
        model=model.name,
        model_digest=model.digest,
        tokenizer=model.tokenizer,
        version=package_version(),
        benchmark=benchmark.signature(),
        protocol=benchmark.protocol,
        split=split,
        source=sides.source,
        target=sides.target,
        input=sides.input,
        target_input=sides.target_input,
        transliterator=written.signature if sides.romanised else None,
        folded=folded,
        seed=seed,
        layer=layer,
        pooling=pooling,
    )


def evaluate_model(
    encoder: SentenceEncoder,
    model: Model,
    benchmark: Benchmark,
    directions: Sequence[Sides],
    *,
    split: str = "test",
    written: Written | None = None,
    seed: int = SEED,
    show_progress: bool | None = False,
) -> Iterator[EvalRecord]:
    """Score one model on a retrieval benchmark, as records with their signature.

    Args:
        encoder: The model, with layer and pooling.
        model: Who it is.
        benchmark: A retrieval benchmark.
        directions: Ordered pairs of language codes, each side in its script.
        split: `test` or `validation`.
        written: Romanises the sides that are in Latin script.
        seed: The training seed that the record names; retrieval itself draws nothing.
        show_progress: Whether to count the sentences encoded, with an estimate of the time; None
            does so on a terminal.

    Yields:
        One record per direction.
    """
    disable = None if show_progress is None else not show_progress
    written = written or Written()
    with tqdm(desc=f"{benchmark.name}: {model.name}", unit=" sentences", disable=disable) as bar:
        if not bar.disable:
            two = has_two_prompts(encoder)
            bar.total = count_texts(benchmark, written, directions, split, two)
        embed = TextEmbeddings(encoder, written, bar.update)
        for cell in score_directions(benchmark, embed, directions, split):
            key = cell_key(
                model,
                benchmark,
                cell.pop("sides"),
                layer=encoder.layer,
                pooling=encoder.label,
                split=split,
                written=written,
                seed=seed,
            )
            yield EvalRecord.of(key, created=now(), libraries=libraries(LIBRARIES), **cell)


def score_retrieval(
    model: Model,
    benchmark: Benchmark,
    directions: Sequence[Sides],
    store: Store,
    encoder: Callable[[int], SentenceEncoder],
    layer: int,
    pooling: str,
    *,
    split: str,
    written: Written,
    show_progress: bool | None = False,
) -> Iterator[EvalRecord]:
    """Score one model at one layer, leaving out the directions that a record has.

    Args:
        model: What is scored.
        benchmark: A retrieval benchmark.
        directions: Ordered pairs, each side in its script.
        store: Where records are found and put.
        encoder: Opens the model at a layer; called only if something is missing.
        layer: Which layer, resolved.
        pooling: How tokens become a sentence.
        split: Of the benchmark.
        written: Romanises the sides that are in Latin script.
        show_progress: As for `evaluate_model`.

    Yields:
        One record per direction, in their order, whether measured now or before: a run that goes on
        writes the same page as one that was never stopped.
    """
    known: dict[Sides, EvalRecord] = {}
    for sides in directions:
        key = cell_key(
            model,
            benchmark,
            sides,
            layer=layer,
            pooling=pooling,
            split=split,
            written=written,
        )
        record = store.find(key)
        if isinstance(record, EvalRecord):
            known[sides] = record
    pending = [sides for sides in directions if sides not in known]
    if pending:
        for record in evaluate_model(
            encoder(layer),
            model,
            benchmark,
            pending,
            split=split,
            written=written,
            show_progress=show_progress,
        ):
            store.add(record)
            known[Sides.of(record)] = record
    # A direction whose queries all equal what they look for has no record.
    yield from (known[sides] for sides in directions if sides in known)
