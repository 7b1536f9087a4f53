"""Rows out of XML: a pass of expat over a file that may come from anywhere.

Entities that a file defines for itself are refused, nothing outside of it is opened, and memory
stays within one chunk and one segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.entities import html5
from pathlib import Path
from typing import Any
from xml.parsers import expat

from ...errors import DataError
from ...text_file import MOST_LINE, name_of, open_text
from ..rows import Row

__all__ = ["XmlRows"]

_CHUNK = 1 << 16


class XmlRows:
    """Collects rows while expat runs through a file; kinds of files say what elements mean.

    Args:
        path: The file, plain or packed.

    Attributes:
        found: Rows that are read and not yet given.
        text: Parts of the segment that is being read; None outside of one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[Row] = []
        self.text: list[str] | None = None
        self._length = 0
        self._parser: Any = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self.start
        self._parser.EndElementHandler = self.end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse
        self._parser.SkippedEntityHandler = self._skipped

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins.

        Args:
            name: Its name.
            attributes: What it says of itself.
        """
        raise NotImplementedError

    def end(self, name: str) -> None:
        """An element ends.

        Args:
            name: Its name.
        """
        raise NotImplementedError

    @property
    def hidden(self) -> bool:
        """Whether characters are the code of a page rather than text."""
        return False

    def rows(self) -> Iterator[Row]:
        """Read the file.

        Yields:
            Rows, in its order.

        Raises:
            DataError: It is no XML, defines entities, or has a segment past the limit.
        """
        with open_text(self.path, lines=False) as file:
            last = False
            while not last:
                content = file.read(_CHUNK)
                last = not content
                try:
                    self._parser.Parse(content, last)
                except (expat.ExpatError, ValueError, LookupError) as error:
                    if isinstance(error, DataError):
                        raise
                    raise DataError(
                        f"cannot read {name_of(self.path)}: {error}; replace or remove the file"
                    ) from error
                yield from self.found
                self.found = []

    def begin_text(self) -> None:
        """Begin a segment.

        Raises:
            DataError: One is open, whose text would be lost.
        """
        if self.text is not None:
            raise DataError(
                f"{name_of(self.path)}: a segment within a segment; legal is text in one alone; "
                "take the inner tags out"
            )
        self.text, self._length = [], 0

    def _characters(self, content: str) -> None:
        if self.text is None or self.hidden:
            return
        self._length += len(content)
        if self._length > MOST_LINE:
            raise DataError(
                f"{name_of(self.path)}: a segment of more than {MOST_LINE:,} characters, the limit"
            )
        self.text.append(content)

    def _skipped(self, name: str, *_: Any) -> None:
        """Fill in a letter of HTML, which a DTD that is not opened would define."""
        letter = html5.get(f"{name};")
        if letter is None:
            raise DataError(
                f"{name_of(self.path)}: &{name}; is defined elsewhere; "
                "legal are entities of HTML, such as &eacute;; put its text in its place"
            )
        self._characters(letter)

    def _refuse(self, *_: Any) -> int:
        raise DataError(
            f"{name_of(self.path)} defines entities of its own or asks for other files, which is "
            "never followed; write it again without them"
        )
