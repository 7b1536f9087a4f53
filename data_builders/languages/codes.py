"""Language codes: every accepted spelling of a language, turned into the one used here.

In: ISO 639-1 (`uk`), 639-2 (`per`), 639-3 (`ukr`), with or without a script (`ukr_Cyrl`), or BCP 47
(`zh-Hant-TW`, `sr-Latn-RS`). Out: ISO 639-3, an underscore, and ISO 15924.

Source: the tables of ISO 639-3 (package python-iso639, by SIL's releases); aliases and likely
scripts of the Unicode CLDR (package babel).
"""

from __future__ import annotations

import re
from functools import cache

from ..errors import DataError
from .aliases import LANGUAGE_ALIASES, ROMANISER_LANGUAGES, SCRIPT_ALIASES

__all__ = ["kin_of", "known_script", "resolve_code", "romaniser_code", "short_code"]

_FORM = "iso639-3_Script, such as amh_Ethi or fas_Arab"
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})"
    r"(?:[_-](?P<extended>[a-z]{3}))?"
    r"(?:[_-](?P<script>[a-z]{4}))?"
    r"(?:[_-](?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:[_-](?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?:[_-][utx](?:[_-][a-z0-9]{2,8})+)*",
    re.IGNORECASE,
)
"""BCP 47, section 2.1: language, extended language, script, region, variants, extensions."""
_GLOTTOCODE = re.compile("[a-z]{4}[0-9]{4}")
"""A variety as FLORES+ names it, `por_Latn_braz1246`, after the script."""
_PRIVATE = re.compile("q[a-t][a-z]")
"""Codes for local use, of which ISO 639 says that it will never give them a language."""


@cache
def known_script(script: str) -> bool:
    """Tell whether a script is one whose letters can be recognised.

    Args:
        script: ISO 15924 code, four letters, first one upper case.

    Returns:
        True when Unicode has the script, or it is a mixture such as `Jpan`.
    """
    import regex

    if script in ("Jpan", *SCRIPT_ALIASES):
        return True
    if script in ("Zinh", "Zzzz"):
        return False  # inherited and unknown, which no language is written in
    try:
        regex.compile(rf"\p{{Script={script}}}")
    except regex.error:
        return False
    return True


@cache
def resolve_code(code: str) -> str:
    """Turn any accepted spelling of a language into the one used here.

    Args:
        code: `amh_Ethi`, `pes_Arab`, `zho-Hant`, `fa`, `amh`, `zh-CN` ...

    Returns:
        The canonical code, ISO 639-3 + `_` + ISO 15924.

    Raises:
        DataError: There is no such language or script, or nobody says how it is written.
    """
    match = _TAG.fullmatch(code.strip())
    if not match or not _in_registry(match):
        raise DataError(f"{code[:60]!r} is no language code; legal is {_FORM}")
    found = _language(match["extended"] or match["language"])
    if found is None:
        raise DataError(
            f"{code[:60]!r}: {(match['extended'] or match['language']).lower()!r} is no code of "
            f"ISO 639; legal is {_FORM}"
        )
    language, implied = found
    script = match["script"] or implied or _likely_script(language, match["region"])
    if not script:
        raise DataError(f"{code[:60]!r} names no script, nor does CLDR; legal is {_FORM}")
    script = script.title()
    if not known_script(script):
        raise DataError(
            f"{code[:60]!r}: {script!r} is no ISO 15924 script whose letters Unicode knows; "
            f"legal is {_FORM}"
        )
    return f"{language}_{SCRIPT_ALIASES.get(script, script)}"


@cache
def romaniser_code(code: str | None) -> str | None:
    """Give the language code that a romaniser such as uroman understands.

    uroman silently ignores codes it has no rules for: with `pes` or `fa` it romanises Persian
    as if it were Arabic, with `fas` it does not. A language without rules of its own gets those of
    its macro-language (Dari: `fas`), or of the one other member that has some (Bosnian: `srp`).

    Args:
        code: Any spelling of a language, or None.

    Returns:
        ISO 639-3 of the language whose rules hold, or of the language itself where there are none;
        None for None and for `mul` (several languages).

    Raises:
        DataError: The code is no language code.
    """
    if code is None:
        return None
    found = _language(code.strip()) if re.fullmatch("[A-Za-z]{2,3}", code.strip()) else None
    language = found[0] if found else resolve_code(code).split("_")[0]
    if language == "mul":
        return None
    if language in ROMANISER_LANGUAGES:
        return language
    kin = [other for other in kin_of(language) if other in ROMANISER_LANGUAGES]
    # The macro-language comes first; of several members none could be chosen.
    return kin[0] if kin and (len(kin) == 1 or kin[0] == _macro(language)) else language


@cache
def kin_of(language: str) -> tuple[str, ...]:
    """Name the macro-language of a language, then its other members.

    Args:
        language: ISO 639-3.

    Returns:
        Codes; none for a language that belongs to no macro-language.
    """
    from iso639 import ALL_LANGUAGES

    macro = _macro(language)
    if macro is None:
        return ()
    members = (one.part3 for one in ALL_LANGUAGES if one.macrolanguage == macro)
    return tuple(dict.fromkeys(code for code in (macro, *sorted(members)) if code != language))


def _in_registry(match: re.Match[str]) -> bool:
    """Tell whether the further parts of a tag exist: `my_pairs` names a file, not Burmese."""
    from babel import Locale

    names = Locale("en")
    variants = re.split("[_-]", match["variants"].lower())[1:]
    if match["script"]:
        variants = [variant for variant in variants if not _GLOTTOCODE.fullmatch(variant)]
    region, extended = match["region"], match["extended"]
    prefix = _language(match["language"])
    return (
        (region is None or region.upper() in names.territories)
        and all(variant in {str(known).lower() for known in names.variants} for variant in variants)
        and (extended is None or (prefix is not None and _macro(extended.lower()) == prefix[0]))
    )


@cache
def _macro(language: str) -> str | None:
    from iso639 import Language, LanguageNotFoundError

    try:
        found = Language.from_part3(language)
    except LanguageNotFoundError:
        return None
    return found.part3 if found.scope == "M" else found.macrolanguage


@cache
def _language(code: str) -> tuple[str, str | None] | None:
    """Find the ISO 639-3 code, and the script that a withdrawn code stands for (`sh`: `Latn`)."""
    from babel.core import get_global
    from iso639 import Language, LanguageNotFoundError

    code = code.lower()
    if _PRIVATE.fullmatch(code):
        return code, None
    kinds = (
        (Language.from_part1,) if len(code) == 2 else (Language.from_part3, Language.from_part2b)
    )
    for kind in kinds:
        try:
            found = kind(code)
        except LanguageNotFoundError:
            continue
        if found.status == "R" and found.retire_change_to:
            return _language(found.retire_change_to)
        return LANGUAGE_ALIASES.get(found.part3, found.part3), None
    alias = get_global("language_aliases").get(code)
    if alias is None or alias == code:
        return None
    language, _, script = alias.partition("_")
    again = _language(language)
    return (again[0], script if len(script) == 4 else again[1]) if again else None


def _likely_script(language: str, region: str | None) -> str | None:
    """Ask CLDR how a language is written, in a region where one is given, or else its kin."""
    from babel.core import get_global

    if language == "und":
        return None  # CLDR takes it for English
    likely = get_global("likely_subtags")
    for one in (language, *kin_of(language)):
        short = short_code(one) or one
        places = [f"{short}_{region.upper()}", f"{one}_{region.upper()}"] if region else []
        for key in (*places, short, one):
            if key in likely:
                return str(likely[key].split("_")[1])
    return None


@cache
def short_code(language: str) -> str | None:
    """Give the code of two letters (ISO 639-1) of a language.

    Args:
        language: ISO 639-3.

    Returns:
        Such as `el`; None for a language that has none.
    """
    from iso639 import Language, LanguageNotFoundError

    try:
        return Language.from_part3(language).part1
    except LanguageNotFoundError:
        return None
