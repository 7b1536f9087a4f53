"""The commands of 0.1.0, for one more release: each says its new name and does what it did.

`translit-build build ...` is `translit-ppa build ...` now, and so on.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from translit_ppa.command_line import COMMANDS, run

_UNDER_EVAL = ("map", "results", "vocabulary", "recommend-source")
"""What was a subcommand of translit-eval and is a command of its own now."""


def build() -> int:
    """`translit-build build | rebuild | check ...`."""
    words = sys.argv[1:]
    command = words[0] if words and words[0] in ("build", "rebuild", "check") else None
    return _renamed("translit-build", command or "build", words[1:] if command else words)


def train() -> int:
    """`translit-train ...`."""
    return _renamed("translit-train", "train", sys.argv[1:])


def evaluate() -> int:
    """`translit-eval ...`, and its subcommands."""
    words = sys.argv[1:]
    command = words[0] if words and words[0] in _UNDER_EVAL else None
    return _renamed("translit-eval", command or "eval", words[1:] if command else words)


def demo() -> int:
    """`translit-demo ...`."""
    return _renamed("translit-demo", "demo", sys.argv[1:])


def publish() -> int:
    """`translit-publish ...`."""
    return _renamed("translit-publish", "publish", sys.argv[1:])


def _renamed(old: str, command: str, words: Sequence[str]) -> int:
    """Say the new name, and run it."""
    assert command in COMMANDS
    print(
        f"notice: {old} is now `translit-ppa {command}`; the old name goes with the next release",
        file=sys.stderr,
    )
    return run(command, words)
