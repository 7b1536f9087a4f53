"""The one command line: `translit-ppa COMMAND ...`, each command thin over the API."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version

from translit_ppa.errors import TranslitError, raises_translit_error

COMMANDS = {
    "build": ("pairs.build", "text -> pairs of original and romanised text"),
    "rebuild": ("pairs.rebuild", "a recipe and its corpus -> the same pairs again"),
    "check": ("pairs.check", "what files are taken for, and what a romaniser does to them"),
    "learn-spellings": ("pairs.learn_spellings", "from a lexicon, how people romanise a script"),
    "train": ("train", "align an encoder on pairs"),
    "interpolate": (
        "checkpoints.interpolate",
        "weights between a base and what it was trained into",
    ),
    "eval": ("evaluate", "score models on benchmarks, side by side"),
    "map": ("sentence_map", "sentences as points, before and after"),
    "results": ("results", "the page of results, from records"),
    "vocabulary": ("vocabulary", "what text uses of a tokenizer's pieces"),
    "recommend-source": ("recommend_source", "which language to fine-tune on for a target"),
    "extend-vocabulary": (
        "checkpoints.extend_vocabulary",
        "give a base pieces for romanised words",
    ),
    "restore-vocabulary": (
        "checkpoints.restore_vocabulary",
        "give a trimmed model its other pieces back",
    ),
    "publish": ("publish", "put pairs, models and the demo on the Hub"),
    "demo": ("demo", "the whole method on real text, in minutes"),
}
"""Command -> its module in `translit_ppa.commands`, and what it does."""

_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Words without the program's name; None takes those of the process.

    Returns:
        Exit status: 0, 1 where a check failed, 2 for a user's mistake, 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help"):
        print(overview())
        return 0 if words else 2
    if words[0] == "--version":
        print(f"translit-ppa {version('translit-ppa')}")
        return 0
    return run(words[0], words[1:])


def run(command: str, words: Sequence[str]) -> int:
    """Run one command with its words, and turn a user's mistake into one line and status 2."""
    try:
        if command not in COMMANDS:
            raise TranslitError(f"no command {command!r}; legal: {', '.join(COMMANDS)}")
        module = import_module(f"translit_ppa.commands.{COMMANDS[command][0]}")
        entry: Callable[[Sequence[str]], int] = module.main
        return raises_translit_error(entry)(words)
    except TranslitError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from what is finished", file=sys.stderr)
        return _INTERRUPTED


def overview() -> str:
    """Return the list of commands, a line each."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(
        [
            "usage: translit-ppa COMMAND ...",
            "",
            "Align multilingual encoders across scripts, by text and its romanisation.",
            "",
            *lines,
            "",
            "translit-ppa COMMAND --help lists the options of a command.",
            "translit-ppa --version tells the version.",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
