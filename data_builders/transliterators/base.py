"""The contract of a romaniser, a user's own function behind it, and how its output is judged."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ..errors import DataError, UnromanisableError

__all__ = ["RomanisationStats", "Transliterator", "UserTransliterator", "romanise_each"]


@runtime_checkable
class Transliterator(Protocol):
    """Turns sentences into Latin letters."""

    def __call__(self, sentences: Sequence[str], lang: str | None = None) -> list[str]:
        """Romanise sentences.

        Args:
            sentences: Text in its own script.
            lang: Language code, any spelling, or None.

        Returns:
            As many strings, in the same order.

        Raises:
            UnromanisableError: It cannot do one of the sentences.
            DataError: It failed otherwise; nothing is skipped silently.
        """
        ...

    def signature(self) -> str:
        """Name the romaniser, its version and its options.

        Returns:
            Such as `uroman-1.3.1.1|lcode:yes`.
        """
        ...


def romanise_each(
    romaniser: Transliterator, sentences: Sequence[str], lang: str | None
) -> list[str | None]:
    """Romanise sentences, and go on after one that the romaniser cannot do.

    Args:
        romaniser: Any.
        sentences: Text in its own script.
        lang: Language code or None.

    Returns:
        One string per sentence, in order; None for a sentence that cannot be romanised.

    Raises:
        DataError: The romaniser failed otherwise.
    """
    try:
        return list(romaniser(sentences, lang))
    except UnromanisableError:
        if len(sentences) == 1:
            return [None]
    return [one for sentence in sentences for one in romanise_each(romaniser, [sentence], lang)]


class UserTransliterator:
    """A function of the user, named `module:function`; the current folder is searched too.

    Args:
        spec: `module:function`.

    Raises:
        DataError: The module or the function is not there.
    """

    def __init__(self, spec: str) -> None:
        self._spec = spec
        module_name, _, name = spec.partition(":")
        if os.getcwd() not in sys.path and "" not in sys.path:
            sys.path.append(os.getcwd())
        try:
            module = importlib.import_module(module_name)
        except Exception as error:
            raise DataError(
                f"romaniser {spec!r}: cannot import {module_name!r} "
                f"({type(error).__name__}: {error}); legal is module:function"
            ) from error
        function = getattr(module, name, None)
        if not callable(function):
            raise DataError(
                f"romaniser {spec!r}: {module_name} has no function {name!r}; "
                "legal is module:function"
            )
        self._function: Callable[[list[str], str | None], Sequence[str]] = function

    def __call__(self, sentences: Sequence[str], lang: str | None = None) -> list[str]:
        """Call the function and check what it returns.

        Args:
            sentences: Text in its own script.
            lang: Language code or None.

        Returns:
            As many strings, in the same order.

        Raises:
            DataError: The function raised, or returned anything else.
        """
        try:
            result = list(self._function(list(sentences), lang))
        except Exception as error:
            raise DataError(
                f"romaniser {self._spec} failed on {len(sentences)} sentences of {lang}: "
                f"{type(error).__name__}: {error}"
            ) from error
        if len(result) != len(sentences) or not all(isinstance(item, str) for item in result):
            raise DataError(
                f"romaniser {self._spec} returned {len(result)} items for {len(sentences)} "
                "sentences; legal is one string for each sentence, in order"
            )
        return result

    def signature(self) -> str:
        """Name the function.

        Returns:
            `module:function`.
        """
        return self._spec

    def code_digest(self) -> str:
        """Digest the source file of the function, so that a change of it is noticed.

        Returns:
            Hexadecimal SHA-256, empty when there is no source file.
        """
        try:
            path = inspect.getsourcefile(inspect.unwrap(self._function))
        except TypeError:
            return ""
        return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else ""


@cache
def _unmapped() -> Any:
    import regex

    return regex.compile(
        r"[[\p{L}\p{M}\p{N}]--[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]]"
        r"|[\p{Nd}--[0-9]]",
        regex.V1,
    )


@dataclass
class RomanisationStats:
    """What a romaniser did to some sentences.

    Attributes:
        sentences: How many were romanised.
        identical: How many came back unchanged.
        unmapped: Letters, marks and digits of other scripts that it left standing, with counts.
        unreadable: Sentences with a number that it could not read, and left as it is.
    """

    sentences: int = 0
    identical: int = 0
    unmapped: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0

    def add(self, texts: Iterable[str], romanised: Iterable[str]) -> None:
        """Count some more sentences.

        Args:
            texts: The originals.
            romanised: What became of them, in the same order.
        """
        for text, latin in zip(texts, romanised, strict=True):
            self.sentences += 1
            self.identical += text == latin
            if not latin.isascii():
                self.unmapped.update(_unmapped().findall(latin))

    @property
    def identity_rate(self) -> float:
        """Share of sentences that came back unchanged, 0 to 1."""
        return round(self.identical / self.sentences, 6) if self.sentences else 0.0

    def top(self, count: int = 20) -> dict[str, int]:
        """Give the unmapped characters that occur most.

        Args:
            count: How many.

        Returns:
            Character -> occurrences; the most frequent first, ties in code point order.
        """
        ranked = sorted(self.unmapped.items(), key=lambda item: (-item[1], item[0]))
        return dict(ranked[:count])
