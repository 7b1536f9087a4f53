"""Records of benchmarks to a page; `docs/performance.md` is made of those that are committed.

python -m speed.report                      render docs/performance.md anew
python -m speed.report runs/bench/records   take these records into docs/performance first
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corridor import user_errors_exit_2
from hub_cards.fill_markers import fill
from hub_cards.records import RecordError, write_atomically

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "performance.md"
RECORDS = DOCS / "performance"
FIELDS = {"kind", "benchmark", "version", "created", "settings", "text", "machine", "libraries"}
FIELDS |= {"seconds", "notice", "rows"}


def load(folder: Path) -> list[dict[str, Any]]:
    """Read the records of a folder, in the order of their names.

    Raises:
        RecordError: If a file is no record of a benchmark.
    """
    records = []
    for path in sorted(folder.glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record, dict) or set(record) != FIELDS or record["kind"] != "speed":
            raise RecordError(f"{path} is no record of a benchmark; delete it or measure again")
        records.append(record)
    return records


def render(records: Sequence[dict[str, Any]]) -> str:
    """Return the table of all records, with machine, versions and settings below."""
    if not records:
        return "Nothing has been measured yet: run `make bench` on a machine that is idle."
    lines = [
        "| what | unit | authors | ours | ratio | range | rounds |",
        "| --- | --- | ---: | ---: | ---: | --- | ---: |",
    ]
    notes = []
    for record in records:
        if record["notice"]:
            lines.append(f"| {record['benchmark']} | | | | | {record['notice']} | |")
        for row in record["rows"]:
            mark = ""
            if row["note"]:
                notes.append(f"{row['what']}: {row['note']}.")
                mark = f" ({len(notes)})"
            spread = f"{row['low']:.2f}-{row['high']:.2f}" if row["rounds"] > 1 else ""
            lines.append(
                f"| {row['what']}{mark} | {row['unit']} | {row['authors']:.4g} | "
                f"{row['ours']:.4g} | {row['ratio']:.2f} | {spread} | {row['rounds']} |"
            )
    lines += ["", *(f"{number}. {note}" for number, note in enumerate(notes, start=1))]
    if notes:
        lines.append("")
    for signature in dict.fromkeys(signature_of(record) for record in records):
        lines.append(f"- {signature}")
    return "\n".join(lines)


def signature_of(record: dict[str, Any]) -> str:
    """Say under which conditions a record was made."""
    machine, text = record["machine"], record["text"]
    parts = [
        f"{machine['processor']}, {record['settings']['threads']} thread(s)",
        f"Python {machine['python']}",
        ", ".join(f"{name} {version}" for name, version in record["libraries"].items()),
        f"{text['text']}: {text['pairs']:,} pairs, {text['tokens_per_original']} tokens per "
        f"original, {text['pieces']:,} pieces",
        f"v{record['version']}",
    ]
    if record["settings"]["quick"]:
        parts.append("QUICK: tiny sizes, no measurement")
    return "; ".join(parts)


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Render the page; see the module's text."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words:
        folder = Path(words[0])
        quick = [r["benchmark"] for r in load(folder) if r["settings"]["quick"]]
        if quick:
            raise RecordError(f"{quick[0]} is from a quick look, which measures nothing")
        RECORDS.mkdir(exist_ok=True)
        for path in sorted(folder.glob("*.json")):
            shutil.copyfile(path, RECORDS / path.name)
    page = fill(PAGE.read_text(encoding="utf-8"), "speed table", render(load(RECORDS)))
    write_atomically(PAGE, page.encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
