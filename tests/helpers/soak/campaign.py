"""One campaign: what is drawn how often, what is done already, what went wrong.

A campaign is cut into batches. Each has a seed of its own, made from the campaign's, the row and
its number, and is entered into the state when it is through; what was not entered is run again.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from soak.found import commit, enter, root_of
from soak.verdict import ACCEPTED, REFUSED, WRONG, Verdict
from soak.worker import OWN, SECONDS, SLOW, Case, run_all

KEPT = 20
"""Cases of one root that are kept as files."""


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        kind: `kill`, `input`, `option` or `hub`.
        name: What is killed, damaged, given or broken.
        cases: What is drawn.
        run: Runs a case in an empty folder.
        share: Of the inputs, or of the kills.
        batch: Cases that share a process.
        seconds: The longest that a case may take.
    """

    kind: str
    name: str
    cases: st.SearchStrategy[Case]
    run: Callable[[Case, Path], Verdict]
    share: float
    batch: int = 100
    seconds: float = SECONDS


@dataclass
class State:
    """What is done: a line for each batch, in one file that is replaced whole.

    Attributes:
        folder: Where state and wrong cases lie.
        batches: Batch -> counts of its verdicts, and its seconds.
    """

    folder: Path
    batches: dict[str, dict[str, float]] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path) -> State:
        """Go on from a folder; an empty or absent one is a beginning."""
        path = folder / "state.json"
        return cls(folder, json.loads(path.read_text("utf-8")) if path.is_file() else {})

    def begin(self, seed: int, inputs: int, kills: int) -> None:
        """Note what is to be done, and with which commits it was begun or taken up."""
        known = self.plan()
        commits = [*known.get("commits", []), commit()]
        facts = {"seed": seed, "inputs": inputs, "kills": kills}
        write(self.folder / "plan.json", json.dumps({**facts, "commits": sorted(set(commits))}))

    def plan(self) -> dict[str, Any]:
        """Read what was noted; nothing before the beginning."""
        path = self.folder / "plan.json"
        return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}

    def enter(self, batch: str, counts: Counter[str], seconds: float, cpu: float) -> None:
        """Enter a batch that is through, with its time and that of the processor."""
        self.batches[batch] = {**counts, "seconds": round(seconds, 2), "cpu": round(cpu, 2)}
        write(self.folder / "state.json", json.dumps(self.batches, indent=0))


def draw(cases: st.SearchStrategy[Case], seed: int, count: int) -> list[Case]:
    """Draw cases by hypothesis: always the same for the same seed; fewer where there are fewer."""
    found: list[Case] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found[:count]


def batch_seed(seed: int, row: Row, number: int) -> int:
    """Derive the seed of a batch."""
    text = f"{seed}/{row.kind}/{row.name}/{number}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def plan(rows: list[Row], inputs: int, kills: int) -> list[tuple[Row, int, int]]:
    """Cut a campaign into batches, the rows in turn: row, number and size of each.

    Args:
        rows: Of the table.
        inputs: Cases of all rows but those of kills.
        kills: Cases of these.
    """
    found = []
    for row in rows:
        kill = row.kind == "kill"
        whole = sum(other.share for other in rows if (other.kind == "kill") == kill)
        wanted = round((kills if kill else inputs) * row.share / whole)
        sizes = [row.batch] * (wanted // row.batch) + [wanted % row.batch]
        count = sum(map(bool, sizes))
        found += [
            ((number + 0.5) / count, row, number, size) for number, size in enumerate(sizes) if size
        ]
    found.sort(key=lambda batch: batch[0])
    return [batch[1:] for batch in found]


def run(
    rows: list[Row], state: State, seed: int, inputs: int, kills: int
) -> Iterator[tuple[Row, Case, Verdict]]:
    """Run what is not done yet, and tell each case as it comes."""
    for row, number, size in plan(rows, inputs, kills):
        name = f"{seed}/{row.kind}/{row.name}/{number}/{size}"
        if name in state.batches:
            continue
        cases = draw(row.cases, batch_seed(seed, row, number), size)
        counts: Counter[str] = Counter({REFUSED: 0, ACCEPTED: 0, WRONG: 0})
        started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        for case, verdict in zip(cases, run_all(cases, row.run, row.seconds), strict=True):
            if verdict.why.startswith((SLOW, OWN)):
                # Alone and with more time: a busy machine is no fault of the command, nor is what
                # the campaign itself trips over, such as a strace that does not end in time.
                (verdict,) = run_all([case], row.run, 3 * row.seconds)
            counts[verdict.name] += 1
            if verdict.name == WRONG:
                keep(state.folder, row, case, verdict)
            yield row, case, verdict
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        state.enter(name, counts, time.monotonic() - started, cpu)


def keep(folder: Path, row: Row, case: Case, verdict: Verdict) -> Path | None:
    """Keep a wrong case as a file that `--replay` takes, a few for each root."""
    root = hashlib.sha256(f"{row.kind}{row.name}{root_of(verdict.why)}".encode()).hexdigest()[:8]
    text = {"kind": row.kind, "row": row.name, "case": case, "why": verdict.why}
    digest = hashlib.sha256(json.dumps(case, sort_keys=True).encode()).hexdigest()[:8]
    path = folder / "wrong" / f"{row.kind}-{row.name.replace(' ', '-')}-{root}-{digest}.json"
    if len(list(path.parent.glob(f"*-{root}-*"))) >= KEPT:
        return None
    write(path, json.dumps({**text, "tail": verdict.tail}, indent=1))
    return path


def replay(rows: list[Row], path: Path) -> Verdict:
    """Run a kept case again, in a process of its own, and enter what comes of it."""
    known: dict[str, Any] = json.loads(path.read_text("utf-8"))
    (row,) = (r for r in rows if (r.kind, r.name) == (known["kind"], known["row"]))
    (verdict,) = run_all([known["case"]], row.run, row.seconds)
    write(path, enter(known, verdict))
    return verdict


def write(path: Path, text: str) -> None:
    """Write a file aside and move it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text, "utf-8", "surrogatepass")
    os.replace(aside, path)
