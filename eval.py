"""Score models on retrieval benchmarks, side by side: parse, benchmark, encoder, records, tables.

    python eval.py --model runs/train cis-lmu/glot500-base --benchmark cldr --group mediterranean

Out: one JSON record per model and direction under --out, tables in the terminal and as Markdown.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from corridor import evaluate_model, model_digest, user_errors_exit_2
from data_builders import get_benchmark, get_transliterator, load_group
from data_builders.errors import DataError
from hub_cards import (
    EvalRecord,
    retrieval_cells,
    retrieval_matrix,
    retrieval_table,
    to_csv,
    to_markdown,
    to_terminal,
    write_record,
)
from hub_cards.records import write_atomically
from modeling import SentenceEncoder
from modeling.alignment_config import POOLING_NAMES

INPUTS = {"original": (False,), "latin": (True,), "both": (False, True)}


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Run one evaluation; see the module's text for the command line."""
    args = _parser().parse_args(argv)
    benchmark = get_benchmark(args.benchmark, directory=args.benchmark_dir)
    group = load_group(args.group, args.languages)
    codes = [language.code for language in (*group.languages, *group.evaluation_sources)]
    directions = benchmark.directions(codes)
    missing = sorted(set(codes) - {code for pair in directions for code in pair})
    if missing:
        print(f"{args.benchmark} lacks {', '.join(missing)}", file=sys.stderr)
    if not directions:
        raise DataError(
            f"{args.benchmark} covers no two languages of {group.name} "
            f"({', '.join(codes)}); it has {', '.join(benchmark.languages())}."
        )
    romaniser = get_transliterator(args.transliterator)
    records: list[EvalRecord] = []
    steps = len(args.model) * len(INPUTS[args.input]) * len(directions)
    with tqdm(total=steps, desc="directions", disable=None) as bar:
        for name in args.model:
            encoder = SentenceEncoder.from_pretrained(
                name,
                revision=args.revision,
                layer=args.layer,
                pooling=args.pooling,
                batch_size=args.batch_size,
            )
            commit = getattr(encoder.model.config, "_commit_hash", None)
            for latin in INPUTS[args.input]:
                for record in evaluate_model(
                    encoder,
                    f"{name} [latin]" if latin and args.input == "both" else name,
                    model_digest(name, commit),
                    benchmark,
                    directions,
                    split=args.split,
                    transliterator=romaniser if latin else None,
                ):
                    records.append(record)
                    bar.update()
    report(records, args.out)
    return 0


def report(records: list[EvalRecord], out: Path | None) -> None:
    """Print the comparison; with a folder, write records, Markdown and CSV there.

    Files appear whole, the records first: a table never lies beside records it was not made from.
    """
    comparison = retrieval_table(records)
    print(to_terminal(comparison))
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    models = list(dict.fromkeys(record.model for record in records))
    for record in records:
        number = models.index(record.model)
        name = f"{number}-{record.benchmark.split('@')[0]}-{record.source}-{record.target}.json"
        write_record(out / "records" / name, record)
    matrices = [retrieval_matrix(records, model) for model in models]
    markdown = "\n\n".join(to_markdown(table) for table in (comparison, *matrices))
    write_atomically(out / "results.md", (markdown + "\n").encode())
    write_atomically(out / "results.csv", to_csv(retrieval_cells(records)).encode())
    print(f"wrote {out / 'results.md'}, results.csv and {len(records)} records")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eval.py",
        description="Cross-lingual sentence retrieval: each source sentence ranks all target "
        "sentences by cosine; top-1, 5, 10 in percent, every ordered pair of languages "
        "(arXiv 2406.19759, section 4.2, has English as query only).",
    )
    add = parser.add_argument
    add("--model", nargs="+", required=True, help="Hub ids or folders, compared side by side")
    add("--revision", help="commit, tag or branch on the Hub, for every model")
    add("--benchmark", required=True, help="cldr, srb, tatoeba or parallel:DIR")
    add("--benchmark_dir", type=Path, help="folder of the benchmark's files")
    add("--group", required=True, help="mediterranean, sea, or a group's TSV")
    add("--languages", nargs="+", metavar="CODE", help="only these languages of the group")
    add("--split", default="test", help="split of the benchmark (default: test)")
    add("--layer", type=int, help="hidden_states index (default: the checkpoint's, else 2/3)")
    add("--pooling", choices=POOLING_NAMES, help="default: the checkpoint's, else attended")
    add("--input", choices=list(INPUTS), default="original", help="script given to the model")
    add("--transliterator", default="uroman", help="for --input latin (default: uroman)")
    add("--batch_size", type=int, default=64, help="sentences encoded at a time (default: 64)")
    add("--out", type=Path, help="folder for records, results.md and results.csv")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
