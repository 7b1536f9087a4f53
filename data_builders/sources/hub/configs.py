"""How a dataset of the Hub calls a language: patterns of its configs, or of its files.

A pattern may hold `{code}` (`ell_Grek`), `{iso3}` or `{language}` (`ell`), `{iso1}` (`el`, or else
`{iso3}`), `{script}` (`Grek`) and `{date}` (`20231101`, the newest there is). With a slash in it,
it names files, and may hold `*`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...errors import DataError
from ...languages.aliases import LANGUAGE_ALIASES
from ...languages.codes import short_code
from ...languages.groups import Language, resolve_code

__all__ = ["DATE", "FIELDS", "by_language", "newest", "require_pattern", "spelled"]

DATE = "{date}"
FIELDS = ("{code}", "{iso3}", "{iso1}", "{language}", "{script}", DATE)
_PATTERN = re.compile(r"(?:[^{}\\\x00-\x1f]|\{(?:code|iso3|iso1|language|script|date)\}){1,200}")
_SCRIPTS = {"Hani": ("Hans", "Hant"), "Hang": ("Kore",)}
"""Scripts that datasets write for one of ours."""


def require_pattern(pattern: str) -> None:
    """See that a pattern names configs or files of the dataset itself; it may come with a recipe.

    Raises:
        DataError: It does not.
    """
    parts = pattern.split("/")
    if not _PATTERN.fullmatch(pattern) or ".." in parts or "" in parts or ":" in pattern:
        raise DataError(
            f"config {pattern[:60]!r}; legal are a config name or a pattern of names with "
            f"{', '.join(FIELDS)}, or of files (data/{{iso1}}/*.jsonl.gz)"
        )


def spelled(pattern: str, language: Language, codes: Mapping[str, str]) -> Iterator[str]:
    """Spell a pattern for a language, as others may call it too.

    Args:
        pattern: With fields to fill in; `{date}` stays.
        language: The language.
        codes: The dataset's own codes by ISO 639-3, in place of `{iso1}`.

    Yields:
        Names, the likeliest first: `zho_Hani`, `cmn_Hani`, `zho_Hans` ...
    """
    own = language.iso639_3
    others = [code for code, ours in LANGUAGE_ALIASES.items() if ours == own]
    scripts = (language.iso15924, *_SCRIPTS.get(language.iso15924, ()))
    found: dict[str, None] = {}
    for script in scripts:
        for iso3 in (own, *others):
            # Not `format`: `{code:>9999999999}` fills the memory.
            name = pattern.replace("{code}", f"{iso3}_{script}").replace("{script}", script)
            name = name.replace("{iso3}", iso3).replace("{language}", iso3)
            name = name.replace("{iso1}", codes.get(own) or short_code(own) or iso3)
            found[name] = None
    yield from found


def newest(name: str, names: Iterable[str]) -> str:
    """Fill the newest date into a name.

    Args:
        name: With `{date}` in it.
        names: The configs that there are.

    Returns:
        The name of the config with the latest date; the given one where there is none.
    """
    dated = re.compile(re.escape(name).replace(re.escape(DATE), "[0-9]{8}"))
    return max(filter(dated.fullmatch, names), default=name)


def by_language(names: Sequence[str]) -> dict[str, list[str]]:
    """Sort the names of configs by the language they are for; others are left out."""
    found: dict[str, list[str]] = {}
    for name in names:
        try:
            found.setdefault(resolve_code(name), []).append(name)
        except DataError:
            continue
    return found
