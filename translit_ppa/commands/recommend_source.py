"""`translit-ppa recommend-source`: which language to fine-tune on for a target."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from translit_ppa.commands.options import Options, Parser, given, modern
from translit_ppa.commands.pairs.build import add_forms
from translit_ppa.data_builders.benchmarks.labelled.sources_and_targets import TASKS
from translit_ppa.errors import TranslitError
from translit_ppa.hub_cards import to_terminal
from translit_ppa.hub_cards.tables.source_tables import ranking_table, validation_table
from translit_ppa.scoring.sources.relatedness import KINDS
from translit_ppa.scoring.sources.source_choice import recommend_source, validate_source_choice

OLD = {
    "--dataset-name": "--pairs",
    "--dataset-config": "--pairs-group",
}


def main(words: Sequence[str]) -> int:
    """Rank, or validate such rankings."""
    options = given(_parser().parse_args(modern(words, OLD)))
    if options.pop("validate", False):
        if {"group", "task", "sources"} & set(options):
            raise TranslitError(
                "--validate takes all the paper's targets; leave --group, --task, --sources out"
            )
        name, table = "source_validation", validation_table(validate_source_choice(**options))
    else:
        ranking = recommend_source(**options)
        name, table = f"source_ranking_{ranking.target}", ranking_table(ranking)
    print(to_terminal(table))
    if out := options.get("out"):
        print(f"{out}: {name}.json, {name}.md", file=sys.stderr)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "translit-ppa recommend-source",
        "Rank source languages for a target by how close they are: shared romanised words and "
        "trigrams, a model's embeddings, typology; and, with --task, by how they did on the "
        "paper's other targets. The ranks of the kinds are averaged.",
    )
    what = Options(parser.add_mutually_exclusive_group(required=True), recommend_source)
    what("--target", metavar="CODE", help="language to find a source for")
    what(
        "--validate",
        action="store_true",
        help="compare such rankings with the paper's scores instead",
    )
    add = Options(parser, recommend_source)
    add("--group", help="candidates: the languages of mediterranean, sea, or a group's TSV")
    add("--task", choices=TASKS, help="with --group: candidates are the paper's sources")
    add("--sources", nargs="+", action="extend", metavar="CODE", help="candidates, instead")
    add("--out", help="folder for the record and the table")
    more = Options(parser.add_argument_group("what is compared"), recommend_source)
    more(
        *("--text",),
        nargs="+",
        action="extend",
        metavar="DIR",
        help="text by language: cldr, or folders of amh_Ethi.txt, .tsv (id<TAB>text), .gz; the "
        "first that has a language is read (default: cldr)",
    )
    more("--pairs", help="Hub id or folder of paired data: text of the languages that --text lacks")
    more("--pairs-group", help="its group (default: --group)")
    more(
        *("--model", "--models"),
        dest="models",
        nargs="+",
        action="extend",
        metavar="MODEL",
        help="Hub ids or folders; the last one's rank counts",
    )
    more("--signals", nargs="+", action="extend", choices=KINDS, help="kinds that are used")
    more("--sentences", type=int, help="most per language")
    more("--transliterator", help="romaniser of the text")
    add_forms(more)
    return parser
