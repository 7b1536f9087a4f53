"""Steps that bring documents into a pipeline, and make sentences of them.

In the metadata of a document stand `code` (its language), `part` and `row` (where it stands),
`origin`, `drop` (why the source gives it up), `latin` and `variant` (a ready romanisation); a
sentence has `start`, `end` and `cut` as well. Readers of datatrove give none but `code`, by
`default_metadata`; the rest is found here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from ...errors import DataError
from ...languages.groups import Language
from ...sentences.split.splitter import Splitter
from ...sources.base import Sentence, Source
from ..stretches import pieces_of
from .plan import Plan, known_marker

__all__ = ["ReadSource", "SplitSentences"]


class ReadSource(PipelineStep):
    """Reads a source of the local build, each of its parts in one task.

    Args:
        source: The source.
        plan: The build; parts that it has read to their ends are passed over.
    """

    type = "READER"
    name = "source"

    def __init__(self, source: Source, plan: Plan) -> None:
        super().__init__()
        self.source = source
        self.plan = plan

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield what came before, and the rows of the parts of this task."""
        yield from data or ()
        parts = (
            (language.code, f"{number:08d}", part)
            for language in self.plan.languages
            for number, part in enumerate(self.source.parts(language))
        )
        for number, (code, name, part) in enumerate(parts):
            if number % world_size != rank:
                continue
            if self._is_done(code, name):
                self.stat_update("parts_passed_over")
                continue
            self.stat_update("parts")
            for row, sentence in enumerate(part()):
                yield _document(sentence, code, name, row)

    def _is_done(self, code: str, name: str) -> bool:
        counts, candidates = (
            known_marker(self.plan.place(stage, code, name).with_suffix(".json"))
            for stage in ("counts", "candidates")
        )
        return counts is not None and candidates is not None


def _document(sentence: Sentence, code: str, part: str, row: int) -> Document:
    facts: dict[str, Any] = {"code": code, "part": part, "row": row, "origin": sentence.origin}
    for name, value in (
        ("drop", sentence.drop),
        ("latin", sentence.transliteration),
        ("variant", sentence.variant or None),
    ):
        if value is not None:
            facts[name] = value
    return Document(sentence.text or "", f"{code}/{part}/{row}", metadata=facts)


class SplitSentences(PipelineStep):
    """Makes a document of each sentence of a document.

    Args:
        splitter: What finds the sentences; None takes documents as they are.
        origin: What the column `source` will say of documents that do not say it themselves.
    """

    type = "FORMAT"
    name = "sentences"

    def __init__(self, splitter: Splitter | None, origin: str = "") -> None:
        super().__init__()
        self.splitter = splitter
        self.origin = origin

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the sentences of each document, in order; one of no text where there are none."""
        places: dict[tuple[str, str], int] = {}
        last = None
        for document in data:
            facts = document.metadata
            code = facts.get("code")
            if not isinstance(code, str) or code.count("_") != 1:
                raise DataError(
                    f"a document says code {str(code)[:40]!r}; legal is such as ell_Grek: give the "
                    'reader default_metadata={"code": CODE}'
                )
            if "part" not in facts:
                place = code, str(facts.get("file_path") or f"task-{rank:08d}")
                if place in places and place != last:
                    raise DataError(
                        f"{place[1][:80]}: documents of it come in several places; give the reader "
                        "read_metadata=False where rows have a file_path of their own"
                    )
                last = place
                facts["part"], facts["row"] = place[1], places.get(place, -1) + 1
                places[place] = facts["row"]
            yield from self._sentences(document, code)

    def _sentences(self, document: Document, code: str) -> Iterator[Document]:
        facts = document.metadata
        facts.setdefault("origin", self.origin)
        sentence = Sentence(document.text, facts["origin"], drop=facts.get("drop"))
        iso639_3, iso15924 = code.split("_")
        language = Language(iso639_3, iso15924)
        for start, end, cut in pieces_of(sentence, language, self.splitter):
            where = {"start": start, "end": end} if self.splitter else {"start": None, "end": None}
            yield Document(
                document.text[start:end], document.id, metadata={**facts, **where, "cut": cut}
            )
