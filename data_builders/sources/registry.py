"""Where sentences come from: `cldr`, `hub`, `hub:org/name` or `files:PATH`.

Add one: a class that keeps the contract `Source`, and a case in `parse_source`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import DataError
from ..languages.groups import Language, LanguageGroup, resolve_code
from ..reading.rows import Columns
from .base import Sentence, Source
from .cldr.source import CldrSource
from .files import MIXED, FilesSource, read_ids
from .hub.known import ANY, KNOWN
from .hub.source import DEFAULT_REPO, HubSource
from .in_folders import code_or_none

__all__ = ["Sentence", "Source", "covered", "iter_sentences", "parse_source"]


def parse_source(
    spec: str,
    *,
    text_column: str | None = None,
    transliteration_column: str | None = None,
    exclude_ids: str | Path | None = None,
    include_ids: str | Path | None = None,
    romanisations: str | None = None,
    revision: str | None = None,
    hub_config: str | None = None,
    split: str | None = None,
    origin_column: str | None = None,
    seed: int = 42,
    count: int | None = None,
) -> Source:
    """Turn the name of a source into the source.

    Args:
        spec: `cldr`, `hub` (= `hub:cis-lmu/Glot500`), `hub:org/name` or `files:PATH`.
        text_column: Column of the text, by name or (files) by position from 0.
        transliteration_column: Files: column of a ready romanisation.
        exclude_ids: Files: a list of row ids to leave out.
        include_ids: Files: a list of row ids outside which everything is left out.
        romanisations: Files: which romanisations of a word of a lexicon become pairs; `first`,
            `all` or `by-count`; None is `first`.
        revision: Hub: branch, tag or commit; None is `main`.
        hub_config: Hub: config of a language, or (with a slash) its files: a pattern with
            `{code}`, `{iso3}`, `{iso1}`, `{script}`, `{date}`; None is what is known of the
            dataset, or else `{code}`.
        split: Hub: name of the split; None is `train`.
        origin_column: Hub: column that says where a sentence comes from, which `source` then
            tells; None is `dataset` for Glot500, else none.
        seed: Cldr: decides which phrases are composed.
        count: Cldr: phrases per language, about; None is 10,000.

    Returns:
        The source.

    Raises:
        DataError: Unknown source, missing folder, or an option the source has no use for.
    """
    kind, _, where = spec.partition(":")
    given = {
        "--text-column": (text_column, ("files", "hub")),
        "--transliteration-column": (transliteration_column, ("files",)),
        "--exclude-ids": (exclude_ids, ("files",)),
        "--include-ids": (include_ids, ("files",)),
        "--romanisations": (romanisations, ("files",)),
        "--revision": (revision, ("hub",)),
        "--hub-config": (hub_config, ("hub",)),
        "--split": (split, ("hub",)),
        "--origin-column": (origin_column, ("hub",)),
        "--count": (count, ("cldr",)),
    }
    if kind not in ("cldr", "hub", "files") or (kind == "files") > bool(where):
        raise DataError(f"unknown source {spec!r}; legal are cldr, hub, hub:ORG/NAME and files:DIR")
    for option, (value, kinds) in given.items():
        if value is not None and kind not in kinds:
            raise DataError(
                f"{option} means nothing for --source {kind}; it is for {' and '.join(kinds)}"
            )
    if kind == "hub":
        repo = where or DEFAULT_REPO
        known = KNOWN.get(repo, ANY)
        return HubSource(
            repo,
            revision or "main",
            hub_config or known.config,
            text_column or known.column,
            split or "train",
            origin_column or known.origin,
        )
    if kind == "files":
        return FilesSource(
            Path(where),
            Columns(text_column, transliteration_column),
            read_ids(Path(exclude_ids)) if exclude_ids else frozenset(),
            read_ids(Path(include_ids)) if include_ids else frozenset(),
            romanisations or "first",
            seed,
        )
    if where:
        raise DataError(f"source {spec!r}; cldr takes nothing after it: legal is cldr")
    return CldrSource(seed, 10_000 if count is None else count)


def iter_sentences(language: Language | str, source: Source) -> Iterator[Sentence]:
    """Yield the sentences of a language.

    Args:
        language: A language or any spelling of its code.
        source: Where they come from.

    Yields:
        Rows before any filter.

    Raises:
        DataError: The source lacks the language.
    """
    if isinstance(language, str):
        iso639_3, iso15924 = resolve_code(language).split("_")
        language = Language(iso639_3, iso15924)
    if not source.covers(language):
        raise DataError(f"{language.code}: {source.why_missing(language)}")
    yield from source.sentences(language)


def covered(group: LanguageGroup, source: Source) -> tuple[tuple[Language, ...], dict[str, str]]:
    """Find the languages of a group that a source has.

    Args:
        group: The group.
        source: The source.

    Returns:
        These languages, and why each of the others is missing.

    Raises:
        DataError: It has none, or would give one text for several.
    """
    if isinstance(source, FilesSource) and source.mixed:
        return (MIXED,), {}
    found = tuple(language for language in group.languages if source.covers(language))
    missing = {
        language.code: source.why_missing(language)
        for language in group.languages
        if language not in found
    }
    if isinstance(source, HubSource):
        _require_own_config(source, found)
    if not found:
        reasons = "; ".join(f"{code}: {why}" for code, why in missing.items())
        raise DataError(f"the source has no language of {group.name} ({reasons})")
    return found, missing


def _require_own_config(source: HubSource, languages: Sequence[Language]) -> None:
    """Refuse to read one config for several languages, or that of another language."""
    readers: dict[str, list[str]] = {}
    for language in languages:
        readers.setdefault(source.config_of(language), []).append(language.code)
    for config, codes in readers.items():
        if len(codes) > 1:
            raise DataError(
                f"the config {config} would be read for all of {', '.join(codes)}; legal is "
                "--hub-config with {code} or {iso3}, or one of --languages"
            )
        named = code_or_none(config)
        if "{" not in source.config and named not in (None, codes[0]):
            raise DataError(
                f"the config {config} is {named}, and {codes[0]} is asked for; give --hub-config "
                "of its own, or other --languages"
            )
