"""`translit-ppa interpolate`: weights between a base and what it was trained into."""

from __future__ import annotations

from collections.abc import Sequence

from translit_ppa.checkpoints.interpolation import AUTO, interpolate
from translit_ppa.commands.options import Options, Parser, given
from translit_ppa.commands.options.numbers import number


def main(words: Sequence[str]) -> int:
    """Write a checkpoint on the line between two."""
    parser = Parser(
        "translit-ppa interpolate",
        "Write (1 - alpha) base + alpha trained (WiSE-FT, arXiv 2109.01903).",
    )
    add = Options(parser, interpolate)
    add("base", metavar="BASE", help="folder or Hub id of what training began from")
    add("trained", metavar="TRAINED", help="folder or Hub id of what it ended with")
    add(
        "--alpha",
        type=_alpha,
        required=True,
        help="0 (the base) to 1 (the trained), or auto: the best that makes nothing worse, on the "
        "pairs' validation split",
    )
    add("--out", required=True, help="a folder that is not there yet")
    add(
        "--pairs",
        nargs="+",
        action="extend",
        help="auto: folders or Hub ids of pairs (default: those of the training)",
    )
    add("--group", help="auto: config of the pairs, and languages of the benchmark")
    add("--validation-benchmark", help="auto: parallel text that is asked too")
    add("--revision", help="commit, tag or branch of the base")
    print(f"wrote {interpolate(**given(parser.parse_args(words)))}")
    return 0


def _alpha(text: str) -> float | str:
    return text if text == AUTO else number(text)
