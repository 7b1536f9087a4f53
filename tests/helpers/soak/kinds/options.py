"""Every option of every command, with values that nobody foresaw, on an otherwise good line."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from unittest import mock

from hypothesis import strategies as st

from soak.kinds.damage import spelled
from soak.kinds.inputs import half_written
from soak.kinds.mutations import PIECES
from soak.kinds.targets import OUT
from soak.verdict import Demand, Verdict, Watched, judged
from soak.worker import Case, command
from soak.world import BUILD, CHOICE, EVAL, LICENCE, SIB, TRAIN, copy

_TEXT = ("text",)
_EVAL = ("eval", "--model", "base", *EVAL, "--out", OUT)
LINES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "build": (("build", *BUILD, "--out", OUT, "--languages", "ell_Grek"), _TEXT),
    "rebuild": (
        ("rebuild", "recipe", "mediterranean", "--source", "files:text", "--out", OUT),
        ("recipe", "text"),
    ),
    "check": (("check", "text/ell_Grek.txt", "--transliterator", "identity"), _TEXT),
    "train": (
        ("train", *TRAIN, "--max-steps", "1", "--output-dir", OUT, "--save-strategy", "no"),
        ("base", "pairs"),
    ),
    "interpolate": (
        ("interpolate", "base", "run", "--alpha", "0.5", "--out", OUT),
        ("base", "run"),
    ),
    "eval": (_EVAL, ("base", "bench/parallel")),
    "eval of a task": (
        ("eval", "--model", "base", *SIB, "--out", OUT),
        ("base", "bench/sib200"),
    ),
    "map": (("map", "--model", "base", *EVAL, "--out", OUT), ("base", "bench/parallel")),
    "results": (("results", "--records", "scores", "--out", f"{OUT}/page.md"), ("scores",)),
    "vocabulary": (
        ("vocabulary", "--model", "base", "--pairs", "pairs", "--out", OUT),
        ("base", "pairs"),
    ),
    "recommend-source": (
        ("recommend-source", "--target", "heb_Hebr", *CHOICE, "--out", OUT),
        _TEXT,
    ),
    "restore-vocabulary": (("restore-vocabulary", "trimmed", "base", OUT), ("trimmed", "base")),
    "publish dataset": (
        ("publish", "dataset", "pairs", "org/x", *LICENCE, "--dry-run", "--stage", OUT),
        ("pairs",),
    ),
    "publish model": (
        ("publish", "model", "run", "org/x", *LICENCE, "--dry-run", "--stage", OUT),
        ("run",),
    ),
    "publish sentence-model": (
        (
            "publish",
            "sentence-model",
            "run",
            "org/x-sentence",
            *LICENCE,
            "--dry-run",
            "--stage",
            OUT,
        ),
        ("run",),
    ),
    "publish space": (
        (
            "publish",
            "space",
            "org/x",
            "--base",
            "base",
            "--aligned",
            "run",
            "--dry-run",
            "--stage",
            OUT,
        ),
        ("base", "run"),
    ),
    "publish card": (("publish", "card", "model", "run", "org/x", *LICENCE), ("run",)),
    "publish convert": (("publish", "convert", "pickled", "--out", OUT), ("pickled",)),
}
"""A good command line for each command, and the parts of the world that it needs."""

SLOW = {"train", "eval of a task", "publish space"}
NUMBERS = (
    *("0", "-1", "1", "2", "3", "0.5", "-0.5", "1e-5", "1e308", "1e309", "-1e999", "nan", "inf"),
    *("٣", "1_0", "+5", " 5", "5 ", "0x10", "1.", ".5", "1e5", "²", "1,5", str(10**29), "@digits"),
    *(str(2**31), str(2**63), str(-(2**63)), str(2**64), "1000000", "01", "1e-400", "", "true"),
)
WORDS = (
    *("", "-", "--", "---", "-x", "=", "cldr", "hub", "files:", "files:/nowhere", "files:text"),
    *("parallel:", "parallel:/", "parallel:bench/parallel", "cldr:x", "sib200:bench/parallel", "x"),
    *("ell_Grek", "en", "xx_Xxxx", "mediterranean", "sea", "org/name", "org/name/x", "../up", "."),
    *("/", "/dev/null", "/dev/zero", "text/ell_Grek.txt", "base", "pairs", "out", "out/x/y", "~"),
    *("os:system", "uroman", "identity", "informal", "json:loads", "no.such:f", ":", "a:b:c", "f:"),
    *("None", "null", "[]", "{}", "{", "all", "auto", "last", "steps", "none", "cc0-1.0", "other"),
    *("mlm", "seq", "tlm", "anchor", "attended", "content", "latin", "original", "test", "dev"),
)
NEVER = {
    "--help",
    "-h",
    *("--deepspeed", "--fsdp", "--fsdp-config", "--torch-compile", "--torch-compile-mode"),
    *("--torch-compile-backend", "--ddp-backend", "--push-to-hub", "--dataloader-num-workers"),
    *("--preprocessing-num-proc", "--num-proc", "--debug"),
}
"""Options that start other programs or processes by the hundred, where their values are legal."""


class _Seen(Exception):
    pass


@cache
def options_of(line: str) -> tuple[tuple[str, int | str | None], ...]:
    """Ask a command for its options: their longest names, and how many values each takes."""
    seen: list[argparse.ArgumentParser] = []

    def caught(self: argparse.ArgumentParser, *args: object, **more: object) -> None:
        seen.append(self)
        raise _Seen

    from translit_ppa.command_line import main

    parse = "translit_ppa.commands.options.Parser.parse_known_args"
    with mock.patch(parse, caught), contextlib.suppress(_Seen):
        main(list(LINES[line][0]))
    names = [
        (max(action.option_strings, key=len), action.nargs)
        for action in seen[0]._actions
        if action.option_strings
    ]
    return tuple(pair for pair in names if pair[0] not in NEVER)


def cases(lines: Sequence[str]) -> st.SearchStrategy[Case]:
    """Draw a line, and one to three options behind it or words changed in it."""
    value = st.one_of(
        st.sampled_from(NUMBERS),
        st.sampled_from(WORDS),
        st.sampled_from(PIECES),
        st.text(max_size=9),
    ).map(lambda text: text.replace("\0", "0"))

    def of(line: str) -> st.SearchStrategy[Case]:
        option = st.sampled_from(options_of(line)).flatmap(
            lambda pair: st.lists(
                value,
                min_size=0 if pair[1] in (0, "?", "*") else 1,
                max_size=0 if pair[1] == 0 else 2 if pair[1] in ("+", "*") else 1,
            ).map(lambda values: [pair[0], *values])
        )
        added = st.lists(option, min_size=1, max_size=2)
        swapped = st.tuples(st.integers(1, len(LINES[line][0]) - 1), value).map(list)
        dropped = st.integers(1, len(LINES[line][0]) - 1)
        return st.fixed_dictionaries(
            {"line": st.just(line)},
            optional={"added": added, "swapped": swapped, "dropped": dropped},
        ).filter(lambda case: len(case) > 1)

    return st.sampled_from(list(lines)).flatmap(of)


def words_of(case: Case) -> list[str]:
    """Return the words that a case gives to the command."""
    words = list(LINES[case["line"]][0])
    if "swapped" in case:
        at, value = case["swapped"]
        words[at] = value
    if "dropped" in case:
        del words[case["dropped"]]
    # As the system hands over bytes that are no UTF-8.
    added = [word for option in case.get("added", []) for word in option]
    return [
        spelled(word).encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
        for word in [*words, *added]
    ]


def run(case: Case, place: Path, world: Path, secrets: tuple[str, ...]) -> Verdict:
    """Run one line in an empty folder."""
    line, parts = LINES[case["line"]]
    copy(world, parts, place)
    watched = Watched(place)
    outcome = command(words_of(case))
    statuses = (0, 1, 2, 130) if line[0] == "eval" else (0, 2, 130)
    return judged(outcome, watched, Demand(secrets, statuses), lambda: half_written(place))
