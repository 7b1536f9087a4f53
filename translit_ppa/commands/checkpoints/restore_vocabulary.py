"""`translit-ppa restore-vocabulary`: give a trimmed model its other pieces back."""

from __future__ import annotations

from collections.abc import Sequence

from translit_ppa.checkpoints.restoring import restore_vocabulary
from translit_ppa.commands.options import Options, Parser, given


def main(words: Sequence[str]) -> int:
    """Restore a trimmed checkpoint."""
    parser = Parser(
        "translit-ppa restore-vocabulary",
        "Write a trimmed checkpoint with the full vocabulary of its base.",
    )
    add = Options(parser, restore_vocabulary)
    add("trimmed", metavar="TRIMMED", help="folder or Hub id of the checkpoint")
    add("base", metavar="BASE", help="folder or Hub id of what it began from")
    add("out", metavar="OUT", help="a folder that is not there yet")
    add("--revision", help="commit, tag or branch of the base")
    print(f"wrote {restore_vocabulary(**given(parser.parse_args(words)))}")
    return 0
