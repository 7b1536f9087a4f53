"""Segments of XML and SGML: test sets of WMT and IWSLT, Bibles of the Corpus Encoding Standard.

In: `<seg id="1">...</seg>` within `<doc docid="a">`; in WMT's XML of 2021 and later also within
`<src lang="ru">`, `<ref lang="en">` and `<hyp>`, the output of a system. Out: a row for each
segment; of several references the first, of systems none. WMT's SGML has whole segments on a line
and is no XML. A document that comes again is a further reference, dropped and counted. The
Universal Declaration of Human Rights of Unicode has `<para>` in place of `<seg>`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from ...errors import DataError
from ...text_file import name_of
from ..lines import iter_lines, read_head
from ..rows import Layout, Row, Use
from .xml_rows import XmlRows

__all__ = ["segments"]

_SIDES = ("src", "ref", "hyp")
_AGAIN = "another_reference"
"""Why a segment is left out: its document came before, in another translation."""
_OPENED = re.compile(r"<seg\b", re.IGNORECASE)
_SEG_OR_DOC = re.compile(
    r"<seg\b(?P<seg>[^>]*)>(?P<text>((?!<seg\b).)*?)</seg>|<doc\b(?P<doc>[^>]*)(?P<end>>|$)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"""\bid=["']?([^"' >]*)""", re.IGNORECASE)
_DOC_ID = re.compile(r"""\b(?:doc)?id=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


def segments(path: Path, sgml: bool) -> Layout:
    """Lay out a file of segments.

    Args:
        path: The file, plain or packed.
        sgml: Whether it is SGML, a segment a line.

    Returns:
        The layout; rows say their language where the file does, as WMT's XML.

    Raises:
        DataError: It holds no segment.
    """

    def read() -> Iterator[Row]:
        yield from _lines(path) if sgml else _Segments(path).rows()

    first = next(read(), None)
    if first is None:
        raise DataError(
            f"{name_of(path)} holds no <seg>; legal are test sets of WMT and IWSLT, Bibles of the "
            "Corpus Encoding Standard, and TMX, which is named .tmx"
        )
    form = f"{'SGML' if sgml else 'XML'} with a <seg> a sentence"
    encoding = read_head(path).encoding if sgml else "as its XML says"
    if first.language is None:
        return Layout(path, form, encoding, ("id", "seg"), 2, Use(1, id=0), read)
    notes = ("references beside the first, and the output of systems",)
    names = ("id", "lang", "seg")
    return Layout(path, form, encoding, names, 3, Use(2, id=0, language=1), read, notes)


def _lines(path: Path) -> Iterator[Row]:
    documents = _Documents()
    for number, line in enumerate(iter_lines(path), 1):
        segments = 0
        for match in _SEG_OR_DOC.finditer(line):
            if match["doc"] is not None:
                given = _DOC_ID.search(match["doc"])
                documents.begin(next(filter(None, given.groups()), "") if given else "")
                segments -= not match["end"]
            elif given := _NUMBER.search(match["seg"]):
                segments += 1
                yield documents.row(given[1], html.unescape(match["text"]))
        if segments != len(_OPENED.findall(line)):
            raise DataError(
                f'{name_of(path)}, line {number}: legal is <seg id="1">, the sentence and '
                "</seg> on a line; put each segment and each tag on one"
            )


class _Documents:
    """The document that is being read, and those that were."""

    def __init__(self) -> None:
        self._name, self._again = "", False
        self._seen: set[str] = set()

    def begin(self, given: str) -> None:
        """A document begins; one without id is never the same as another."""
        self._name, self._again = f"{given}#", given in self._seen
        self._seen |= {given} if given else set()

    def row(self, number: str, text: str, language: str | None = None) -> Row:
        """Make the row of a segment."""
        drop = _AGAIN if self._again else None
        return Row(f"{self._name}{number}", text, drop=drop, language=language)


class _Segments(XmlRows):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._documents, self._id = _Documents(), ""
        self._side: str | None = None
        self._language: str | None = None
        self._told: set[str] = set()
        self._element, self._count, self._notes = "seg", 0, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.lower()
        self._notes += name == "note"
        if name == "udhr":
            self._element = "para"
        elif name == "doc":
            self._documents.begin(attributes.get("docid", attributes.get("id", "")))
            self._told = set()
        elif name in ("tu", "tuv"):
            raise DataError(f"{name_of(self.path)} is TMX, of several languages; name it .tmx")
        elif name in _SIDES and self.text is None:
            language = attributes.get("lang")
            more = name == "hyp" or (name == "ref" and language in self._told)
            self._side, self._language = "left out" if more else name, language
            self._told.add(language or "")
        elif name == self._element and self._side != "left out" and not self._notes:
            if self._side and not self._language:
                raise DataError(
                    f"{name_of(self.path)}: a <{self._side}> says no language; legal is "
                    f'<{self._side} lang="en">; add it, or make a file of each side'
                )
            self._count += 1
            self._id = attributes.get("id", str(self._count))
            self.begin_text()

    def end(self, name: str) -> None:
        name = name.lower()
        self._notes -= name == "note"
        if name in _SIDES and self.text is None:
            self._side = self._language = None
        elif name == self._element and self.text is not None:
            self.found.append(self._documents.row(self._id, "".join(self.text), self._language))
            self.text = None
