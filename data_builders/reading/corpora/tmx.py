"""TMX, the exchange format of translation memories (LISA, version 1.4b): sentences by language.

In: `<tu>` with a `<tuv xml:lang="el"><seg>` a language. Out: a row for each, in the order of the
file; the units of one number are translations of one another.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...errors import DataError
from ...text_file import name_of
from ..rows import Layout, Row, Use
from .xml_rows import XmlRows

__all__ = ["tmx"]

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
        yield from _Memory(path).rows()

    if next(read(), None) is None:
        raise DataError(f"{name_of(path)} holds no <tu> with a <seg>; legal is TMX")
    form = "TMX, a translation memory of several languages"
    names = ("unit", "xml:lang", "seg")
    return Layout(path, form, "as its XML says", names, 3, Use(2, id=0, language=1), read)


class _Memory(XmlRows):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._unit = self._deep = 0
        self._language: str | None = None

    @property
    def hidden(self) -> bool:
        return self._deep > 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tu":
            self._unit += 1
        elif name == "tuv":
            self._language = attributes.get("xml:lang", attributes.get("lang"))
        elif name == "seg":
            self.begin_text()
        elif name in _NOT_TEXT:
            self._deep += 1

    def end(self, name: str) -> None:
        if name == "seg" and self.text is not None:
            drop = None if self._language else "no_language"
            text = "".join(self.text)
            self.found.append(Row(str(self._unit), text, drop=drop, language=self._language))
            self.text = None
        elif name == "tuv":
            self._language = None
        elif name in _NOT_TEXT:
            self._deep -= 1
