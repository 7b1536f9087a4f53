"""The table of campaigns: a record of each as JSON lines, and docs/reliability.md made from them.

`python -m soak.report` renders the page anew from the records that are committed; with the folder
of a campaign, whether it is through or not, it makes that one's record first.
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
RECORDS = ROOT / "docs" / "records"
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
        rows = _summed(lines, kind)
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
        rows = _summed(lines, kind)
        if rows:
            tried, wrong = sum(r[n] for r in rows for n in COUNTS), sum(r[WRONG] for r in rows)
            names = ", ".join(row["row"] for row in rows)
            found.append(f"| {title} | {int(tried):,} | {int(wrong):,} | {names} |")
    return "\n".join(found) + "\n"


def _summed(lines: Sequence[Line], kind: str) -> list[Line]:
    """Sum the rows of a kind over campaigns."""
    rows: dict[str, Line] = {}
    for line in lines:
        if line["kind"] == kind:
            row = rows.setdefault(line["row"], {"row": line["row"], **dict.fromkeys(COUNTS, 0)})
            for name in COUNTS:
                row[name] += line[name]
    return list(rows.values())


def facts(lines: Sequence[Line]) -> str:
    """Say when, where and with what each campaign ran, and then what holds for all."""
    starts = [place for place, line in enumerate(lines) if line["kind"] == "soak"]
    told = [_campaign(lines[a:b]) for a, b in zip(starts, [*starts[1:], None], strict=True)]
    run = lines[starts[-1]]
    calls = "seen by strace" if run["strace"] else "not tried, for there is no strace here"
    versions = ", ".join(f"{name} {number}" for name, number in run["libraries"].items())
    return "\n".join(
        [
            *told,
            f"- a case has {run['limits']['seconds']:.0f} s and {run['limits']['bytes'] >> 20:,} "
            "MiB more than its process began with",
            f"- system calls: {calls}; killed: {', '.join(COMMANDS)}",
            f"- {versions}",
            "",
        ]
    )


def _campaign(lines: Sequence[Line]) -> str:
    run, *others = lines
    rows = [line for line in others if line["kind"] in KINDS]
    tried = {kill: sum(r[n] for r in rows if (r["kind"] == "kill") == kill for n in COUNTS)
             for kill in (False, True)}  # fmt: skip
    hours, cpu = (sum(row[name] for row in rows) / 3600 for name in ("seconds", "cpu"))
    return (
        f"- seed {run['seed']}, {run['created'][:10]}, translit-ppa {run['version']}, commit "
        f"{', '.join(run['commits'])}: {tried[False]:,} inputs of {run['inputs']:,} that were "
        f"planned, {tried[True]:,} kills of {run['kills']:,}, all rows going on alike; "
        f"{hours:.1f} hours, {cpu:.1f} of them on a processor, one case at a time; "
        f"{run['machine']['cpu_count']} CPUs, Python {run['machine']['python']}, "
        f"{run['machine']['system']}"
    )


def page(text: str, lines: Sequence[Line]) -> str:
    """Fill in the markers that a page has."""
    parts = {"table": table, "facts": facts, "found": found.table, "tried": summary}
    for name, part in parts.items():
        if f"<!-- soak {name} -->" in text:
            text = fill(text, f"soak {name}", part(lines))
    return text


def load() -> list[Line]:
    """Read the records of all campaigns, each of which begins with the line of its run."""
    paths = sorted(RECORDS.glob("soak-*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def dumped(lines: Iterable[Line]) -> str:
    """Write a record as JSON lines."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def write_docs(lines: Sequence[Line] = ()) -> None:
    """Put a campaign's record into docs/, and the pages that are made from all of them."""
    if lines:
        write(RECORDS / f"soak-{lines[0]['seed']}.jsonl", dumped(lines))
    for path in PAGES:
        write(path, page(path.read_text("utf-8"), load()))


if __name__ == "__main__":
    write_docs(record(State.open(Path(sys.argv[1]))) if len(sys.argv) > 1 else ())
    sys.exit(0)
