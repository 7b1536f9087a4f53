"""Commands in forked children, killed after a time or by strace at one of their system calls."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from soak.verdict import Outcome
from soak.worker import command

CALLS = (
    "openat,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,"
    "mkdirat,rmdir,write,pwrite64,ftruncate,fsync,fdatasync,chmod,fchmod"
)


def points_of(log: Path, place: Path) -> list[tuple[str, int]]:
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
    return (
        subprocess.run(["strace", "-e", "trace=none", "true"], capture_output=True).returncode == 0
    )


def in_child(
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
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)

    try:
        return Outcome(*ast.literal_eval(said.decode()))
    except (ValueError, SyntaxError):
        return Outcome(None)


def _traced(child: int, inject: str | None, log: Path | None) -> subprocess.Popen[bytes]:
    os.waitpid(child, os.WUNTRACED)
    words = ["strace", "-qq", "-y", "-s", "300", "-p", str(child), "-e", "signal=none"]
    if inject:
        words += [
            "-e",
            f"trace={inject.partition(':')[0]}",
            "-e",
            f"inject={inject}",
            "-o",
            "/dev/null",
        ]
    else:
        words += ["-e", f"trace={CALLS}", "-o", str(log)]
    tracer = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=sys.__stderr__)
    while not re.search(r"TracerPid:\s+[1-9]", Path(f"/proc/{child}/status").read_text()):
        time.sleep(0.002)
    os.kill(child, signal.SIGCONT)
    return tracer
