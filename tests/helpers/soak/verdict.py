"""What a command did, and what of that is wrong. Nothing here knows how a case came about."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REFUSED, ACCEPTED, WRONG = "refused", "accepted", "wrong"
LEGAL = (0, 2, 130)
"""Exit statuses: done, a user's mistake, interrupted. `eval --gate` has 1 as well."""

_TIMES = {"created", "seconds", "machine", "train_runtime", "total_flos", "joules"}
_TIMES |= {f"{part}_per_second" for part in ("train_samples", "train_steps")}
_TIMES |= {f"eval_{part}" for part in ("runtime", "samples_per_second", "steps_per_second")}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029]")
"""In a message they break its one line, or speak to the terminal."""


@dataclass(frozen=True)
class Outcome:
    """What a command left: its exit status, or the exception that came out of it, and its words."""

    status: int | None
    trace: str = ""
    out: str = ""
    err: str = ""


@dataclass(frozen=True)
class Verdict:
    """One of REFUSED, ACCEPTED and WRONG; of the last, why, and where it came from."""

    name: str
    why: str = ""
    tail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Demand:
    """What a command owes, beyond ending in one line.

    Attributes:
        secrets: Words that may stand in no output.
        statuses: Legal exit statuses.
    """

    secrets: tuple[str, ...] = ()
    statuses: tuple[int, ...] = LEGAL


@dataclass
class Watched:
    """What is visible in a folder before a command, to be compared with what is afterwards."""

    folder: Path
    before: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before = visible(self.folder)

    def changed(self) -> list[str]:
        """Name what a refusal has changed: it should have changed nothing."""
        now = visible(self.folder)
        names = sorted(now.keys() | self.before.keys())
        return [name for name in names if now.get(name) != self.before.get(name)]


def judge(outcome: Outcome, demand: Demand = Demand()) -> Verdict:
    """Judge a command by its end alone: one line and a legal status, and no secret in sight."""
    said = outcome.out + outcome.err
    tail = outcome.trace or outcome.err[-2000:]
    if outcome.trace:
        return Verdict(WRONG, f"traceback: {_last_line(outcome.trace)}", tail)
    if outcome.status not in demand.statuses:
        return Verdict(WRONG, f"exit status {outcome.status}", tail)
    if any(secret in said for secret in demand.secrets):
        return Verdict(WRONG, "a token in the output", tail)
    if "Traceback (most recent call last)" in said:
        return Verdict(WRONG, "a traceback in the output", tail)
    if outcome.status != 2:
        return Verdict(ACCEPTED)
    found = [i for i, line in enumerate(outcome.err.split("\n")) if line.startswith("error: ")]
    lines = outcome.err.removesuffix("\n").split("\n")
    if len(found) != 1 or found[0] != len(lines) - 1:
        return Verdict(WRONG, "a refusal that is not one line", tail)
    if _CONTROLS.search(lines[-1]):
        return Verdict(WRONG, "a control character in the message", repr(lines[-1])[:2000])
    return Verdict(REFUSED)


def judged(
    outcome: Outcome,
    watched: Watched,
    demand: Demand = Demand(),
    whole: Callable[[], str] = str,
) -> Verdict:
    """Judge a command by its end and by what it left.

    Args:
        outcome: Its end.
        watched: Where a refusal may leave nothing.
        demand: What it owes.
        whole: Says after a success what is wrong with the result; empty where nothing is.
    """
    verdict = judge(outcome, demand)
    if verdict.name == REFUSED and (changed := watched.changed()):
        return Verdict(WRONG, f"refused, but left {', '.join(changed[:3])}", outcome.err[-2000:])
    if verdict.name == ACCEPTED and (wrong := whole()):
        return Verdict(WRONG, wrong, outcome.err[-2000:])
    return verdict


def visible(folder: Path) -> dict[str, str]:
    """Digest every file that a user sees: nothing below a name that begins with a dot."""
    found = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        parts = path.relative_to(folder.parent).parts
        if path.is_file() and not any(part.startswith(".") for part in parts):
            found["/".join(parts)] = content(path)
    return found


def content(path: Path) -> str:
    """Digest a file; of JSON and JSON lines without the times and the machine it was written on."""
    raw = path.read_bytes()
    if path.suffix in (".json", ".jsonl"):
        try:
            lines = [json.loads(line) for line in _values(raw, path.suffix)]
        except (ValueError, RecursionError):
            lines = []
        if lines:
            raw = json.dumps([_timeless(line) for line in lines], sort_keys=True).encode()
    return hashlib.sha256(raw).hexdigest()


def _values(raw: bytes, suffix: str) -> list[bytes]:
    return raw.splitlines() if suffix == ".jsonl" else [raw]


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(below) for name, below in value.items() if name not in _TIMES}
    return [_timeless(below) for below in value] if isinstance(value, list) else value


def _last_line(trace: str) -> str:
    """Say what was raised and where of ours: what the same root has in common."""
    lines = trace.strip().split("\n")
    places = re.findall(r'File "([^"]+)", line (\d+), in (\S+)', trace)
    ours = [p for p in places if "site-packages" not in p[0] and "helpers" not in p[0]] or places
    raised = next((line for line in reversed(lines) if re.match(r"[\w.]+(:|$)", line)), lines[-1])
    where = f" at {Path(ours[-1][0]).name}:{ours[-1][1]} {ours[-1][2]}" if ours else ""
    return raised.partition(":")[0][:80] + where
