"""Commands that are killed: at a random time, or at any system call that makes something visible.

The calls are those that strace sees in an undisturbed run; strace then sends the signal as the
chosen one begins. After the kill the same command runs again, undisturbed, and has to leave the
same, byte for byte but for times.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from loopback_hub import ACCOUNTS, LoopbackHub
from loopback_store import Store
from soak.kinds.children import in_child, points_of, traces
from soak.kinds.inputs import differing, half_written
from soak.verdict import ACCEPTED, WRONG, Demand, Verdict, judge, visible
from soak.worker import Case
from soak.world import BUILD, EVAL, LICENCE, TRAIN, copy, remove


@dataclass(frozen=True)
class Killed:
    """A command that is killed.

    Attributes:
        words: The command.
        again: What its user runs then; None is the same.
        parts: Of the world, what it needs.
        out: What it makes.
        without: Taken away beforehand.
        repo: Where it publishes: kind and name.
    """

    words: tuple[str, ...]
    parts: tuple[str, ...]
    out: str
    again: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    repo: tuple[str, str] | None = None


_BUILD = ("build", *BUILD, "--out", "built", "--quiet")
COMMANDS = {
    "build": Killed(_BUILD, ("text",), "built"),
    "build over an older one": Killed(
        ("build", "--source", "files:ready", "--out", "built", "--quiet"),
        ("ready", "built"),
        "built",
    ),
    "train": Killed(
        ("train", *TRAIN),
        ("base", "pairs"),
        "run",
        ("train", *TRAIN, "--resume-from-checkpoint", "last"),
    ),
    "score": Killed(
        ("eval", "--model", "base", "run", *EVAL, "--out", "scores"),
        ("base", "run", "bench/parallel"),
        "scores",
    ),
    "publish pairs": Killed(
        ("publish", "dataset", "pairs", "org/pairs", *LICENCE),
        ("pairs",),
        "nothing",
        repo=("dataset", "org/pairs"),
    ),
    "publish a model": Killed(
        ("publish", "model", "run", "org/run", *LICENCE),
        ("run",),
        "nothing",
        repo=("model", "org/run"),
    ),
    "interpolate": Killed(
        ("interpolate", "base", "run", "--alpha", "0.5", "--out", "mid"), ("base", "run"), "mid"
    ),
    "convert": Killed(("publish", "convert", "pickled", "--out", "mid"), ("pickled",), "mid"),
}


def cases(name: str) -> st.SearchStrategy[Case]:
    """Draw the moment of a kill: a share of the run's time, or one of its system calls."""
    share = st.floats(0, 1.1).map(lambda at: {"after": round(at, 4)})
    call = st.integers(0, 2**32 - 1).map(lambda number: {"call": number})
    return st.one_of(share, call, call) if traces() else share


def run(name: str, case: Case, place: Path, world: Path, hub: LoopbackHub) -> Verdict:
    """Kill a command, look at what is visible, run it again, and compare."""
    killed = COMMANDS[name]
    known = _undisturbed(name, world, hub)
    _begin(killed, place, world, hub)
    before = visible(place / killed.out)
    if "call" in case:
        points = known.points
        call, number = points[case["call"] % len(points)] if points else ("", 0)
        outcome = in_child(killed.words, inject=f"{call}:signal=SIGKILL:when={number}")
    else:
        outcome = in_child(killed.words, after=case["after"] * known.seconds)
    if broken := half_written(place / killed.out, _cut_off):
        return Verdict(WRONG, f"half-written after the kill: {broken}")
    if killed.out == "built":
        found = _split(visible(place / killed.out))
        if found not in (_split(before), _split(known.files)):
            return Verdict(WRONG, "after the kill neither the old nor the new is there", str(found))
    again = in_child(killed.words)
    if again.status == 2 and killed.again:
        again = in_child(killed.again)
    whole = visible(place / killed.out) == known.files
    if again.status == 2 and whole and not killed.repo:
        return Verdict(ACCEPTED)  # it was through, and is not written over
    if (verdict := judge(again, Demand())).name != ACCEPTED:
        how = verdict.why or verdict.name
        return Verdict(WRONG, f"the same command again: {how}", again.trace or again.err[-2000:])
    now = visible(place / killed.out)
    if wrong := differing(known.files, now):
        return Verdict(WRONG, wrong, again.err[-2000:])
    if killed.repo and _published(hub, killed.repo) != known.published:
        return Verdict(WRONG, "another publication", again.err[-2000:])
    return Verdict("refused" if outcome.status is None else ACCEPTED)


def _cut_off(path: Path) -> bool:
    """A checkpoint grows in its place; until its state is there, and fits, no training opens it."""
    if not path.parent.name.startswith("checkpoint-"):
        return False
    from translit_ppa.modeling import AlignmentError
    from translit_ppa.modeling.training.resuming.whole_checkpoint import require_whole

    try:
        require_whole(path.parent)
    except AlignmentError:
        return True
    return False


def _split(files: dict[str, str]) -> dict[str, str]:
    """The rows of a dataset folder; its card may name what comes next."""
    return {name: digest for name, digest in files.items() if name.endswith(".parquet")}


@dataclass(frozen=True)
class _Undisturbed:
    """What a command does when nobody kills it."""

    files: dict[str, str]
    published: dict[str, str]
    seconds: float
    points: tuple[tuple[str, int], ...]


_RUNS: dict[str, _Undisturbed] = {}


def _undisturbed(name: str, world: Path, hub: LoopbackHub) -> _Undisturbed:
    if name not in _RUNS:
        killed = COMMANDS[name]
        here = Path.cwd()
        place = here.parent / f"undisturbed-{os.getpid()}"
        points: tuple[tuple[str, int], ...] = ()
        for traced in (False, True) if traces() else (False,):
            _begin(killed, place, world, hub)
            os.chdir(place)
            started = time.monotonic()
            log = place.with_suffix(".trace")
            outcome = in_child(killed.words, log=log if traced else None)
            if not traced:
                seconds = time.monotonic() - started
                files = visible(place / killed.out)
                published = _published(hub, killed.repo) if killed.repo else {}
            else:
                points = tuple(points_of(log, place))
                log.unlink()
            if outcome.status != 0:
                raise RuntimeError(f"{name}: {outcome.trace or outcome.err}")
            os.chdir(here)
            shutil.rmtree(place)
        _RUNS[name] = _Undisturbed(files, published, seconds, points)
    return _RUNS[name]


def _begin(killed: Killed, place: Path, world: Path, hub: LoopbackHub) -> None:
    place.mkdir(exist_ok=True)
    copy(world, killed.parts, place)
    for name in killed.without:
        remove(place / name)
    if killed.repo:
        hub.store = Store(ACCOUNTS)
    # Of the clients in the children, which have one home.
    from huggingface_hub import constants

    shutil.rmtree(constants.HF_HOME, ignore_errors=True)


def _published(hub: LoopbackHub, repo: tuple[str, str]) -> dict[str, str]:
    found = hub.store.repos.get(repo)
    if found is None:
        return {}
    commits = {"commits": str(len(found.history("main")))}
    return commits | {path: blob.oid for path, blob in found.at("main").files.items()}
