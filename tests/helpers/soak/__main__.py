"""`python -m soak`: run a campaign or replay a case; see `make soak`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path


def main(words: Sequence[str] | None = None) -> int:
    """Run the campaign; exit 1 where something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--inputs", type=int, default=2000, help="bad inputs, options and answers")
    parser.add_argument("--kills", type=int, help="kills (default: a hundredth of the inputs)")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--folder", type=Path, default=Path("runs/soak"), help="state, wrong cases")
    parser.add_argument(
        "--rows", nargs="+", default=[""], help="only rows whose kind or name has this in it"
    )
    parser.add_argument("--replay", type=Path, nargs="+", help="kept cases, instead of a campaign")
    parser.add_argument("--slow", type=float, help="name cases that take longer, in seconds")
    parser.add_argument("--docs", action="store_true", help="write the page of the documentation")
    args = parser.parse_args(words)
    args.kills = args.inputs // 100 if args.kills is None else args.kills
    folder = args.folder.resolve()
    kept = [path.resolve() for path in args.replay or []]
    with tempfile.TemporaryDirectory(prefix="soak-world-") as temporary:
        from soak.rows import make_rows

        rows = make_rows(Path(temporary), args.rows)
        return _replay(rows, kept) if kept else _campaign(rows, folder, args)


def _campaign(rows: list, folder: Path, args: argparse.Namespace) -> int:
    from soak import report
    from soak.campaign import State, run, write
    from soak.verdict import WRONG

    state = State.open(folder)
    state.begin(args.seed, args.inputs, args.kills)
    for row, case, verdict in run(rows, state, args.seed, args.inputs, args.kills):
        if verdict.name == WRONG:
            print(f"wrong: {row.kind} {row.name}: {verdict.why}: {str(case)[:200]}", flush=True)
        if args.slow and verdict.seconds > args.slow:
            print(
                f"slow: {verdict.seconds} s: {row.kind} {row.name}: {str(case)[:300]}", flush=True
            )
    lines = report.record(state)
    write(folder / "record.jsonl", report.dumped(lines))
    print(report.table(lines))
    if args.docs:
        report.write_docs(lines)
    return 1 if any(line.get("wrong") for line in lines) else 0


def _replay(rows: list, paths: list[Path]) -> int:
    from soak.campaign import replay
    from soak.verdict import WRONG

    verdicts = {path: replay(rows, path) for path in paths}
    for path, verdict in verdicts.items():
        print(f"{path.name}: {verdict.name} {verdict.why}\n{verdict.tail}")
    return 1 if any(verdict.name == WRONG for verdict in verdicts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
