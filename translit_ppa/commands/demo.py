"""Show the whole method on real text, in minutes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from translit_ppa.commands.options import Options, Parser, given
from translit_ppa.commands.train import training_options
from translit_ppa.demo import demo

PROG = "translit-ppa demo"


def main(words: Sequence[str]) -> int:
    """Run the demo; print its table."""
    parser = Parser(
        PROG,
        "Post-training alignment on embedded real text, before and after, in minutes.",
        epilog="Every option of translit-ppa train is taken too, such as --max-steps 100.",
    )
    add = Options(parser, demo)
    add("--group", help="mediterranean or sea, or a group's TSV")
    add("--seed", type=int, help="of text, base and training")
    add("--base", help="an encoder of your own, Hub id or folder: aligned by the recipe that fits")
    add("--out", help="folder")
    own, rest = parser.parse_known_args(list(_without_train_option(words)))
    done = demo(**given(own), **training_options(rest, PROG))
    print(done.table)
    print(
        f"{done.seconds['total']:.0f} s in all. Wrote summary.json, retrieval.md, retrieval.png, "
        f"losses.png and the records under {done.folder}; the aligned checkpoint is "
        f"{done.aligned.folder}."
    )
    return 0


def _without_train_option(words: Sequence[str]) -> Iterator[str]:
    """Take the options that 0.1.0 wanted behind `--train_option` as they are."""
    old = [word for word in words if word.partition("=")[0] in ("--train_option", "--train-option")]
    if old:
        print(
            f"notice: options of a training need no {old[0].partition('=')[0]} any more; it goes "
            "with the next release",
            file=sys.stderr,
        )
    for word in words:
        if word not in old:
            yield word
        elif "=" in word:
            yield word.partition("=")[2]
