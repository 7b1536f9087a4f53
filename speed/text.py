"""The text of all benchmarks: real sentences of many languages with their romanisation."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from translit_ppa.data_builders import load_group
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sources.registry import Source, iter_sentences, parse_source
from translit_ppa.data_builders.transliterators import get_transliterator

GROUPS = ("mediterranean", "sea")


@dataclass(frozen=True)
class TextOptions:
    """Where text comes from.

    Attributes:
        source: `cldr`, or a folder with one file per language, named by its code.
        column: The folder's text column, by name or position from 0.
    """

    source: str = "cldr"
    column: str | None = None

    def open(self, per_language: int) -> Source:
        """Open the source; the CLDR composes about `per_language` phrases per language."""
        if self.source == "cldr":
            return parse_source("cldr", count=per_language)
        return parse_source(f"files:{self.source}", text_column=self.column)

    def words(self) -> list[str]:
        """Return the same choice as words for the command line of `data_builders`."""
        if self.source == "cldr":
            return ["--source", "cldr"]
        column = [] if self.column is None else ["--text-column", self.column]
        return ["--source", f"files:{self.source}", *column]

    @property
    def name(self) -> str:
        """What a record calls the text: no path of this machine."""
        return "CLDR" if self.source == "cldr" else f"folder {Path(self.source).name}"


def sentences_by_language(options: TextOptions, count: int) -> dict[str, list[str]]:
    """Return up to `count` sentences of each language, none twice.

    Args:
        options: Where text comes from.
        count: How many of each.

    Raises:
        DataError: If the source covers no language of the groups.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for code, text in sentences(options, 20 * count):
        if len(found[code]) < count:
            found[code].append(text)
    return found


def sentences(options: TextOptions, count: int) -> list[tuple[str, str]]:
    """Return `(language code, sentence)`, the languages in turn, no sentence twice.

    Args:
        options: Where text comes from.
        count: How many at most.

    Raises:
        DataError: If the source covers no language of the groups.
    """
    languages = {
        language.code: language for group in GROUPS for language in load_group(group).languages
    }
    source = options.open(max(64, 2 * count // len(languages)))
    columns = [
        [
            (language.code, sentence.text.strip())
            for sentence in itertools.islice(iter_sentences(language, source), count)
            if sentence.drop is None and sentence.text and sentence.text.strip()
        ]
        for language in languages.values()
        if source.covers(language)
    ]
    if not any(columns):
        raise DataError(f"{options.source} has no text in a language of {' or '.join(GROUPS)}.")
    mixed = itertools.chain.from_iterable(itertools.zip_longest(*columns))
    distinct = {text: (code, text) for code, text in filter(None, mixed)}
    return list(distinct.values())[:count]


def pairs(options: TextOptions, count: int, cache: Path) -> list[tuple[str, str]]:
    """Return `(sentence, its romanisation)`; romanised once, then read from `cache`.

    Args:
        options: Where text comes from.
        count: How many at most.
        cache: Folder for the romanised text.
    """
    found = sentences(options, count)
    digest = hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16]
    path = cache / f"pairs-{digest}.json"
    if not path.is_file():
        romanise = get_transliterator("uroman")
        latin: dict[int, str] = {}
        for code in dict.fromkeys(code for code, _ in found):
            rows = [i for i, (other, _) in enumerate(found) if other == code]
            romanised = romanise([found[i][1] for i in rows], code)
            latin |= dict(zip(rows, romanised, strict=True))
        cache.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".part")
        aside.write_text(json.dumps([latin[i] for i in range(len(found))]), encoding="utf-8")
        aside.replace(path)
    romanised = json.loads(path.read_text(encoding="utf-8"))
    return [(text, other) for (_, text), other in zip(found, romanised, strict=True)]
