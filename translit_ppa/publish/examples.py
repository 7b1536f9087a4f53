"""Phrases that the examples of a card are made of: names of the CLDR that no training has seen."""

from __future__ import annotations

from collections.abc import Sequence

from translit_ppa.data_builders import get_benchmark
from translit_ppa.data_builders.transliterators import get_transliterator
from translit_ppa.modeling.embedding.widgets import MASK

__all__ = ["compared_phrases", "masked_phrases"]

ENGLISH = "eng_Latn"


def masked_phrases(languages: Sequence[str]) -> list[tuple[str, str]]:
    """Give code and phrase for some languages; the last word of each is masked."""
    return [
        (code, " ".join([*text.split()[:-1], MASK])) for code, text, _, _ in _phrases(languages)
    ]


def compared_phrases(languages: Sequence[str]) -> list[tuple[str, str, list[str]]]:
    """Give phrases beside their romanisation, their English, and an English of other meaning."""
    romanise = get_transliterator("uroman")
    return [
        (f"{code} -> Latin, English", text, [*romanise([text], code), english, other])
        for code, text, english, other in _phrases(languages)
    ]


def _phrases(languages: Sequence[str], count: int = 3) -> list[tuple[str, str, str, str]]:
    """Names from the CLDR test split: (code, phrase, its English, another English name)."""
    found: list[tuple[str, str, str, str]] = []
    benchmark = get_benchmark("cldr")
    for code in languages:
        if len(found) == count:
            break
        if code.endswith("_Latn") or (code, ENGLISH) not in benchmark.directions([code, ENGLISH]):
            continue
        pair = benchmark.load_pair(code, ENGLISH, "test")
        row = next((i for i, text in enumerate(pair.source) if len(text.split()) > 1), 0)
        found.append((code, pair.source[row], pair.target[row], pair.target[row - 1]))
    return found
