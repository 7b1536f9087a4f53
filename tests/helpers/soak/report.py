"""The table of a campaign: its record as JSON lines, and docs/reliability.md made from that.

`python -m soak.report` renders the page anew from the record that is committed; with the folder of
a campaign, whether it is through or not, it makes the record first.
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
from soak import found
from soak.campaign import State, write
from soak.kinds.children import traces
from soak.kinds.kills import COMMANDS
from soak.verdict import ACCEPTED, REFUSED, WRONG
from soak.worker import MEMORY, SECONDS
from translit_ppa.hub_cards.records.environment import libraries, package_version
from translit_ppa.hub_cards.tables.fill_markers import fill

PAGES = [ROOT / "docs" / name for name in ("reliability.md", "security.md")]
RECORD = ROOT / "docs" / "records" / "soak.jsonl"
KINDS = {"kill": "killed", "input": "damaged file", "option": "options", "hub": "broken Hub"}
COUNTS = (REFUSED, ACCEPTED, WRONG)
_LIBRARIES = "datasets huggingface_hub hypothesis pyarrow safetensors tokenizers torch transformers"

Line = dict[str, Any]


def record(state: State) -> list[Line]:
    """Sum a campaign up: a line about the run, one for each row of the table and each root."""
    plan = state.plan()
    rows: dict[tuple[str, str], Line] = {}
    for batch, counts in state.batches.items():
        at, kind, name, *_ = batch.split("/")
        if int(at) == plan["seed"]:
            row = rows.setdefault((kind, name), dict.fromkeys((*COUNTS, "seconds", "cpu"), 0))
            for key, value in counts.items():
                row[key] = round(row[key] + value, 2)
    order = sorted(rows, key=lambda row: list(KINDS).index(row[0]))
    run = {
        "kind": "soak",
        "version": package_version(),
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        **plan,
        "limits": {"seconds": SECONDS, "bytes": MEMORY},
        "strace": traces(),
        "machine": {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "cpu_count": os.cpu_count(),
        },
        "libraries": libraries(_LIBRARIES.split()),
    }
    tried = [{"kind": kind, "row": name, **rows[kind, name]} for kind, name in order]
    return [run, *tried, *found.found(state.folder)]


def table(lines: Sequence[Line]) -> str:
    """Lay the rows out as a Markdown table: tried, refused well, accepted rightly, wrong."""
    heads = ["what", "tried", "refused well", "accepted rightly", "wrong"]
    killed = ["what", "tried", "killed, then whole", "was through before", "wrong"]
    tables = []
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
        tables.append("\n".join(f"| {' | '.join(line)} |" for line in cells))
    return "\n\n".join(tables) + "\n"


def summary(lines: Sequence[Line]) -> str:
    """Sum the rows of each kind up: what was damaged, given, broken or killed, and how often."""
    found = ["| what | tried | of them wrong | which |", "| --- | ---: | ---: | --- |"]
    for kind, title in KINDS.items():
        rows = [line for line in lines if line["kind"] == kind]
        if rows:
            tried, wrong = sum(r[n] for r in rows for n in COUNTS), sum(r[WRONG] for r in rows)
            names = ", ".join(row["row"] for row in rows)
            found.append(f"| {title} | {int(tried):,} | {int(wrong):,} | {names} |")
    return "\n".join(found) + "\n"


def facts(lines: Sequence[Line]) -> str:
    """Say when, where and with what the campaign ran."""
    run, *others = lines
    rows = [line for line in others if line["kind"] in KINDS]
    tried = {kill: sum(r[n] for r in rows if (r["kind"] == "kill") == kill for n in COUNTS)
             for kill in (False, True)}  # fmt: skip
    hours, cpu = (sum(row[name] for row in rows) / 3600 for name in ("seconds", "cpu"))
    calls = "seen by strace" if run["strace"] else "not tried, for there is no strace here"
    versions = ", ".join(f"{name} {number}" for name, number in run["libraries"].items())
    return "\n".join(
        [
            f"- translit-ppa {run['version']}, commit {', '.join(run['commits'])}, "
            f"{run['created'][:10]}, seed {run['seed']}",
            f"- {tried[False]:,} inputs of {run['inputs']:,} that were planned, "
            f"{tried[True]:,} kills of {run['kills']:,}; all rows go on alike",
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
    """Fill in the markers that a page has."""
    parts = {"table": table, "facts": facts, "found": found.table, "tried": summary}
    for name, part in parts.items():
        if f"<!-- soak {name} -->" in text:
            text = fill(text, f"soak {name}", part(lines))
    return text


def load(path: Path = RECORD) -> list[Line]:
    """Read a record."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def dumped(lines: Iterable[Line]) -> str:
    """Write a record as JSON lines."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def write_docs(lines: Sequence[Line]) -> None:
    """Put a record and the page that is made from it into docs/."""
    write(RECORD, dumped(lines))
    for path in PAGES:
        write(path, page(path.read_text("utf-8"), lines))


if __name__ == "__main__":
    write_docs(record(State.open(Path(sys.argv[1]))) if len(sys.argv) > 1 else load())
    sys.exit(0)
