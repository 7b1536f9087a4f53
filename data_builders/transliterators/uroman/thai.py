"""Where Thai may be cut; see `boundaries`."""

from __future__ import annotations

from collections import defaultdict

from .character_classes import inside, one_of
from .core import UromanCore

__all__ = ["thai_cuts"]

_O_ANG = "\u0e2d"
_SILENT = "\u0e4c"
_VOWELS, _CONSONANTS = tuple("aeiou"), tuple("bcdfghjklmnpqrstvxz")


def _opens(latin: str) -> bool:
    return latin.startswith(_VOWELS)


def thai_cuts(
    core: UromanCore, next_in_rule: dict[str, set[str]], neutral: set[str]
) -> tuple[str, str, str]:
    """Link all Thai but where a syllable begins that looks at nothing before it.

    uroman asks of a consonant whether it ends a syllable, and looks at its neighbours for that.
    Three kinds of places are cut. Before a vowel that is written before its consonant: the
    syllable on its left ends there as it does at the end of a text. Before a consonant with a
    written vowel: it opens a syllable, whatever precedes it. Before two consonants, after one
    that sounds as a consonant: the first of them does not end a syllable then, nor at the start
    of a text. For the last two, what precedes the cut must not depend on what follows: a
    vowel, a consonant that sounds the same everywhere, or one that ends a syllable both ways,
    because it follows a vowel.

    Args:
        core: The loaded package.
        next_in_rule: What follows a character in some rule.
        neutral: Characters that count as the edge of a text.

    Returns:
        What may follow a cut, the Thai that other scripts are linked to, and what looks further
        left than its own characters.
    """
    thai = core.chars_by("script")["Thai"]
    single: dict[str, str] = {}
    final: dict[str, str] = {}
    sounds: dict[str, set[str]] = defaultdict(set)
    for key, rule in core.rules():
        if key in thai:
            single[key] = rule["t"]
            if rule["t-at-end-of-syllable"] is not None:
                final[key] = rule["t-at-end-of-syllable"]
        if key[-1] != _SILENT:
            sounds[key[0]].add(rule["t"] or "")
    inner = set().union(*(rights - {left} for left, rights in next_in_rule.items()))
    doubled = {left for left, rights in next_in_rule.items() if left in rights}
    first = core.chars_with("syllable-info") - inner
    tone = {c for c in core.chars_with("tone-mark") & thai if not single[c]}
    consonants = {c for c, t in single.items() if t and not set(t) & set(_VOWELS)}
    consonants &= set(map(chr, range(0x0E01, 0x0E2F)))
    vowels = {c for c in thai - first if sounds[c] and all(map(_opens, sounds[c]))}
    vowels -= {_O_ANG}
    open_vowels = {c for c in vowels if all(t[-1] in _VOWELS for t in sounds[c])}
    opening = consonants - inner
    steady = opening - doubled - set(final)
    heard = {c for c in consonants - inner if final.get(c, single[c])[-1:] in _CONSONANTS}
    c, o, d, s, h = map(one_of, (consonants, opening - doubled, opening & doubled, steady, heard))
    v, t, w, f = map(one_of, (vowels, tone, open_vowels, first))
    cut = (
        f"(?<!{_O_ANG}){f}"
        f"|(?:(?<={v})|(?<={v}{t})|(?<={s})|(?<={w}{c})|(?<={w}{t}{c}))"
        f"(?:{o}|(?<!{d}){d}){t}?{v}(?!{_SILENT})"
        f"|(?:(?<={s})(?<!{f}{s})|(?<={w}{h})|(?<={w}{t}{h}))"
        f"{o}{t}?[{inside(consonants)}{_O_ANG}]"
    )
    # After a mark without sound, O ANG looks over the consonant at what precedes it.
    looking_back = f"{one_of(neutral)}?{c}{t}{_O_ANG}"
    return cut, one_of(thai - first), looking_back
