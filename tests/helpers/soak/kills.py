"""Commands that are killed: at a random time, or at any system call that makes something visible.

The calls are those that strace sees in an undisturbed run; strace then sends the signal as the
chosen one begins. After the kill the same command runs again, undisturbed, and has to leave the
same, byte for byte but for times.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from loopback_hub import ACCOUNTS, LoopbackHub
from loopback_store import Store
from soak.inputs import differing, half_written
from soak.verdict import ACCEPTED, WRONG, Demand, Outcome, Verdict, judge, visible
from soak.worker import Case, command
from soak.world import BUILD, EVAL, LICENCE, TRAIN, copy, remove

CALLS = (
    "openat,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,"
    "mkdirat,rmdir,write,pwrite64,ftruncate,fsync,fdatasync,chmod,fchmod"
)


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
        ("build", "--source", "files:ready", "--out", "built", "--quiet"), ("ready", "built"), "built"
    ),
    "train": Killed(
        ("train", *TRAIN), ("base", "pairs"), "run", ("train", *TRAIN, "--resume-from-checkpoint", "last")
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
        ("publish", "model", "run", "org/run", *LICENCE), ("run",), "nothing", repo=("model", "org/run")
    ),
    "interpolate": Killed(
        ("interpolate", "base", "run", "--alpha", "0.5", "--out", "mid"), ("base", "run"), "mid"
    ),
    "convert": Killed(
        ("publish", "convert", "pickled", "--out", "mid"), ("pickled",), "mid"
    ),
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
        outcome = _in_child(killed.words, inject=f"{call}:signal=SIGKILL:when={number}")
    else:
        outcome = _in_child(killed.words, after=case["after"] * known.seconds)
    if broken := half_written(place / killed.out):
        return Verdict(WRONG, f"half-written after the kill: {broken}")
    if killed.out == "built":
        found = _split(visible(place / killed.out))
        if found not in (_split(before), _split(known.files)):
            return Verdict(WRONG, "after the kill neither the old nor the new is there", str(found))
    again = _in_child(killed.words)
    if again.status == 2 and killed.again:
        again = _in_child(killed.again)
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
            outcome = _in_child(killed.words, log=log if traced else None)
            if not traced:
                seconds = time.monotonic() - started
                files = visible(place / killed.out)
                published = _published(hub, killed.repo) if killed.repo else {}
            else:
                points = tuple(_points(log, place))
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


def _points(log: Path, place: Path) -> list[tuple[str, int]]:
    """Read a trace: of each call its name and number, where it concerns the command's folder."""
    found, counts = [], Counter[str]()
    for line in log.read_text("utf-8", "replace").splitlines():
        match = re.match(r"(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)", line)
        if not match:
            continue
        name, rest = match.groups()
        counts[name] += 1
        reads = name == "openat" and not re.search("O_WRONLY|O_RDWR|O_CREAT", rest)
        elsewhere = f"{place.name}" not in rest and re.match(r'[^"]*"/', rest)
        pipes = name == "write" and place.name not in rest
        if not (reads or elsewhere or pipes):
            found.append((name, counts[name]))
    return found


@cache
def traces() -> bool:
    """Tell whether strace is there and may look into processes."""
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-e", "trace=none", "true"], capture_output=True).returncode == 0


def _in_child(
    words: Sequence[str],
    after: float | None = None,
    inject: str | None = None,
    log: Path | None = None,
) -> Outcome:
    """Run a command in a forked child; kill it after a time, or let strace do it.

    Returns:
        Its end; the status is None where it was killed.
    """
    trace = inject is not None or log is not None
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        os.setpgid(0, 0)
        if trace:
            os.kill(os.getpid(), signal.SIGSTOP)
        outcome = command(words)
        os.write(telling, repr((outcome.status, outcome.trace, outcome.out, outcome.err)).encode())
        os._exit(0)
    os.close(telling)
    tracer = _traced(child, inject, log) if trace else None
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(told, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    if tracer:
        tracer.wait(10)
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    import ast

    try:
        return Outcome(*ast.literal_eval(said.decode()))
    except (ValueError, SyntaxError):
        return Outcome(None)


def _traced(child: int, inject: str | None, log: Path | None) -> subprocess.Popen[bytes]:
    os.waitpid(child, os.WUNTRACED)
    words = ["strace", "-qq", "-y", "-s", "300", "-p", str(child), "-e", "signal=none"]
    if inject:
        words += ["-e", f"trace={inject.partition(':')[0]}", "-e", f"inject={inject}", "-o", "/dev/null"]
    else:
        words += ["-e", f"trace={CALLS}", "-o", str(log)]
    tracer = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=sys.__stderr__)
    while not re.search(r"TracerPid:\s+[1-9]", Path(f"/proc/{child}/status").read_text()):
        time.sleep(0.002)
    os.kill(child, signal.SIGCONT)
    return tracer
