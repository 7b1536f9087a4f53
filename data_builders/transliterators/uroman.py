"""The default romaniser: uroman, the Python package by the author of the Perl script of the paper.

Every sentence goes through ``Uroman.romanize_string`` whole: uroman's own word cache (used by its
command line) splits at spaces and gives other results for some sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any

from data_builders.errors import DataError
from data_builders.languages import romaniser_code

__all__ = ["UromanTransliterator"]

_MEMO = 1 << 16


class _CompiledRegex:
    """Stands in for the module ``regex`` inside uroman: the same functions, patterns kept compiled.

    uroman looks its patterns up hundreds of times per sentence, and that look-up is a good part of
    its time. The patterns and what they match stay the same, so does every romanisation.
    """

    def __init__(self, module: Any) -> None:
        self._module = module
        self._compiled = cache(module.compile)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def match(self, pattern: str, string: str, *args: Any, **options: Any) -> Any:
        if args or options:
            return self._module.match(pattern, string, *args, **options)
        return self._compiled(pattern).match(string)

    def search(self, pattern: str, string: str, *args: Any, **options: Any) -> Any:
        if args or options:
            return self._module.search(pattern, string, *args, **options)
        return self._compiled(pattern).search(string)

    def sub(self, pattern: str, new: Any, string: str, *args: Any, **options: Any) -> str:
        if args or options:
            return self._module.sub(pattern, new, string, *args, **options)
        return self._compiled(pattern).sub(new, string)


@cache
def _instance() -> Any:
    # Loading the tables takes seconds, so a process does it once.
    import regex
    import uroman.uroman as implementation

    if getattr(implementation, "regex", None) is regex:
        implementation.regex = _CompiledRegex(regex)
    return implementation.Uroman()


@lru_cache(maxsize=_MEMO)
def _romanise(sentence: str, lcode: str | None) -> str:
    return _instance().romanize_string(sentence, lcode=lcode)


class UromanTransliterator:
    """uroman, with or without the language code.

    Args:
        language_code: hand uroman the ISO 639-3 code (changes Persian, Greek and Turkish); False
            is what the paper's authors did.
    """

    def __init__(self, *, language_code: bool = True) -> None:
        self.language_code = language_code

    def __call__(self, sentences: Sequence[str], lang: str | None = None) -> list[str]:
        """Romanises sentences; equal sentences only once.

        Args:
            sentences: text in its own script.
            lang: language code, any spelling, or None.

        Returns:
            As many strings, in the same order.

        Raises:
            DataError: uroman raised on a sentence (shown).
        """
        lcode = romaniser_code(lang) if self.language_code else None
        result = []
        for sentence in sentences:
            try:
                result.append(_romanise(sentence, lcode))
            except Exception as error:
                raise DataError(
                    f"uroman failed on {sentence[:80]!r} ({type(error).__name__}: {error}); "
                    "leave the sentence out or use another romaniser"
                ) from error
        return result

    def signature(self) -> str:
        """Names uroman, its version and whether it gets the language code.

        Returns:
            Such as ``uroman-1.3.1.1|lcode:yes``.
        """
        return f"uroman-{version('uroman')}|lcode:{'yes' if self.language_code else 'no'}"
