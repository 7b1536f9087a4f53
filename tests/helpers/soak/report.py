"""The table of a campaign: its record as JSON lines, and docs/reliability.md made from that.

`python -m soak.report` renders the page anew from the record that is committed.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from places import ROOT
from soak.campaign import State, write
from soak.kinds.children import traces
from soak.kinds.kills import COMMANDS
from soak.verdict import ACCEPTED, REFUSED, WRONG
from soak.worker import MEMORY, SECONDS
from translit_ppa.hub_cards.records.environment import libraries, package_version
from translit_ppa.hub_cards.tables.fill_markers import fill

PAGE = ROOT / "docs" / "reliability.md"
RECORD = ROOT / "docs" / "records" / "soak.jsonl"
KINDS = {"kill": "killed", "input": "damaged file", "option": "options", "hub": "broken Hub"}
COUNTS = (REFUSED, ACCEPTED, WRONG)
_LIBRARIES = "datasets huggingface_hub hypothesis pyarrow safetensors tokenizers torch transformers"

Line = dict[str, Any]


def record(state: State, seed: int) -> list[Line]:
    """Sum a campaign up: a line about the run, then one for each row of the table."""
    rows: dict[tuple[str, str], Line] = {}
    for batch, counts in state.batches.items():
        at, kind, name, *_ = batch.split("/")
        if int(at) == seed:
            row = rows.setdefault((kind, name), dict.fromkeys((*COUNTS, "seconds", "cpu"), 0))
            for key, value in counts.items():
                row[key] = round(row[key] + value, 2)
    order = sorted(rows, key=lambda row: list(KINDS).index(row[0]))
    run = {
        "kind": "soak",
        "version": package_version(),
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "limits": {"seconds": SECONDS, "bytes": MEMORY},
        "strace": traces(),
        "machine": {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "cpu_count": os.cpu_count(),
        },
        "libraries": libraries(_LIBRARIES.split()),
    }
    return [run, *({"kind": kind, "row": name, **rows[kind, name]} for kind, name in order)]


def table(lines: Sequence[Line]) -> str:
    """Lay the rows out as a Markdown table: tried, refused well, accepted rightly, wrong."""
    heads = ["what", "tried", "refused well", "accepted rightly", "wrong"]
    killed = ["what", "tried", "killed, then whole", "was through before", "wrong"]
    found = []
    for kind, title in KINDS.items():
        rows = [line for line in lines if line["kind"] == kind]
        if not rows:
            continue
        total = {"row": "**all**", **{n: sum(row[n] for row in rows) for n in COUNTS}}
        names = killed if kind == "kill" else heads
        cells = [[f"{title}: {names[0]}", *names[1:]], ["---", *["---:"] * 4]]
        for row in [*rows, total]:
            numbers = [row[name] for name in COUNTS]
            cells.append([row["row"], *(f"{int(n):,}" for n in (sum(numbers), *numbers))])
        found.append("\n".join(f"| {' | '.join(line)} |" for line in cells))
    return "\n\n".join(found) + "\n"


def facts(lines: Sequence[Line]) -> str:
    """Say when, where and with what the campaign ran."""
    run, *rows = lines
    hours, cpu = (sum(row[name] for row in rows) / 3600 for name in ("seconds", "cpu"))
    calls = "seen by strace" if run["strace"] else "not tried, for there is no strace here"
    versions = ", ".join(f"{name} {number}" for name, number in run["libraries"].items())
    return "\n".join(
        [
            f"- translit-ppa {run['version']}, {run['created'][:10]}, seed {run['seed']}",
            f"- {hours:.1f} hours, {cpu:.1f} of them on a processor, one case at a time; "
            f"{run['machine']['cpu_count']} CPUs, Python {run['machine']['python']}, "
            f"{run['machine']['system']}",
            f"- a case has {run['limits']['seconds']:.0f} s and {run['limits']['bytes'] >> 20:,} "
            "MiB more than its process began with",
            f"- system calls: {calls}; killed: {', '.join(COMMANDS)}",
            f"- {versions}",
            "",
        ]
    )


def page(text: str, lines: Sequence[Line]) -> str:
    """Fill the markers of the page in."""
    return fill(fill(text, "soak table", table(lines)), "soak facts", facts(lines))


def load(path: Path = RECORD) -> list[Line]:
    """Read a record."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def dumped(lines: Iterable[Line]) -> str:
    """Write a record as JSON lines."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def write_docs(lines: Sequence[Line]) -> None:
    """Put a record and the page that is made from it into docs/."""
    write(RECORD, dumped(lines))
    write(PAGE, page(PAGE.read_text("utf-8"), lines))


if __name__ == "__main__":
    write_docs(load())
    sys.exit(0)
