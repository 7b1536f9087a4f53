"""`eval.py recommend-source`: rank source languages for a target by relatedness, or validate that.

    python eval.py recommend-source --target mlt_Latn --group mediterranean --task sib200
    python eval.py recommend-source --validate --out docs/records

Closeness is measured on romanised text, between a model's embeddings and in a typological
database. Out: a table; with --out also the record and the table as Markdown.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from translit_ppa.data_builders import get_transliterator, load_group, resolve_code
from translit_ppa.data_builders.benchmarks.labelled.sources_and_targets import TASKS, paper_design
from translit_ppa.data_builders.closeness import typology
from translit_ppa.data_builders.closeness.language_samples import (
    CldrReader,
    FolderReader,
    LanguageSamples,
    PairsReader,
    TextReader,
)
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.schema import LANG, SCRIPT, TEXT, TRANSLITERATION
from translit_ppa.data_builders.sources.cldr.names import LOCALES
from translit_ppa.errors import user_errors_exit_2
from translit_ppa.hub_cards import Table, to_markdown, to_terminal, write_record
from translit_ppa.hub_cards.paper.results import FULL, paper_score
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.files import SourceRanking, SourceValidation, write_atomically
from translit_ppa.hub_cards.records.source_records import RankedSource
from translit_ppa.hub_cards.scores.source_choice import COMBINED, rank_sources, validate
from translit_ppa.hub_cards.tables.source_tables import ranking_table, validation_table
from translit_ppa.identity import LIBRARIES
from translit_ppa.pairs import build_facts, config_name, open_pairs
from translit_ppa.scoring.relatedness import KINDS, Relatedness


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Rank or validate; see the module's text for the command line."""
    args = _parser().parse_args(argv)
    if args.validate and (args.group or args.task or args.sources):
        raise DataError(
            "--validate takes all the paper's targets; leave --group, --task, --sources out"
        )
    if args.task and not args.group:
        raise DataError("--task needs --group: the paper's candidates differ by group")
    if args.validate:
        checked = _validation(_relatedness(args))
        _show(args, checked, validation_table(checked), "source_validation")
        return 0
    target = resolve_code(args.target)
    candidates = _candidates(args, target)
    ranking = _ranking(args, target, candidates)
    _show(args, ranking, ranking_table(ranking), f"source_ranking_{target}")
    return 0


def _ranking(args: argparse.Namespace, target: str, candidates: Sequence[str]) -> SourceRanking:
    related = _relatedness(args)
    signals = related.signals(target, candidates)
    ranks = rank_sources(signals)
    shown = {**related.beside(target, candidates)}
    for by_name in signals.values():
        shown |= by_name
    entries = []
    for source in candidates:
        paper = None
        if args.group and args.task:
            paper = paper_score(config_name(args.group), args.task, FULL, source, target)
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
        group=config_name(args.group) if args.group else None,
        task=args.task,
        conditions=related.conditions,
        sources=entries,
        missing=related.missing,
        libraries=libraries((*LIBRARIES, typology.PACKAGE)),
    )


def _validation(related: Relatedness) -> SourceValidation:
    scores = validate(related.signals)
    return SourceValidation(
        kind="source-validation",
        version=package_version(),
        created=now(),
        conditions=related.conditions,
        scores=scores,
        missing=related.missing,
        libraries=libraries((*LIBRARIES, typology.PACKAGE)),
    )


def _candidates(args: argparse.Namespace, target: str) -> list[str]:
    """Choose the sources that are ranked: named, the paper's, the group's, or all with text."""
    codes: Iterable[str]
    design = paper_design(config_name(args.group), args.task) if args.group and args.task else None
    if args.sources:
        codes = [resolve_code(code) for code in args.sources]
    elif design:
        codes = design.sources
    elif args.group:
        codes = load_group(args.group).scored_codes
    else:
        codes = LOCALES
    found = [code for code in dict.fromkeys(codes) if code != target]
    if len(found) < 2:
        raise DataError(f"{len(found)} candidate beside {target}; give more: --sources CODE CODE")
    return found


def _relatedness(args: argparse.Namespace) -> Relatedness:
    romaniser = get_transliterator(args.transliterator)
    with_text = {"lexical", "embedding"} & set(args.signals)
    samples = LanguageSamples(_readers(args) if with_text else [], romaniser, args.sentences)
    return Relatedness(args.signals, samples, args.model)


def _readers(args: argparse.Namespace) -> list[TextReader]:
    readers: list[TextReader] = []
    if args.dataset_name:
        columns = (TEXT, TRANSLITERATION, LANG, SCRIPT)
        config = args.dataset_config or args.group or "mediterranean"
        rows = open_pairs(args.dataset_name, config, None, "train", columns)["train"]
        pairs: dict[str, tuple[list[str], list[str]]] = {}
        for row in zip(*(rows[name] for name in columns), strict=True):
            texts, latin = pairs.setdefault(f"{row[2]}_{row[3]}", ([], []))
            texts.append(row[0])
            latin.append(row[1])
        known = build_facts(args.dataset_name, config).get("digest") or rows._fingerprint
        readers.append(PairsReader(f"{config_name(config)}@{known[:12]}", pairs))
    # Pairs alone hold no English; who gives pairs and nothing else gets no other text mixed in.
    given = args.text if args.text is not None else ([] if args.dataset_name else ["cldr"])
    for name in given:
        readers.append(CldrReader(args.sentences) if name == "cldr" else FolderReader(name))
    return readers


def _show(
    args: argparse.Namespace, record: SourceRanking | SourceValidation, table: Table, name: str
) -> None:
    print(to_terminal(table))
    if args.out is not None:
        write_atomically(args.out / f"{name}.md", to_markdown(table).encode())
        write_record(args.out / f"{name}.json", record)
        print(f"{args.out}: {name}.json, {name}.md", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eval.py recommend-source",
        description="Rank source languages for a target by how close they are: shared romanised "
        "words and trigrams, a model's embeddings, typology. The ranks of the kinds are averaged.",
    )
    add = parser.add_argument
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--target", metavar="CODE", help="language to find a source for")
    what.add_argument(
        "--validate",
        action="store_true",
        help="compare such rankings with the paper's scores instead",
    )
    add("--group", help="candidates: the languages of mediterranean, sea, or a group's TSV")
    add("--task", choices=TASKS, help="with --group: candidates are the paper's sources")
    add("--sources", nargs="+", metavar="CODE", help="candidates, instead")
    add(
        *("--text",),
        nargs="+",
        metavar="DIR",
        help="text by language: cldr, or folders of amh_Ethi.txt, .tsv (id<TAB>text), .gz; the "
        "first that has a language is read (default: cldr)",
    )
    add("--dataset_name", help="Hub id or folder of paired data to take text from first")
    add("--dataset_config", help="its group (default: --group)")
    add("--model", nargs="+", default=[], help="Hub ids or folders; the last one's rank counts")
    add("--signals", nargs="+", choices=KINDS, default=list(KINDS), help="kinds that are used")
    add("--sentences", type=int, default=1000, help="most per language (default: 1000)")
    add("--transliterator", default="uroman", help="romaniser of the text (default: uroman)")
    add("--out", type=Path, help="folder for the record and the table")
    return parser
