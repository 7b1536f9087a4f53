"""`translit-ppa learn-spellings`: from a romanisation lexicon, how people write its script."""

from __future__ import annotations

from collections.abc import Sequence

from translit_ppa.commands.options import Options, Parser, given
from translit_ppa.spellings import learn_spellings


def main(words: Sequence[str]) -> int:
    """Learn a table of spellings."""
    parser = Parser(
        "translit-ppa learn-spellings",
        "Learn from words and their romanisations (Dakshina, Aksharantar, your own) which Latin "
        "letters people write for each letter, and how often. The table is for build "
        "--transliterator informal:TABLE.",
    )
    add = Options(parser, learn_spellings)
    add("lexicon", metavar="LEXICON", help="a file of words and romanisations, or of sentences")
    add("out", metavar="TABLE", help="a TSV that is not there yet")
    add("--text-column", help="column of the words")
    add("--transliteration-column", help="column of the romanisations")
    add("--note", help="where the lexicon is from and its licence, for the head of the table")
    print(learn_spellings(**given(parser.parse_args(words))))
    return 0
