"""What a campaign found wrong, and what became of it: its kept cases, replayed on later code."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from places import ROOT
from soak.verdict import WRONG, Verdict

Line = dict[str, Any]
_NAMES = re.compile(r"((?:refused, but left|another result in silence|half-written).*?)[ :].*")
"""Names of files, in what is otherwise the same."""


def commit() -> str:
    """Name the commit of this checkout; nothing where there is none."""
    words = ["git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD"]
    done = subprocess.run(words, capture_output=True, text=True)
    return done.stdout.strip()


def enter(known: Line, verdict: Verdict) -> str:
    """Return the text of a kept case with what a replay of it gave."""
    again = {"verdict": verdict.name, "why": verdict.why, "commit": commit()}
    return json.dumps({**known, "replayed": again}, indent=1)


def found(folder: Path) -> list[Line]:
    """Sum up the kept cases of a campaign, a line for each root."""
    roots: dict[tuple[str, str, str], Line] = {}
    for path in sorted((folder / "wrong").glob("*.json")):
        case = json.loads(path.read_text("utf-8"))
        what = root_of(case["why"])
        empty = {"kind": "found", "of": case["kind"], "row": case["row"], "what": what}
        empty |= {"kept": 0, "replayed": 0, "right": 0, "commits": []}
        line = roots.setdefault((case["kind"], case["row"], what), empty)
        line["kept"] += 1
        if again := case.get("replayed"):
            line["replayed"] += 1
            line["right"] += again["verdict"] != WRONG
            line["commits"] = sorted({*line["commits"], again["commit"]})
    return [roots[key] for key in sorted(roots)]


def root_of(why: str) -> str:
    """Name a root by what its cases have in common: not the files that were there."""
    return _NAMES.sub(r"\1 ...", why)


def table(lines: Iterable[Line]) -> str:
    """Lay out what was found wrong: how many cases were kept, replayed, and right then."""
    rows: list[Sequence[object]] = [
        ("what", "how it went wrong", "cases kept", "replayed", "right then"),
        ("---", "---", "---:", "---:", "---:"),
    ]
    for line in lines:
        if line["kind"] == "found":
            what = line["what"].replace("<", "&lt;")
            name = f"{line['of']}: {line['row']}"
            rows.append((name, what, line["kept"], line["replayed"], line["right"]))
    if len(rows) == 2:
        return "Nothing went wrong.\n"
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)
