"""`translit-ppa rebuild`: a recipe and its corpus -> the same pairs again."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from translit_ppa.building import rebuild_pairs
from translit_ppa.commands.options import Options, Parser, given, modern
from translit_ppa.commands.pairs.build import INTERRUPTED, add_work, where_it_stopped

__all__ = ["main"]


def main(words: Sequence[str]) -> int:
    """Build the pairs of a recipe again."""
    options = given(_parser().parse_args(modern(words)))
    try:
        with where_it_stopped():
            rebuild_pairs(**options)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from the finished shards", file=sys.stderr)
        return INTERRUPTED
    return 0


def _parser() -> Parser:
    parser = Parser("translit-ppa rebuild", "Build the same pairs from a recipe and its corpus.")
    add = Options(parser, rebuild_pairs)
    add("recipe", metavar="REPO_OR_FOLDER", help="ORG/NAME on the Hub, or a folder")
    add("config", metavar="CONFIG", help="which recipe of it, such as mediterranean")
    add("--out", required=True, help="dataset folder; other groups in it stay")
    add("--source", help="where the corpus is: a path or hub:ORG/NAME (default: as recorded)")
    add(
        "--transliterator",
        metavar="MODULE:FUNCTION",
        help="the recipe's romaniser, where it is somebody's own function: no recipe starts code "
        "by itself",
    )
    add("--revision", help="of the recipe: branch, tag or commit (default: main)")
    add("--text-column", metavar="NAME|INDEX", help="column of the text (default: as recorded)")
    add("--transliteration-column", metavar="NAME|INDEX", help="files: of a ready romanisation")
    add("--hub-config", help="hub: config of a language (default: as recorded)")
    add_work(add, quiet="no plan and bar on stderr")
    return parser
