"""`translit-ppa vocabulary`: what originals and transliterations use of a tokenizer's pieces."""

from __future__ import annotations

from collections.abc import Sequence

from translit_ppa.commands.options import Options, Parser, given, modern, whole_numbers
from translit_ppa.hub_cards import to_terminal
from translit_ppa.hub_cards.figures.vocabulary import vocabulary_table
from translit_ppa.scoring.vocabulary import RECORD_NAME, vocabulary_use

OLD = {
    "--dataset-name": "--pairs",
    "--dataset-config": "--group",
    "--dataset-revision": "--pairs-revision",
}


def main(words: Sequence[str]) -> int:
    """Count, record, print."""
    options = given(_parser().parse_args(modern(words, OLD)))
    print(to_terminal(vocabulary_table(vocabulary_use(**options))))
    if out := options.get("out"):
        print(f"{out}: {RECORD_NAME}, vocabulary.md, vocabulary.csv, vocabulary.png")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "translit-ppa vocabulary",
        "Count the distinct pieces, pieces per word, coverage and unknown rate of originals and "
        "of transliterations, by language (Table 6 of arXiv 2406.19759).",
    )
    add = Options(parser, vocabulary_use)
    add("--model", required=True, help="Hub id or folder with a tokenizer")
    add("--pairs", required=True, help="Hub id or folder of paired data")
    add("--group", help="language group of the pairs, or a group's TSV")
    add("--split", help="split of the pairs")
    add("--max-samples", type=whole_numbers(1), help="count over so many rows, drawn at random")
    add("--out", help="folder for the record, the table and the figure")
    more = Options(parser.add_argument_group("where things are"), vocabulary_use)
    more("--revision", help="commit, tag or branch of the model on the Hub")
    more("--pairs-revision", help="commit, tag or branch of the pairs on the Hub")
    more("--text-column", help="column of the originals")
    more("--transliteration-column", help="column of the Latin forms")
    return parser
