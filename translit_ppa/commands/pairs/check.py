"""`translit-ppa check`: what files are taken for, and what a romaniser does to them."""

from __future__ import annotations

from collections.abc import Sequence

from translit_ppa.building import check_text
from translit_ppa.commands.options import Options, Parser, given, modern
from translit_ppa.commands.pairs.build import add_forms, add_splitting
from translit_ppa.errors import TranslitError

__all__ = ["main"]


def main(words: Sequence[str]) -> int:
    """Print a report for each file, and say at the end which of a folder are refused."""
    reports = check_text(**given(_parser().parse_args(modern(words))))
    for report in reports:
        print(report)
    if refused := [report.refused for report in reports if report.refused]:
        raise TranslitError(f"{len(refused)} of {len(reports)} refused: {refused[0]}")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "translit-ppa check",
        "See what files are taken for, and what a romaniser does to their text.",
    )
    add = Options(parser, check_text)
    add("path", metavar="FILE_OR_DIR", help="a file or folder of text, also packed")
    add("--language", metavar="CODE", help="language, where the file name does not say it")
    add("--transliterator", help="uroman, identity, informal, informal:TABLE or module:function")
    add("--paper-compat", action="store_true", help="no language code for uroman")
    add("--text-column", metavar="NAME|INDEX", help="column of the text; positions count from 0")
    add_splitting(add)
    add_forms(add)
    add("--limit", type=int, help="sentences per file, 0 for all")
    add("--examples", type=int, help="examples per file")
    return parser
