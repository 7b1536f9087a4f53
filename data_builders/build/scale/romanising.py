"""The step that romanises: for a pipeline of datatrove of any kind, ours or a user's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from ...schema import arrow_schema
from ...sentences.filters import SentenceFilter, dominant_script
from ...sentences.sampling import SelectedRow
from ...transliterators.rows import romanise_rows
from .filtering import excluded_texts

__all__ = ["SCHEMA", "Romanise", "pair_of"]

SCHEMA: pa.Schema = arrow_schema()
"""Columns of the pairs, for a `ParquetWriter`."""


class Romanise(PipelineStep):
    """Gives every sentence its romanisation, as `transliteration` in its metadata.

    A sentence says its language by `code` in its metadata (`ell_Grek`). What brings a romanisation
    of its own, as `latin`, keeps that.

    Args:
        transliterator: `uroman`, `identity` or `module:function` of your own.
        language_code: Whether the romaniser gets the language code; False as the paper's authors.
        exclude: Benchmarks whose sentences are dropped, or their names (`srb:DIR`).
        keep_lost: Let sentences that cannot be romanised go on, with None, for a later step that
            counts them; else they are dropped.
        batch: Sentences that are romanised at a time.
    """

    type = "FORMAT"
    name = "romanise"

    def __init__(
        self,
        transliterator: str = "uroman",
        *,
        language_code: bool = True,
        exclude: Sequence[Any] = (),
        keep_lost: bool = False,
        batch: int = 1000,
    ) -> None:
        super().__init__()
        self.transliterator = transliterator
        self.language_code = language_code
        self.exclude = tuple(exclude)
        self.keep_lost = keep_lost
        self.batch = batch

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the sentences in their order, romanised a batch of one language at a time."""
        excluded = excluded_texts(self.exclude, True)
        waiting: list[Document] = []
        for sentence in data:
            if excluded and SentenceFilter.fold(sentence.text) in excluded:
                self.stat_update("dropped_in_benchmark")
                continue
            full = len(waiting) == self.batch
            if full or (waiting and waiting[0].metadata["code"] != sentence.metadata["code"]):
                yield from self._romanised(waiting)
                waiting = []
            waiting.append(sentence)
        if waiting:
            yield from self._romanised(waiting)

    def _romanised(self, sentences: list[Document]) -> Iterator[Document]:
        rows = [
            SelectedRow(sentence.text, sentence.metadata.get("latin"), "", 0, None, None)
            for sentence in sentences
        ]
        code = sentences[0].metadata["code"]
        with self.track_time("batch"):
            made = romanise_rows(code, rows, self.transliterator, self.language_code)
        self.stat_update("sentences", value=len(rows), unit="batch")
        # The romaniser counts them by the batch: they stand with its first sentence.
        sentences[0].metadata["unreadable"] = made.unreadable
        lost: Counter[str] = Counter()
        for sentence, latin in zip(sentences, made.latin, strict=True):
            sentence.metadata["transliteration"] = latin
            if not self.keep_lost and not (latin or "").strip():
                lost["not_romanised" if latin is None else "empty_transliteration"] += 1
                continue
            yield sentence
        for reason, count in lost.items():
            self.stat_update(f"dropped_{reason}", value=count)


def pair_of(writer: Any, sentence: Document) -> dict[str, str]:
    """Make a row of a romanised sentence: the `adapter` of a writer with the schema `SCHEMA`.

    Args:
        writer: The writer, which hands itself over.
        sentence: A sentence behind `Romanise`.

    Returns:
        `text, transliteration, lang, script, source`.
    """
    facts = sentence.metadata
    lang, script = facts["code"].split("_")
    script = dominant_script(sentence.text) if script == "Zyyy" else script
    row = (sentence.text, facts["transliteration"], lang, script, facts.get("origin", ""))
    return dict(zip(SCHEMA.names, row, strict=True))
