"""What FineWeb-2 in the paper's languages costs on datatrove: measured rates, counted documents.

    python -m speed.web_plan --measure DIR ...    time the stages, into docs/records/web_rates.json
    python -m speed.web_plan --write              put the table into docs/scale.md

Measured are CPU seconds of one process in each stage. Documents are those that the Apertus report
counts in FineWeb-2 (arXiv 2509.14233, Table G.6: the 40 largest of its languages). How long a
document is, and what a core costs, are assumptions.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from speed.plan import DOCS
from speed.romanisation.text import distinct_lines, text_files
from translit_ppa.hub_cards.records.files import write_atomically
from translit_ppa.hub_cards.tables.fill_markers import fill

RATES = DOCS / "records" / "web_rates.json"
DOCUMENTS = {
    "zho_Hani": 578_332_129,
    "tur_Latn": 88_769_907,
    "kor_Hang": 58_160_164,
    "arb_Arab": 57_752_149,
    "fas_Arab": 51_043_666,
    "ell_Grek": 44_202_550,
    "tha_Thai": 35_949_449,
    "heb_Hebr": 13_639_095,
}
OTHERS = 110_338_094
"""Of all languages beyond the 40 largest, ours among them: more than ours have."""
SAMPLE = 0.1
SPELLED = {"zho_Hans": "zho_Hani"}
DENSE = {"zho_Hani": 3}
"""Languages of whose characters one stands for several letters: shorter documents."""
MOST = 10_000
"""Lines of a language that are measured with."""


def measure(folders: Sequence[Path]) -> dict[str, Any]:
    """Build the text of each language by itself, and time the stages.

    Args:
        folders: Text whose files name their languages, see `text_files`.

    Returns:
        The record: of each language CPU seconds by stage, and sizes.
    """
    from translit_ppa.data_builders.build.build_record import environment

    files: dict[str, list[Path]] = {}
    for folder in folders:
        for code, some in text_files(folder).items():
            files.setdefault(SPELLED.get(code, code), []).extend(some)
    found: dict[str, Any] = {}
    for code, some in files.items():
        lines = distinct_lines(some)[:MOST]
        if code.startswith("eng"):
            continue
        if not found:
            _build(code, lines[:60])  # Loads what is loaded once.
        found[code] = _build(code, lines)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    text = " and ".join(folder.name for folder in folders)
    facts = {"text": text, "peak_mib": round(memory), "languages": found}
    return {"kind": "web-rates", **environment(), **facts}


def _build(code: str, lines: list[str]) -> dict[str, Any]:
    from translit_ppa.data_builders.build.scale.local import Executor
    from translit_ppa.data_builders.build.scale.reading import ReadSource
    from translit_ppa.data_builders.processes import Workers
    from translit_ppa.data_builders.sources.registry import parse_source
    from translit_ppa.scale import pair_stages

    work = Path(tempfile.mkdtemp())
    try:
        texts = ["\n".join(lines[at : at + 30]) for at in range(0, len(lines), 30)]
        (work / "text").mkdir()
        pq.write_table(pa.table({"text": texts}), work / "text" / f"{code}.parquet")
        (work / "g.tsv").write_text(f"code\n{code}\n", encoding="utf-8")
        fixed: dict[str, Any] = {"group": str(work / "g.tsv"), "out": work / "out", "fraction": 1.0}
        stages = pair_stages([], "text", show_progress=False, **fixed)
        last: Any = stages[0].pipeline[-1]
        plan = last.plan
        source = parse_source(f"files:{work / 'text'}")
        stages[0].pipeline.insert(0, ReadSource(source, plan))
        seconds = {}
        with Workers(1) as workers:
            for stage in stages:
                begun = time.process_time()
                Executor(stage).run_in(workers, progress=False)
                seconds[stage.name] = time.process_time() - begun
        record = json.loads((work / "out/g/build_record.json").read_text("utf-8"))
        (entry,) = record["languages"]
        sizes = {
            name: sum(path.stat().st_size for path in (work / "out").glob(pattern))
            for name, pattern in (
                ("candidates", ".work/g/*/candidates/*/*"),
                ("shards", ".work/g/*/pairs/**/*.parquet"),
                ("pairs", "g/*.parquet"),
            )
        }
    finally:
        shutil.rmtree(work)
    return {
        "characters": sum(map(len, texts)),
        "bytes": sum(len(text.encode()) for text in texts),
        "sentences": entry["available"],
        "pairs": entry["kept"],
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
        "sizes": sizes,
    }


def table(rates: dict[str, Any], characters: int, cores: int, price: float) -> str:
    """Reckon what each language takes.

    Args:
        rates: A record of `measure`.
        characters: Of a document, on average.
        cores: Of a node.
        price: Of an hour of a core, in dollars.

    Returns:
        A table, and where its figures come from.
    """
    measured = rates["languages"]
    lines = [
        "| language | documents, M | sentences, M | pairs, M | reading, core hours | "
        "romanising, core hours | disk, GB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    total = [0.0] * 6
    for code, documents in [*DOCUMENTS.items(), ("others", OTHERS)]:
        one = measured.get(code) or _middle(list(measured.values()))
        long = documents * characters / DENSE.get(code, 1)
        sentences = long * one["sentences"] / one["characters"]
        pairs = SAMPLE * sentences
        reading = sentences / one["sentences"] * one["seconds"]["collect"] / 3600
        romanising = pairs / one["pairs"] * one["seconds"]["romanise"] / 3600
        kept = 1.65 * pairs / one["sentences"] * one["sizes"]["candidates"]
        written = pairs / one["pairs"] * (one["sizes"]["shards"] + one["sizes"]["pairs"])
        cells = [documents / 1e6, sentences / 1e6, pairs / 1e6, reading, romanising]
        cells.append((kept + written) / 1e9)
        total = [a + b for a, b in zip(total, cells, strict=True)]
        lines.append(f"| {code} | {' | '.join(f'{cell:,.0f}' for cell in cells)} |")
    lines.append(f"| all | {' | '.join(f'{cell:,.0f}' for cell in total)} |")
    pairs = total[2] * 1e6
    # Of the largest build: the others are mostly what a stage takes to begin.
    largest = max(measured.values(), key=lambda one: one["pairs"])
    duplicates, last = (
        pairs / largest["pairs"] * largest["seconds"][name] / 3600
        for name in ("duplicates", "finish")
    )
    hours = total[3] + total[4] + duplicates
    lines += [
        "",
        f"- measured on {rates['text']}, {rates['created'][:10]}, CPU time of one process, every "
        "sentence kept, so that reading is less where a sample is drawn; finding "
        f"duplicates: {duplicates:,.0f} core hours more; the last task, which is one process: "
        f"{last:,.0f} hours; memory of a task: {rates['peak_mib']:,} MiB at its peak",
        f"- so {hours:,.0f} core hours: {hours / cores / 10:,.0f} hours on 10 nodes of {cores} "
        f"cores, the last task after them, {hours * price:,.0f} dollars",
        f"- assumed: {characters:,} characters a document, a third of that in Chinese; {price:g} "
        "dollars for an hour of a core; `others` are all languages but the 40 largest, which is "
        "more than ours among them, at the middle of the rates",
        "- counted by others: documents (arXiv 2509.14233, Table G.6)",
        "- a sample of 10 %; disk holds 1.65 times that until the end, then shards and pairs",
    ]
    return "\n".join(lines)


def _middle(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The language of middle cost, by the time that a character takes."""
    return sorted(found, key=lambda one: sum(one["seconds"].values()) / one["characters"])[
        len(found) // 2
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, or write it; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m speed.web_plan")
    parser.add_argument("--measure", nargs="+", metavar="DIR", help="text to measure with")
    parser.add_argument("--characters", type=int, default=4000, help="of a document")
    parser.add_argument("--cores", type=int, default=64, help="of a node")
    parser.add_argument("--price", type=float, default=0.04, help="of a core's hour, in dollars")
    parser.add_argument("--write", action="store_true", help="put the table into docs/scale.md")
    args = parser.parse_args(sys.argv[1:] if argv is None else argv)
    if args.measure:
        text = (
            json.dumps(measure(list(map(Path, args.measure))), ensure_ascii=False, indent=2) + "\n"
        )
        write_atomically(RATES, text.encode())
    rates = json.loads(RATES.read_text(encoding="utf-8"))
    made = table(rates, args.characters, args.cores, args.price)
    if args.write:
        page = DOCS / "scale.md"
        write_atomically(page, fill(page.read_text(encoding="utf-8"), "web plan", made).encode())
    print(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
