"""Which language to fine-tune on for a target: ranked by relatedness, and how good that is.

Closeness is measured on romanised text, between a model's embeddings and in a typological
database; where the paper has scores of the candidates on other targets, these count as one kind
more. Out: a record, which `ranking_table` or `validation_table` shows.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from translit_ppa.data_builders import get_transliterator, load_group, resolve_code
from translit_ppa.data_builders.benchmarks.labelled.sources_and_targets import paper_design
from translit_ppa.data_builders.closeness import typology
from translit_ppa.data_builders.closeness.language_samples import (
    CldrReader,
    FolderReader,
    LanguageSamples,
    PairsReader,
    TextReader,
)
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.schema import LANG, SCRIPT, TEXT, TRAIN, TRANSLITERATION
from translit_ppa.data_builders.sources.cldr.names import LOCALES
from translit_ppa.errors import raises_translit_error
from translit_ppa.hub_cards import Table, to_markdown, write_record
from translit_ppa.hub_cards.paper.results import FULL, paper_score
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.files import SourceRanking, SourceValidation, write_atomically
from translit_ppa.hub_cards.records.source_records import RankedSource
from translit_ppa.hub_cards.scores.source_choice import (
    COMBINED,
    means_on_others,
    paper_places,
    rank_sources,
    validate,
)
from translit_ppa.hub_cards.tables.source_tables import ranking_table, validation_table
from translit_ppa.hub_reading import reads_hub
from translit_ppa.identity import LIBRARIES
from translit_ppa.pairs import Pairs, build_facts, config_name, open_pairs
from translit_ppa.scoring.sources.relatedness import KINDS, Relatedness

__all__ = ["recommend_source", "validate_source_choice"]

Place = str | os.PathLike[str]
SCORES = "scores"
"""Kind of signal: how the candidates did on other targets."""


@raises_translit_error
@reads_hub
def recommend_source(
    target: str,
    *,
    group: str | None = None,
    task: str | None = None,
    sources: Sequence[str] | None = None,
    text: Sequence[Place] | None = None,
    pairs: Pairs | Place | None = None,
    pairs_group: str | None = None,
    models: Sequence[str] = (),
    signals: Sequence[str] = KINDS,
    sentences: int = 1000,
    transliterator: str = "uroman",
    fold_forms: bool = True,
    out: Place | None = None,
) -> SourceRanking:
    """Rank source languages for a target by how close they are.

    The ranks of the kinds of signal (shared romanised words and trigrams, a model's embeddings,
    typology) are averaged; with a task of the paper, so is how the candidates did on its other
    targets.

    Args:
        target: Code or alias of the language to find a source for.
        group: The candidates are its languages: `mediterranean`, `sea`, or a group's TSV.
        task: With `group`: the candidates are the paper's sources for it.
        sources: Candidates, instead.
        text: Text by language: `cldr`, or folders of `amh_Ethi.txt`, `.tsv`, `.gz`; the first
            that has a language is read.
        pairs: Hub id or folder of paired data, or `build_pairs`'s result: read for the languages
            that `text` lacks (the CLDR has no text of arz, ary, wuu, lzh and lhu).
        pairs_group: Group of `pairs`; None: `group`.
        models: Hub ids or folders; the last one's rank counts.
        signals: Kinds that are used: `lexical`, `embedding`, `typology`.
        sentences: Most per language.
        transliterator: Romaniser of the text.
        fold_forms: Bring text into the letters that Unicode has for it first, as a build does.
        out: Folder for the record and the table.

    Returns:
        The candidates, best first, with what they were ranked by and what is not known.

    Raises:
        TranslitError: A language, text or model is not there, or fewer than two candidates are.
    """
    if task and not group:
        raise DataError("--task needs --group: the paper's candidates differ by group")
    target = resolve_code(target)
    candidates = _candidates(target, group, task, sources)
    readers = _readers(text, pairs, pairs_group or group, sentences, signals)
    related = _relatedness(readers, models, signals, sentences, transliterator, fold_forms)
    record = _ranking(related, target, candidates, group, task)
    _write(out, f"source_ranking_{target}", record, ranking_table(record))
    return record


@raises_translit_error
@reads_hub
def validate_source_choice(
    *,
    text: Sequence[Place] | None = None,
    pairs: Pairs | Place | None = None,
    pairs_group: str | None = None,
    models: Sequence[str] = (),
    signals: Sequence[str] = KINDS,
    sentences: int = 1000,
    transliterator: str = "uroman",
    fold_forms: bool = True,
    out: Place | None = None,
) -> SourceValidation:
    """Compare rankings of sources by relatedness with the paper's scores of all its targets.

    Args:
        text: As for `recommend_source`.
        pairs: As for `recommend_source`.
        pairs_group: As for `recommend_source`.
        models: As for `recommend_source`.
        signals: As for `recommend_source`.
        sentences: As for `recommend_source`.
        transliterator: As for `recommend_source`.
        fold_forms: As for `recommend_source`.
        out: Folder for the record and the table.

    Returns:
        Kendall's tau-b and regret by task, model and way of choosing.

    Raises:
        TranslitError: Text or a model is not there, or no signal is left.
    """
    readers = _readers(text, pairs, pairs_group, sentences, signals)
    related = _relatedness(readers, models, signals, sentences, transliterator, fold_forms)
    scores = validate(related.signals)
    record = SourceValidation(
        kind="source-validation",
        version=package_version(),
        created=now(),
        conditions=replace(related.conditions, scores="paper"),
        scores=scores,
        missing=related.missing,
        libraries=libraries((*LIBRARIES, typology.PACKAGE)),
    )
    _write(out, "source_validation", record, validation_table(record))
    return record


def _ranking(
    related: Relatedness,
    target: str,
    candidates: Sequence[str],
    group: str | None,
    task: str | None,
) -> SourceRanking:
    signals = related.signals(target, candidates)
    conditions = related.conditions
    if group and task:
        signals[SCORES] = {"mean on others": _scores_on_others(target, candidates, group, task)}
        conditions = replace(conditions, scores=f"paper,{FULL}")
    ranks = rank_sources(signals)
    shown = {**related.beside(target, candidates)}
    for by_name in signals.values():
        shown |= by_name
    entries = []
    for source in candidates:
        paper = None
        if group and task:
            paper = paper_score(config_name(group), task, FULL, source, target)
        entries.append(
            RankedSource(
                source,
                {name: values[source] for name, values in shown.items()},
                {kind: ranks[kind][source] for kind in signals},
                ranks[COMBINED][source],
                paper,
            )
        )
    # What nothing is known of comes last.
    entries.sort(key=lambda e: (e.combined is None, e.combined or 0.0, e.source))
    return SourceRanking(
        kind="source-ranking",
        version=package_version(),
        created=now(),
        target=target,
        group=config_name(group) if group else None,
        task=task,
        conditions=conditions,
        sources=entries,
        missing=related.missing,
        libraries=libraries((*LIBRARIES, typology.PACKAGE)),
    )


def _scores_on_others(
    target: str, candidates: Sequence[str], group: str, task: str
) -> dict[str, float | None]:
    """Average what the paper's full model scores with each candidate on its other targets."""
    here = (config_name(group), task)
    places = [place for place in paper_places([FULL]) if (place.group, place.task) == here]
    return means_on_others(target, candidates, places)


def _candidates(
    target: str, group: str | None, task: str | None, sources: Sequence[str] | None
) -> list[str]:
    """Choose the sources that are ranked: named, the paper's, the group's, or all with text."""
    codes: Iterable[str]
    design = paper_design(config_name(group), task) if group and task else None
    if sources:
        codes = [resolve_code(code) for code in sources]
    elif design:
        codes = design.sources
    elif group:
        codes = load_group(group).scored_codes
    else:
        codes = LOCALES
    found = [code for code in dict.fromkeys(codes) if code != target]
    if len(found) < 2:
        raise DataError(f"{len(found)} candidate beside {target}; give more: --sources CODE CODE")
    return found


def _relatedness(
    readers: list[TextReader],
    models: Sequence[str],
    signals: Sequence[str],
    sentences: int,
    transliterator: str,
    fold_forms: bool,
) -> Relatedness:
    samples = LanguageSamples(readers, get_transliterator(transliterator), sentences, fold_forms)
    return Relatedness(signals, samples, models)


def _readers(
    text: Sequence[Place] | None,
    pairs: Pairs | Place | None,
    pairs_group: str | None,
    sentences: int,
    signals: Sequence[str],
) -> list[TextReader]:
    """Open the text by language, where a signal needs any."""
    readers: list[TextReader] = []
    if not {"lexical", "embedding"} & set(signals):
        return readers
    for name in (os.fspath(place) for place in text or ["cldr"]):
        readers.append(CldrReader(sentences) if name == "cldr" else FolderReader(name))
    # Last, so that candidates are compared by text of one kind, English included, which no pairs
    # hold; the pairs have the dialects that nothing else has.
    if pairs is not None:
        readers.append(_pairs_reader(pairs, pairs_group or "mediterranean"))
    return readers


def _pairs_reader(pairs: Pairs | Place, group: str) -> PairsReader:
    columns = (TEXT, TRANSLITERATION, LANG, SCRIPT)
    if not isinstance(pairs, Pairs):
        pairs = open_pairs(pairs, group, None, TRAIN, columns)
    rows = pairs[TRAIN]
    by_language: dict[str, tuple[list[str], list[str]]] = {}
    for row in zip(*(rows[name] for name in columns), strict=True):
        texts, latin = by_language.setdefault(f"{row[2]}_{row[3]}", ([], []))
        texts.append(row[0])
        latin.append(row[1])
    known = build_facts(pairs.name, pairs.config).get("digest") or rows._fingerprint
    return PairsReader(f"{pairs.config}@{known[:12]}", by_language)


def _write(
    out: Place | None, name: str, record: SourceRanking | SourceValidation, table: Table
) -> None:
    if out is not None:
        write_atomically(Path(out) / f"{name}.md", to_markdown(table).encode())
        write_record(Path(out) / f"{name}.json", record)
