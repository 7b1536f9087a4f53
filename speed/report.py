"""Records of benchmarks to a page; `docs/performance.md` is made of those that are committed.

python -m speed.report                      render docs/performance.md anew
python -m speed.report runs/bench/records   take these records into docs/performance first

Records of `python -m speed.romanisation.identity` stand in docs/identity: one, or several that
share the work.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from speed.mistakes import one_line
from translit_ppa.hub_cards.records.files import RecordError, write_atomically
from translit_ppa.hub_cards.tables.fill_markers import fill

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "performance.md"
RECORDS = DOCS / "performance"
IDENTITY = DOCS / "identity"
LEAST_ROUNDS = 5
FIELDS = {"kind", "benchmark", "version", "created", "settings", "text", "machine", "libraries"}
FIELDS |= {"seconds", "notice", "rows"}
IDENTITY_FIELDS = {"kind", "version", "created", "settings", "libraries", "python", "seconds"}
IDENTITY_FIELDS |= {"strings", "different", "package_unstable", "package_fails", "parts"}


def load(folder: Path) -> list[dict[str, Any]]:
    """Read the records of a folder, in the order of their names.

    Raises:
        RecordError: If a file is no record of a benchmark.
    """
    return _load(folder, "speed", FIELDS, "of a benchmark")


def load_identity(folder: Path) -> list[dict[str, Any]]:
    """Read the records of the comparison with the uroman package, as `load` does.

    Raises:
        RecordError: If a file is no such record.
    """
    return _load(folder, "romanisation identity", IDENTITY_FIELDS, "of romanisation identity")


def _load(folder: Path, kind: str, fields: set[str], what: str) -> list[dict[str, Any]]:
    records = []
    for path in sorted(folder.glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record, dict) or set(record) != fields or record["kind"] != kind:
            raise RecordError(f"{path} is no record {what}; delete it or measure again")
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
    by_signature: dict[str, list[float]] = defaultdict(list)
    for record in records:
        by_signature[signature_of(record)].append(record["machine"]["load_before"])
    for signature, loads in by_signature.items():
        lines.append(f"- {signature}; load before each benchmark {min(loads)} to {max(loads)}")
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


def render_identity(records: Sequence[dict[str, Any]]) -> str:
    """Return the table of what was compared with the uroman package, versions below."""
    if not records:
        return "Not run yet: `python -m speed.romanisation.identity`."
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        for part in record["parts"]:
            by_kind[part["kind"]].append(part)
    lines = [
        "| strings | of | compared | differ | the package differs from itself | it fails |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for kind, parts in by_kind.items():
        unit = "scripts" if kind == "random" else "languages"
        sizes = {part["strings"] for part in parts}
        each = f"{'up to ' if len(sizes) > 1 else ''}{max(sizes):,} each"
        lines.append(
            f"| {kind} | {len({part['name'] for part in parts})} {unit}, {each} | "
            f"{sum(part['strings'] for part in parts):,} | "
            f"{sum(len(part['different']) for part in parts):,} | "
            f"{sum(part['package_unstable'] for part in parts):,} | "
            f"{sum(part['package_fails'] for part in parts):,} |"
        )
    lines.append("")
    for signature in dict.fromkeys(_identity_signature(record) for record in records):
        lines.append(f"- {signature}")
    return "\n".join(lines)


def _identity_signature(record: dict[str, Any]) -> str:
    parts = [f"{name} {version}" for name, version in record["libraries"].items()]
    parts += [f"Python {record['python']}", f"v{record['version']}"]
    if record["settings"]["folders"]:
        parts.append(f"text: {', '.join(record['settings']['folders'])}")
    return "; ".join(parts)


@one_line
def main(argv: Sequence[str] | None = None) -> int:
    """Render the page; see the module's text."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words:
        folder = Path(words[0])
        for record in load(folder):
            quick, rounds = record["settings"]["quick"], record["settings"]["rounds"]
            if quick or rounds < LEAST_ROUNDS:
                why = "a quick look" if quick else f"{rounds} rounds"
                raise RecordError(
                    f"{record['benchmark']} is from {why}, which measures nothing; at least "
                    f"{LEAST_ROUNDS} rounds count"
                )
        RECORDS.mkdir(exist_ok=True)
        for path in sorted(folder.glob("*.json")):
            shutil.copyfile(path, RECORDS / path.name)
    page = fill(PAGE.read_text(encoding="utf-8"), "speed table", render(load(RECORDS)))
    page = fill(page, "identity", render_identity(load_identity(IDENTITY)))
    write_atomically(PAGE, page.encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
