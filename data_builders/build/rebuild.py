"""Rebuilds pairs from a recipe: the same rows, in the same order and splits, from the corpus.

In: a recipe and access to its corpus. Out: what the first build wrote, row by row; every text is
checked against its SHA-256, all pairs together against the digest of the first build.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from ..dataset.recipe import Recipe, WantedRow, open_recipe
from ..errors import DataError
from ..languages.groups import Language, LanguageGroup
from ..names import CommitId, RepositoryId
from ..processes import Workers
from ..sentences.filters import FilterOptions, normalise
from ..sentences.forms import fold_forms
from ..sentences.sampling import SamplingOptions, SelectedRow
from ..sentences.seen import DEDUP_MEMORY
from ..sources.files import FilesSource
from ..sources.registry import Sentence, Source, parse_source
from ..transliterators import ROMANISERS, get_transliterator
from .build_record import environment
from .estimate import announce, voice
from .finish import finish
from .job import Drawing, Job
from .joining import Joining
from .selection import Selection, in_chunks
from .shard_writer import require_work
from .stretches import Available, utf8
from .work import plan, romanise

__all__ = ["rebuild"]

_READY = "ready pairs"


@dataclass(frozen=True)
class _RecipeJob(Job):
    """A build whose rows are chosen by a recipe."""

    recipe: Recipe

    def digest(self, language: Language, selection: Selection) -> str:
        parts = [super().digest(language, selection), *map(str, self.recipe.wanted(language))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def drawing(
        self, language: Language, selection: Selection, folder: Path, tick: Callable[[int], None]
    ) -> Drawing:
        return _Wanted(self, language, selection, tick)


@dataclass
class _Wanted:
    """The rows of a recipe, which are given out all at once."""

    job: _RecipeJob
    language: Language
    selection: Selection
    tick: Callable[[int], None]
    exhausted: bool = False

    def read_ahead(self, count: int, workers: Workers, own: int) -> Sequence[Future[None]]:
        return ()  # A recipe names rows by their places, which only one pass can count.

    def draw(self, count: int) -> Iterator[tuple[SelectedRow, ...]]:
        self.exhausted = True
        return in_chunks(self._rows(), self.job.shard_rows)

    def _rows(self) -> Iterator[SelectedRow]:
        wanted = self.job.recipe.wanted(self.language)
        for _, rows in groupby(wanted, key=attrgetter("round")):
            yield from self._one_pass(iter(rows))

    def _one_pass(self, wanted: Iterator[WantedRow]) -> Iterator[SelectedRow]:
        """Look up rows that stand in the recipe in the order of the source."""
        code, source = self.language.code, self.job.source
        next_row = next(wanted, None)
        for read, sentence in enumerate(source.sentences(self.language)):
            if next_row is None:
                break
            if read % 10_000 == 0:
                self.tick(read)
            # A document may have become several sentences.
            while next_row is not None and next_row.row == read:
                yield self._sentence(sentence, next_row)
                next_row = next(wanted, None)
        if next_row is not None:
            raise DataError(
                f"{code}: {source.signature()} ends before row {next_row.row} of the recipe "
                f"({next_row.origin}); the corpus must be the same, in the same order"
            )

    def _sentence(self, found: Sentence, wanted: WantedRow) -> SelectedRow:
        text = normalise((found.text or "")[wanted.start : wanted.end])
        steps: tuple[str, ...] = ()
        if self.job.filters.fold_forms:
            text, steps = fold_forms(text, self.language.iso639_3)
        if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != wanted.sha256:
            raise DataError(
                f"{self.language.code}: row {wanted.row} of {self.job.source.signature()} is not "
                f"the text of the recipe (SHA-256 {wanted.sha256[:12]}..., {wanted.origin}); the "
                "corpus must be the same, in the same order"
            )
        self.selection.taken += 1
        self.selection.folded.update(steps)
        latin = utf8(found.transliteration)
        return SelectedRow(text, latin, wanted.origin, wanted.row, wanted.start, wanted.end)


def rebuild(
    repo_or_folder: str,
    config: str,
    out: str | Path,
    *,
    revision: str | None = None,
    source: str | None = None,
    transliterator: str | None = None,
    num_proc: int = 1,
    shard_rows: int = 1000,
    progress: bool = True,
    **source_options: Any,
) -> dict[str, Any]:
    """Rebuild a group of pairs from its recipe.

    A rebuild that was stopped goes on where it was when it is called again.

    Args:
        repo_or_folder: Where the recipe is, `org/name` or a folder.
        config: Name of the config.
        out: Dataset folder; other groups in it stay.
        revision: Of the recipe: branch, tag or commit; None is `main`.
        source: Where the corpus is, as for `build_pairs`; None is where the recipe says.
        transliterator: The romaniser of the recipe, where that is a function of one's own,
            `module:function`: a record may not name code that is run.
        num_proc: Processes that romanise; above 1 a script needs its `__main__` guard.
        shard_rows: Sentences per shard of work.
        progress: Print the plan and a progress bar to stderr.
        **source_options: See `data_builders.sources.parse_source`; None is as in the recipe.

    Returns:
        The record of the first build, with the time and the machine of this one.

    Raises:
        DataError: There is no such recipe, a row is missing or another text, or the romaniser is
            not the same; nothing takes the place of an earlier result.
    """
    started = time.monotonic()
    require_work(num_proc, shard_rows)
    recipe = open_recipe(repo_or_folder, config, revision)
    corpus = _corpus(recipe, source, source_options)
    for language in recipe.languages:
        if not _is_mixed(language, corpus) and not corpus.covers(language):
            raise DataError(f"{language.code}: {corpus.why_missing(language)}")
    ready = recipe.record["transliterator"] == _READY
    if ready and not (isinstance(corpus, FilesSource) and corpus.ready_pairs):
        raise DataError(
            f"{config} was made from pairs that were ready: give files with their romanisation, "
            "--source files:PATH"
        )
    romaniser, language_code = ("identity", True) if ready else _romaniser(recipe, transliterator)
    job = _RecipeJob(
        group=LanguageGroup(config, recipe.languages, (), recipe.folder),
        languages=recipe.languages,
        source=corpus,
        romaniser=romaniser,
        language_code=language_code,
        transliterator=get_transliterator(romaniser, language_code=language_code),
        ready=ready,
        seed=recipe.record["seed"],
        sampling=SamplingOptions(1.0, 0),
        # Recipes of before have no such step.
        filters=FilterOptions(fold_forms=recipe.record["filters"].get("fold_forms", False)),
        excluded=frozenset(),
        benchmarks=(),
        shard_rows=shard_rows,
        dedup_memory=DEDUP_MEMORY,
        # A recipe names characters: nothing is split again.
        splitter=None,
        started=started,
        recipe=recipe,
    )
    out = Path(out)
    say = voice(progress)
    available = {x.code: Available(len(recipe.wanted(x))) for x in recipe.languages}
    work = out / ".work" / config
    with Workers(num_proc, job.preload) as workers:
        runs = plan(job, available, work)
        announce(job, runs, out, num_proc, say)
        joining = Joining(config, runs, work, recipe.record["filters"])
        with joining.beside(num_proc > 1):
            romanise(job, runs, workers, progress, joining.add)
    record = {**recipe.record, **environment()}
    finish(config, started, runs, out, record, rebuilt=True, joining=joining)
    rows = sum(there.sentences for there in available.values())
    say(f"{out / config}: {rows:,} pairs as in {recipe.name}")
    return record


def _is_mixed(language: Language, corpus: Source) -> bool:
    return language.iso639_3 == "mul" and isinstance(corpus, FilesSource) and corpus.mixed


def _corpus(recipe: Recipe, spec: str | None, given: dict[str, Any]) -> Source:
    """Open the corpus: what the caller names, or else what the recipe names, at its revision."""
    origin, options = recipe.record["source"], {k: v for k, v in given.items() if v is not None}
    kind = next((kind for kind in ("files", "cldr") if origin.startswith(kind)), "hub")
    if spec is None and kind == "hub":
        repo, _, commit = origin.rpartition("@")
        options["revision"] = CommitId(commit, f"{recipe.name}: source {origin}")
        spec = f"hub:{RepositoryId(repo, recipe.name)}"
    elif spec is None and kind == "files":
        raise DataError(f"the recipe was made from {origin}: say where it is, --source files:PATH")
    spec = spec or kind
    if spec.partition(":")[0] == kind:
        options = {**recipe.record["source_options"], **options}
    return parse_source(spec, seed=recipe.record["seed"], **options)


def _romaniser(recipe: Recipe, given: str | None) -> tuple[str, bool]:
    """Find the romaniser of the record: its specification, and whether it gets the language.

    The record came from elsewhere. It may name a romaniser of ours, by its signature; it never
    decides what is imported.
    """
    wanted = recipe.record["transliterator"]
    names = (*ROMANISERS, *(f"{name}@{draw}" for name, draw in _draw(wanted)))
    for name in names:
        for language_code in (True, False):
            here = get_transliterator(name, language_code=language_code).signature()
            if here == wanted:
                if given not in (None, name, name.removesuffix("@0")):
                    raise DataError(
                        f"transliterator {given!r}: the recipe was romanised by {wanted}; legal is "
                        f"{name}, or leave it out"
                    )
                return name, language_code
        if wanted.startswith(f"{name.partition('@')[0]}-"):
            raise DataError(
                f"the recipe was romanised by {wanted}, here is {here}: install that version"
            )
    if (table := re.match(r"informal-\d+:([0-9a-f]{12})@(\d{1,9})\|", wanted)) is not None:
        return _with_table(wanted, table[1], table[2], given)
    if given != wanted:
        raise DataError(
            f"the recipe was romanised by {wanted!r}, code of its author's that no download may "
            f"start{'' if given is None else f', and not by {given!r}'}: if you have that code and "
            f"trust it, add --transliterator {wanted}"
        )
    return wanted, True


def _with_table(wanted: str, digest: str, draw: str, given: str | None) -> tuple[str, bool]:
    """Find the romaniser of a record that was made with a table of spellings of its author's."""
    here = ""
    if given is not None and given.startswith("informal:"):
        for language_code in (True, False):
            romaniser: Any = get_transliterator(given, language_code=language_code)
            here = romaniser.signature()
            if here == wanted:
                return romaniser.pinned, language_code
    raise DataError(
        f"the recipe was romanised by {wanted}{f', here is {here}' if here else ''}: give the "
        f"table with the digest {digest}, --transliterator informal:FILE@{draw}, and install the "
        "versions that are named"
    )


def _draw(signature: str) -> list[tuple[str, str]]:
    """Read name and draw out of the signature of an informal romaniser."""
    found = re.match(r"(informal(?:-held-out)?)-\d+@(\d{1,9})\|", signature)
    return [(found[1], found[2])] if found else []
