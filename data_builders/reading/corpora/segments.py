"""Segments of XML and SGML: test sets of WMT and IWSLT, Bibles of the Corpus Encoding Standard.

In: `<seg id="1">...</seg>` within `<doc docid="a">`; in WMT's XML of 2021 and later also within
`<src lang="ru">`, `<ref lang="en">` and `<hyp>`, the output of a system. Out: a row for each
segment; of several references the first, of systems none. WMT's SGML has a segment a line and is
no XML. The Universal Declaration of Human Rights of Unicode has `<para>` in place of `<seg>`.
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
_DOC = re.compile(r'<doc\b.*?\b(?:doc)?id="([^"]*)".*>', re.IGNORECASE)
_SEG = re.compile(r"<seg\b[^>]*>(.*)</seg>", re.IGNORECASE)
_NUMBER = re.compile(r'\bid="?([^" >]*)')


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
    document = ""
    for number, line in enumerate(iter_lines(path), 1):
        line = line.strip()
        if match := _DOC.match(line):
            document = f"{match[1]}#"
        elif line.lower().startswith("<seg"):
            match, given = _SEG.fullmatch(line), _NUMBER.search(line)
            if not match or not given:
                raise DataError(
                    f'{name_of(path)}, line {number}: legal is <seg id="1">, the sentence and '
                    "</seg> on a line"
                )
            yield Row(f"{document}{given[1]}", html.unescape(match[1]))


class _Segments(XmlRows):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._document = self._id = ""
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
            given = attributes.get("docid", attributes.get("id", ""))
            self._document, self._told = f"{given}#", set()
        elif name in _SIDES:
            language = attributes.get("lang")
            more = name == "hyp" or (name == "ref" and language in self._told)
            self._side, self._language = "left out" if more else name, language
            self._told.add(language or "")
        elif name == self._element and self._side != "left out" and not self._notes:
            self._count += 1
            self._id = attributes.get("id", str(self._count))
            self.begin_text()

    def end(self, name: str) -> None:
        name = name.lower()
        self._notes -= name == "note"
        if name in _SIDES:
            self._side = self._language = None
        elif name == self._element and self.text is not None:
            text = "".join(self.text)
            self.found.append(Row(f"{self._document}{self._id}", text, language=self._language))
            self.text = None
