"""Two spellings of one sentence become one: what fonts, keyboards and PDFs leave in text.

In: a normalised sentence and its language. Out: the sentence in the letters that Unicode has for
it, and the names of the steps that changed it. Without them such a sentence is romanised wrongly,
and neither its duplicate nor its copy in a benchmark is found.

Sources: The Unicode Standard 16.0, chapters 7 (Greek, Latin), 9 (Arabic, Hebrew), 13 (Tibetan), 16
(Thai, Lao, Myanmar) and 18 (radicals, width); Unicode Technical Note 11 for the order of Burmese
signs; myanmartools recognises the encoding Zawgyi, the rules of CLDR in ICU (`Zawgyi-my`) turn it
into Unicode.

The retrieval demo has a copy of this file, for it runs alone; a test holds the two together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

__all__ = ["STEPS", "Step", "fold_forms", "fold_words", "forms_signature"]

_ZAWGYI_SURE = 0.999
"""Probability above which text counts as Zawgyi. Of the words of a Burmese Bible, 0.3 % lie above
0.95 and 0.05 % above this; of its sentences none."""
_TO_PERSIAN = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک"})
_TO_ROMANIAN = str.maketrans("şţŞŢ", "șțȘȚ")
_SMALL_GREEK, _CYRILLIC = "[\u0390\u03ac-\u03ce\u1f00-\u1fff]", "[\u0400-\u04ff]"
_ARABIC = "[\u0620-\u063f\u0641-\u065f\u0670-\u06d3]"


@dataclass(frozen=True)
class Step:
    """One way in which a sentence may be written otherwise.

    Attributes:
        name: As records and reports call it.
        change: Gives the sentence as it should be.
        trigger: Without a match of it, nothing is to do.
        languages: ISO 639-3 of those it holds for; None is all.
    """

    name: str
    change: Callable[[str], str]
    trigger: re.Pattern[str]
    languages: frozenset[str] | None = None


@cache
def _compatible(char: str) -> str:
    """Letters in place of a form; the space under a mark that stands alone is no letter."""
    return unicodedata.normalize("NFKC", char).strip()


def _each(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: pattern.sub(lambda found: _compatible(found[0]), text)


@cache
def _zawgyi() -> tuple[Any, Any]:
    import icu
    from myanmartools import ZawgyiDetector

    return ZawgyiDetector(), icu.Transliterator.createInstance("Zawgyi-my")


def _is_zawgyi(text: str) -> bool:
    return bool(_zawgyi()[0].get_zawgyi_probability(text) > _ZAWGYI_SURE)


def _from_zawgyi(text: str) -> str:
    return str(_zawgyi()[1].transliterate(text)) if _is_zawgyi(text) else text


def _am(text: str, nikhahit: str, aa: str, am: str, tones: str) -> str:
    """Join SARA AM, wherever the tone mark was typed: it belongs before the vowel."""
    text = re.sub(f"{nikhahit}({tones}?){aa}", rf"\1{am}", text)
    return re.sub(f"{am}({tones})", rf"\1{am}", text)


def _thai_am(text: str) -> str:
    return _am(text, "\u0e4d", "\u0e32", "\u0e33", "[\u0e48-\u0e4b]")


def _lao_am(text: str) -> str:
    return _am(text, "\u0ecd", "\u0eb2", "\u0eb3", "[\u0ec8-\u0ecb]")


def _burmese_order(text: str) -> str:
    text = _MEDIALS.sub(lambda found: "".join(sorted(found[0])), text)
    return _VOWELS.sub(lambda found: "".join(sorted(found[0])), text)


def _romanian(text: str) -> str:
    return _WORD.sub(
        lambda found: found[0] if _TURKISH.search(found[0]) else found[0].translate(_TO_ROMANIAN),
        text,
    )


_MEDIALS = re.compile("[\u103b-\u103e]{2,}")
_VOWELS = re.compile("[\u102d-\u1030\u1036]{2,}")
_BURMESE_SIGNS = re.compile("[\u103b-\u103e]{2}|[\u102d-\u1030\u1036]{2}")
_RADICALS = re.compile("[\u2e9f\u2ef3\u2f00-\u2fd5]")
_MICRO = re.compile(f"(?<={_SMALL_GREEK})\u00b5|\u00b5(?={_SMALL_GREEK})")
_AE = re.compile("(?<![اوی])ه\u200c")
_WORD, _TURKISH = re.compile(r"\w+"), re.compile("[ğĞıİöÖüÜkKqQwWyY]")
_APOSTROPHES = re.compile(f"(?<={_CYRILLIC})[\u2018\u2019\u02bc\u2032`\u00b4](?={_CYRILLIC})")
_PRESENTATION = re.compile("[\ufb00-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdfb\ufe70-\ufefc]")
_WIDTH = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc]+")
_TATWEEL = re.compile(f"\u0640+(?={_ARABIC})")
_DOUBLE_E = re.compile("\u0e40\u0e40|\u0ec0\u0ec0")
_LAO_H = re.compile("\u0eab[\u0e99\u0ea1]")

STEPS = (
    Step("zawgyi", _from_zawgyi, re.compile("[\u1000-\u109f]"), frozenset({"mya"})),
    # Signs typed in the order in which they are seen.
    Step("burmese_order", _burmese_order, _BURMESE_SIGNS, frozenset({"mya"})),
    # Letters joined or shaped by a font: Arabic, Hebrew, Armenian, and the fi and fl of Latin.
    Step("presentation_forms", _each(_PRESENTATION), _PRESENTATION),
    Step("width", _each(_WIDTH), _WIDTH),
    # Parts of characters in place of characters, out of PDFs.
    Step("radicals", _each(_RADICALS), _RADICALS),
    # Greek of old code pages has the sign of a millionth as its letter; beside a capital, as in
    # millionths of an ohm, it is the sign.
    Step("micro_sign", lambda text: _MICRO.sub("\u03bc", text), re.compile("\u00b5")),
    Step("tatweel", lambda text: _TATWEEL.sub("", text), _TATWEEL),
    Step(
        "arabic_keyboard",
        lambda text: text.translate(_TO_PERSIAN),
        re.compile("[يىك]"),
        frozenset({"azb", "ckb", "fas", "glk", "mzn", "pnb", "prs", "urd"}),
    ),
    # The letter AE as it was typed before Unicode had it; behind a vowel it is an H.
    Step(
        "kurdish_ae",
        lambda text: _AE.sub("ە", text),
        re.compile("ه\u200c"),
        frozenset({"ckb"}),
    ),
    Step(
        "cyrillic_apostrophe",
        lambda text: _APOSTROPHES.sub("'", text),
        _APOSTROPHES,
        frozenset({"bel", "ukr"}),
    ),
    # Cedillas, in place of commas below that code pages lacked; Turkish names keep theirs, where a
    # letter shows that they are none of Romanian.
    Step(
        "romanian_comma",
        _romanian,
        re.compile("[şţŞŢ]"),
        frozenset({"ron"}),
    ),
    # The sign between syllables at which no line may break looks and reads as the other.
    Step("tibetan_tsheg", lambda text: text.replace("\u0f0c", "\u0f0b"), re.compile("\u0f0c")),
    Step("thai_sara_am", _thai_am, re.compile("[\u0e4d\u0e33]")),
    Step("lao_sara_am", _lao_am, re.compile("[\u0ecd\u0eb3]")),
    # Thai and Lao have a letter AE of their own, which looks like E typed twice.
    Step(
        "double_e",
        lambda text: _DOUBLE_E.sub(lambda found: chr(ord(found[0][0]) + 1), text),
        _DOUBLE_E,
    ),
    # The H that only marks the tone: one letter with N or M, which uroman reads without an h.
    Step(
        "lao_silent_h",
        lambda text: text.replace("\u0eab\u0e99", "\u0edc").replace("\u0eab\u0ea1", "\u0edd"),
        _LAO_H,
    ),
)
"""In the order in which they are taken."""
_FOR_ALL = re.compile(
    "[\u00b5\u0640\u0e33\u0e40\u0e4d\u0eab\u0eb3\u0ec0\u0ecd\u0f0c\u2e9f\u2ef3\u2f00-\u2fd5\ufb00-\ufdfb"
    "\ufe70-\ufefc\uff10-\uffdc]"
)
"""One search for what the steps of all languages begin with: most sentences have none of it."""


def forms_signature(language: str) -> str:
    """Name the steps of a language, and the versions of what they rest on.

    Args:
        language: ISO 639-3.

    Returns:
        Such as `zawgyi presentation_forms ... myanmartools-1.2.1>0.999 icu-77.1`.
    """
    parts = [s.name for s in STEPS if s.languages is None or language in s.languages]
    if "zawgyi" in parts:
        import icu

        parts += [f"myanmartools-{version('myanmartools')}>{_ZAWGYI_SURE}"]
        parts += [f"icu-{icu.ICU_VERSION}"]
    return " ".join(parts)


def fold_forms(text: str, language: str | None) -> tuple[str, tuple[str, ...]]:
    """Bring a sentence into the letters that Unicode has for it.

    Args:
        text: A sentence.
        language: Its ISO 639-3 code; None, or `mul`, is unknown, and steps of one language rest.

    Returns:
        The sentence, NFC, and the names of the steps that changed it.
    """
    return _fold(text, language, STEPS)


def _fold(text: str, language: str | None, steps: Sequence[Step]) -> tuple[str, tuple[str, ...]]:
    if text.isascii():
        return text, ()
    names = []
    common = _FOR_ALL.search(text) is not None
    for step in steps:
        if not common if step.languages is None else language not in step.languages:
            continue
        if not step.trigger.search(text):
            continue
        changed = step.change(text)
        if changed != text:
            text = changed
            names.append(step.name)
    return (unicodedata.normalize("NFC", text) if names else text), tuple(names)


def fold_words(words: Sequence[str], language: str | None) -> tuple[list[str], tuple[str, ...]]:
    """Fold the words of a sentence, each by itself.

    Whether they are Zawgyi is asked of the whole sentence: a word alone may look like both.

    Args:
        words: Words.
        language: As for `fold_forms`.

    Returns:
        As many words, and the names of the steps that changed one.
    """
    sentence = " ".join(words)
    if sentence.isascii():
        return list(words), ()
    steps: dict[str, None] = {}
    if language == "mya" and _is_zawgyi(sentence):
        words = [str(_zawgyi()[1].transliterate(word)) for word in words]
        steps["zawgyi"] = None
    folded = []
    for word in words:
        text, told = _fold(word, language, [step for step in STEPS if step.name != "zawgyi"])
        steps |= dict.fromkeys(told)
        folded.append(text)
    return folded, tuple(steps)
