"""`translit-ppa extend-vocabulary`: give a base pieces for romanised words."""

from __future__ import annotations

from collections.abc import Sequence

from translit_ppa.checkpoints.extending import extend_vocabulary
from translit_ppa.commands.options import Options, Parser, given


def main(words: Sequence[str]) -> int:
    """Extend a base's vocabulary."""
    parser = Parser(
        "translit-ppa extend-vocabulary",
        "Write a base with new pieces for romanised words; words without the letters a to z are "
        "cut as before.",
    )
    add = Options(parser, extend_vocabulary)
    add("base", metavar="BASE", help="folder or Hub id of the model")
    add("pairs", metavar="PAIRS", help="folder or Hub id of paired text")
    add("out", metavar="OUT", help="a folder that is not there yet")
    add("--count", type=int, help="pieces to learn")
    add(
        "--init",
        help="where they begin: mean of old pieces, transmi (pieces romanised so), or focus "
        "(pieces in like places)",
    )
    add("--group", help="language group: the config of the pairs, or a group's TSV")
    add("--keep", nargs="+", metavar="FILE_OR_DIR", help="further text to be cut as before")
    add("--revision", help="commit, tag or branch of the base")
    add("--pairs-revision", help="commit, tag or branch of the pairs")
    add("--text-column", help="column of the originals")
    add("--transliteration-column", help="column of the Latin forms")
    print(f"wrote {extend_vocabulary(**given(parser.parse_args(words)))}")
    return 0
