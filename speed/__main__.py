"""Measure the authors' way and ours, alternately; every benchmark in a process of its own.

    python -m speed [--only NAME ...] [--text DIR] [--out runs/bench] [--quick]

Out: one record per benchmark under `OUT/records`, and `OUT/performance.md`. A benchmark whose
record is there already is not run again. Timings count only on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from speed.mistakes import one_line
from speed.report import load, render
from speed.timing import processor_name
from translit_ppa.commands.options import whole_numbers
from translit_ppa.data_builders.errors import DataError
from translit_ppa.hub_cards.records.environment import libraries, machine, now, package_version
from translit_ppa.hub_cards.records.files import write_atomically

LIBRARIES = ("torch", "transformers", "tokenizers", "datasets", "numpy", "uroman", "faiss-cpu")


@one_line
def main(argv: Sequence[str] | None = None) -> int:
    """Run benchmarks; see the module's text for the command line."""
    words = list(sys.argv[1:] if argv is None else argv)
    args = _parser().parse_args(words)
    from speed.benchmarks import BENCHMARKS
    from speed.text import TextOptions

    unknown = [name for name in args.only if name not in BENCHMARKS]
    if unknown:
        raise DataError(
            f"unknown benchmark {', '.join(unknown)}; legal are {', '.join(BENCHMARKS)}"
        )
    if args.inside:
        _measure(args)
        return 0
    TextOptions(args.text, args.text_column).open(64)  # a wrong folder is found out here, once
    failed = []
    for name in args.only or BENCHMARKS:
        path = args.out / "records" / f"{name}.json"
        if path.is_file() and _same(path, args):
            print(f"{name}: already measured ({path})")
            continue
        environment = {
            **os.environ,
            **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(args.threads)),
            "TOKENIZERS_PARALLELISM": "false",
        }
        print(f"{name} ...", flush=True)
        command = [sys.executable, "-m", "speed", *words, "--inside", "--only", name]
        if subprocess.run(command, env=environment).returncode:
            failed.append(name)
    records = load(args.out / "records")
    page = render(records)
    write_atomically(args.out / "performance.md", page.encode())
    print(page)
    if failed:
        print(f"error: failed: {', '.join(failed)}; their messages are above", file=sys.stderr)
    return 1 if failed else 0


def _wanted(args: argparse.Namespace) -> dict[str, Any]:
    """What must be equal for a record to stand for a run."""
    return {
        "text": args.text,
        "text_column": args.text_column,
        "rounds": args.rounds,
        "threads": args.threads,
        "quick": args.quick,
        "model": args.model,
    }


def _same(path: Path, args: argparse.Namespace) -> bool:
    record = json.loads(path.read_text(encoding="utf-8"))
    # What could not be measured may be possible by now.
    return bool(record["settings"] == _shown(_wanted(args)) and not record["notice"])


def _shown(wanted: dict[str, Any]) -> dict[str, Any]:
    """A record names folders, not where on this machine they lie."""
    model = wanted["model"] and Path(wanted["model"]).name
    return {**wanted, "text": Path(wanted["text"]).name, "model": model}


def _measure(args: argparse.Namespace) -> None:
    """Run one benchmark in this process and write its record."""
    import torch

    from speed.benchmarks import BENCHMARKS
    from speed.settings import NotMeasured, Settings
    from speed.text import TextOptions

    torch.set_num_threads(args.threads)
    (name,) = args.only
    text = TextOptions(args.text, args.text_column)
    settings = Settings(text, args.out, args.rounds, args.threads, args.quick, args.model)
    load_before, begun = os.getloadavg()[0], time.monotonic()
    notice, rows = None, []
    try:
        rows = BENCHMARKS[name](settings)
    except NotMeasured as reason:
        notice = str(reason)
        print(f"{name}: {notice}")
    record = {
        "kind": "speed",
        "benchmark": name,
        "version": package_version(),
        "created": now(),
        "settings": _shown(_wanted(args)),
        # After the rows: what it makes must not lie in a memory that a benchmark looks at.
        "text": settings.facts(),
        "machine": {
            **machine(),
            "processor": processor_name(),
            "load_before": round(load_before, 2),
        },
        "libraries": libraries(LIBRARIES),
        "seconds": round(time.monotonic() - begun, 1),
        "notice": notice,
        "rows": rows,
    }
    path = args.out / "records" / f"{name}.json"
    write_atomically(path, (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m speed", description="The authors' way and ours."
    )
    add = parser.add_argument
    add("--only", nargs="+", default=[], metavar="NAME", help="these benchmarks (default: all)")
    add("--text", default="cldr", help="cldr, or a folder of text by language (default: cldr)")
    add("--text-column", default=None, help="that folder's text column, name or position from 0")
    add("--out", type=Path, default=Path("runs/bench"), help="folder (default: runs/bench)")
    number = whole_numbers(1)
    add("--rounds", type=number, default=5, help="timed rounds (default: 5, the least that counts)")
    add("--threads", type=number, default=1, help="threads of both ways (default: 1)")
    add(
        "--model",
        help="Hub id or folder of an encoder, for encode-new-pieces and for search-200k (default "
        "there: random vectors)",
    )
    add("--quick", action="store_true", help="tiny sizes: shows that all runs, measures nothing")
    add("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
