"""Runs cases in forked processes that have imported everything already, within limits.

A case that crashes its process, takes too long or too much memory is found by the parent, who
forks another process for the rest.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from soak.verdict import WRONG, Outcome, Verdict

Case = dict[str, Any]
MEMORY = 2 << 30
"""Bytes beyond what a process has mapped when it starts."""
SECONDS = 60.0
"""The longest that a case may take."""
SLOW = "still running after"
"""How the verdict on one that took longer begins."""
OWN = "the campaign:"
"""How that on one begins that did not come to its end."""


def run_all(
    cases: Sequence[Case], run: Callable[[Case, Path], Verdict], seconds: float = SECONDS
) -> Iterator[Verdict]:
    """Run cases in order, each in an empty folder; every case has exactly one verdict.

    Args:
        cases: What is run.
        run: Runs one of them, in a process of its own or after others, with that folder as cwd.
        seconds: The longest that one may take.
    """
    done = 0
    while done < len(cases):
        with tempfile.TemporaryDirectory(prefix="soak-", dir=scratch()) as folder:
            yield from (found := _Process(cases[done:], run, Path(folder), seconds)).verdicts()
            done += found.finished


def scratch() -> str:
    """Where cases write: memory, where there is room for files in it."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()


class _Process:
    """One forked process with its pipe; `finished` counts the verdicts that came of it."""

    def __init__(
        self,
        cases: Sequence[Case],
        run: Callable[[Case, Path], Verdict],
        folder: Path,
        seconds: float,
    ) -> None:
        self.cases, self.folder, self.seconds = cases, folder, seconds
        self.finished = 0
        self.pipe, writing = os.pipe()
        self.trace = folder / "trace.txt"
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.pipe)
            status = 1
            try:
                _work(cases, run, folder, writing, seconds, self.trace)
                status = 0
            except BaseException:
                traceback.print_exc(file=sys.__stderr__)
            finally:
                os._exit(status)
        os.close(writing)

    def verdicts(self) -> Iterator[Verdict]:
        try:
            with os.fdopen(self.pipe, "rb", buffering=0) as pipe:
                for line in self._lines(pipe):
                    self.finished += 1
                    yield Verdict(**json.loads(line))
            if self.finished < len(self.cases):
                self.finished += 1
                yield self._lost()
        finally:
            self._end()

    def _lines(self, pipe: Any) -> Iterator[bytes]:
        buffer = b""
        while True:
            # The process ends itself; this is for one that cannot.
            if not select.select([pipe], [], [], self.seconds + 5)[0]:
                return
            chunk = pipe.read(1 << 16)
            if not chunk:
                return
            *lines, buffer = (buffer + chunk).split(b"\n")
            yield from lines

    def _lost(self) -> Verdict:
        tail = self.trace.read_text("utf-8", "replace")[:6000] if self.trace.exists() else ""
        ended, status = 0, 0
        for _ in range(100):  # the pipe of a dying process closes before it is gone
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                break
            time.sleep(0.02)
        if not ended or "Timeout (" in tail:
            return Verdict(WRONG, f"{SLOW} {self.seconds:.0f} s", tail)
        self.pid = 0
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {status >> 8}"
        return Verdict(WRONG, f"the process ended with {how}", tail)

    def _end(self) -> None:
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)


def _work(
    cases: Sequence[Case],
    run: Callable[[Case, Path], Verdict],
    folder: Path,
    writing: int,
    seconds: float,
    trace: Path,
) -> None:
    os.setpgid(0, 0)
    _own_cache(folder / "hf")
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (_mapped() + MEMORY,) * 2)
    with trace.open("wb", buffering=0) as told:
        faulthandler.enable(told)
        for number, case in enumerate(cases):
            place = folder / str(number)
            place.mkdir()
            os.chdir(place)
            started = time.monotonic()
            faulthandler.dump_traceback_later(seconds, exit=True, file=told)
            try:
                verdict = run(case, place)
            except BaseException as error:
                # Of the campaign itself: seen, not swallowed.
                verdict = Verdict(WRONG, f"{OWN} {error!r}", traceback.format_exc())
            verdict = replace(verdict, seconds=round(time.monotonic() - started, 3))
            faulthandler.cancel_dump_traceback_later()
            os.chdir(folder)
            line = json.dumps(vars(verdict)).encode() + b"\n"
            while line:
                line = line[os.write(writing, line) :]
            shutil.rmtree(place, ignore_errors=True)


def _own_cache(folder: Path) -> None:
    """Let what `datasets` keeps go with the folder, where it is loaded already."""
    if "datasets" in sys.modules:
        sys.modules["datasets"].config.HF_DATASETS_CACHE = folder


def _mapped() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def command(words: Sequence[str]) -> Outcome:
    """Run one command of ours in this process, and keep all that it says."""
    from translit_ppa.command_line import main

    status, trace = None, ""
    with _heard() as heard:
        try:
            status = main(list(words))
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:
            trace = traceback.format_exc()
    return Outcome(status, trace, *heard)


@contextlib.contextmanager
def _heard() -> Iterator[list[str]]:
    """Catch what goes to both streams, that of libraries in C as well.

    By pipes: a file would meet the full disk that a case plays.
    """
    heard: list[str] = []
    kept = [os.dup(1), os.dup(2)]
    streams = sys.stdout, sys.stderr
    ears = [_Ear(number) for number in (1, 2)]
    try:
        sys.stdout = _writer(1, "surrogateescape")
        sys.stderr = _writer(2, "backslashreplace")
        yield heard
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = streams
        for number, old in enumerate(kept, start=1):
            os.dup2(old, number)
            os.close(old)
        heard += [ear.said() for ear in ears]


def _writer(number: int, errors: str) -> io.TextIOWrapper:
    """A stream of Python over a file descriptor, as a fresh process has it."""
    raw = io.FileIO(number, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", errors, line_buffering=True)


class _Ear:
    """Puts a pipe in place of a file descriptor, and listens at its other end."""

    END = b"\0no more\0"
    """Ends a pipe whose other end a process that a command left behind may keep open."""

    def __init__(self, number: int) -> None:
        self.pipe, self.writing = os.pipe()
        os.dup2(self.writing, number)
        self.heard = bytearray()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        while not self.heard.endswith(self.END):
            self.heard += os.read(self.pipe, 1 << 16)

    def said(self) -> str:
        os.write(self.writing, self.END)
        self.thread.join()
        os.close(self.writing)
        os.close(self.pipe)
        return self.heard.removesuffix(self.END).decode("utf-8", "replace")
