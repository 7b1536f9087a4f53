"""TMX, the exchange format of translation memories (LISA, version 1.4b): sentences by language.

In: `<tu>` with a `<tuv xml:lang="el"><seg>` a language. Out: a row for each, in the order of the
file; the units of one number are translations of one another. XML from anywhere: entities of its
own are refused, nothing outside of it is opened, and memory stays within one unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from ..errors import DataError
from ..text_file import MOST_LINE, name_of, open_text
from .rows import Layout, Row, Use

__all__ = ["tmx"]

_CHUNK = 1 << 16
_NOT_TEXT = ("bpt", "ept", "it", "ph", "ut")
"""Elements in a segment that hold the code of a page, not its text."""


def tmx(path: Path) -> Layout:
    """Lay out a TMX file.

    Args:
        path: The file, plain or packed.

    Returns:
        The layout; ids of rows are the numbers of their units, from 1.

    Raises:
        DataError: It holds no translation unit.
    """

    def read() -> Iterator[Row]:
        yield from _Reader(path).rows()

    if next(read(), None) is None:
        raise DataError(f"{name_of(path)} holds no <tu> with a <seg>; legal is TMX")
    form = "TMX, a translation memory of several languages"
    names = ("unit", "xml:lang", "seg")
    return Layout(path, form, "as its XML says", names, 3, Use(2, id=0, language=1), read)


class _Reader:
    """Collects segments while expat runs through the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unit = self.length = self.hidden = 0
        self.language: str | None = None
        self.text: list[str] | None = None
        self.found: list[Row] = []
        self.parser: Any = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse

    def rows(self) -> Iterator[Row]:
        with open_text(self.path, lines=False) as file:
            last = False
            while not last:
                content = file.read(_CHUNK)
                last = not content
                try:
                    self.parser.Parse(content, last)
                except (expat.ExpatError, ValueError, LookupError) as error:
                    if isinstance(error, DataError):
                        raise
                    raise DataError(
                        f"cannot read {name_of(self.path)}: {error}; replace or remove the file"
                    ) from error
                yield from self.found
                self.found = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tu":
            self.unit += 1
        elif name == "tuv":
            self.language = attributes.get("xml:lang", attributes.get("lang"))
        elif name == "seg":
            self.text, self.length = [], 0
        elif name in _NOT_TEXT:
            self.hidden += 1

    def _end(self, name: str) -> None:
        if name == "seg" and self.text is not None:
            drop = None if self.language else "no_language"
            text = "".join(self.text)
            self.found.append(Row(str(self.unit), text, drop=drop, language=self.language))
            self.text = None
        elif name == "tuv":
            self.language = None
        elif name in _NOT_TEXT:
            self.hidden -= 1

    def _characters(self, content: str) -> None:
        if self.text is None or self.hidden:
            return
        self.length += len(content)
        if self.length > MOST_LINE:
            raise DataError(
                f"{name_of(self.path)}: a segment of more than {MOST_LINE:,} characters, the limit"
            )
        self.text.append(content)

    def _refuse(self, *_: Any) -> int:
        raise DataError(
            f"{name_of(self.path)} defines entities of its own or asks for other files, which is "
            "never followed; write it again without them"
        )
