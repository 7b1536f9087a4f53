"""Names of the Unicode CLDR, key by key, and the key sets that are held out of training.

In: the locale data that comes with Babel. Out: for each covered language a table
`key -> name` with keys such as `territory:GR`, `language:el`,
`script:Grek` and `currency:EUR`. The same key names the same thing in every language,
which makes the tables a small parallel corpus; a fixed part of the keys is a benchmark.

Source: Unicode CLDR (https://cldr.unicode.org), Unicode License v3, through Babel.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from ...languages.codes import short_code

LOCALES: Mapping[str, str] = MappingProxyType(
    {
        "ara_Arab": "ar",
        "fas_Arab": "fa",
        "amh_Ethi": "am",
        "ell_Grek": "el",
        "heb_Hebr": "he",
        "tur_Latn": "tr",
        "mlt_Latn": "mt",
        "eng_Latn": "en",
        "zho_Hani": "zh_Hans",
        "yue_Hani": "yue_Hant",
        "kor_Hang": "ko",
        "lao_Laoo": "lo",
        "mya_Mymr": "my",
        "bod_Tibt": "bo",
        "tha_Thai": "th",
    }
)
"""Languages of the benchmark and their CLDR locales (simplified for zho, traditional for yue)."""

KINDS: tuple[str, ...] = ("territory", "language", "script", "currency")
"""What a key can name; the part of the key before the colon."""

SPLIT_SALT = "translit-ppa cldr keys 1"
"""Fixed for good: the split is a property of the benchmark, not of a user's seed."""

VALIDATION_SHARE = 0.15
TEST_SHARE = 0.25

# First words of the Unicode character names of each script's letters.
_LETTER_NAMES = {
    "Arab": ("ARABIC",),
    "Ethi": ("ETHIOPIC",),
    "Grek": ("GREEK",),
    "Hang": ("HANGUL",),
    "Hani": ("CJK",),
    "Hebr": ("HEBREW",),
    "Laoo": ("LAO",),
    "Latn": ("LATIN",),
    "Mymr": ("MYANMAR",),
    "Thai": ("THAI",),
    "Tibt": ("TIBETAN",),
}

_SEVERAL_SCRIPTS = {"Jpan": ("Hani", "Hira", "Kana")}

# A third, not a half: names such as zh "N’Ko 文" are the locale's own in spite of Latin letters.
_OWN_SCRIPT_SHARE = 1 / 3


@cache
def locale_of(code: str) -> str | None:
    """Find the CLDR locale of a language, whether the benchmark has it or not.

    Args:
        code: A canonical language code.

    Returns:
        Such as `hi` for `hin_Deva` and `sr_Latn` for `srp_Latn`; None where the CLDR has none.
    """
    from babel.core import get_global
    from babel.localedata import exists

    if code in LOCALES:
        return LOCALES[code]
    language, _, script = code.partition("_")
    # CLDR's name for the member that a macro-language's locale is of: sw for swh, uz for uzn.
    known = get_global("language_aliases").get(language)
    for tag in filter(None, (short_code(language), language, known)):
        if exists(f"{tag}_{script}"):
            return f"{tag}_{script}"
        if exists(tag) and get_global("likely_subtags").get(tag, "").split("_")[1:2] == [script]:
            return tag
    return None


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Return the form under which two names count as the same.

    Args:
        text: Any string.

    Returns:
        NFC of the casefolded text, without invisible format characters (bidi marks, joiners),
        with runs of whitespace as one space.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    visible = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return " ".join(visible.split())


def in_own_script(text: str, code: str) -> bool:
    """Tell whether a text is written in the language's own script.

    Args:
        text: A name or a phrase.
        code: A language code such as `amh_Ethi`.

    Returns:
        True when the text has letters and at least a third of them are of that script.
    """
    script = code.rpartition("_")[2]
    own = [_is_own_letter(c, script) for c in text if c.isalpha()]
    return any(own) and sum(own) >= len(own) * _OWN_SCRIPT_SHARE


@cache
def _is_own_letter(character: str, script: str) -> bool:
    if script in _LETTER_NAMES:
        return unicodedata.name(character, "").startswith(_LETTER_NAMES[script])
    return _letters_of(script).fullmatch(character) is not None


@cache
def _letters_of(script: str) -> Any:
    import regex

    parts = _SEVERAL_SCRIPTS.get(script, (script,))
    return regex.compile(
        "[{}]".format("".join(rf"\p{{Script_Extensions={each}}}" for each in parts))
    )


@cache
def names(code: str) -> Mapping[str, str]:
    """Return every name that the language's locale has of its own.

    A locale without a name inherits nothing readable in CLDR (the root holds no names), so a
    string that equals its code, or that is not in the language's script, is no name.

    Args:
        code: A language code that has a locale.

    Returns:
        `{"territory:GR": "Ελλάδα", ...}`, NFC, sorted by key, read-only.
    """
    from babel import Locale

    locale = Locale.parse(locale_of(code))
    tables = (locale.territories, locale.languages, locale.scripts, locale.currencies)
    found: dict[str, str] = {}
    for kind, table in zip(KINDS, tables, strict=True):
        for key in sorted(table):
            name = clean(str(table[key]))
            if name and name != key and in_own_script(name, code):
                found[f"{kind}:{key}"] = name
    return MappingProxyType(found)


@cache
def cities(code: str) -> tuple[str, ...]:
    """Return the exemplar cities of the time zones, in the language's script.

    They are extra training text only: no benchmark key names a city.

    Args:
        code: A language code that has a locale.

    Returns:
        Distinct names, NFC, sorted; names inherited from the root (Latin) are left out.
    """
    from babel import Locale, localedata

    zones = Locale.parse(locale_of(code)).time_zones
    root = localedata.load("root")["time_zones"]
    found = {
        clean(str(zones[zone]["city"]))
        for zone in zones
        if "city" in zones[zone]
        and (code == "eng_Latn" or zones[zone]["city"] != root.get(zone, {}).get("city"))
    }
    return tuple(sorted(name for name in found if name and in_own_script(name, code)))


def clean(text: str) -> str:
    """Return the text in NFC with runs of whitespace (no-break spaces too) as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@cache
def key_splits() -> Mapping[str, frozenset[str]]:
    """Divides the keys of all covered languages into training, validation and test.

    Keys that share a form in one language (language Lao and script Lao) fall together, and so
    do a language and its variants (`en`, `en_GB`), because a query in one would have been
    trained on in the other. The place of a group is a hash of its first key and of
    `SPLIT_SALT`: about 60 % training, 15 % validation, 25 % test, whatever the user's seed.

    Returns:
        `{"train": keys, "validation": keys, "test": keys}`, disjoint, together all keys.
    """
    split: dict[str, set[str]] = {"train": set(), "validation": set(), "test": set()}
    for group in _groups():
        split[_split_of(min(group))].update(group)
    return MappingProxyType({name: frozenset(keys) for name, keys in split.items()})


def _split_of(key: str) -> str:
    digest = hashlib.sha256(f"{SPLIT_SALT}|{key}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < VALIDATION_SHARE:
        return "validation"
    return "test" if place < VALIDATION_SHARE + TEST_SHARE else "train"


def _groups() -> list[set[str]]:
    """Connected keys (union-find over same forms and language variants)."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for code in LOCALES:
        first_with: dict[str, str] = {}
        for key, name in names(code).items():
            parent[root(key)] = root(first_with.setdefault(fold(name), key))
            if key.startswith("language:") and "_" in key:
                parent[root(key)] = root(key.partition("_")[0])
    named = {key for code in LOCALES for key in names(code)}
    groups: dict[str, set[str]] = {}
    for key in sorted(named):
        groups.setdefault(root(key), set()).add(key)
    return list(groups.values())


@cache
def held_out_forms() -> frozenset[str]:
    """Return the folded names of all validation and test keys, in every covered language."""
    split = key_splits()
    held_out = split["validation"] | split["test"]
    return frozenset(
        fold(name) for code in LOCALES for key, name in names(code).items() if key in held_out
    )


@cache
def training_names(code: str) -> Mapping[str, str]:
    """Return the names that may be trained on.

    Args:
        code: A language code that has a locale.

    Returns:
        `key -> name` of training keys; a name that is a held-out form of any language of the
        benchmark, or of this one, is left out, and so is the second key of a form already listed.
    """
    train = key_splits()["train"]
    kept: dict[str, str] = {}
    seen = set(held_out_forms())
    seen |= {fold(name) for key, name in names(code).items() if key not in train}
    for key, name in names(code).items():
        if key in train and fold(name) not in seen:
            seen.add(fold(name))
            kept[key] = name
    return MappingProxyType(kept)


def training_cities(code: str) -> tuple[str, ...]:
    """Return the exemplar cities that are no held-out form and no training name."""
    taken = held_out_forms() | {fold(name) for name in training_names(code).values()}
    return tuple(name for name in cities(code) if fold(name) not in taken)


def may_train_on(constituents: Iterable[str]) -> bool:
    """Tell whether none of the pieces of a phrase is a held-out form."""
    return not any(fold(piece) in held_out_forms() for piece in constituents)
