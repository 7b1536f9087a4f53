"""The source ``cldr``: the embedded default, phrases of the Unicode CLDR; no download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...errors import DataError
from ...languages.groups import Language
from ..files import Sentence

__all__ = ["CldrSource", "licence_file"]


def licence_file() -> Path:
    """Finds the licence that Babel carries with the data of the CLDR.

    Returns:
        The file; whoever passes the text on passes it on too.

    Raises:
        DataError: If this Babel has none.
    """
    import babel

    file = Path(babel.__file__).parent / "locale-data" / "LICENSE.unicode"
    if not file.is_file():
        raise DataError(f"{file} is missing; install Babel from its wheel")
    return file


@dataclass(frozen=True)
class CldrSource:
    """Phrases composed from the CLDR.

    Attributes:
        seed: decides which phrases are composed.
        count: phrases per language, about.
    """

    seed: int = 42
    count: int = 10_000

    def __post_init__(self) -> None:
        if self.count < 1:
            raise DataError(f"{self.count} phrases a language; legal is 1 or more")

    @cached_property
    def _phrases(self) -> dict[str, list[str]]:
        return {}

    def _of(self, language: Language) -> list[str]:
        from .phrases import iter_phrases

        if language.code not in self._phrases:
            self._phrases[language.code] = list(
                iter_phrases(language.code, seed=self.seed, count=self.count)
            )
        return self._phrases[language.code]

    def signature(self) -> str:
        """Names the release of the CLDR.

        Returns:
            Such as ``cldr-47``.
        """
        from . import phrases as cldr

        return cldr.signature()

    def options(self) -> dict[str, str | int | None]:
        """Gives the options of ``parse_source`` that make this source again.

        Returns:
            Value by option.
        """
        return {"count": self.count}

    def digest(self, language: Language) -> str:
        """Digests everything that decides the phrases of one language.

        Args:
            language: the language.

        Returns:
            A string that changes with the release, Babel, the seed and the count.
        """
        import babel

        return f"{self.signature()}|babel-{babel.__version__}|{self.seed}|{self.count}"

    def covers(self, language: Language) -> bool:
        """Tells whether the CLDR has names of its own for a language.

        Args:
            language: the language.

        Returns:
            True when it has.
        """
        from .phrases import covers

        return covers(language.code)

    def why_missing(self, language: Language) -> str:
        """Says why a language is missing.

        Args:
            language: the language.

        Returns:
            A sentence.
        """
        from .phrases import why_missing

        return why_missing(language.code)

    def skipped(self, codes: Sequence[str]) -> list[str]:
        """Lists nothing: there are no files.

        Args:
            codes: ignored.

        Returns:
            An empty list.
        """
        return []

    def available(self, language: Language) -> int:
        """Counts the phrases of a language.

        Args:
            language: the language.

        Returns:
            Phrases before any filter.
        """
        return len(self._of(language))

    def sentences(self, language: Language) -> Iterator[Sentence]:
        """Gives the phrases of a language.

        Args:
            language: the language.

        Yields:
            Every phrase, in the order of composition.
        """
        origin = self.signature()
        for phrase in self._of(language):
            yield Sentence(phrase, origin)
