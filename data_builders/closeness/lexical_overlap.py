"""How much of their romanised vocabulary two languages share: words, and character trigrams.

In: romanised sentences. Out: two similarities from 0 to 1, both symmetric.

Source: word overlap as a sign of a good transfer language is from Lin et al. (2019), Choosing
Transfer Languages for Cross-Lingual Learning; romanising first is what arXiv 2406.19759 is about.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+")
_N = 3


@dataclass(frozen=True)
class LexicalProfile:
    """What is compared of a language.

    Attributes:
        words: Distinct lower-case words; what uroman leaves without spaces is one long word.
        trigrams: Three characters in a row -> occurrences; a space marks the edges of a word.
    """

    words: frozenset[str]
    trigrams: Counter[str]


def lexical_profile(latin: Iterable[str]) -> LexicalProfile:
    """Collect words and trigrams.

    Args:
        latin: Romanised sentences.

    Returns:
        The profile; digits and punctuation are left out, as they tell no language from another.
    """
    words: Counter[str] = Counter()
    for sentence in latin:
        words.update(_WORD.findall(sentence.casefold()))
    trigrams: Counter[str] = Counter()
    for word, count in words.items():
        edged = f" {word} "
        for place in range(len(edged) - _N + 1):
            trigrams[edged[place : place + _N]] += count
    return LexicalProfile(frozenset(words), trigrams)


def word_overlap(a: LexicalProfile, b: LexicalProfile) -> float:
    """Give the Dice coefficient of the distinct words, 0 to 1 (0 for two empty profiles)."""
    total = len(a.words) + len(b.words)
    return 2 * len(a.words & b.words) / total if total else 0.0


def trigram_similarity(a: LexicalProfile, b: LexicalProfile) -> float:
    """Give the cosine of the trigram counts, 0 to 1 (0 for an empty profile)."""
    product = sum(count * b.trigrams[gram] for gram, count in a.trigrams.items())
    norms = [math.sqrt(sum(c * c for c in p.trigrams.values())) for p in (a, b)]
    return min(1.0, product / (norms[0] * norms[1])) if all(norms) else 0.0
