"""`translit-ppa build`: text -> pairs of original and romanised text."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from translit_ppa.building import build_pairs
from translit_ppa.commands.options import Options, Parser, given, modern
from translit_ppa.errors import TranslitError

__all__ = [
    "INTERRUPTED",
    "add_building",
    "add_forms",
    "add_splitting",
    "add_work",
    "main",
    "where_it_stopped",
]

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


def main(words: Sequence[str]) -> int:
    """Build pairs into a folder."""
    options = given(_parser().parse_args(modern(words)))
    try:
        with where_it_stopped():
            build_pairs(**options)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from what is finished", file=sys.stderr)
        return INTERRUPTED
    return 0


@contextmanager
def where_it_stopped() -> Iterator[None]:
    """Say what to do where the system refuses: its message names the file, and no way on."""
    try:
        yield
    except TranslitError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        raise TranslitError(f"{error}; give another --out or make room and run it again") from error


def add_work(add: Options, *, quiet: str) -> None:
    """Add the options of the work itself, which decide nothing about the rows."""
    add("--num-proc", type=int, help="processes that read and romanise")
    add("--shard-rows", type=int, help="sentences per shard of work")
    add("--quiet", action="store_false", dest="show_progress", help=quiet)


def add_forms(add: Options) -> None:
    """Add the option that leaves letters in the form in which they come."""
    add(
        "--keep-forms",
        action="store_false",
        dest="fold_forms",
        help="leave letters shaped by a font, Zawgyi, SARA AM in two parts and so on as they are",
    )


def add_splitting(add: Options) -> None:
    """Add the option that decides whether rows are split into sentences."""
    add(
        "--split-sentences",
        metavar="WHEN",
        help="rows become sentences: auto (where they are documents), yes or no",
    )


def _parser() -> Parser:
    parser = Parser("translit-ppa build", "Build pairs of original and romanised text.")
    add = Options(parser, build_pairs)
    add("--source", help="cldr, hub, hub:ORG/NAME, or a folder or file of text")
    add("--group", help="mediterranean, sea, or the path of a TSV of languages")
    add("--out", help="dataset folder; other groups in it stay")
    _add_what(add)
    add(
        "--paper-compat",
        action="store_true",
        help="no language code for uroman, as the authors' code (paper: 'Uroman'); "
        "the default hands it over",
    )
    add("--seed", type=int, help="of sample, split and cldr phrases")
    add_building(parser)
    return parser


def add_building(parser: Parser, options: type[Options] = Options, *, what: bool = False) -> None:
    """Add the groups of options that decide which text becomes pairs, and how.

    Args:
        parser: Of `build`, or of a command that builds on its way.
        options: What adds them.
        what: Whether languages and romaniser are among them.
    """
    if what:
        _add_what(options(parser.add_argument_group("building pairs"), build_pairs))
    title = "sampling", "n = max(fraction * available, floor), at most cap (paper, Table 1)"
    _add_sampling(options(parser.add_argument_group(*title), build_pairs))
    _add_filters(options(parser.add_argument_group("filters"), build_pairs))
    _add_source(options(parser.add_argument_group("source"), build_pairs))
    add = options(parser.add_argument_group("the work"), build_pairs)
    add_work(add, quiet="no plan, bar and table on stderr")
    add("--dedup-memory", type=int, help="MiB for finding duplicates; beyond it, the disk")
    add = options(parser.add_argument_group("at scale (docs/scale.md)"), build_pairs)
    add("--engine", metavar="NAME", help="local, or datatrove: the work is parted into tasks")
    add("--tasks", type=int, help="datatrove: so many (default: as many as workers)")
    add("--workers", type=int, help="datatrove: so many at a time (default: 1)")


def _add_what(add: Options) -> None:
    add("--languages", nargs="+", action="extend", metavar="CODE", help="only these; aliases too")
    add("--transliterator", help="uroman, identity, informal, informal:TABLE or module:function")


def _add_sampling(add: Options) -> None:
    add("--fraction", type=float, help="share of the rows (default: 0.1; 1 for ready pairs)")
    add("--floor", type=int, help="least sentences per language")
    add("--cap", type=int, help="most sentences per language (default: none)")
    add("--temperature", type=float, help="T: targets become proportional to n^(1/T)")
    add(
        "--validation",
        type=float,
        help="share of each language's pairs, chosen by hash, for the split 'validation'",
    )
    add("--validation-cap", type=int, help="at most so many")


def _add_filters(add: Options) -> None:
    add("--min-chars", type=int, help="fewest characters")
    add("--max-chars", type=int, help="most characters")
    add(
        "--min-script-share",
        type=float,
        help="least share of letters in the language's script",
    )
    add_splitting(add)
    add_forms(add)
    add(
        "--drop-shared",
        action="store_true",
        help="drop sentences that an earlier language of the group has too",
    )
    add(
        "--exclude-benchmark",
        nargs="+",
        action="extend",
        metavar="NAME",
        help="drop sentences of these benchmarks: cldr, srb:DIR, tatoeba:DIR, parallel:DIR, "
        "sib200:DIR, taxi1500:DIR, ner:DIR, pos:DIR",
    )


def _add_source(add: Options) -> None:
    add("--text-column", metavar="NAME|INDEX", help="column of the text; positions count from 0")
    add(
        "--transliteration-column",
        metavar="NAME|INDEX",
        help="files: column of a ready romanisation, which is taken as it is; files with the "
        "header text,transliteration need no option",
    )
    add("--exclude-ids", metavar="FILE", help="files: leave out rows with these ids, one a line")
    add("--include-ids", metavar="FILE", help="files: leave out rows without one of these ids")
    add(
        "--romanisations",
        metavar="WHICH",
        help="files: which ready romanisations of one text become pairs: first, all, or by-count, "
        "which draws one with the counts of a lexicon as weights (default: first)",
    )
    add("--revision", help="hub: branch, tag or commit (default: main)")
    add(
        "--hub-config",
        help="hub: config of a language, or with a slash its files: a pattern with {code}, {iso3}, "
        "{iso1}, {script}, {date} (default: what is known of the dataset, or {code})",
    )
    add("--split", help="hub: name of the split (default: train)")
    add(
        "--origin-column",
        metavar="NAME",
        help="hub: column that says where a sentence comes from (default for Glot500: dataset)",
    )
    add("--count", type=int, help="cldr: phrases of a language, about (default: 10,000)")
