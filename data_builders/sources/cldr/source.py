"""The source `cldr`: the embedded default, phrases of the Unicode CLDR; no download."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from ...errors import DataError
from ...languages.groups import Language
from ..base import Sentence

__all__ = ["CldrSource", "licence_file"]


def licence_file() -> Path:
    """Find the licence that Babel carries with the data of the CLDR.

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
        seed: Decides which phrases are composed.
        count: Phrases per language, about.
    """

    seed: int = 42
    count: int = 10_000

    def __post_init__(self) -> None:
        if self.count < 1:
            raise DataError(f"{self.count} phrases a language; legal is 1 or more")

    name = "cldr"
    documents = False

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
        """Name the release of the CLDR.

        Returns:
            Such as `cldr-47`.
        """
        from . import phrases as cldr

        return cldr.signature()

    def options(self) -> dict[str, str | int | None]:
        """Give the options of `parse_source` that make this source again.

        Returns:
            Value by option.
        """
        return {"count": self.count}

    def digest(self, language: Language) -> str:
        """Digest everything that decides the phrases of one language.

        Args:
            language: The language.

        Returns:
            A string that changes with the release, Babel, the seed and the count.
        """
        import babel

        return f"{self.signature()}|babel-{babel.__version__}|{self.seed}|{self.count}"

    def covers(self, language: Language) -> bool:
        """Tell whether the CLDR has names of its own for a language.

        Args:
            language: The language.

        Returns:
            True when it has.
        """
        from .phrases import covers

        return covers(language.code)

    def why_missing(self, language: Language) -> str:
        """Say why a language is missing.

        Args:
            language: The language.

        Returns:
            A sentence.
        """
        from .phrases import why_missing

        return why_missing(language.code)

    def skipped(self, codes: Sequence[str]) -> list[str]:
        """List nothing: there are no files.

        Args:
            codes: Ignored.

        Returns:
            An empty list.
        """
        return []

    def available(self, language: Language) -> int:
        """Count the phrases of a language.

        Args:
            language: The language.

        Returns:
            Phrases before any filter.
        """
        return len(self._of(language))

    def sentences(self, language: Language) -> Iterator[Sentence]:
        """Give the phrases of a language.

        Args:
            language: The language.

        Yields:
            Every phrase, in the order of composition.
        """
        origin = self.signature()
        for phrase in self._of(language):
            yield Sentence(phrase, origin)

    def parts(self, language: Language) -> Sequence[Callable[[], Iterator[Sentence]]]:
        """Give all phrases of a language as one part.

        Args:
            language: The language.

        Returns:
            What yields them.
        """
        return [partial(self.sentences, language)]
