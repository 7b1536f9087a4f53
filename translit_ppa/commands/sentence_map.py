"""`translit-ppa map`: sentences of several languages as points, before and after alignment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from translit_ppa.commands.options import Options, Parser, given, modern, whole_numbers
from translit_ppa.scoring.sentence_map import sentence_map


def main(words: Sequence[str]) -> int:
    """Draw one map."""
    options = given(_parser().parse_args(modern(words)))
    sentence_map(**options)
    out = Path(options["out"])
    print(f"wrote {out / 'map.json'} and {out / 'map.png'}")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "translit-ppa map",
        "Sentences of several languages as points in the plane (the first two principal "
        "components of their embeddings), one panel per model.",
    )
    add = Options(parser, sentence_map)
    add(
        *("--model", "--models"),
        dest="models",
        nargs="+",
        action="extend",
        required=True,
        metavar="MODEL",
        help="Hub ids or folders, before and after",
    )
    add("--benchmark", required=True, help="cldr, srb:DIR, tatoeba:DIR, parallel:DIR")
    add("--group", required=True, help="mediterranean, sea, or a group's TSV")
    add("--out", required=True, help="folder for map.json and map.png")
    add("--languages", nargs="+", action="extend", metavar="CODE", help="only these of the group")
    add("--split", help="split of the benchmark")
    add("--count", type=whole_numbers(1), help="sentences of each language")
    add("--revision", help="commit, tag or branch on the Hub, for every model")
    return parser
