"""What is done to a sentence before it may become a pair: normalised, then kept or dropped.

In: raw text. Out: normalised text, and the name of the reason when it is dropped.
Source: the paper's authors drop only empty rows; exact duplicates in a batch would be false
negatives of the contrastive objective, hence the stricter rules here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from ..languages.aliases import SCRIPT_ALIASES
from ..languages.codes import known_script

if TYPE_CHECKING:
    from ..languages.groups import Language

__all__ = ["FilterOptions", "SentenceFilter", "dominant_script", "normalise", "script_share"]

# Joiners (U+200C, U+200D) and the zero-width space stay: Persian and Tibetan spelling need them.
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_MIXTURES = {
    "Jpan": r"\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}",
    "Hang": r"\p{Script=Hangul}",
}
_JAPANESE = ("Hira", "Kana")


def normalise(text: str) -> str:
    """Bring a sentence into the one form that is hashed, compared and written.

    Args:
        text: Raw text.

    Returns:
        NFC; without control characters, soft hyphens, byte order marks and direction marks; every
        run of white space (line and paragraph separators included) one space; trimmed.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _CONTROL.sub("", text)
    return " ".join(unicodedata.normalize("NFC", text).split())


@cache
def _script_pattern(script: str) -> Any:
    import regex

    inside = _MIXTURES.get(script, rf"\p{{Script={script}}}")
    return regex.compile(rf"[[\p{{L}}\p{{M}}]&&[{inside}]]", regex.V1)


@cache
def _letters() -> Any:
    import regex

    return regex.compile(r"[[\p{L}\p{M}]--[\p{Script=Inherited}]]", regex.V1)


class _Weights(dict[str, int]):
    """What each character counts, found on first sight: 1 a letter, and 2**32 more in the script.

    One addition per character counts both; two searches of the text take three times as long.
    """

    def __init__(self, script: str) -> None:
        super().__init__()
        self._own = _script_pattern(script)

    def __missing__(self, char: str) -> int:
        letter, own = _letters().match(char), self._own.match(char)
        self[char] = bool(letter) + (bool(own) << 32)
        return self[char]


_weights = cache(_Weights)


def _count(text: str, script: str) -> tuple[int, int]:
    """Count the letters of a script, and all letters."""
    return divmod(sum(map(_weights(script).__getitem__, text)), 1 << 32)


def script_share(text: str, script: str) -> float | None:
    """Measures how much of a sentence is written in a script.

    Args:
        text: A sentence.
        script: ISO 15924 code.

    Returns:
        Letters of that script over all letters, 0 to 1; None for a text without letters.
    """
    own, letters = _count(text, script)
    return min(1.0, own / letters) if letters else None


class _ScriptOf(dict[str, str]):
    """The script of each letter, found on first sight; empty for what is no letter of a script."""

    def __missing__(self, char: str) -> str:
        scripts = _scripts() if _letters().match(char) else ()
        self[char] = next((code for code in scripts if _script_pattern(code).match(char)), "")
        return self[char]


_script_of = _ScriptOf()


@cache
def _scripts() -> tuple[str, ...]:
    """Every script that CLDR has a name for and Unicode has letters of."""
    from babel import Locale

    return tuple(
        code
        for code in sorted(Locale("en").scripts)
        if code not in ("Jpan", *SCRIPT_ALIASES) and known_script(code)
    )


def dominant_script(text: str) -> str:
    """Name the script that most letters of a sentence belong to.

    Args:
        text: A sentence.

    Returns:
        ISO 15924 code, `Jpan` where Japanese syllables stand among the characters, `Zyyy` for a
        text without letters of a script.
    """
    counts = Counter(map(_script_of.__getitem__, text))
    del counts[""]
    syllables = sum(counts.pop(code, 0) for code in _JAPANESE)
    if syllables:
        counts["Jpan"] = syllables + counts.pop("Hani", 0)
    # Of two equally frequent ones the first by name, whatever comes first in the text.
    return min(counts, key=lambda code: (-counts[code], code), default="Zyyy")


@dataclass(frozen=True)
class FilterOptions:
    """Limits of a sentence.

    Attributes:
        min_chars: Fewest characters after normalisation.
        max_chars: Most characters; uroman's time grows with the square of the length, and the
            model sees 512 tokens at most.
        min_script_share: Least share of letters in the language's own script, 0 to 1.
        fold_forms: Whether other spellings of the same letters are folded, see `forms`.
    """

    min_chars: int = 1
    max_chars: int = 2000
    min_script_share: float = 0.5
    fold_forms: bool = True

    def __post_init__(self) -> None:
        if self.min_chars < 1 or self.max_chars < self.min_chars:
            raise DataError(
                f"lengths {self.min_chars} to {self.max_chars} characters; "
                "legal is 1 <= min_chars <= max_chars"
            )
        if not 0 <= self.min_script_share <= 1:
            raise DataError(f"min_script_share {self.min_script_share}; legal is 0 to 1")


@dataclass
class SentenceFilter:
    """Decides over the sentences of one language.

    Attributes:
        language: The language they should be in.
        options: Limits.
        excluded: Folded sentences of benchmarks, see `fold`.
        check_script: False for a file that mixes languages.
    """

    language: Language
    options: FilterOptions
    excluded: frozenset[str] = frozenset()
    check_script: bool = True

    @staticmethod
    def fold(text: str) -> str:
        """Give the form in which a sentence is compared with a benchmark.

        Args:
            text: Raw text.

        Returns:
            Normalised, case folded, NFC, without blanks: tagged benchmarks have their sentences in
            words, `Hello , world !`.
        """
        return "".join(unicodedata.normalize("NFC", normalise(text).casefold()).split())

    def reason_to_drop(self, text: str) -> str | None:
        """Name why a sentence is dropped.

        Args:
            text: Normalised text.

        Returns:
            The reason, or None for a sentence that stays.
        """
        options = self.options
        if not text:
            return "empty"
        if _SURROGATE.search(text):
            return "invalid_unicode"
        if len(text) < options.min_chars:
            return "too_short"
        if len(text) > options.max_chars:
            return "too_long"
        share = script_share(text, self.language.iso15924 if self.check_script else "Latn")
        if share is None:
            return "no_letters"
        if self.check_script and share < options.min_script_share:
            return "wrong_script"
        if self.excluded and self.fold(text) in self.excluded:
            return "in_benchmark"
        return None
